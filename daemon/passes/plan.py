"""The plan: the wants that the snapshot does not show yet, as actions with a digest. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from daemon.passes import unreadable
from daemon.passes.actions import Action, Late, Plan
from daemon.passes.acts import kinds
from daemon.passes.acts.act import Moved, View
from daemon.passes.acts.tasks import doubles
from policies.asks.wants import Finding, Missed, WantWithdrawn
from policies.world.model import Key
from policies.world.snapshot import Snapshot


def make(s: Snapshot, findings: Iterable[Finding], appended: frozenset[str] = frozenset()) -> Plan:
    """Compare what is wanted with what is there.

    The CRM comes first, then the Sheet, whose rows may require that the CRM was written, and then
    what Memory keeps of it. *appended* are the Sheet rows that are known to have been written
    before: what a person deleted since is not simply made again.
    """
    findings = unreadable.without(s, list(findings))
    on_records = [f for f in findings if type(f.want) in kinds.ON_RECORDS]
    on_the_sheet = [f for f in findings if type(f.want) in kinds.ON_THE_SHEET]
    view = View(s, appended, leaving=_leaving(findings))
    crm = [*_needed(view, on_records), *doubles(s)]
    view = replace(view, moved=_by_base(a.mark for a in crm))
    sheet = [*_needed(view, on_the_sheet), *_remembered(view, on_records)]
    return Plan(tuple(_unique(crm) + _unique(sheet)), tuple(_late(findings)))


def _needed(view: View, findings: Iterable[Finding]) -> Iterator[Action]:
    for finding in findings:
        yield from kinds.act_of(finding.want).needed(view, finding, finding.want)


def _remembered(view: View, findings: Iterable[Finding]) -> Iterator[Action]:
    for finding in findings:
        yield from kinds.act_of(finding.want).remembered(view, finding.want)


def _leaving(findings: Iterable[Finding]) -> frozenset[int]:
    return frozenset(f.want.task_id for f in findings if isinstance(f.want, WantWithdrawn))


def _late(findings: Iterable[Finding]) -> Iterator[Late]:
    for finding in findings:
        if isinstance(finding.want, Missed):
            yield Late(finding.want, finding.reason)


def _unique(actions: Sequence[Action]) -> list[Action]:
    """The first of several actions that do the same. Two tasks may carry one mark (a lost answer
    that came true late): withdrawing both is two actions.
    """
    found: dict[tuple[str, str, str, int], Action] = {}
    for action in actions:
        task_id = getattr(action.want, "task_id", 0)
        found.setdefault((action.mark, action.verb, action.entity, task_id), action)
    return list(found.values())


def _by_base(marks: Iterable[str]) -> Moved:
    found: dict[str, set[str]] = {}
    for mark in marks:
        key = Key.parse(mark)
        found.setdefault(str(key.base if key else None), set()).add(mark)
    return {base: frozenset(lives) for base, lives in found.items()}
