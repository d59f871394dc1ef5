"""The tasks of a CRM user who left: they go to a successor, because nobody looks at them where they
are (MS-23). Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from policies.asks.wants import Finding, Want, WantAssigned, WantTask, WantWithdrawn
from policies.facts.ownership import left_alone
from policies.world.model import Key, Task, User
from policies.world.snapshot import Snapshot


def handed_on(s: Snapshot, users: Sequence[User], findings: Sequence[Finding]) -> Iterator[Finding]:
    """Hand on every open task of ours whose user the CRM lists as no longer active.

    It goes to the user to whom *findings* would give a new one of its kind, and to the agent where
    no policy asks for it any longer. A user who is not listed at all may still be there, so those
    tasks stay (rule 10); so do the tasks of contacts who are left alone.
    """
    gone = {user.id: user.name for user in users if not user.active}
    if not gone:
        return
    wants = [finding.want for finding in findings]
    wanted = {want.key.base: want.assignee for want in wants if isinstance(want, WantTask)}
    for task in _staying(s, wants):
        user = task.assigned_user_id
        if task.key is None or user not in gone:
            continue
        to = wanted.get(task.key.base, s.practice.agent_id)
        if to not in gone and _may_be_changed(s, task):
            because = f"{gone[user]} is no longer active in the CRM"
            yield Finding("MS-23", because, _assigned(task, task.key, user, to))


def _assigned(task: Task, key: Key, leaves: int, assignee: int) -> WantAssigned:
    return WantAssigned(
        key=key, task_id=task.id, person_id=task.person_id, leaves=leaves, assignee=assignee
    )


def _staying(s: Snapshot, wants: Sequence[Want]) -> Iterator[Task]:
    """The open tasks that no policy withdraws."""
    leaving = {want.task_id for want in wants if isinstance(want, WantWithdrawn)}
    for task in chain.from_iterable(s.own_tasks.values()):
        if not task.completed and not task.withdrawn and task.id not in leaving:
            yield task


def _may_be_changed(s: Snapshot, task: Task) -> bool:
    contact = s.contacts.get(task.person_id)
    return contact is not None and not left_alone(s, contact)
