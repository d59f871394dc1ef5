"""What is needed: the wants that the snapshot does not show yet, as a list of actions with a
digest. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from daemon.passes.actions import Action, Plan, remember
from policies.asks.wants import (
    Finding,
    Missed,
    WantAssigned,
    WantField,
    WantNote,
    WantPerson,
    WantRaised,
    WantReport,
    WantRow,
    WantStage,
    WantTag,
    WantTask,
    WantWithdrawn,
)
from policies.world import memory
from policies.world.calendar import american
from policies.world.memory import AGAIN, STAGE, TAG, StageMove
from policies.world.model import STAGE_LABELS, Key, Task
from policies.world.sheet import Cell, Row, same
from policies.world.snapshot import Snapshot, tagged

Moved = Mapping[str, frozenset[str]]
"""The marks of what a plan writes to the CRM, by the key without its repetition."""
PUT_UP_AGAIN = "put up again"
"""What Memory says of an Approvals row that a person deleted and that was made once more (X-62)."""


def make(s: Snapshot, findings: Iterable[Finding], appended: frozenset[str] = frozenset()) -> Plan:
    """Compare what is wanted with what is there.

    *appended* are the Sheet rows that are known to have been written before: what a person deleted
    since is not simply made again.
    """
    findings = list(findings)
    leaving = frozenset(f.want.task_id for f in findings if isinstance(f.want, WantWithdrawn))
    planner = _Planner(
        s, appended, frozenset(str(note.key) for note in s.notes if note.key), leaving
    )
    crm = [
        a
        for f in findings
        if not isinstance(f.want, WantRow | WantReport | Missed)
        for a in planner.crm(f)
    ]
    crm += planner.doubles()
    moved = _by_base(a.mark for a in crm)
    sheet = [
        a
        for f in findings
        if isinstance(f.want, WantRow | WantReport | Missed)
        for a in planner.sheet(f, moved)
    ]
    sheet += [
        a
        for f in findings
        if isinstance(f.want, WantTag | WantStage)
        for a in planner.remembered(f.want, moved)
    ]
    return Plan(
        tuple(_unique(crm) + _unique(sheet)),
        tuple(f for f in findings if isinstance(f.want, Missed)),
    )


def _unique(actions: Sequence[Action]) -> list[Action]:
    # Two tasks may carry one mark (a lost answer that came true late): withdrawing both is two
    # actions.
    return list(
        {
            (a.mark, a.verb, a.entity, getattr(a.want, "task_id", 0)): a for a in reversed(actions)
        }.values()
    )[::-1]


@dataclass(frozen=True)
class _Planner:
    s: Snapshot
    appended: frozenset[str]
    noted: frozenset[str]
    leaving: frozenset[int]

    def crm(self, finding: Finding) -> Iterator[Action]:
        want = finding.want
        if isinstance(want, WantTask):
            yield from self._task(finding, want)
        elif isinstance(want, WantWithdrawn):
            yield from self._withdrawn(finding, want)
        elif isinstance(want, WantRaised):
            yield from self._raised(finding, want)
        elif isinstance(want, WantAssigned):
            yield Action(
                mark=str(want.key),
                clause=finding.clause,
                verb="assign",
                entity="task",
                person_id=want.person_id,
                reason=finding.reason,
                before={"assignedUserId": want.leaves},
                after={"assignedUserId": want.assignee},
                want=want,
            )
        else:
            yield from self._record(finding)

    def _record(self, finding: Finding) -> Iterator[Action]:
        """What is wanted of a contact's record, and not of a task."""
        want = finding.want
        if isinstance(want, WantTag):
            contact = self.s.contacts.get(want.person_id)
            if contact and not tagged(contact, (want.tag,)) and not self._tagged_before(want):
                yield Action(
                    mark=str(want.key),
                    clause=finding.clause,
                    verb="add",
                    entity="tag",
                    person_id=want.person_id,
                    reason=finding.reason,
                    after={"tag": want.tag},
                    want=want,
                )
        elif isinstance(want, WantField):
            yield from self._field(finding, want)
        elif isinstance(want, WantStage):
            yield from self._stage(finding, want)
        elif isinstance(want, WantPerson):
            yield from self._person(finding, want)
        elif isinstance(want, WantNote):
            key = str(want.key)
            if key not in self.noted and key not in self.s.written:
                yield Action(
                    mark=key,
                    clause=finding.clause,
                    verb="create",
                    entity="note",
                    person_id=want.person_id,
                    reason=finding.reason,
                    after={"subject": key, "body": want.body},
                    want=want,
                )

    def _stage(self, finding: Finding, want: WantStage) -> Iterator[Action]:
        contact = self.s.contacts.get(want.person_id)
        if (
            contact
            and contact.stage is want.leaves
            and str(want.key) not in self.s.written
            and not STAGE.row(self.s.workbook, want.key)
        ):
            yield Action(
                mark=str(want.key),
                clause=finding.clause,
                verb="move",
                entity="stage",
                person_id=want.person_id,
                reason=finding.reason,
                before={"stage": contact.stage_label},
                after={"stage": STAGE_LABELS[want.stage]},
                want=want,
            )

    def _person(self, finding: Finding, want: WantPerson) -> Iterator[Action]:
        if str(want.key) not in self.s.written:
            yield Action(
                mark=str(want.key),
                clause=finding.clause,
                verb="create",
                entity="person",
                person_id=None,
                reason=finding.reason,
                want=want,
                after={
                    "firstName": want.first_name,
                    "lastName": want.last_name,
                    "emails": want.email,
                    "phones": want.phone,
                    "source": want.source,
                    "tags": want.tag,
                    "background": want.background,
                    "assignedUserId": want.assignee,
                },
            )

    def _field(self, finding: Finding, want: WantField) -> Iterator[Action]:
        contact = self.s.contacts.get(want.person_id)
        if contact is None:
            return
        held = contact.fields.get(want.field, "")
        if not held and want.value and str(want.key) not in self.s.written:
            verb = "fill"
        elif held and held == want.replaces and held != want.value:
            verb = "replace" if want.value else "clear"
        else:
            return
        yield Action(
            mark=str(want.key),
            clause=finding.clause,
            verb=verb,
            entity="field",
            person_id=want.person_id,
            reason=finding.reason,
            before={want.field: held or None},
            after={want.field: want.value or None},
            want=want,
        )

    def _tagged_before(self, want: WantTag) -> bool:
        return str(want.key) in self.s.written or bool(TAG.row(self.s.workbook, want.key))

    def remembered(self, want: WantTag | WantStage, moved: Moved) -> Iterator[Action]:
        """That a tag was set or a stage moved once: a person who undoes it is right, whatever
        becomes of the ledger (rule 9).
        """
        contact = self.s.contacts.get(want.person_id)
        left = contact.stage_label if contact else ""
        if isinstance(want, WantTag):
            row, ref, what = TAG.row(self.s.workbook, want.key), TAG.ref(want.key), want.tag
        else:
            row, ref = STAGE.row(self.s.workbook, want.key), STAGE.ref(want.key)
            what = STAGE.write(StageMove(STAGE_LABELS[want.stage], left))
        there = contact and isinstance(want, WantTag) and tagged(contact, (want.tag,))
        now = moved.get(str(want.key.base), frozenset()) & {str(want.key)}
        if (there or now) and not row:
            yield replace(remember(ref, what, self.s.stamp, None), requires=now)

    def _raised(self, finding: Finding, want: WantRaised) -> Iterator[Action]:
        for task in self.s.lives(want.key):
            if task.id != want.task_id or task.completed or task.name.startswith(want.prefix):
                continue
            before = next((p for p in want.after if task.name.startswith(p)), "")
            name = f"{want.prefix}{task.name.removeprefix(before)}"
            yield Action(
                mark=str(task.key),
                clause=finding.clause,
                verb="raise",
                entity="task",
                person_id=want.person_id,
                reason=finding.reason,
                before={"name": task.name},
                after={"name": name},
                want=want,
            )

    def _task(self, finding: Finding, want: WantTask) -> Iterator[Action]:
        lives = self.s.lives(want.key)
        # What is withdrawn in this very pass (it sat on the wrong person) does not stand for what
        # is wanted.
        if (
            any(not task.withdrawn and task.id not in self.leaving for task in lives)
            or want.key.base in self.s.deleted
        ):
            return
        key = want.key.life(max((_life(t) for t in lives), default=0) + 1)
        yield Action(
            mark=str(key),
            clause=finding.clause,
            verb="create",
            entity="task",
            person_id=want.person_id,
            reason=finding.reason,
            after={
                "name": want.name,
                "type": want.kind,
                "assignedUserId": want.assignee,
                **_due(want),
            },
            want=want,
        )

    def _withdrawn(self, finding: Finding, want: WantWithdrawn) -> Iterator[Action]:
        for task in self.s.lives(want.key):
            if task.id == want.task_id and not task.completed and not task.withdrawn:
                yield Action(
                    mark=str(want.key),
                    clause=finding.clause,
                    verb="withdraw",
                    entity="task",
                    person_id=want.person_id,
                    reason=want.because,
                    before={"name": task.name, "isCompleted": False},
                    after={"name": f"Withdrawn ({want.because}): {task.name}", "isCompleted": True},
                    want=want,
                )

    def doubles(self) -> Iterator[Action]:
        """The second of two tasks that carry one mark, after a lost answer came true late:
        withdrawn, never deleted.
        """
        for tasks in self.s.own_tasks.values():
            first: dict[Key, Task] = {}
            for task in sorted(tasks, key=lambda t: (not t.completed, t.id)):
                if task.key is None or task.withdrawn:
                    continue
                kept = first.setdefault(task.key, task)
                if kept is not task and not task.completed:
                    want = WantWithdrawn(
                        key=task.key,
                        task_id=task.id,
                        person_id=task.person_id,
                        because=f"task {kept.id} is the same",
                    )
                    yield from self._withdrawn(Finding("MS-04", want.because, want), want)

    def sheet(self, finding: Finding, moved: Moved) -> Iterator[Action]:
        want = finding.want
        if isinstance(want, WantReport):
            if want.title not in self.s.workbook.titles:
                yield Action(
                    mark=str(want.key or want.title),
                    clause=finding.clause,
                    verb="publish",
                    entity="report",
                    person_id=None,
                    reason=finding.reason,
                    after={"text": "\n".join(want.lines)},
                    want=want,
                )
            return
        if isinstance(want, Missed):
            want = _missed_row(finding, want, self.s.today)
        if not isinstance(want, WantRow):
            return
        tab = self.s.workbook.tabs.get(want.tab)
        if tab is None or tab.problems:
            return
        row = tab.by_ref(want.ref)
        if row:
            yield from self._mended(finding, want, row, moved)
        elif want.adopts is not None and want.ref not in tab.refs:
            yield Action(
                mark=want.ref,
                clause=finding.clause,
                verb="adopt",
                entity=want.tab,
                person_id=want.person_id,
                reason=finding.reason,
                before=want.adopts.cells,
                after={**want.first, **want.keep},
                requires=_needed(want, moved),
                want=want,
            )
        elif want.create and want.ref not in tab.refs:
            yield from self._appended(finding, want, moved)

    def _mended(self, finding: Finding, want: WantRow, row: Row, moved: Moved) -> Iterator[Action]:
        changed = {
            name: value for name, value in want.keep.items() if not same(row.cells.get(name), value)
        }
        if changed:
            yield Action(
                mark=want.ref,
                clause=finding.clause,
                verb="update",
                entity=want.tab,
                person_id=want.person_id,
                reason=finding.reason,
                before={name: row.cells.get(name) for name in changed},
                after=changed,
                requires=_needed(want, moved),
                seen={name: row.cells.get(name) for name in want.unless_edited},
                want=want,
            )

    def _appended(self, finding: Finding, want: WantRow, moved: Moved) -> Iterator[Action]:
        again = want.ref in self.appended
        remembered = AGAIN.row(self.s.workbook, want.ref)
        if again and want.tab != memory.TAB and (want.tab != "Approvals" or remembered):
            return  # a person deleted it, and it was put up again once already
        yield Action(
            mark=want.ref,
            clause=finding.clause,
            verb="append",
            entity=want.tab,
            person_id=want.person_id,
            reason=finding.reason,
            after={**want.first, **want.keep},
            requires=_needed(want, moved),
            want=want,
        )
        if again and want.tab == "Approvals":
            yield remember(AGAIN.ref(want.ref), PUT_UP_AGAIN, self.s.stamp, None)


