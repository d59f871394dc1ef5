"""The acts on tasks: one is made, raised, given to somebody else, or withdrawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from connectors.ports import Crm, NewTask
from daemon.passes.actions import Action, Outcome, remember
from daemon.passes.acts.act import (
    NO_RIGHT,
    Change,
    Creation,
    Entry,
    Record,
    Undone,
    View,
    Wanted,
    World,
    with_key,
)
from policies.asks.wants import Finding, WantAssigned, WantRaised, WantTask, WantWithdrawn
from policies.values.names import one_line
from policies.world import memory
from policies.world.memory import DELETED
from policies.world.model import Key, Task
from policies.world.practice import Practice
from policies.world.sheet import Cell
from policies.world.snapshot import Snapshot

TAKEN_BACK = "taken back at the keyboard"
"""Why `steward undo` withdraws a task, clears a field or moves a contact."""
SAME = 40
"""Characters of a task's name that are compared: what the CRM leaves of a long one is longer."""


class TaskMade(Creation[WantTask]):
    """A task that nobody removed and that is not there is made; after a withdrawal it is the next
    life of its key.
    """

    entity = "task"

    def needed(self, view: View, finding: Finding, want: WantTask) -> Iterator[Action]:
        """The creation, unless a life of it stands. A task that is withdrawn in this very plan (it
        sat on the wrong person) does not count.
        """
        lives = view.s.lives(want.key)
        stands = any(not task.withdrawn and task.id not in view.leaving for task in lives)
        if stands or want.key.base in view.s.deleted:
            return
        life = max((_life(task) for task in lives), default=0) + 1
        yield self.action(
            finding,
            want.key.life(life),
            want.person_id,
            after={
                "name": want.name,
                "type": want.kind,
                "assignedUserId": want.assignee,
                **_due(want),
            },
        )

    def right(self, want: WantTask, practice: Practice) -> str:
        """A task for the agent, for the VA, or for somebody else."""
        return f"task for {_role(want.assignee, practice)}"

    def after(self, world: World, action: Action, want: WantTask) -> None:
        """One more open task."""
        world.tasks[world.number] = Task(
            id=world.number,
            person_id=want.person_id,
            name=want.name,
            key=Key.parse(action.mark),
            kind=want.kind,
            assigned_user_id=want.assignee,
            due=None if want.due_at else want.due,
            due_at=want.due_at,
        )

    def find(self, crm: Crm, action: Action, want: WantTask) -> int:
        """A task with this mark on the contact that is not withdrawn."""
        key = Key.parse(action.mark)
        for task in crm.tasks_of(want.person_id):
            if task.key == key and not task.withdrawn:
                return task.id
        return 0

    def send(self, crm: Crm, action: Action, want: WantTask) -> int:
        """Make it under the mark of the action, which counts its lives."""
        task = NewTask(
            key=Key.parse(action.mark) or want.key,
            person_id=want.person_id,
            assignee=want.assignee,
            name=want.name,
            kind=want.kind,
            due=want.due,
            due_at=want.due_at,
        )
        return crm.create_task(task).id

    def undo(self, s: Snapshot, entry: Entry, wanted: Wanted) -> Undone:
        """Withdraw it while it is open and as Steward left it, and remember not to make it
        again.
        """
        key = entry.key
        if key is None:
            return NO_RIGHT
        task = next((t for t in s.lives(key) if t.key == key), None)
        if task is None or task.completed or task.withdrawn:
            return Undone(by_hand="it is done, withdrawn or gone")
        want = wanted.one(WantTask, key)
        if want and not _unchanged(task, want, wanted.one(WantRaised, key)):
            return Undone(by_hand="a person changed it")
        actions = list(withdrawals(s, task, key.rule, TAKEN_BACK))
        if not DELETED.stands(s.workbook, key.base):
            tab = s.workbook.tabs[memory.TAB]
            actions.append(remember(DELETED.ref(key.base), TAKEN_BACK, s.stamp, tab))
        return Undone(actions=tuple(actions))


class TaskRaised(Change[WantRaised]):
    """An open task says so louder: its name begins with the prefix."""

    entity = "task"
    verb = "raise"

    def needed(self, view: View, finding: Finding, want: WantRaised) -> Iterator[Action]:
        """The renaming, where the task is open and does not begin so yet."""
        for task in view.s.lives(want.key):
            if task.id != want.task_id or task.completed or task.name.startswith(want.prefix):
                continue
            before = next((p for p in want.after if task.name.startswith(p)), "")
            yield self.action(
                finding,
                str(task.key),
                want.person_id,
                before={"name": task.name},
                after={"name": f"{want.prefix}{task.name.removeprefix(before)}"},
            )

    def right(self, want: WantRaised, practice: Practice) -> str:
        """None: the task was asked before."""
        return ""

    def after(self, world: World, action: Action, want: WantRaised) -> None:
        """The task under its louder name."""
        task = world.tasks[want.task_id]
        world.tasks[want.task_id] = replace(task, name=str(action.after["name"]))

    def perform(self, crm: Crm, record: Record, action: Action, want: WantRaised) -> Outcome:
        """Rename an open task that still reads as it was seen."""
        task = crm.task(want.task_id)
        if task is None or task.completed or task.name != action.before["name"]:
            return Outcome(
                action, "already there", "a person closed, reworded or deleted it meanwhile"
            )
        crm.rename_task(with_key(task, want.key), str(action.after["name"]))
        return Outcome(action, "done")


