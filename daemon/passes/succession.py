"""Who takes over from a CRM user who left: Steward's own open tasks would otherwise stand where
nobody looks (MS-23). Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policies.asks.wants import Finding, WantAssigned, WantTask, WantWithdrawn
from policies.facts.ownership import left_alone
from policies.world.model import User
from policies.world.snapshot import Snapshot


def handed_on(s: Snapshot, users: Sequence[User], findings: Sequence[Finding]) -> Iterator[Finding]:
    """Every open task of ours whose user the CRM lists as no longer active goes to whom a new one
    of its kind goes to, as *findings* say, and one that is not asked for any more to the agent.

    That a user is not listed at all is no such fact: those tasks stay (rule 10). So do the tasks of
    contacts who are left alone.
    """
    gone = {user.id: user.name for user in users if not user.active}
    if not gone:
        return
    wanted = {
        want.key.base: want.assignee for f in findings if isinstance(want := f.want, WantTask)
    }
    leaving = {f.want.task_id for f in findings if isinstance(f.want, WantWithdrawn)}
    for task in (task for tasks in s.own_tasks.values() for task in tasks):
        if (
            task.key is None
            or task.completed
            or task.withdrawn
            or task.id in leaving
            or task.assigned_user_id not in gone
        ):
            continue
        contact, to = s.contacts.get(task.person_id), wanted.get(task.key.base, s.practice.agent_id)
        if contact and not left_alone(s, contact) and to not in gone:
            yield Finding(
                "MS-23",
                f"{gone[task.assigned_user_id]} is no longer active in the CRM",
                WantAssigned(
                    key=task.key,
                    task_id=task.id,
                    person_id=task.person_id,
                    leaves=task.assigned_user_id,
                    assignee=to,
                ),
            )
