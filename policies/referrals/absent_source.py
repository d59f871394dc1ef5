"""Leads and sources whom this pass does not show: those that a row of the log names by number, and
those among whom an open question asks people to choose.

One pass that does not show a contact proves nothing (X-65, X-87). Until the record counts as gone,
the referral stands still: nobody else becomes the source because one of them is missing, nothing
new is asked, and nothing ends. The signs of a source who is gone for good go on holding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from policies.facts.referral_log import Entry, bare, entries
from policies.facts.signs.shown_signs import OPT_OUTS
from policies.facts.signs.sign_memory import outstanding_of
from policies.referrals.doubts import NAMING
from policies.world.model import Key, Task
from policies.world.snapshot import Snapshot

_NUMBER = re.compile(r"#([0-9]{1,15})\b")


def missing(s: Snapshot, subject: str, entry: Entry | None) -> tuple[int, ...]:
    """Return the contacts that a referral rests on and that this pass does not show, without those
    that are gone for good. *subject* is that of its keys.
    """
    asked = s.own_tasks.get(subject, ())
    certain = (entry.source_id,) if entry and entry.source_id else ()
    # A question that was ticked off may have its answer on a record that is out of sight.
    counts = [t for t in asked if not t.completed or (t.done and not certain)]
    found = {*certain, *_named_in(counts)}
    return tuple(number for number in sorted(found) if hidden(s, number))


def hidden(s: Snapshot, number: int) -> bool:
    """Tell whether this pass does not show a contact who does not count as gone (yet)."""
    return bool(number) and number not in s.contacts and f"p{number}" not in s.gone


def records(s: Snapshot) -> Iterator[str]:
    """Yield every record that some referral rests on, as a subject (``p50``): its lead, its source,
    and those whom a question names.
    """
    of_rows = ((lead_of(entry), entry.source_id) for entry in entries(s))
    asked = (t for tasks in s.own_tasks.values() for t in tasks if not t.withdrawn)
    for number in {*chain.from_iterable(of_rows), *_named_in(asked)} - {0}:
        yield f"p{number}"


def hides_a_lead_of(s: Snapshot, number: int) -> bool:
    """Tell whether this pass does not show one of those whom a source sent, by the log."""
    return any(hidden(s, lead_of(entry)) for entry in entries(s) if entry.source_id == number)


def lead_of(entry: Entry) -> int:
    """Return the number of the lead whom a row names, by its cell or by its Ref; 0 for none."""
    key = Key.parse(entry.row.ref)
    by_ref = key.subject.removeprefix("p") if key and key.subject.startswith("p") else ""
    return entry.lead_id or (int(by_ref) if by_ref.isdecimal() else 0)


def remembered_sign(s: Snapshot, entry: Entry | None) -> str:
    """Return the sign that is remembered of the source whom a row names and who is gone for good;
    "" for anybody else.
    """
    number = entry.source_id if entry else 0
    if f"p{number}" not in s.gone or number in s.contacts:
        return ""
    signs = outstanding_of(s, number)
    if not signs:
        return ""
    return "Do Not Contact" if not OPT_OUTS.isdisjoint(signs) else "deceased"


def left_alone(s: Snapshot, entry: Entry, names: Sequence[str], meant: Iterable[int]) -> bool:
    """Tell whether such a sign holds, because *names* name nobody else: one contact, by another
    name than the row's. A namesake is nobody's correction.
    """
    if not remembered_sign(s, entry):
        return False
    own, found = entry.source_name.casefold(), [s.contacts[number].name for number in meant]
    others = {bare(name).casefold() for name in names} - {own}
    return not others or len(found) != 1 or found[0].casefold() == own


def _named_in(tasks: Iterable[Task]) -> Iterator[int]:
    """The contacts that questions name by their numbers."""
    for task in tasks:
        if task.key and task.key.rule == "RF-07" and task.key.base.episode in NAMING:
            yield from (int(number) for number in _NUMBER.findall(task.name))
