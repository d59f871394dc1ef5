"""The local ledger: write intents before they are sent, what became of them, and a journal. Keys,
ids and times only.

It is a cache and a diary, never a source of truth: with an empty one Steward reads its marks and
its `Memory` tab back. SQLite with full synchronisation, in a file only its owner can read.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from daemon.errors import ConfigurationError, NotNow
from policies.world.memory import Signs
from policies.world.model import PersonalNote

State = Literal["planned", "inflight", "done", "withdrawn"]

_STEPS = (
    """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE intents (mark TEXT, entity TEXT, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, sent_at REAL NOT NULL DEFAULT 0,
    remote_id INTEGER NOT NULL DEFAULT 0, made_at REAL NOT NULL DEFAULT 0,
    person_id INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (mark, entity)) STRICT;
CREATE TABLE journal (id INTEGER PRIMARY KEY, pass TEXT NOT NULL, at TEXT NOT NULL,
    mark TEXT NOT NULL, verb TEXT NOT NULL,
    entity TEXT NOT NULL, person_id INTEGER, clause TEXT NOT NULL, outcome TEXT NOT NULL) STRICT;
CREATE TABLE passes (id TEXT PRIMARY KEY, started TEXT NOT NULL, ended TEXT,
    outcome TEXT, counts TEXT NOT NULL DEFAULT '{}') STRICT;
CREATE TABLE plans (digest TEXT PRIMARY KEY, made TEXT NOT NULL,
    policies TEXT NOT NULL, actions TEXT NOT NULL) STRICT;
""",
    """
ALTER TABLE passes ADD COLUMN healthy INTEGER NOT NULL DEFAULT 0;
UPDATE passes SET healthy = 1 WHERE outcome IN ('fine', 'changes');
CREATE TABLE notices (key TEXT, channel TEXT, at TEXT NOT NULL, PRIMARY KEY (key, channel)) STRICT;
""",
    """
CREATE TABLE noted (person_id INTEGER PRIMARY KEY, at TEXT NOT NULL) STRICT;
""",
    """
CREATE TABLE signs (person_id INTEGER, sign TEXT, day TEXT NOT NULL,
    PRIMARY KEY (person_id, sign)) STRICT;
""",
)
"""What leads from each schema to the next. A step that was released is never changed: a ledger out
there has taken it.
"""
SCHEMA = len(_STEPS)
UNREADABLE = "unreadable"
"""The name under which the latest pass keeps whose signs it could not read (X-65)."""
KEPT = timedelta(days=400)
"""How long a pass, or the sending of a notice, is remembered."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that was meant: *sent_at* and *made_at* are seconds since the epoch, *remote_id* the
    CRM's id.
    """

    mark: str
    entity: str
    state: State
    attempts: int
    sent_at: float
    remote_id: int
    made_at: float
    person_id: int


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan that was shown: the policy set it was made under and the fingerprints of its
    actions.
    """

    policies: str
    actions: frozenset[str]


