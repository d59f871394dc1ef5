"""A year of referrals over real HTTP, while people sort, insert, delete, rename and type in the Sheet in the middle of passes.

What the year should end with is kept by the test itself, event by event, and is not asked of any rule: who was sent by
whom, what came of it, and which cells a person took over. No row may stand twice, none may be lost, and no cell that a
person wrote may read otherwise.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connectors.sandbox.brokerage import AGENT, AGENT_MAIL, OWNER, VA_MAIL, World, _Maker
from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account
from daemon.commands import check
from daemon.passes import session
from daemon.passes.actions import Outcome
from policies.world.model import STAGE_LABELS, Stage
from tests import people
from tests.scenes import ZONE, at

START = date(2026, 3, 2)
DAY = timedelta(days=1)
LOG = "Referral Log"
SOURCES = (("Olga", "Brandt", Stage.PAST_CLIENT_BUYER, "Client", "SOI"), ("Pedro", "Ekberg", Stage.PROFESSIONAL_NETWORK, "Professional", "Lender"),
           ("Quinn", "Haddad", Stage.PROFESSIONAL_NETWORK, "Agent", "Realtor"), ("Rosa", "Meyer", Stage.SPHERE_OF_INFLUENCE, "Sphere", "SOI"))
FIRST = ("Ana", "Ben", "Carla", "David", "Elena", "Farid", "Grace", "Hugo", "Iris", "Jonas", "Kavya", "Liam", "Marta", "Noah", "Uma", "Pia",
         "Ruth", "Sven", "Tara", "Umar", "Vera", "Wes", "Xia", "Yuki", "Zoe", "Adam", "Bea", "Cleo", "Dina", "Emil")
HAND = ("Outcome", "Recognition Sent", "Type", "Close Date")


@dataclass
class Sent:
    """One referral as the year keeps it: the contact, the source, what became of them, and the cells people took over."""

    lead: int
    first: str
    source: int
    kind: str
    day: date
    outcome: str = "Active"
    closed: date | None = None
    deal: int = 0
    taken: dict[str, Any] = field(default_factory=dict)


@dataclass
class Year:
    """The sandbox, the account, and everything that was done in it by people."""

    box: Sandbox
    account: Account
    chance: random.Random
    today: date = START
    sources: dict[int, str] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    sent: dict[int, Sent] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    renamed: str = ""

    # -- the CRM -------------------------------------------------------------------------------------------------------

    def person(self, first: str, last: str, stage: Stage, **more: Any) -> int:
        crm = self.box.world.crm
        body = {"firstName": first, "lastName": last, "stage": STAGE_LABELS[stage], "assignedUserId": AGENT,
                "emails": [{"value": f"{first}.{last}.{len(crm.tables['people'])}@example.org".lower()}], **more}
        return int(crm.create("people", body, OWNER)["id"])

    def arrives(self) -> None:
        """Somebody was sent: told by the field, by the native source, or by a row that the VA types."""
        first = self.chance.choice(FIRST)
        source = self.chance.choice(list(self.sources))
        way = self.chance.choice(("field", "native", "row"))
        last = f"Lead{len(self.sent)}"
        more = {"field": {"customReferredBy": self.sources[source], "source": "Website"}, "row": {"source": "Website"},
                "native": {"source": f"Referral {self.chance.choice('-–—')} {self.sources[source]}"}}[way]
        number = self.person(first, last, Stage.NEW_LEAD, **more)
        self.sent[number] = Sent(number, first, source, self.kinds[source], self.today)
        if way == "row":
            self.types_a_row(f"{first} {last}", source)

    def moves_on(self) -> None:
        """One of them closes, goes cold, comes back, or only moves a stage."""
        found = [one for one in self.sent.values() if one.outcome != "Closed"]
        if not found:
            return
        one = self.chance.choice(found)
        stage, word = self.chance.choice((
            (Stage.ACTIVE_BUYER, "Active"), (Stage.UNDER_CONTRACT, "Active"), (Stage.COLD_LEAD, "Lost"), (Stage.PAST_CLIENT_BUYER, "Closed")))
        if word == one.taken.get("Outcome"):
            return  # the CRM would agree with the person, and the cell would be Steward's again
        crm = self.box.world.crm
        if word == "Closed":
            buyers = next(p for p in crm.tables["pipelines"].values() if p["name"] == "Buyers")
            closed = next(s["id"] for s in buyers["stages"] if s["closedStage"])
            one.deal = int(crm.create("deals", {"name": f"{one.lead} Elm St", "stageId": closed, "peopleIds": [one.lead], "userIds": [AGENT],
                                                "projectedCloseDate": self.today.isoformat()}, OWNER)["id"])
            one.closed = self.today
        crm.update("people", one.lead, {"stage": STAGE_LABELS[stage]}, OWNER)
        one.outcome = word

    # -- the Sheet -----------------------------------------------------------------------------------------------------

    def log(self) -> list[dict[str, Any]]:
        return people.rows(self.box, LOG)

    def column(self, name: str) -> str:
        """A column's header as it is called now."""
        return f"{name} (mine)" if name == self.renamed else name

    def types_a_row(self, lead: str, source: int) -> None:
        sheet = people.sheet_of(self.box, LOG)
        row = sheet.last_row() + 1
        header = list(people.headers(self.box, LOG))
        for column, text in (("Date", f"{self.today:%m/%d/%Y}"), ("Referral Source", self.sources[source]), ("Referred Lead", lead)):
            assert people.at_the_sheet(self.box, "type", VA_MAIL, tab=LOG, cell=f"{'ABCDEFGHIJ'[header.index(column)]}{row}", text=text).ok

    def disturbs(self) -> None:
        """What people do to the log while Steward is at it."""
        ours = [row for row in self.log() if str(row.get("Ref", "")).startswith("RF-01 p")]
        deed = self.chance.choice(("sort", "sort", "insert", "takes over", "takes over", "rename", "column", "delete"))
        if deed == "sort":
            assert people.at_the_sheet(self.box, "sort", VA_MAIL, tab=LOG, column=self.chance.choice(("Referral Source", "Referred Lead", "Ref")),
                                       direction=self.chance.choice(("asc", "desc"))).ok
        elif deed == "insert":
            assert people.at_the_sheet(self.box, "insert-rows", VA_MAIL, tab=LOG, row=2, count=1).ok
        elif deed == "column" and self.chance.random() < 0.3:
            assert people.at_the_sheet(self.box, "insert-columns", AGENT_MAIL, tab=LOG, column="Referred Lead", count=1).ok
        elif deed == "takes over" and ours:
            self.takes_over(self.chance.choice(ours))
        elif deed == "rename" and not self.renamed:
            self.renamed = "Outcome"
            assert people.at_the_sheet(self.box, "rename-column", AGENT_MAIL, tab=LOG, column="Outcome", to="Outcome (mine)").ok
        elif deed == "delete" and ours and self.chance.random() < 0.2:
            row = self.chance.choice(ours)
            self.deleted.add(int(row["Lead"]))
            assert people.at_the_sheet(self.box, "delete-rows", AGENT_MAIL, tab=LOG, ref=row["Ref"], count=1).ok

    def takes_over(self, row: dict[str, Any]) -> None:
        one, name = self.sent[int(row["Lead"])], self.chance.choice(HAND)
        if name == "Outcome" and one.outcome != "Active":
            return  # what agrees with the CRM is no change
        text = {"Outcome": "Lost", "Recognition Sent": "Called them", "Type": "Sphere", "Close Date": "12/15/2030"}[name]
        assert people.types(self.box, LOG, row["Ref"], self.column(name), text, VA_MAIL).ok
        one.taken[name] = text

    # -- a day ---------------------------------------------------------------------------------------------------------

    def lives_a_day(self, busy: bool) -> None:
        self.box.world.crm.now = lambda: datetime(self.today.year, self.today.month, self.today.day, 15, tzinfo=UTC)
        if self.renamed and self.chance.random() < 0.7:
            assert people.at_the_sheet(self.box, "rename-column", AGENT_MAIL, tab=LOG, column="Outcome (mine)", to="Outcome").ok
            self.renamed = ""
        if busy:
            for event in (self.arrives, self.moves_on, self.moves_on):
                if self.chance.random() < 0.7:
                    event()
        self.passes(disturbed=self.chance.random() < 0.8)

    def passes(self, *, disturbed: bool) -> None:
        pending = [self.disturbs] if disturbed else []

        def tell(_: Outcome) -> None:
            while pending:
                pending.pop()()  # in the middle of the pass: after the first write, before the Sheet's

        session.apply(self.account, datetime(self.today.year, self.today.month, self.today.day, 10, tzinfo=ZONE), tell=tell)