def _needed(want: WantRow, moved: Moved) -> frozenset[str]:
    """Which of the writes of this pass must have happened before the row may be written."""
    return frozenset(mark for key in want.requires for mark in moved.get(str(key.base), ()))


def _by_base(marks: Iterable[str]) -> Moved:
    found: dict[str, set[str]] = {}
    for mark in marks:
        found.setdefault(str(_base(mark)), set()).add(mark)
    return {base: frozenset(same) for base, same in found.items()}


def _missed_row(finding: Finding, missed: Missed, today: date) -> WantRow:
    return WantRow(
        tab="Missed",
        ref=str(missed.key),
        person_id=missed.person_id,
        first={
            "Rule": missed.key.rule,
            "Client": missed.client,
            "What": f"{missed.what}, {american(missed.due)}",
            "Due": missed.due,
            "Reason": finding.reason,
            "Reported On": today,
        },
    )


def _due(want: WantTask) -> Mapping[str, Cell]:
    """The due day, or the instant where the limit is one of hours; local, as people compare it."""
    return (
        {"dueDateTime": f"{want.due_at:%Y-%m-%d %H:%M %Z}"}
        if want.due_at
        else {"dueDate": want.due}
    )


def _life(task: Task) -> int:
    suffix = task.key.episode.partition(".")[2] if task.key else ""
    return int(suffix) if suffix.isdigit() else 1


def _base(mark: str) -> Key | None:
    key = Key.parse(mark)
    return key.base if key else None