class Ledger:
    """One account's ledger in *directory*.

    Raises:
        ConfigurationError: the directory cannot be used, or a newer Steward wrote it.
    """

    def __init__(self, directory: Path) -> None:
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = directory / "ledger.sqlite3"
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            path.chmod(0o600)
        except OSError as problem:
            raise ConfigurationError(
                [f"state_dir: {directory} cannot be used: {problem.strerror}"]
            ) from problem
        self._path = path
        with self._explained():
            self._db = sqlite3.connect(path, isolation_level=None, timeout=10)
        self._run("PRAGMA journal_mode = WAL")
        self._run("PRAGMA synchronous = FULL")
        if self._run("PRAGMA quick_check").fetchone()[0] != "ok":
            raise self._damaged("quick_check")
        self._migrate()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say what a failure of the file means: busy is "not now", a full disk is the disk, the
        rest is damage.
        """
        try:
            yield
        except sqlite3.OperationalError as problem:
            if "locked" in str(problem) or "busy" in str(problem):
                raise NotNow(
                    f"state_dir: another program holds {self._path}; try again when it is done"
                ) from problem
            if "full" in str(problem) or "readonly" in str(problem) or "disk I/O" in str(problem):
                raise ConfigurationError(
                    [f"state_dir: {self._path} cannot be written: {problem}"]
                ) from problem
            raise self._damaged(str(problem)) from problem
        except sqlite3.DatabaseError as problem:
            raise self._damaged(str(problem)) from problem

    def _damaged(self, how: str) -> ConfigurationError:
        return ConfigurationError(
            [
                f"state_dir: {self._path} is damaged ({how}); move it away: Steward reads its marks"
                " back from the CRM"
            ]
        )

    def _run(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        with self._explained():
            return self._db.execute(statement, values)

    def _migrate(self) -> None:
        if self._schema() < SCHEMA:
            with (
                self._transaction()
            ):  # all the steps or none; another program may have taken them while this one waited
                for statement in (
                    *";".join(_STEPS[self._schema() :]).split(";"),
                    f"PRAGMA user_version = {SCHEMA}",
                ):
                    self._run(statement)

    def _schema(self) -> int:
        if (version := int(self._run("PRAGMA user_version").fetchone()[0])) > SCHEMA:
            newer = (
                f"state_dir: the ledger was written by a newer Steward (schema {version}, this one"
                f" knows {SCHEMA})"
            )
            raise ConfigurationError([f"{newer}; install that version again"])
        return version

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._run("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    # -- whose ledger ------------------------------------------------------------------------------

    def bind(self, account: int) -> None:
        """Tie this ledger to one CRM account. Raises ConfigurationError if it belongs to
        another.
        """
        known = self.recall("account")
        if known and known != str(account):
            raise ConfigurationError(
                [
                    f"state_dir: this ledger belongs to CRM account {known}, but the key is for"
                    f" account {account}; give each account its own state_dir"
                ]
            )
        if not known:
            self.remember("account", str(account))

    def remember(self, name: str, value: str) -> None:
        """Keep one small fact about Steward itself."""
        self._run(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def recall(self, name: str) -> str:
        """That fact, or ""."""
        row = self._run("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def defects(self) -> Mapping[str, str]:
        """The policies that could not be asked in the latest pass, each with what was raised and
        where.
        """
        rows = self._run("SELECT name, value FROM meta WHERE name LIKE 'defect %' AND value <> ''")
        return {name.removeprefix("defect "): value for name, value in rows}

    def unreadable(self) -> Mapping[int, str]:
        """Who was left alone in the latest pass, each with the signs that could not be read."""
        found = json.loads(self.recall(UNREADABLE) or "{}")
        return {int(person_id): str(what) for person_id, what in found.items()}

    # -- what people wrote, by when and on whom ----------------------------------------------------

    def noted(self) -> Mapping[int, datetime]:
        """When a person last wrote a note on each contact, as far as it was read."""
        return {
            person_id: datetime.fromisoformat(at)
            for person_id, at in self._run("SELECT person_id, at FROM noted")
        }

    def keep_noted(self, notes: Iterable[PersonalNote], instead_of: Iterable[int] = ()) -> None:
        """Add notes that were read, and forget those on some contacts."""
        with self._transaction():
            for person_id in instead_of:
                self._run("DELETE FROM noted WHERE person_id = ?", (person_id,))
            for note in notes:
                self._run(
                    "INSERT INTO noted VALUES (?, ?) ON CONFLICT DO UPDATE SET at = max(at,"
                    " excluded.at)",
                    (note.person_id, note.at.astimezone(UTC).isoformat(timespec="seconds")),
                )

    # -- opt-outs and deaths, by contact, sign and day ---------------------------------------------

    def signs(self) -> Signs:
        """Every sign of an opt-out or a death that was seen, with its day (X-65)."""
        found: dict[int, dict[str, date]] = {}
        for person_id, sign, day in self._run("SELECT person_id, sign, day FROM signs"):
            found.setdefault(person_id, {})[sign] = date.fromisoformat(day)
        return found

    def keep_signs(self, signs: Signs) -> None:
        """Remember these signs, each with the day given; nothing is forgotten."""
        if not signs:
            return
        with self._transaction():
            for person_id, days in signs.items():
                for sign, day in days.items():
                    self._run(
                        "INSERT INTO signs VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET day ="
                        " excluded.day",
                        (person_id, sign, day.isoformat()),
                    )

    # -- intents -----------------------------------------------------------------------------------

    def intent(self, mark: str, entity: str) -> Intent | None:
        """What was meant and became of it."""
        row = self._run(
            "SELECT * FROM intents WHERE mark = ? AND entity = ?", (mark, entity)
        ).fetchone()
        return Intent(*row) if row else None

    def intents(self, state: State) -> Sequence[Intent]:
        """Every intent in this state."""
        return [
            Intent(*row) for row in self._run("SELECT * FROM intents WHERE state = ?", (state,))
        ]

    def begin(self, mark: str, entity: str, at: float) -> None:
        """Commit the intent to send now; must come before the request."""
        self._run(
            "INSERT INTO intents (mark, entity, state, attempts, sent_at, made_at) VALUES (?, ?,"
            " 'inflight', 1, ?, ?) ON CONFLICT DO UPDATE SET state = 'inflight', attempts ="
            " attempts + 1, sent_at = excluded.sent_at",
            (mark, entity, at, at),
        )

    def settle(self, mark: str, entity: str, state: State, remote_id: int = 0) -> None:
        """Record what became of it."""
        self._run(
            "UPDATE intents SET state = ?, remote_id = max(remote_id, ?) WHERE mark = ? AND"
            " entity = ?",
            (state, remote_id, mark, entity),
        )

    def adopt(
        self, mark: str, entity: str, at: float, *, remote_id: int = 0, person_id: int = 0
    ) -> None:
        """Record something of ours that is known to be there, whether it was just made or found."""
        self._run(
            "INSERT INTO intents (mark, entity, state, remote_id, made_at, person_id) VALUES (?, ?,"
            " 'done', ?, ?, ?) ON CONFLICT DO UPDATE SET state = 'done', remote_id ="
            " excluded.remote_id, person_id = excluded.person_id",
            (mark, entity, remote_id, at, person_id),
        )

    # -- plans and passes --------------------------------------------------------------------------

    def show_plan(self, digest: str, made: datetime, policies: str, actions: Iterable[str]) -> None:
        """Remember a plan that was shown, by fingerprints; the last hundred are kept."""
        with self._transaction():
            self._run(
                "INSERT OR REPLACE INTO plans VALUES (?, ?, ?, ?)",
                (digest, made.isoformat(), policies, json.dumps(sorted(actions))),
            )
            self._run(
                "DELETE FROM plans WHERE digest NOT IN (SELECT digest FROM plans ORDER BY rowid"
                " DESC LIMIT 100)"
            )

    def shown_plan(self, digest: str) -> ShownPlan | None:
        """A plan that was shown here, by its digest."""
        row = self._run(
            "SELECT policies, actions FROM plans WHERE digest = ?", (digest,)
        ).fetchone()
        return ShownPlan(row[0], frozenset(json.loads(row[1]))) if row else None

    def start_pass(self, pass_id: str, at: datetime) -> None:
        """A pass begins."""
        self._run(
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
        """A pass ends, well or not; those of long ago are forgotten."""
        self._run(
            "UPDATE passes SET ended = ?, outcome = ?, counts = ?, healthy = ? WHERE id = ?",
            (at.isoformat(), outcome, json.dumps(dict(counts)), healthy, pass_id),
        )
        self._run("DELETE FROM passes WHERE started < ?", ((at - KEPT).isoformat(),))

    def last_good(self) -> datetime | None:
        """When the latest healthy pass ended: the latest that was made, whatever the clock said
        meanwhile.
        """
        row = self._run(
            "SELECT ended FROM passes WHERE healthy = 1 ORDER BY rowid DESC LIMIT 1"
        ).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def noticed(self, key: str, channel: str, at: datetime) -> None:
        """The agent was told of *key* on this channel."""
        self._run(
            "INSERT INTO notices VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
            (key, channel, at.isoformat()),
        )
        self._run("DELETE FROM notices WHERE at < ?", ((at - KEPT).isoformat(),))

    def notices(self) -> Mapping[tuple[str, str], datetime]:
        """When each key was last told on each channel."""
        return {
            (key, channel): datetime.fromisoformat(at)
            for key, channel, at in self._run("SELECT key, channel, at FROM notices")
        }

    def last_passes(self, count: int) -> Sequence[Mapping[str, Any]]:
        """The latest passes, newest first."""
        rows = self._run(
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
        """One line of the journal: mark, verb, entity, person_id, clause, outcome."""
        self._run(
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
        """What was done, oldest first; *since* is an ISO day or instant."""
        rows = self._run(
            "SELECT pass, at, mark, verb, entity, person_id, clause, outcome FROM journal "
            "WHERE at >= ? AND (? IS NULL OR person_id = ?) ORDER BY id",
            (since, person_id, person_id),
        )
        names = ("pass", "at", "mark", "verb", "entity", "person_id", "clause", "outcome")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def reaches_back_to(self, since: datetime) -> bool:
        """Whether this ledger is older than that: a younger one cannot know what was done before
        it.
        """
        row = self._run(
            "SELECT min(first) FROM (SELECT min(at) AS first FROM journal UNION SELECT min(started)"
            " FROM passes)"
        ).fetchone()
        return bool(row[0]) and datetime.fromisoformat(row[0]) <= since

    def touched(self, entity: str, since: datetime) -> int:
        """How many contacts had something done to them of this kind since then; what may have
        happened, its answer lost, did.
        """
        row = self._run(
            "SELECT count(DISTINCT coalesce(person_id, mark)) FROM journal WHERE entity = ? AND at"
            " >= ? AND outcome IN ('done', 'unknown')",
            (entity, since.astimezone(UTC).isoformat()),
        ).fetchone()
        return int(row[0])