def begun(serve: Callable[..., Sandbox], employ: Callable[..., Account], seed: int) -> Year:
    maker = _Maker(START, random.Random(seed), fields=True)
    maker.configuration()
    world: World = maker.world()
    box = serve(world)
    box.world.crm.now = lambda: datetime(START.year, START.month, START.day, 14, tzinfo=UTC)
    year = Year(box, employ(box), random.Random(seed))
    for first, last, stage, kind, tag in SOURCES:
        number = year.person(first, last, stage, tags=[tag])
        year.sources[number], year.kinds[number] = f"{first} {last}", kind
    for step in check.steps(year.account):
        assert step.act is not None
        step.act()
    moment = at(START, 9)
    session.apply(year.account, moment, shown=session.plan(year.account, moment).plan.digest)
    return year


@pytest.mark.clause("RF-01", "RF-33", "RF-34", "X-62")
@pytest.mark.parametrize("seed", [1])
@pytest.mark.wire
def test_a_year_of_referrals_ends_with_the_log_that_was_lived(
        serve: Callable[..., Sandbox], employ: Callable[..., Account], seed: int) -> None:
    year = begun(serve, employ, seed)
    for n in range(36):
        year.today = START + 10 * n * DAY
        year.lives_a_day(busy=True)
    if year.renamed:
        assert people.at_the_sheet(year.box, "rename-column", AGENT_MAIL, tab=LOG, column="Outcome (mine)", to="Outcome").ok
        year.renamed = ""
    for _ in range(2):
        year.today += DAY
        year.passes(disturbed=False)

    rows = [row for row in year.log() if row["Date"] and int(str(row["Lead"] or 0)) in year.sent]
    by_lead = {int(row["Lead"]): row for row in rows}
    assert len(by_lead) == len(rows)
    assert set(year.sent) - set(by_lead) == year.deleted & set(year.sent) - set(by_lead)
    assert len(year.sent) > 15
    for number, row in by_lead.items():
        kept(year.sent[number], row, year.sources)
    counted(year, by_lead)
    assert session.plan(year.account, datetime(year.today.year, year.today.month, year.today.day, 10, tzinfo=ZONE)).plan.actions == ()


def kept(one: Sent, row: dict[str, Any], sources: dict[int, str]) -> None:
    """One row against what was lived."""
    assert row["Referral Source"].partition(" (")[0] == sources[one.source]
    assert row["Referred Lead"].partition(" ")[0] == one.first
    for name, text in one.taken.items():
        assert row[name] == text, name
    if "Outcome" not in one.taken:
        assert row["Outcome"] == one.outcome
    if "Type" not in one.taken:
        assert row["Type"] == one.kind
    if "Close Date" not in one.taken and "Outcome" not in one.taken:
        assert row["Close Date"] == (f"{one.closed:%m/%d/%Y}" if one.closed else "—")


def counted(year: Year, by_lead: dict[int, dict[str, Any]]) -> None:
    """The count on every source's record, against the rows that stand and those the agent has not been asked about to the end."""
    crm = year.box.world.crm
    for source in year.sources:
        lived = [one for one in year.sent.values() if one.source == source]
        held = int(crm.tables["people"][source].get("customReferralsSent") or 0)
        assert held == len(lived), (year.sources[source], held, len(lived))
    assert by_lead
