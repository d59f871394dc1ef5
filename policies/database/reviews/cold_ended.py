"""The end of the VA's tasks about cold leads who need nothing any longer (X-35, X-81).

Only facts since the audit that listed a contact count. A contact who cannot be seen proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.asks import group as groups
from policies.asks.followup import Matter, close, of_rule
from policies.asks.wants import Finding
from policies.database.reviews.cold import GROUPS, TAB
from policies.facts.contact_permission import Verdict, Way, death, refusal
from policies.facts.ownership import left_alone
from policies.facts.touchpoints import last_touch
from policies.world.calendar import american
from policies.world.model import Contact, Key
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot

RULE, DECISION = "DB-29", "DB-30"
NOT_DONE, IN_TOUCH = "Not done", "In touch again"
IN_TRASH = "in the Trash"
NOBODY_LEFT = "nobody on the list is left: in the Trash, opted out, or in touch again"


def over(s: Snapshot) -> Iterator[Finding]:
    """Withdraw the tasks about contacts who opted out, died, were in touch, or are in the Trash; a
    task about a group once that is so of everybody on its list.
    """
    for task in of_rule(s, DECISION).open_tasks:
        if task.key is None:
            continue
        if task.key.subject == "a0":
            if _nobody_left(s, task.key):
                yield from close(Matter((task,)), NOBODY_LEFT, over=True)
            continue
        contact = s.contact_by(task.key.subject)
        row = s.workbook.row(TAB, _line(task.key)) if contact else None
        if contact and row and (because := _ended(s, contact, row)):
            safety = refusal(s, contact, Way.REACTIVATION) is not None
            yield from close(Matter((task,)), because, safety=safety)


def _line(task: Key) -> str:
    """The Ref of the line in the tab that a task about one contact follows."""
    return str(Key(RULE, task.subject, task.episode.partition("-")[0]))


def _nobody_left(s: Snapshot, task: Key) -> bool:
    """Tell whether nobody on the list of a group's task still waits for it."""
    period, code = (*task.base.episode.split("-"), "")[:2]
    group = next((name for name, short in GROUPS.items() if short == code), "")
    lines = groups.listings(s, TAB, RULE, period, lambda _row: "", ()).get(group)
    if lines is None or len(lines.members) < len(lines.refs):
        return False  # somebody cannot be seen
    return all(
        member.row.text("Outcome").startswith(NOT_DONE) or _ended(s, member.contact, member.row)
        for member in lines.members
    )


def _ended(s: Snapshot, contact: Contact, row: Row) -> str:
    """Return why the task about a listed contact is over, or ""; nothing ends of one whom Steward
    was told to leave alone.
    """
    if left_alone(s, contact):
        return ""
    return IN_TRASH if contact.trashed else unreached(s, contact, row)


def unreached(s: Snapshot, contact: Contact, row: Row) -> str:
    """Return why a listed contact should no longer be reactivated or removed, or ""."""
    if because := _barred(s, contact):
        return because
    then, last = row.cells.get("Listed On"), last_touch(s, contact)
    if last and isinstance(then, date) and last > then:
        return f"{IN_TOUCH} on {american(last)}"
    return ""


def _barred(s: Snapshot, contact: Contact) -> str:
    if death(s, contact):
        return "deceased"
    reason = refusal(s, contact, Way.REACTIVATION)
    return "opted out since" if reason and reason.kind is Verdict.NEVER else ""
