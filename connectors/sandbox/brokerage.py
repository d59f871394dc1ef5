"""A synthetic brokerage: the same seed and day give the same world.

Every name, number and address is made up.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connectors.sandbox.followupboss.account import Account
from connectors.sandbox.followupboss.configuration import stage_id
from connectors.sandbox.followupboss.kinds import digits
from connectors.sandbox.made_up import (
    AREAS,
    FIELDS,
    FIRST,
    LAST,
    PRICES,
    REFERRAL_LOG,
    SOURCES,
    STREETS,
    WEIGHTS,
)
from connectors.sandbox.sheets.grid.book import Book, Sheet
from connectors.sandbox.sheets.grid.values import entered
from policies.world.calendar import anniversary
from policies.world.model import STAGE_LABELS, Stage

DAY = timedelta(days=1)
OWNER, AGENT, VA, STEWARD, COLLEAGUE = 1, 2, 3, 4, 5
AGENT_MAIL, VA_MAIL, ROBOT_MAIL = (
    "dana@example.com",
    "mia@example.com",
    "steward@robots.example.com",
)
SPREADSHEET = "sandbox-workbook"


@dataclass
class World:
    """A CRM account and the spreadsheets beside it."""

    crm: Account
    books: dict[str, Book] = field(default_factory=dict)
    service_account: str = ROBOT_MAIL


def brokerage(today: date, *, people: int = 400, seed: int = 7, fields: bool = True) -> World:
    """A brokerage of *people* contacts on *today*, with custom fields unless *fields* is false.

    The first past clients are laid out so that every step of a closing anniversary can be seen on
    the day itself. With 100 contacts or more there are also some that a list leaves out, some of
    another agent, and some who were referred today.
    """
    # chance for play, not for secrets
    maker = _Maker(today, random.Random(seed), fields)  # noqa: S311
    maker.configuration()
    maker.showcase()
    if people >= 100:
        maker.hidden()
        maker.referred()
    while len(maker.crm.tables["people"]) < people:
        maker.somebody()
    return maker.world()


class _Maker:
    """Builds one world from one seeded stream of chance.

    The account's clock is set to the moment of each thing that is made.
    """

    def __init__(self, today: date, chance: random.Random, fields: bool) -> None:
        self.today = today
        self.chance = chance
        self.fields = fields
        self.moment = datetime.now(UTC)
        self.crm = Account(lambda: self.moment)
        self.deal_stages: dict[str, dict[str, Any]] = {}
        self.typed: list[Sequence[str]] = []
        self.lines = set[tuple[int, int]]()

    def world(self) -> World:
        """The finished world, with the real clock from here on."""
        self.crm.now = lambda: datetime.now(UTC)
        return World(self.crm, {SPREADSHEET: self.workbook()})

    def stamp(self, day: date) -> str:
        """Set the account's clock to a moment in working hours of *day*, and return its stamp."""
        self.moment = datetime(day.year, day.month, day.day, 14, tzinfo=UTC) + timedelta(
            minutes=self.chance.randrange(400)
        )
        return self.crm.stamp()

    def configuration(self) -> None:
        """Users and their keys, stages, pipelines, custom fields."""
        for user_id, name, mail, role, key in (
            (OWNER, "Robin Hale", "robin@example.com", "Broker", "fka_owner"),
            (AGENT, "Dana Reyes", AGENT_MAIL, "Agent", "fka_dana"),
            (VA, "Mia Cole", VA_MAIL, "Broker", "fka_mia"),
            (STEWARD, "Steward", ROBOT_MAIL, "Admin", "fka_steward"),
            (COLLEAGUE, "Lee Park", "lee@example.com", "Agent", "fka_lee"),
        ):
            # A VA works on the agent's clients, so she has the role the service makes for that: an
            # Admin, which its API calls Broker.
            self.crm.put(
                "users",
                {
                    "id": user_id,
                    "name": name,
                    "email": mail,
                    "role": role,
                    "status": "Active",
                    "timezone": "America/Chicago",
                    "isOwner": user_id == OWNER,
                },
            )
            self.crm.keys[key] = user_id
        for label in ("Lead", *STAGE_LABELS.values(), "Closed", "Trash"):
            number = len(self.crm.tables["stages"]) + 1
            self.crm.put(
                "stages",
                {
                    "name": label,
                    "orderWeight": number * 1000,
                    "isProtected": label in {"Lead", "Closed", "Trash"},
                },
            )
        for name in ("Buyers", "Sellers"):
            stages = [
                {
                    "id": len(self.deal_stages) + n,
                    "name": stage,
                    "orderWeight": n * 1000,
                    "closedStage": stage == "Closed",
                    "color": "",
                    "description": "",
                }
                for n, stage in enumerate(("Offer", "Pending", "Closed"), 1)
            ]
            self.deal_stages |= {f"{name} {stage['name']}": stage for stage in stages}
            self.crm.put(
                "pipelines",
                {"name": name, "description": "", "orderWeight": 1000, "stages": stages},
            )
        for label, kind, recurring, choices in FIELDS if self.fields else ():
            more = {"choices": list(choices)} if choices else {"isRecurring": recurring}
            self.crm.create("customFields", {"label": label, "type": kind, **more}, OWNER)

    def line(self, number: int) -> str:
        """An unused phone number, in an Austin area code as long as there is one."""
        area = next(area for area in AREAS if (area, number) not in self.lines)
        self.lines.add((area, number))
        return f"({area}) 555-{number:04d}"

    # -- people ------------------------------------------------------------------------------------

    def person(self, stage: Stage, created: date, **more: Any) -> dict[str, Any]:
        """One contact with plausible, made-up details."""
        draw = self.chance
        first = more.pop("first", None) or draw.choice(FIRST)
        last = more.pop("last", None) or draw.choice(LAST)
        number = len(self.crm.tables["people"]) + 101
        phone = self.line(draw.randrange(100, 9999))
        drawn, since = draw.choice(SOURCES), self.stamp(created)
        source = more.pop("source", drawn)
        street = f"{draw.randrange(100, 9900)} {draw.choice(STREETS)}"
        record: dict[str, Any] = {
            "id": number,
            "created": since,
            "updated": since,
            "name": f"{first} {last}",
            "firstName": first,
            "lastName": last,
            "stage": STAGE_LABELS[stage],
            "stageId": stage_id(self.crm, STAGE_LABELS[stage]),
            "source": source,
            "sourceId": self.crm.source_id(source),
            "assignedUserId": AGENT,
            "assignedTo": "Dana Reyes",
            "tags": [draw.choice(SOURCES)],
            "createdById": OWNER,
            "emails": [
                {
                    "value": f"{first}.{last}.{number}@example.org".lower(),
                    "type": "home",
                    "status": "Valid",
                    "isPrimary": 1,
                }
            ],
            "phones": [
                {
                    "value": phone,
                    "normalized": digits(phone),
                    "type": "mobile",
                    "status": "Valid",
                    "isPrimary": 1,
                }
            ],
            "addresses": [
                {
                    "type": "home",
                    "street": street,
                    "city": "Austin",
                    "state": "TX",
                    "code": "78701",
                    "country": "US",
                }
            ],
            "lastCommunication": self.stamp(
                max(created + DAY, self.today - draw.randrange(1, 400) * DAY)
            ),
        }
        if stage in {Stage.ACTIVE_BUYER, Stage.ACTIVE_SELLER}:
            record["tags"].append(draw.choice(PRICES))
        return self.crm.put("people", record | more)

    def deal(
        self, people: Sequence[dict[str, Any]], pipeline: str, stage: str, close: date, **more: Any
    ) -> dict[str, Any]:
        """A deal named after its home."""
        found = self.deal_stages[f"{pipeline} {stage}"]
        return self.crm.put(
            "deals",
            {
                "name": people[0]["addresses"][0]["street"],
                "type": 0,
                "status": "Active",
                "price": self.chance.randrange(220, 780) * 1000,
                "createdAt": self.stamp(close - 60 * DAY),
                "orderWeight": 1000,
                "description": "",
                "projectedCloseDate": close.isoformat(),
                "pipelineId": 1 if pipeline == "Buyers" else 2,
                "pipelineName": pipeline,
                "stageId": found["id"],
                "stageName": stage,
                "enteredStageAt": self.stamp(close),
                "commissionValue": 0,
                "agentCommission": 0,
                "teamCommission": 0,
                "people": [{"id": p["id"], "name": p["name"], "avatar": None} for p in people],
                "users": [{"id": AGENT, "name": "Dana Reyes", "picture": None}],
            }
            | more,
        )

    def owner(self, closing: date, **more: Any) -> dict[str, Any]:
        """A past client who bought a home that closed on *closing*."""
        client = self.person(Stage.PAST_CLIENT_BUYER, closing - 90 * DAY, **more)
        if self.fields:
            client["customClosingAnniversary"] = closing.isoformat()
        self.deal([client], "Buyers", "Closed", closing)
        return client

    def showcase(self) -> None:
        """Past clients for every step of a closing anniversary and for every other milestone.

        Among them are some who must get nothing: Do Not Contact, deceased, a spouse.
        """
        t = self.today
        self.owner(_closing(t + 14 * DAY, 3), first="Ana", last="Lopez")
        self.owner(_closing(t + 7 * DAY, 1), first="Ben", last="Novak")
        self.owner(_closing(t + 7 * DAY, 5), first="Carla", last="Weber")
        self.owner(_closing(t + 2 * DAY, 1), first="David", last="Okafor")
        self.owner(
            _closing(t + 7 * DAY, 2),
            first="Elena",
            last="Rossi",
            tags=["Referral", "Do Not Contact"],
        )
        self.owner(
            _closing(t + 14 * DAY, 4), first="Farid", last="Haddad", tags=["SOI", "Deceased"]
        )
        seller = self.owner(_closing(t + 7 * DAY, 6), first="Grace", last="Young")
        self.deal([seller], "Sellers", "Closed", t - 200 * DAY)
        husband = self.owner(_closing(t + 7 * DAY, 2), first="Hugo", last="Santos")
        wife = self.person(
            Stage.PAST_CLIENT_BUYER,
            t - 900 * DAY,
            first="Rosa",
            last="Santos",
            addresses=husband["addresses"],
        )
        self.crm.update(
            "deals",
            max(self.crm.tables["deals"]),
            {"peopleIds": [husband["id"], wife["id"]]},
            OWNER,
        )
        self.owner(_closing(t - 100 * DAY, 3), first="Iris", last="Ueda", **self.born(t + 7 * DAY))
        self.owner(_closing(t, 3), first="Jonas", last="Brandt")
        self.owner(t - 30 * DAY, first="Kavya", last="Ito")

    def hidden(self) -> None:
        """Contacts and deals that not every list shows.

        They are in Trash, unclaimed, archived, deleted, or another agent's.
        """
        since = self.today - 400 * DAY
        for stage in (Stage.NEW_LEAD, Stage.COLD_LEAD, Stage.PAST_CLIENT_SELLER):
            self.crm.update("people", self.person(stage, since)["id"], {"stage": "Trash"}, OWNER)
        for _ in range(2):
            self.person(Stage.NEW_LEAD, self.today - 3 * DAY, claimed=False)
        for status in ("Archived", "Deleted"):
            self.deal(
                [self.person(Stage.UNDER_CONTRACT, since)],
                "Buyers",
                "Pending",
                self.today - 60 * DAY,
                status=status,
            )
        his = {"assignedUserId": COLLEAGUE, "assignedTo": "Lee Park"}
        for stage in (Stage.ACTIVE_BUYER, Stage.ACTIVE_SELLER, Stage.SPHERE_OF_INFLUENCE):
            self.person(stage, since, **his)
        sold = self.person(Stage.PAST_CLIENT_BUYER, since, **his)
        self.deal(
            [sold],
            "Buyers",
            "Closed",
            self.today - 300 * DAY,
            users=[{"id": COLLEAGUE, "name": "Lee Park", "picture": None}],
        )

    def referred(self) -> None:
        """Three people referred today: by a past client, by a lender, and by a row in the log."""
        source = self.owner(self.today - 800 * DAY, first="Olga", last="Brandt")
        self.person(
            Stage.PROFESSIONAL_NETWORK,
            self.today - 700 * DAY,
            first="Pedro",
            last="Ekberg",
            tags=["SOI", "Lender"],
        )
        by = {"customReferredBy": source["name"]} if self.fields else {}
        new: dict[str, Any] = {"tags": ["Website"], "lastCommunication": None}
        self.person(
            Stage.NEW_LEAD, self.today, first="Ximena", last="Castro", source="Website", **new, **by
        )
        self.person(
            Stage.NEW_LEAD,
            self.today,
            first="Yuki",
            last="Tanaka",
            source="Referral — Pedro Ekberg",
            **new,
        )
        self.person(Stage.NEW_LEAD, self.today, first="Wes", last="Grant", source="Website", **new)
        self.typed = [(f"{self.today:%m/%d/%Y}", source["name"], "Wes", "", "", "")]

    def born(self, day: date) -> dict[str, str]:
        """The birthday field of a person with a birthday on *day*."""
        year = 1950 + self.chance.randrange(50)
        return {"customBirthday": anniversary(day, year).isoformat()} if self.fields else {}

    def somebody(self) -> None:
        """One more contact, in a stage drawn by weight, with the deals and tasks of that stage."""
        draw = self.chance
        stage = draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        created = self.today - draw.randrange(2, 1500) * DAY
        if stage is Stage.PAST_CLIENT_BUYER:
            known = self.born(self.today + draw.randrange(365) * DAY) if draw.random() < 0.4 else {}
            self.owner(self.today - draw.randrange(60, 2600) * DAY, **known)
            return
        person = self.person(stage, created)
        if stage is Stage.PAST_CLIENT_SELLER:
            self.deal([person], "Sellers", "Closed", self.today - draw.randrange(30, 2000) * DAY)
        if stage is Stage.UNDER_CONTRACT:
            self.deal(
                [person],
                draw.choice(("Buyers", "Sellers")),
                "Pending",
                self.today + draw.randrange(5, 45) * DAY,
            )
        if draw.random() < 0.3:
            self.task(person, max(created + DAY, self.today - 21 * DAY))
        if draw.random() < 0.3:
            self.crm.create(
                "calls",
                {
                    "personId": person["id"],
                    "phone": person["phones"][0]["value"],
                    "isIncoming": draw.random() < 0.3,
                    "duration": draw.randrange(20, 900),
                    "outcome": "Interested",
                },
                AGENT,
                at=person["lastCommunication"],
            )

    def task(self, person: dict[str, Any], begun: date) -> None:
        """A task of the VA; it is completed if it was due before today."""
        due = max(begun + DAY, self.today + self.chance.randrange(-20, 30) * DAY)
        self.stamp(begun)
        task = self.crm.create(
            "tasks",
            {
                "personId": person["id"],
                "assignedUserId": VA,
                "name": self.chance.choice(("Call back", "Send listings", "Confirm showing")),
                "dueDate": due.isoformat(),
            },
            VA,
        )
        if due < self.today:
            self.stamp(due)
            self.crm.update("tasks", task["id"], {"isCompleted": True}, VA)

    # -- the Sheet ---------------------------------------------------------------------------------

    def workbook(self) -> Book:
        """The agent's workbook before Steward: the VA's referral log and an empty first tab."""
        book = Book(
            SPREADSHEET,
            "Dana Reyes – Steward",
            AGENT_MAIL,
            {VA_MAIL, ROBOT_MAIL},
            time_zone="America/Chicago",
        )
        log = Sheet(10, "Referral Log", properties={"gridProperties": {"frozenRowCount": 1}})
        rows: list[Sequence[str]] = [REFERRAL_LOG]
        for n in range(24):
            day = self.today - (20 + 14 * n) * DAY
            closed = n % 3 == 0
            rows.append(
                (
                    f"{day:%m/%d/%Y}",
                    f"{self.chance.choice(FIRST)} {self.chance.choice(LAST)}",
                    self.chance.choice(FIRST),
                    "Closed" if closed else "Active",
                    f"{day + 10 * DAY:%m/%d/%Y}" if closed else "—",
                    f"Card sent {day + 12 * DAY:%m/%d/%Y}" if closed else "—",
                )
            )
        rows += self.typed
        for r, line in enumerate(rows):
            for c, text in enumerate(line):
                log.put(r, c, entered(text, "RAW"))
        book.sheets = [Sheet(0, "Sheet1"), log]
        return book


def _closing(occasion: date, years: int) -> date:
    """A closing date *years* before *occasion*."""
    return anniversary(occasion, occasion.year - years)