class TaskAssigned(Change[WantAssigned]):
    """An open task of a user who left goes to somebody who is there."""

    entity = "task"
    verb = "assign"

    def needed(self, view: View, finding: Finding, want: WantAssigned) -> Iterator[Action]:
        """The assignment: `succession` names only tasks that need it."""
        yield self.action(
            finding,
            want.key,
            want.person_id,
            before={"assignedUserId": want.leaves},
            after={"assignedUserId": want.assignee},
        )

    def right(self, want: WantAssigned, practice: Practice) -> str:
        """None: the task was asked before."""
        return ""

    def after(self, world: World, action: Action, want: WantAssigned) -> None:
        """The task with its new user."""
        task = world.tasks[want.task_id]
        world.tasks[want.task_id] = replace(task, assigned_user_id=want.assignee)

    def perform(self, crm: Crm, record: Record, action: Action, want: WantAssigned) -> Outcome:
        """Assign a task that is open and still with the user who left."""
        task = crm.task(want.task_id)
        if task is None or task.completed or task.assigned_user_id != want.leaves:
            return Outcome(
                action, "already there", "a person closed, reassigned or deleted it meanwhile"
            )
        crm.assign_task(with_key(task, want.key), want.assignee)
        return Outcome(action, "done")


class TaskWithdrawn(Change[WantWithdrawn]):
    """An open task is closed with the reason in its name; it is never deleted."""

    entity = "task"
    verb = "withdraw"

    def needed(self, view: View, finding: Finding, want: WantWithdrawn) -> Iterator[Action]:
        """The withdrawal of this very task, while it is open."""
        for task in view.s.lives(want.key):
            if task.id == want.task_id and not task.completed and not task.withdrawn:
                action = self.action(
                    finding,
                    want.key,
                    want.person_id,
                    before={"name": task.name, "isCompleted": False},
                    after={"name": f"Withdrawn ({want.because}): {task.name}", "isCompleted": True},
                )
                yield replace(action, reason=want.because)

    def right(self, want: WantWithdrawn, practice: Practice) -> str:
        """None: a withdrawal only ends what was asked before."""
        return ""

    def after(self, world: World, action: Action, want: WantWithdrawn) -> None:
        """The task closed."""
        task = world.tasks[want.task_id]
        world.tasks[want.task_id] = replace(task, completed=True, withdrawn=True)

    def perform(self, crm: Crm, record: Record, action: Action, want: WantWithdrawn) -> Outcome:
        """Withdraw a task that is still open."""
        task = crm.task(want.task_id)
        if task is None or task.completed:
            record.settle("withdrawn" if task and task.withdrawn else "done")
            return Outcome(action, "already there", "a person closed or deleted it meanwhile")
        # Written down before it is sent: if the answer is lost and a person tidies the task away,
        # the next pass must not take that for a deletion.
        record.settle("withdrawn")
        crm.withdraw_task(with_key(task, want.key), want.because)
        return Outcome(action, "done")


def withdrawals(s: Snapshot, task: Task, clause: str, because: str) -> Iterator[Action]:
    """The withdrawal of one of Steward's own tasks, by a want that no policy states."""
    assert task.key is not None
    want = WantWithdrawn(key=task.key, task_id=task.id, person_id=task.person_id, because=because)
    return TaskWithdrawn().needed(View(s), Finding(clause, because, want), want)


def doubles(s: Snapshot) -> Iterator[Action]:
    """The withdrawals of every second task under one mark, which a lost answer that came true late
    leaves behind.
    """
    for tasks in s.own_tasks.values():
        first: dict[Key, Task] = {}
        for task in sorted(tasks, key=lambda t: (not t.completed, t.id)):
            if task.key is None or task.withdrawn:
                continue
            kept = first.setdefault(task.key, task)
            if kept is not task and not task.completed:
                yield from withdrawals(s, task, "MS-04", f"task {kept.id} is the same")


def _due(want: WantTask) -> Mapping[str, Cell]:
    """The due day, or the instant where the limit is one of hours; local, as people compare it."""
    if want.due_at:
        return {"dueDateTime": f"{want.due_at:%Y-%m-%d %H:%M %Z}"}
    return {"dueDate": want.due}


def _role(assignee: int, practice: Practice) -> str:
    if assignee == practice.va_id:
        return "the VA"
    return "the agent" if assignee == practice.agent_id else "others"


def _life(task: Task) -> int:
    suffix = task.key.episode.partition(".")[2] if task.key else ""
    return int(suffix) if suffix.isdigit() else 1


def _unchanged(task: Task, want: WantTask, raised: WantRaised | None) -> bool:
    """Whether the task is as Steward left it, raised or not."""
    asked, found = one_line(want.name), task.name
    for prefix in (raised.prefix, *raised.after) if raised else ():
        asked, found = asked.removeprefix(prefix), found.removeprefix(prefix)
    return asked[:SAME] == found[:SAME] and want.assignee == task.assigned_user_id
