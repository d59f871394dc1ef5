"""Small worlds for tests: a practice, people and deals with sensible defaults, and the Sheet they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from connectors.ports import Account, CustomField
from connectors.sandbox.followupboss.configuration import custom_name
from daemon.account.settings import FIELD_LABELS
from daemon.account.templates import homestead, load
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
from policies.world.model import (
    STAGE_LABELS,
    Address,
    Contact,
    Deal,
    Identity,
    Key,
    Side,
    Stage,
    Task,
    User,
)
from policies.world.practice import MilestoneOptions, Practice
from policies.world.sheet import Row, Tab, Workbook
from policies.world.snapshot import Snapshot
from policies.world.tabs import BY_NAME

ZONE = ZoneInfo("America/Chicago")
AGENT, VA, ROBOT = 2, 3, 4
BEGUN = {"Ref": "referrals begun", "What": "none", "Date": "2020-01-01 06:00"}
"""The referral procedure has begun: everything that comes in is new."""
TEMPLATES = load("")
STATES = homestead()


def practice(**changes: Any) -> Practice:
    found = Practice(agent_name="Dana Reyes", va_name="Mia Cole", agent_id=AGENT, va_id=VA, agent_phone="(512) 555-0100", city="Austin",
                     templates=TEMPLATES, homestead=STATES, milestones=MilestoneOptions(year_2_subject="Thinking of you"))
    return replace(found, **changes)


def client(number: int = 101, **changes: Any) -> Contact:
    found = Contact(id=number, first_name="Ana", last_name="Lopez", stage=Stage.PAST_CLIENT_BUYER,
                    stage_label=STAGE_LABELS[Stage.PAST_CLIENT_BUYER], addresses=(Address("412 Cedar Ln", "Austin", "TX", "78701", "home"),),
                    assigned_user_id=AGENT)
    return replace(found, **changes)


def purchase(closing: date, number: int = 812, people: Iterable[int] = (101,), **changes: Any) -> Deal:
    found = Deal(id=number, name="412 Cedar Ln", side=Side.BUYER, closed=True, stage_label="Closed", projected_close=closing,
                 person_ids=tuple(people), user_ids=(AGENT,))
    return replace(found, **changes)


def sale(closing: date, number: int = 900, people: Iterable[int] = (101,), **changes: Any) -> Deal:
    return replace(purchase(closing, number, people), side=Side.SELLER, **changes)


def book(rows: Mapping[str, Iterable[Mapping[str, Any]]] | None = None, **changes: Any) -> Workbook:
    rows = {"Memory": (), **(rows or {})}
    if not any(str(cells["Ref"]).startswith("referrals begun") for cells in rows["Memory"]):
        rows["Memory"] = [*rows["Memory"], BEGUN]
    tabs = {name: Tab(name, tuple(Row(str(cells.get("Ref", "")), dict(cells)) for cells in rows.get(name, ())))
            for name in BY_NAME}
    if "Read me" not in rows:
        tabs["Read me"] = Tab("Read me", (Row("Pause", {"Ref": "Pause", "Value": ""}),))
    return replace(Workbook(tabs), **changes)


def at(day: date, hour: int = 6) -> datetime:
    return datetime.combine(day, time(hour), ZONE)


def snapshot(today: date, people: Iterable[Contact] = (), deals: Iterable[Deal] = (), **changes: Any) -> Snapshot:
    found = Snapshot(now=at(today), practice=practice(), contacts={c.id: c for c in people}, deals={d.id: d for d in deals},
                     workbook=book(), activated=date(2020, 1, 1))
    return replace(found, **changes)


def own_task(key: str, number: int = 1, **changes: Any) -> Task:
    parsed = Key.parse(key)
    assert parsed is not None
    return replace(Task(id=number, person_id=101, name="a task", key=parsed), **changes)


def account() -> Account:
    users = (User(id=AGENT, name="Dana Reyes", email="dana@example.com"), User(id=VA, name="Mia Cole", email="mia@example.com"),
             User(id=ROBOT, name="Steward", email="steward@example.com"))
    return Account(identity=Identity(account=1001, user_id=ROBOT, is_admin=True, role="Admin"), users=users,
                   stages=tuple(STAGE_LABELS.values()), fields=tuple(CustomField(label, "date", custom_name(label)) for label in FIELD_LABELS.values()),
                   pipelines=("Buyers", "Sellers"), closing_pipelines=("Buyers", "Sellers"))


def wants(findings: Iterable[Finding]) -> list[str]:
    """Every want in one short line: what kind, which key."""
    return [_line(finding.want) for finding in findings]


_LINES: Mapping[type, Callable[[Any], str]] = {
    WantTask: lambda want: f"task {want.key}",
    WantAssigned: lambda want: f"assign {want.key} {want.assignee}",
    WantWithdrawn: lambda want: f"withdraw {want.key}",
    WantNote: lambda want: f"note {want.key}",
    WantField: lambda want: f"{'field' if want.value else 'clear'} {want.key}",
    WantTag: lambda want: f"tag {want.key}",
    WantStage: lambda want: f"move {want.key} {want.stage.value}",
    WantPerson: lambda want: f"person {want.key}",
    WantRaised: lambda want: f"raise {want.key} {want.prefix.strip()}",
    WantReport: lambda want: f"report {want.title}",
    WantRow: lambda want: f"row {want.ref}" if want.create else f"mend {want.ref}",
    Missed: lambda want: f"missed {want.key}",
}


def _line(want: Any) -> str:
    return _LINES[type(want)](want)
