"""The day of an opt-out, on the contact's own record: for every kind, written when first seen.

The CRM keeps no history of stages. Contacts that are Do Not Contact by stage or tag when Steward
begins are one approval, not a change of hundreds. More than a few that are new since, and a backlog
of other opt-outs, are written some a week; `Memory` has all of them at once. Only the agent's
answer clears the day, because a missing tag may have been dropped by another integration. The
clauses are DB-34, X-33 and X-65.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from policies.asks import approvals
from policies.asks.approvals import open_rows
from policies.asks.drafts import digest
from policies.asks.followup import last_word
from policies.asks.pace import answer_by
from policies.asks.question import Question, ask
from policies.asks.wants import Finding, WantField
from policies.database.reviews.removal import flagged
from policies.facts.ownership import kept
from policies.facts.permission_answers import not_to_be_contacted
from policies.facts.signs import do_not_contact_since, inherited_signs
from policies.facts.signs.contact_signs import SINCE
from policies.facts.signs.do_not_contact_since import RULE, step_key
from policies.facts.signs.gone_signs import agent_lifted
from policies.facts.signs.remembered_signs import marked_since_begun
from policies.facts.signs.sign_memory import outstanding
from policies.world.calendar import DAY
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

AT_ONCE = 10
"""Days of opt-outs that are written in one pass without a question."""
A_WEEK = 20
"""Days of many opt-outs that are written in seven days without a question.

With `AT_ONCE` they stay well below the 50 changes that need the agent's approval (DB-41).
"""
EXISTING = Key("DB-34", "a0", "since")


def decide(s: Snapshot) -> Iterator[Finding]:
    """Want the day for every opt-out that has none, and clear it if the agent says so."""
    yield from _ended(s)
    new = _new(s)
    for contact in new:
        yield _field(s, contact, "seen for the first time", agreed=False)
    yield from _others(s, len(new))
    yield from _marked(s)


def _new(s: Snapshot) -> list[Contact]:
    """Those who became Do Not Contact by stage or tag since Steward began, whose day is written in
    this pass: all of a few, some a week of many. No limit waits for the agent where something
    protects a person (X-67).
    """
    since = marked_since_begun(s)
    return _paced(s, [contact for contact in _undated(s) if contact.id in since])


def _paced(s: Snapshot, lacking: list[Contact], taken: int = 0) -> list[Contact]:
    """Return whom of *lacking* a pass writes, the latest first; *taken* are of the same pass."""
    few = len(lacking) <= AT_ONCE
    room = AT_ONCE if few else A_WEEK - _recorded_lately(s) - taken
    lacking.sort(key=lambda contact: (_seen_on(s, contact), contact.id), reverse=True)
    return lacking[: max(room, 0)]


def _marked(s: Snapshot) -> Iterator[Finding]:
    """Want the day for those who were Do Not Contact by stage or tag when Steward began; ask first
    about many.
    """
    since = marked_since_begun(s)
    lacking = [contact for contact in _undated(s) if contact.id not in since]
    asked = [row for key, row in open_rows(s, RULE) if key == EXISTING]
    if len(lacking) <= AT_ONCE and not asked:
        for contact in lacking:
            yield _field(s, contact, "seen for the first time", agreed=False)
    elif lacking:
        yield from _all_at_once(s, lacking)
    else:
        done = f"{approvals.DONE}: nobody is left to ask about"
        yield from (last_word(row, done) for row in asked if not row.acted)


def _undated(s: Snapshot) -> list[Contact]:
    undated = [contact for contact in kept(s) if not contact.fields.get(SINCE)]
    return [contact for contact in undated if flagged(s, contact)]


def _ended(s: Snapshot) -> Iterator[Finding]:
    """Clear the day of contacts of whom the agent said that they may be contacted again."""
    opted_out = not_to_be_contacted(s)
    for contact in kept(s):
        held = contact.fields.get(SINCE)
        if held and agent_lifted(s, contact) and contact.id not in opted_out:
            yield Finding(
                RULE,
                f"the agent said that {contact.name} may be contacted again",
                WantField(
                    key=step_key(s, contact, do_not_contact_since.ENDED),
                    person_id=contact.id,
                    field=SINCE,
                    value="",
                    replaces=held,
                ),
            )


def _others(s: Snapshot, taken: int) -> Iterator[Finding]:
    """Want the day for those who opted out otherwise than by stage or tag, the latest first. The
    agent's answer to leave somebody alone in every way is an opt-out too, and so is that of a
    record that was merged into theirs. *taken* are the days that this pass writes already.
    """
    opted_out = not_to_be_contacted(s) | inherited_signs.certainly_opted_out(s)
    lacking = [
        contact
        for contact in kept(s)
        if contact.id in opted_out and not contact.fields.get(SINCE) and not flagged(s, contact)
    ]
    for contact in _paced(s, lacking, taken):
        yield _field(s, contact, "opted out, seen for the first time", agreed=False)


def _seen_on(s: Snapshot, contact: Contact) -> date:
    return min(outstanding(s, contact).values(), default=s.today)


def _recorded_lately(s: Snapshot) -> int:
    """Count the contacts whose day is one of the last seven."""
    week = {(s.today - n * DAY).isoformat() for n in range(7)}
    return sum(contact.fields.get(SINCE) in week for contact in kept(s))


def _since_key(s: Snapshot, contact: Contact) -> Key:
    return step_key(s, contact, do_not_contact_since.SINCE)


def _field(s: Snapshot, contact: Contact, how: str, *, agreed: bool) -> Finding:
    return Finding(
        RULE,
        f"{contact.name} is Do Not Contact; {how}",
        WantField(
            key=_since_key(s, contact),
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
                f"Record today as the day from which {len(lacking)} contacts are known to be"
                " Do Not Contact? The two years of the annual purge count from there;"
                " nothing else changes."
            ),
            done=f"{approvals.DONE}: {len(lacking)} dates recorded",
            text=(
                f"{len(lacking)} contacts in the stage Do Not Contact or with its tag;"
                f" this list is {people}"
            ),
            then={approvals.APPROVE: tuple(_since_key(s, contact) for contact in lacking)},
        ),
    )
    if answer.row:
        yield answer.row
    if answer.choice == approvals.APPROVE:
        yield from (
            _field(s, contact, "the agent approved the list", agreed=True) for contact in lacking
        )
