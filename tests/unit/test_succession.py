"""The open tasks of a CRM user who left go to somebody who is there (MS-23)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from daemon.passes.succession import handed_on
from policies.asks.wants import Finding, Want, WantAssigned, WantTask, WantWithdrawn
from policies.world.model import Key, Task, User
from policies.world.snapshot import Snapshot
from tests.scenes import AGENT, VA, client, own_task, practice, snapshot

TODAY = date(2026, 12, 14)
LEFT, UNKNOWN = 9, 77
FIRST, SECOND, THIRD = "MS-04 d812 20261218-7d", "MS-04 d813 20261218-7d", "MS-04 d814 20261218-7d"
USERS = tuple(User(id=n, name=name, email=f"{name}@example.com", active=n != LEFT) for n, name in ((AGENT, "dana"), (VA, "mia"), (LEFT, "leo")))


def world(*tasks: Task, **person: Any) -> Snapshot:
    return snapshot(TODAY, [client(**person)], tasks=tasks)


def of(user: int, key: str = FIRST, number: int = 1, **changes: Any) -> Task:
    return own_task(key, number, assigned_user_id=user, **changes)


def given(s: Snapshot, *wants: Want, users: tuple[User, ...] = USERS) -> list[tuple[str, int, int, int]]:
    """Each hand-over: the key, the task, from whom and to whom."""
    findings = [Finding("MS-04", "a reason", want) for want in wants]
    found = [finding.want for finding in handed_on(s, users, findings)]
    return [(str(w.key), w.task_id, w.leaves, w.assignee) for w in found if isinstance(w, WantAssigned)]


def wanted(key: str, assignee: int) -> WantTask:
    parsed = Key.parse(key)
    assert parsed is not None
    return WantTask(key=parsed, person_id=101, assignee=assignee, kind="Email", due=TODAY, name="Prepare", useful_until=TODAY)


@pytest.mark.clause("MS-23")
def test_every_open_task_of_who_left_goes_to_who_would_get_a_new_one_else_to_the_agent() -> None:
    s = world(of(VA, FIRST, 1), of(LEFT, SECOND, 2), of(LEFT, THIRD, 3))

    assert given(s, wanted(SECOND, VA)) == [(SECOND, 2, LEFT, VA), (THIRD, 3, LEFT, AGENT)]


@pytest.mark.clause("MS-23")
@pytest.mark.parametrize("task", [of(VA), of(UNKNOWN), of(LEFT, completed=True), of(LEFT, withdrawn=True)])
def test_other_tasks_stay_where_they_are(task: Task) -> None:
    assert given(world(task)) == []


@pytest.mark.clause("MS-23")
def test_a_task_stays_that_is_withdrawn_anyway_or_would_go_to_who_left_too() -> None:
    s = world(of(LEFT))
    key = s.tasks[0].key
    assert key is not None

    assert given(s, WantWithdrawn(key=key, task_id=1, person_id=101, because="the deal was deleted")) == []
    assert given(s, wanted(FIRST, LEFT)) == []
    assert given(s, users=tuple(user for user in USERS if user.id != LEFT)) == []


@pytest.mark.clause("MS-23", "X-34")
def test_the_tasks_of_contacts_left_alone_stay() -> None:
    assert given(world(of(LEFT), tags=(practice().tags.skip[0],))) == []
    assert given(snapshot(TODAY, tasks=(of(LEFT),))) == []
