"""The local ledger: intents before each write, their outcomes, passes, notices, and a journal.

It holds keys, ids and times only. It is a cache and a journal, never a source of truth: with an
empty one Steward reads its marks and its `Memory` tab back.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from daemon.account.ledger_file import LedgerFile
from daemon.errors import ConfigurationError
from policies.world.memory import Signs
from policies.world.model import PersonalNote

State = Literal["planned", "inflight", "done", "withdrawn"]

UNREADABLE = "unreadable"
"""The name under which the latest pass keeps the contacts with unreadable signs (X-65)."""
_OWN_KEY = "own key"
WITHHELD = "withheld"
"""The name under which the latest pass keeps why nothing goes out to anybody (X-34)."""
KEPT = timedelta(days=400)
"""How long a pass, or the sending of a notice, is remembered."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that Steward intended, whether or not it was sent."""

    mark: str
    entity: str
    state: State
    attempts: int
    sent_at: float
    """Seconds since the epoch."""
    remote_id: int
    """The CRM's id."""
    made_at: float
    """Seconds since the epoch."""
    person_id: int


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan that was shown: its set of policies and the fingerprints of its actions."""

    policies: str
    actions: frozenset[str]


class Ledger(LedgerFile):
    """One account's ledger; all its methods raise as `LedgerFile.run` does."""

    # -- facts about Steward itself ----------------------------------------------------------------

    def bind(self, account: int) -> None:
        """Tie this ledger to one CRM account. Raises ConfigurationError if it has another one."""
        known = self.recall("account")
        if known and known != str(account):
            raise ConfigurationError(
                [
                    f"state_dir: this ledger belongs to CRM account {known}, "
                    f"but the key is for account {account}; give each account its own state_dir"
                ]
            )
        if not known:
            self.remember("account", str(account))

    def remember(self, name: str, value: str) -> None:
        """Keep one small fact about Steward itself."""
        self.run(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def recall(self, name: str) -> str:
        """The fact kept under this name, or ""."""
        row = self.run("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def own_key(self) -> bytes:
        """A random key of this ledger, made once, for accounts without a suppression key. It makes
        the marks of addresses in the tab `Memory`, and stands in no Sheet.
        """
        if not self.recall(_OWN_KEY):
            self.remember(_OWN_KEY, secrets.token_hex(32))
        return self.recall(_OWN_KEY).encode()

    def defects(self) -> Mapping[str, str]:
        """The policies that failed in the latest pass, each with its exception and the place."""
        rows = self.run("SELECT name, value FROM meta WHERE name LIKE 'defect %' AND value <> ''")
        return {name.removeprefix("defect "): value for name, value in rows}

    def unreadable(self) -> Mapping[int, str]:
        """The contacts left alone in the latest pass, each with its unreadable signs."""
        found = json.loads(self.recall(UNREADABLE) or "{}")
        return {int(person_id): str(what) for person_id, what in found.items()}

    # -- notes by people ---------------------------------------------------------------------------

    def personal_notes(self) -> Mapping[int, datetime]:
        """The time of the last note that a person wrote on each contact, as far as it was read."""
        return {
            person_id: datetime.fromisoformat(at)
            for person_id, at in self.run("SELECT person_id, at FROM noted")
        }

    def keep_personal_notes(
        self, notes: Iterable[PersonalNote], instead_of: Iterable[int] = ()
    ) -> None:
        """Add notes that were read, after forgetting those on the contacts in *instead_of*."""
        with self.transaction():
            for person_id in instead_of:
                self.run("DELETE FROM noted WHERE person_id = ?", (person_id,))
            for note in notes:
                self.run(
                    "INSERT INTO noted VALUES (?, ?) ON CONFLICT DO UPDATE SET at = max(at,"
                    " excluded.at)",
                    (note.person_id, note.at.astimezone(UTC).isoformat(timespec="seconds")),
                )

    # -- opt-outs and deaths, by contact, sign and day ---------------------------------------------

    def signs(self) -> Signs:
        """Every sign of an opt-out or a death that was seen, with its day (X-65)."""
        found: dict[int, dict[str, date]] = {}
        for person_id, sign, day in self.run("SELECT person_id, sign, day FROM signs"):
            found.setdefault(person_id, {})[sign] = date.fromisoformat(day)
        return found

    def keep_signs(self, signs: Signs) -> None:
        """Remember these signs, each with the day given; nothing is forgotten."""
        if not signs:
            return
        with self.transaction():
            for person_id, days in signs.items():
                for sign, day in days.items():
                    self.run(
                        "INSERT INTO signs VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET day ="
                        " excluded.day",
                        (person_id, sign, day.isoformat()),
                    )

    # -- intents -----------------------------------------------------------------------------------

    def intent(self, mark: str, entity: str) -> Intent | None:
        """The intent with this mark and entity, if there was one."""
        row = self.run(
            "SELECT * FROM intents WHERE mark = ? AND entity = ?", (mark, entity)
        ).fetchone()
        return Intent(*row) if row else None

    def intents(self, state: State, entity: str = "*") -> Sequence[Intent]:
        """Every intent in this state, of all kinds or of the kind *entity*: ``task``, ``note``,
        ``row *`` for the rows of every tab.
        """
        rows = self.run("SELECT * FROM intents WHERE state = ? AND entity GLOB ?", (state, entity))
        return [Intent(*row) for row in rows]

    def begin(self, mark: str, entity: str, at: float) -> None:
        """Commit the intent to send now; must come before the request."""
        self.run(
            "INSERT INTO intents (mark, entity, state, attempts, sent_at, made_at) VALUES (?, ?,"
            " 'inflight', 1, ?, ?) ON CONFLICT DO UPDATE SET state = 'inflight', attempts ="
            " attempts + 1, sent_at = excluded.sent_at",
            (mark, entity, at, at),
        )

    def settle(self, mark: str, entity: str, state: State, remote_id: int = 0) -> None:
        """Record the outcome of an intent."""
        self.run(
            "UPDATE intents SET state = ?, remote_id = max(remote_id, ?) WHERE mark = ? AND"
            " entity = ?",
            (state, remote_id, mark, entity),
        )

    def adopt(
        self, mark: str, entity: str, at: float, *, remote_id: int = 0, person_id: int = 0
    ) -> None:
        """Record one of Steward's things that exists, whether it was just made or found."""
        self.run(
            "INSERT INTO intents (mark, entity, state, remote_id, made_at, person_id) VALUES (?, ?,"
            " 'done', ?, ?, ?) ON CONFLICT DO UPDATE SET state = 'done', remote_id ="
            " excluded.remote_id, person_id = excluded.person_id",
            (mark, entity, remote_id, at, person_id),
        )

    # -- plans and passes --------------------------------------------------------------------------

    def show_plan(self, digest: str, made: datetime, policies: str, actions: Iterable[str]) -> None:
        """Remember a plan that was shown, by fingerprints; the last hundred are kept."""
        with self.transaction():
            self.run(
                "INSERT OR REPLACE INTO plans VALUES (?, ?, ?, ?)",
                (digest, made.isoformat(), policies, json.dumps(sorted(actions))),
            )
            self.run(
                "DELETE FROM plans WHERE digest NOT IN (SELECT digest FROM plans ORDER BY rowid"
                " DESC LIMIT 100)"
            )

    def shown_plan(self, digest: str) -> ShownPlan | None:
        """A plan that was shown here, by its digest."""
        row = self.run("SELECT policies, actions FROM plans WHERE digest = ?", (digest,)).fetchone()
        return ShownPlan(row[0], frozenset(json.loads(row[1]))) if row else None

    def start_pass(self, pass_id: str, at: datetime) -> None:
        """Record the start of a pass."""
        self.run(
            "INSERT OR REPLACE INTO passes (id, started) VALUES (?, ?)", (pass_id, at.isoformat())
        )

    def end_pass(
        self,
        pass_id: str,
        at: datetime,
        outcome: str,
        counts: Mapping[str, int],
        *,
        healthy: bool = False,
    ) -> None:
        """Record the end of a pass, and forget passes older than KEPT."""
        self.run(
            "UPDATE passes SET ended = ?, outcome = ?, counts = ?, healthy = ? WHERE id = ?",
            (at.isoformat(), outcome, json.dumps(dict(counts)), healthy, pass_id),
        )
        self.run("DELETE FROM passes WHERE started < ?", ((at - KEPT).isoformat(),))

    def last_good(self) -> datetime | None:
        """The end of the latest healthy pass: the latest recorded, not the latest by the clock."""
        row = self.run(
            "SELECT ended FROM passes WHERE healthy = 1 ORDER BY rowid DESC LIMIT 1"
        ).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def record_notice(self, key: str, channel: str, at: datetime) -> None:
        """Record that the notice *key* was sent to the agent on this channel."""
        self.run(
            "INSERT INTO notices VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
            (key, channel, at.isoformat()),
        )
        self.run("DELETE FROM notices WHERE at < ?", ((at - KEPT).isoformat(),))

    def notices(self) -> Mapping[tuple[str, str], datetime]:
        """The time at which each key was last sent on each channel."""
        return {
            (key, channel): datetime.fromisoformat(at)
            for key, channel, at in self.run("SELECT key, channel, at FROM notices")
        }

    def last_passes(self, count: int) -> Sequence[Mapping[str, Any]]:
        """The latest passes, newest first."""
        rows = self.run(
            "SELECT id, started, ended, outcome, counts FROM passes ORDER BY rowid DESC LIMIT ?",
            (count,),
        )
        return [
            {
                "pass": r[0],
                "started": r[1],
                "ended": r[2],
                "outcome": r[3],
                "counts": json.loads(r[4]),
            }
            for r in rows
        ]

    def write_down(self, pass_id: str, at: datetime, entry: Mapping[str, Any]) -> None:
        """Add one line to the journal: mark, verb, entity, person_id, clause, outcome."""
        self.run(
            "INSERT INTO journal (pass, at, mark, verb, entity, person_id, clause, outcome) VALUES"
            " (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                pass_id,
                at.isoformat(),
                entry["mark"],
                entry["verb"],
                entry["entity"],
                entry["person_id"],
                entry["clause"],
                entry["outcome"],
            ),
        )

    def journal(self, since: str = "", person_id: int | None = None) -> Sequence[Mapping[str, Any]]:
        """The lines of the journal, oldest first; *since* is an ISO day or instant."""
        rows = self.run(
            "SELECT pass, at, mark, verb, entity, person_id, clause, outcome FROM journal "
            "WHERE at >= ? AND (? IS NULL OR person_id = ?) ORDER BY id",
            (since, person_id, person_id),
        )
        names = ("pass", "at", "mark", "verb", "entity", "person_id", "clause", "outcome")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def reaches_back_to(self, since: datetime) -> bool:
        """Whether this ledger is older than *since*, and so knows everything done after it."""
        row = self.run(
            "SELECT min(first) FROM (SELECT min(at) AS first FROM journal UNION SELECT min(started)"
            " FROM passes)"
        ).fetchone()
        return bool(row[0]) and datetime.fromisoformat(row[0]) <= since

    def touched(self, entity: str, since: datetime) -> int:
        """The number of contacts with a write of this kind since then; a lost answer counts."""
        row = self.run(
            "SELECT count(DISTINCT coalesce(person_id, mark)) FROM journal WHERE entity = ? AND at"
            " >= ? AND outcome IN ('done', 'unknown')",
            (entity, since.astimezone(UTC).isoformat()),
        ).fetchone()
        return int(row[0])
