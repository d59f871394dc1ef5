"""A source that turned out to be another one after somebody was asked to thank the first (RF-02,
RF-08), and a source whose record is another one now.

The name of a task, in Steward's own words, tells which source it is about. A source with a new name
stays the same one, and so does one whose record was merged, or replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policies.asks import approvals
from policies.asks.drafts import digest
from policies.asks.followup import Matter, close
from policies.asks.wants import Finding
from policies.facts import people_by_name
from policies.facts.referral_log import bare
from policies.facts.same_person import merges
from policies.referrals.doubts import HIDDEN, LEFT_ALONE
from policies.referrals.referral import Referral, referrals
from policies.world.model import Key, Task
from policies.world.snapshot import Snapshot

_NAMED = re.compile(
    r"\b(?:Thank (?P<prompt>.+) for referring |(?:Text|E-mail) (?P<send>.+) the approved |"
    r"to (?P<order>.+?)(?:, once its words| \(see Approvals\))|"
    r"Set Lead Source: Referral — (?P<native>.+); |"
    r"the referral agreement with (?P<agreement>.+) in the tab |"
    r"the referral fee of (?P<fee>.+?)(?:: closing on |$)|"
    r"the brokerage of (?P<payee>.+?)(?:; licence first|: who verified)|"
    r"without a fee agreement: (?P<closed>.+)$)"
)
_OF_A_SOURCE = {"RF-08": "thanks", "RF-13": "send-", "RF-31": "card"}
"""The tasks on the lead's record that are about thanking one source, by rule, and how their
episodes begin.
"""
_ASKED = ("RF-13 {} draft", "RF-31 {} text")


def anothers(s: Snapshot, r: Referral, task: Task) -> bool:
    """Whether a task is about thanking a contact who is certainly not the source of *r*.

    A record in the Trash may be a double of the source, who has another name since: that does not
    make what was done be asked twice.
    """
    named = _named_in(task)
    if not named or r.source is None:
        return False
    people = people_by_name.meant(s, named)
    if task.done:
        people = frozenset(number for number in people if not s.contacts[number].trashed)
    return bool(people) and r.source.id not in people


def _named_in(task: Task) -> str:
    """The source that the name of a task tells of; "" where it tells of none."""
    found = _NAMED.search(task.name)
    return next(filter(None, found.groups()), "") if found else ""


def _about_thanks(task: Task) -> bool:
    return task.key is not None and task.key.episode.startswith(
        _OF_A_SOURCE.get(task.key.rule, " ")
    )


def key(s: Snapshot, r: Referral, rule: str, step: str) -> Key:
    """The key of a step of thanking the source: another source than the one first asked about has
    steps of their own.
    """
    first = s.lives(r.key("RF-08", "thanks"))
    if r.source and any(anothers(s, r, task) for task in first):
        step = f"{step}-p{r.source.id}"
    return r.key(rule, step)


def thanks_noted(s: Snapshot, r: Referral) -> str:
    """The thanks as the log has it, unless its row still names another contact as the source."""
    told = merges.current(s, r.entry.source_id) if r.entry and r.entry.source_id else None
    another = told is not None and r.source is not None and told.id != r.source.id
    return r.row.text("Acknowledged") if r.row and not another else ""


def taken_back(s: Snapshot, r: Referral) -> Iterator[Finding]:
    """End what is open about thanking somebody else."""
    because = f"it was {r.source_name} who sent them"
    thanks = (task for task in s.own_tasks.get(r.subject, ()) if _about_thanks(task))
    found = [task for task in thanks if anothers(s, r, task)]
    if found:
        ours = {str(key(s, r, "RF-13", "draft")), str(key(s, r, "RF-31", "text"))}
        about_thanks = tuple(words.format(r.subject) for words in _ASKED)
        rows = (row for row in approvals.every(s.workbook) if row.ref not in ours)
        asked = tuple(row for row in rows if row.ref.startswith(about_thanks))
        yield from close(Matter(tuple(found), asked), because, clause="RF-08")


def renamed(s: Snapshot, r: Referral, asked: Matter) -> Iterator[Finding]:
    """End the open tasks of *asked* that name somebody else as the source; they are made again with
    the right name in the same pass (X-73).
    """
    tasks = (task for task in asked.open_tasks if _named_in(task) != r.source_name)
    others = tuple(task for task in tasks if anothers(s, r, task))
    yield from close(Matter(others), f"it was {r.source_name} who sent them")


def everything(s: Snapshot, r: Referral) -> Matter:
    """Everything that was asked about thanking a source for this referral, whoever that was."""
    tasks = tuple(task for task in s.own_tasks.get(r.subject, ()) if _about_thanks(task))
    words = (found for rule in ("RF-13", "RF-31") for found in approvals.open_rows(s, rule))
    return Matter(tasks, tuple(row for key, row in words if key.subject == r.subject))


# -- what is about the source itself ---------------------------------------------------------------


def subject(r: Referral) -> str:
    """The subject of a key about the source: its record, shown or not, or its name while no record
    is certain.
    """
    number = r.source.id if r.source else 0
    if r.entry and r.doubt in {HIDDEN, LEFT_ALONE}:
        number = r.entry.source_id
    return f"p{number}" if number else f"n{digest(r.source_name.casefold())[:10]}"


def subjects(s: Snapshot, found: Sequence[Referral]) -> tuple[str, ...]:
    """Every subject under which something about the one source of *found* may stand, its own first.

    The others are of records that were merged into it, of records in the Trash that it took over
    from, and of its name while no record was certain. None of them is the subject of another source
    today.
    """
    own, earlier = subject(found[-1]), set[str]()
    for r in found:
        names = (r.source_name, *map(bare, people_by_name.claims(r.lead)))
        earlier.update(f"n{digest(name.casefold())[:10]}" for name in names)
        gone = (people_by_name.in_trash(s, name) for name in names)
        numbers = frozenset[int]().union(*gone)
        if r.source:
            numbers |= merges.records(s, r.source.id)
        earlier.update(f"p{number}" for number in numbers)
    return (own, *sorted(earlier - s.once(_subjects_today)))


def _subjects_today(s: Snapshot) -> frozenset[str]:
    return frozenset(subject(r) for r in referrals(s) if r.logged)


def key_of_source(s: Snapshot, found: Sequence[Referral], rule: str, step: str) -> Key:
    """The key of something about the source itself: the one it was asked, told or deleted under
    before, else that of today's record.
    """
    keys = [Key(rule, one, step) for one in subjects(s, found)]
    return next((key for key in keys if _stands(s, key)), keys[0])


def _stands(s: Snapshot, key: Key) -> bool:
    return (
        key in s.deleted
        or any(not task.withdrawn for task in s.lives(key))
        or s.workbook.holds("Inquiries", str(key))
    )
