"""Ends the open work about contacts and deals that are gone from the CRM, in all three procedures
alike (X-81). Pure.

A record counts as gone after two passes: complete lists lacked it in an earlier one, at least
`settle_seconds` ago, and lack it now (X-87). The ledger keeps the ids and the times between
the passes. Nothing here is marked as safety or as over, so that `withdraw_limit` holds many such
endings back: a list that is wrong looks like this, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType

from daemon.passes import handover
from daemon.passes.absence.not_acted_on import Waiting, because
from policies.asks import approvals
from policies.asks.followup import last_word, withdrawn
from policies.asks.wants import Finding, WantRow, WantTask
from policies.database.duplicates import duplicates
from policies.database.reviews import cold, cold_leads, contact_info, minimum_fields, purge
from policies.facts import gone_records
from policies.referrals import absent_source
from policies.world.model import Key, Source, Task
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot

ABSENT = "absent records"
"""The ledger's name for the records that were absent at the last pass."""
NEEDED = frozenset({Source.PEOPLE, Source.DEALS, Source.TASKS, Source.SHEET})
"""Sources without which nothing is known about what is absent."""
_LISTS = {
    minimum_fields.TAB: ("Status", {minimum_fields.OPEN, contact_info.OUTDATED}),
    cold.TAB: ("Outcome", {cold_leads.WAITING}),
    purge.TAB: ("Outcome", {purge.WAITING}),
}
"""Tabs that list contacts, each with its column that says what is left to do, and those words."""
NOBODY_WAITS: Waiting = MappingProxyType({})
Absent = Mapping[str, float]
"""Records (``p101``, ``d812``), each with the time at which it was first seen to be absent."""


def seen(s: Snapshot, before: Absent, now: float, settle: float) -> tuple[Absent, frozenset[str]]:
    """The absent records that something open is about, and those of them that are gone.

    *before* is what the pass before kept, *now* a POSIX time, *settle* a number of seconds. While
    a source is missing, *before* stays and nothing is gone. A time ahead of *now* counts as now.
    """
    if not s.complete >= NEEDED:
        return before, frozenset()
    missing = sorted(r for r in set(_asked_about(s)) if gone_records.is_absent(s, r))
    absent = {record: min(before.get(record, now), now) for record in missing}
    gone = (r for r, since in absent.items() if r in before and now - since >= settle)
    return absent, frozenset(gone)


def parsed(text: str) -> Absent:
    """The inverse of `written`."""
    return {str(record): float(since) for record, since in json.loads(text or "{}").items()}


def written(absent: Absent) -> str:
    """The text that the ledger keeps."""
    return json.dumps(dict(absent))


def _asked_about(s: Snapshot) -> Iterator[str]:
    """The records that open tasks and rows of ours are about, and those a referral rests on."""
    yield from absent_source.records(s)
    for task in _open_tasks(s):
        yield from gone_records.records_under(task)
    rows = (key for key, row in approvals.keyed(s) if _waits(row))
    coming = (Key.parse(mark) for mark in sorted(handover.coming_marks(s)))
    pairs = (Key.parse(row.ref) for row in s.workbook.rows("Duplicates") if _is_pair(row))
    for key in chain(rows, filter(None, (*pairs, *coming)), (key for key, _, _ in _lines(s))):
        yield from gone_records.records_of(key)


def _is_pair(row: Row) -> bool:
    return not row.text("Status").startswith(duplicates.OVER)


def _lines(s: Snapshot) -> Iterator[tuple[Key, str, str]]:
    """The lines of lists of contacts that wait for somebody: key, tab and column that says so."""
    for tab, (column, waiting) in _LISTS.items():
        for row in s.workbook.rows(tab):
            key = Key.parse(row.ref)
            if key and row.text(column) in waiting:
                yield key, tab, column


def _open_tasks(s: Snapshot) -> Iterator[Task]:
    for task in chain.from_iterable(s.own_tasks.values()):
        if not task.completed and not task.withdrawn:
            yield task


def _waits(row: approvals.Decision) -> bool:
    """Whether a row still leads to something. An answer that was acted on is kept as it is."""
    return not row.over and not row.answer


def ended(
    s: Snapshot, findings: Sequence[Finding], waiting: Waiting = NOBODY_WAITS
) -> Iterator[Finding]:
    """End every open task and row about a record that is gone, unless *findings* still want it.

    What belongs to a policy that is *waiting* for people stands still: a key that sees less is no
    sign that anything is gone.

    A referral keeps the Ref that it was logged under when its lead is merged away, so the policies
    may want what a gone record names. A task that stands on a gone contact ends in any case. If a
    policy still wants it, the next pass makes it again on another contact.
    """
    if not s.gone:
        return
    wanted = _wanted(findings)
    leaving: dict[str, tuple[Key, ...]] = {}
    for task in _open_tasks(s):
        why = "" if because(task.key, waiting) else _why(s, task, wanted)
        if task.key and why:
            leaving[task.key.subject] = (*leaving.get(task.key.subject, ()), task.key)
            yield withdrawn(task, why)
    for key, row in approvals.keyed(s):
        stays = row.ref in wanted or because(key, waiting)
        why = gone_records.gone(s, key) if _waits(row) and not stays else ""
        if why:
            after = leaving.get(key.subject, ())
            yield last_word(row, f"{approvals.WITHDRAWN}: {why}", after)
    for key, tab, column in _lines(s):
        stays = str(key) in wanted or because(key, waiting)
        if (why := gone_records.gone(s, key)) and not stays:
            said = {column: f"{why[:1].upper()}{why[1:]}"}
            yield Finding(key.rule, why, WantRow(tab=tab, ref=str(key), create=False, keep=said))


def _why(s: Snapshot, task: Task, wanted: frozenset[str]) -> str:
    if f"p{task.person_id}" in s.gone:
        return gone_records.NO_CONTACT
    if task.key is None or str(task.key.base) in wanted:
        return ""
    gone = (record for record in gone_records.records_under(task) if record in s.gone)
    return gone_records.because(s, next(gone, ""))


def _wanted(findings: Sequence[Finding]) -> frozenset[str]:
    """The marks of the tasks and rows that policies want in this pass."""
    wants = [finding.want for finding in findings]
    tasks = {str(want.key.base) for want in wants if isinstance(want, WantTask)}
    return frozenset(tasks | {want.ref for want in wants if isinstance(want, WantRow)})
