"""Since when a contact is Do Not Contact: recorded when first seen, cleared when it ends (DB-34,
X-33).

The CRM keeps no history of stages. Those who are Do Not Contact when Steward begins are one
approval, not a change of hundreds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policies.asks import approvals
from policies.asks.drafts import digest
from policies.asks.pace import answer_by
from policies.asks.question import Question, ask, closed, open_rows
from policies.asks.wants import Finding, WantField
from policies.database.reviews.removal import flagged
from policies.facts.ownership import kept
from policies.world.model import Contact, Key
from policies.world.snapshot import SINCE, Snapshot

RULE = "DB-34"
AT_ONCE = 10
"""So many are recorded without a question in one pass."""
EXISTING = Key("DB-34", "a0", "since")


def decide(s: Snapshot) -> Iterator[Finding]:
    """The date for whoever has none, and its end for whoever is not Do Not Contact any more."""
    lacking = [
        contact for contact in kept(s) if flagged(s, contact) and not contact.fields.get(SINCE)
    ]
    for contact in kept(s):
        if (held := contact.fields.get(SINCE)) and not s.do_not_contact(contact):
            yield Finding(
                RULE,
                f"{contact.name} is not Do Not Contact any more",
                WantField(
                    key=_key(s, contact, "ended"),
                    person_id=contact.id,
                    field=SINCE,
                    value="",
                    replaces=held,
                ),
            )
    asked = any(key == EXISTING for key, _ in open_rows(s, RULE))
    if len(lacking) <= AT_ONCE and not asked:
        yield from (
            _field(s, contact, "seen for the first time", agreed=False) for contact in lacking
        )
    elif lacking:
        yield from _all_at_once(s, lacking)
    else:
        yield from (
            closed(row, f"{approvals.DONE}: every date is recorded")
            for key, row in open_rows(s, RULE)
            if key == EXISTING and not row.text("Acted On")
        )


def _key(s: Snapshot, contact: Contact, step: str) -> Key:
    """The key of this time round: a contact may become Do Not Contact again after it has ended."""
    ended = sum(mark.startswith(f"{RULE} p{contact.id} ended") for mark in s.written)
    return Key(RULE, f"p{contact.id}", step).life(ended + 1)


def _field(s: Snapshot, contact: Contact, how: str, *, agreed: bool) -> Finding:
    return Finding(
        RULE,
        f"{contact.name} is Do Not Contact; {how}",
        WantField(
            key=_key(s, contact, "since"),
            person_id=contact.id,
            field=SINCE,
            value=s.today.isoformat(),
            agreed=agreed,
        ),
    )


def _all_at_once(s: Snapshot, lacking: Sequence[Contact]) -> Iterator[Finding]:
    people = digest(",".join(str(contact.id) for contact in lacking))
    answer = ask(
        s,
        Question(
            key=EXISTING,
            clause=RULE,
            due=answer_by(s),
            reason=f"{len(lacking)} contacts are Do Not Contact, and nobody knows since when",
            what=(
                f"Record today as the day from which {len(lacking)} contacts are known to be Do Not"
                " Contact? The two years of the annual purge count from there; nothing else"
                " changes."
            ),
            done=f"{approvals.DONE}: {len(lacking)} dates recorded",
            text=(
                f"{len(lacking)} contacts in the stage Do Not Contact or with its tag; this list is"
                f" {people}"
            ),
            then={approvals.APPROVE: tuple(_key(s, contact, "since") for contact in lacking)},
        ),
    )
    if answer.row:
        yield answer.row
    if answer.choice == approvals.APPROVE:
        yield from (
            _field(s, contact, "the agent approved the list", agreed=True) for contact in lacking
        )
