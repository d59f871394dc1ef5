"""When the ground of a chain is gone: which open tasks and rows of a home's touches are withdrawn, and by which known fact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies import approvals
from policies.calendar import american, anniversary
from policies.findings import Finding, WantRow, WantWithdrawn
from policies.milestones.homes import Excluded, Home, home_of
from policies.model import Key, Task
from policies.snapshot import Snapshot


def withdraw(task: Task, because: str) -> WantWithdrawn:
    """The wish to withdraw one of our own open tasks."""
    assert task.key is not None  # only own tasks reach this
    return WantWithdrawn(key=task.key, task_id=task.id, person_id=task.person_id, because=because)


def day_of(key: Key) -> date | None:
    """The occasion's day in an episode such as ``20261218-14d``; None where it is not one of ours."""
    try:
        return date.fromisoformat(f"{key.episode[:4]}-{key.episode[4:6]}-{key.episode[6:8]}")
    except ValueError:
        return None


def lost_ground(s: Snapshot, rules: frozenset[str]) -> Iterator[Finding]:
    """Every withdrawal of open tasks of *rules* that a known fact asks for (rule 10); an absence never does."""
    yield from _lost_chains(s, rules)
    yield from _unreachable(s, rules)


def _lost_chains(s: Snapshot, rules: frozenset[str]) -> Iterator[Finding]:
    """Chains whose ground is gone by a known fact: Do Not Contact, deceased, sold, reopened, or another date."""
    grounds: dict[int, Home | Excluded] = {}
    for subject, day in sorted(_live_chains(s, rules)):
        deal = s.deals.get(int(subject[1:]))
        if deal is None:
            continue  # an absent deal proves nothing
        if deal.id not in grounds:
            grounds[deal.id] = home_of(s, deal)
        if because := _ground_lost(grounds[deal.id], day):
            yield from _chain(s, rules, (subject, day), because)


def _unreachable(s: Snapshot, rules: frozenset[str]) -> Iterator[Finding]:
    """Open tasks that sit on someone nothing may go to, whoever else is on the deal."""
    for task in (t for tasks in s.own_tasks.values() for t in tasks if t.key and t.key.rule in rules and not t.completed):
        contact = s.contacts.get(task.person_id)
        deal = s.deals.get(int(task.key.subject[1:])) if task.key and task.key.subject[1:].isdigit() else None
        if not (contact and deal and isinstance(home_of(s, deal), Home)):
            continue  # without a home the whole chain is withdrawn, or nothing is known
        if s.deceased(contact) or s.do_not_contact(contact):
            because = "deceased" if s.deceased(contact) else "Do Not Contact"
            yield Finding("MS-02", because, withdraw(task, because))


def _live_chains(s: Snapshot, rules: frozenset[str]) -> set[tuple[str, date]]:
    """(subject, day) of every chain that has an open task or a row not yet closed."""
    live = [t.key for tasks in s.own_tasks.values() for t in tasks if t.key and not t.completed]
    for row in s.workbook.rows("Approvals"):
        key = Key.parse(row.ref)
        if key and not row.text("Status").startswith(approvals.FINAL):
            live.append(key)
    return {(key.subject, day) for key in live
            if key.rule in rules and key.subject[:1] == "d" and key.subject[1:].isdigit() and (day := day_of(key))}


def _ground_lost(ground: Home | Excluded, day: date) -> str:
    if isinstance(ground, Excluded):
        return ground.reason if ground.positive else ""
    now = anniversary(ground.closing, day.year)
    if now != day or ground.closing.year >= day.year:
        return f"the closing date is {american(ground.closing)}, not one that has its anniversary on {american(day)}"
    return ""


def _chain(s: Snapshot, rules: frozenset[str], chain: tuple[str, date], because: str) -> Iterator[Finding]:
    subject, day = chain
    lost = [t for t in s.own_tasks.get(subject, ()) if t.key and t.key.rule in rules and day_of(t.key) == day and not t.completed]
    for task in lost:
        yield Finding("MS-04", because, withdraw(task, because))
    ref = str(Key("MS-09", subject, f"{day:%Y%m%d}-draft"))
    row = s.workbook.row("Approvals", ref)
    if row is None or row.text("Status").startswith(approvals.FINAL):
        return
    yield Finding("MS-09", because, WantRow(
        tab="Approvals", ref=ref, create=False, requires=tuple(t.key for t in lost if t.key),
        keep={"Status": f"{approvals.WITHDRAWN}: {because}", "Decided On": "", "Acted On": ""}))
