"""What the VA is asked to look up because a field holds what cannot be right: never all at once
(rule 14).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.asks.wants import Finding, WantTask
from policies.world.calendar import DAY
from policies.world.model import Contact, Key, one_line
from policies.world.snapshot import Snapshot

A_WEEK = 25
"""Look-ups of one rule that are new within a week, at the most."""


def quarter(s: Snapshot) -> str:
    """The quarter of the year, as an episode: what is not mended is asked once in each, neither
    forgotten nor a nuisance.
    """
    return f"{s.today.year}Q{(s.today.month + 2) // 3}-check"


def look_up(
    s: Snapshot, key: Key, contact: Contact, field: str, written: str, wrong: str
) -> Finding:
    """The VA's task to check one field of one contact."""
    shown = one_line(written)[:12]
    return Finding(
        key.rule,
        f"the field {field} of {contact.name} holds {one_line(written)[:20]!r}, {wrong}",
        WantTask(
            key=key,
            person_id=contact.id,
            assignee=s.practice.va_id,
            kind="Follow Up",
            name=f"{field} {shown}: right? See the file; clear it if not known: {contact.name}",
            due=s.business.after(s.today, 5),
            useful_until=s.today + 30 * DAY,
        ),
    )


def few(s: Snapshot, rule: str, wanted: Iterable[Finding]) -> Iterator[Finding]:
    """*wanted* look-ups in the order of their contacts: those that are there, and as many new ones
    as a week has room for.
    """
    ours = (t for tasks in s.own_tasks.values() for t in tasks if t.key and t.key.rule == rule)
    room = A_WEEK - sum((task.due or s.today) > s.today for task in ours)
    for finding in sorted(
        wanted, key=lambda f: f.want.person_id or 0 if isinstance(f.want, WantTask) else 0
    ):
        assert isinstance(finding.want, WantTask)
        known = bool(s.lives(finding.want.key))
        if known or room > 0:
            room -= not known
            yield finding
