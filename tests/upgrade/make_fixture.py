"""Record a season that version 0.1.0 (commit db8c489) left in the middle, for the upgrade test.

It was run once, with the code of that version and never with a later one, in a clone of that commit
to which only this folder was added:

    python -m tests.upgrade.make_fixture

It plays a synthetic brokerage from December 7, 2026 to the morning of January 13, 2027 over real
HTTP: every business day a pass at six, and in between what people do. The agent approves, rejects,
holds, edits; the VA sends and merges; clients close and are referred. In the last pass two writes
are lost on the way and the process dies in the middle of its write to the Sheet. After that the
agent types one more decision of every kind, on which the old version never acts. What then stands
in the CRM, in the Sheet and in the ledger is written to `recorded/`. Everybody in it is made up.

The folder as it spoke to that version is in this repo's history, in the commit "Assert only what a
better version may not change". The recording is reproducible: run again, it writes the same bytes. Do not run it with newer code;
a recording of a newer version gets a folder of its own.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from daemon.configuration import load
from daemon.demo import configuration
from daemon.wiring import Account
from policies.calendar import BusinessDays
from policies.model import STAGE_LABELS, Stage

from connectors.errors import Unknown
from connectors.sandbox.brokerage import (
    AGENT,
    FIRST,
    LAST,
    OWNER,
    SPREADSHEET,
    VA,
    VA_MAIL,
    World,
    _Maker,
)
from connectors.sandbox.server import Sandbox
from daemon import checking, session, wiring
from tests import people
from tests.conftest import SteppingClock
from tests.scenes import ZONE
from tests.upgrade import season

DAY = timedelta(days=1)
BEGIN, STOP = date(2026, 12, 7), date(2027, 1, 13)
COMMIT = "db8c489"
EXTRA = """
[referrals]
handwritten_cards = true
card_vendor = "manual"
bookkeeper = ""

[referrals.gifts_confirmed]
Client = ["gift card"]

[database]
portal_sources = ["Zillow"]

[[database.confirmed_system_rules]]
rule = "closed_to_past_client"
agent = "Dana Reyes"
date = 2026-12-01

[guard]
bulk_limit = 12
"""


def at(day: date, hour: int = 6, minute: int = 0) -> datetime:
    """That hour of the agent's day."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def jan(day: int) -> date:
    return date(2027, 1, day)


def dec(day: int) -> date:
    return date(2026, 12, day)


class Cast:
    """Everybody in the brokerage, by the part they play."""

    def __init__(self) -> None:
        self.make = _Maker(BEGIN, random.Random(11), fields=True)
        self.make.configuration()
        self.names = self._names()
        self.ids: dict[str, int] = {}
        self.called: dict[str, str] = {}

    @staticmethod
    def _names() -> Iterator[tuple[str, str]]:
        """Pairs of names, no two alike: each round of first names shifts the last names by one."""
        for turn in itertools.count():
            for n, first in enumerate(FIRST):
                yield first, LAST[(n + turn) % len(LAST)]

    def _cast(self, role: str, record: dict[str, Any]) -> dict[str, Any]:
        assert role not in self.ids
        self.ids[role], self.called[role] = int(record["id"]), str(record["name"])
        return record

    def _known(self, more: dict[str, Any]) -> dict[str, Any]:
        first, last = next(self.names)
        return {
            "first": first,
            "last": last,
            "tags": ["SOI"],
            "source": "Website",
            "lastCommunication": "2026-12-02T16:00:00Z",
            **more,
        }

    def person(
        self, role: str, stage: Stage, created: date = date(2025, 3, 3), **more: Any
    ) -> dict[str, Any]:
        return self._cast(role, self.make.person(stage, created, **self._known(more)))

    def owner(self, role: str, closing: date, **more: Any) -> dict[str, Any]:
        return self._cast(role, self.make.owner(closing, **self._known(more)))

    def world(self) -> World:
        """The brokerage; of the log that the VA kept before, six rows."""
        made = self.make.world()
        del next(
            sheet for sheet in made.books[SPREADSHEET].sheets if sheet.title == "Referral Log"
        ).lines[7:]
        return made


ANNIVERSARIES = {
    "waits 1": (jan(15), 2),
    "waits 2": (jan(18), 1),
    "waits 3": (jan(19), 5),
    "waits 4": (jan(20), 3),
    "approved 1": (jan(14), 2),
    "approved 2": (jan(15), 4),
    "approved 3": (jan(19), 6),
    "own words": (jan(18), 2),
    "personal": (jan(17), 3),
    "held": (jan(19), 2),
    "edited": (jan(19), 7),
    "edited after approval": (jan(16), 2),
    "rejected": (jan(15), 3),
    "sent 1": (jan(12), 1),
    "sent 2": (jan(11), 8),
    "missed": (jan(4), 2),
    "unsent": (jan(6), 3),
    "send deleted": (jan(18), 4),
    "opts out": (jan(14), 5),
    "corrected": (jan(20), 4),
    "lost after": (jan(18), 6),
    "lost before": (jan(19), 3),
    "approves late": (jan(16), 2),
    "rejects late": (jan(18), 3),
    "holds late": (jan(19), 4),
    "personal late": (jan(18), 2),
    "ahead 1": (jan(22), 2),
    "ahead 2": (jan(25), 1),
    "ahead 3": (jan(28), 3),
    "value text approved": (dec(14), 2),
    "value text waits": (dec(16), 3),
    "value range waits": (dec(18), 2),
    "value range held": (dec(21), 4),
    "value rejected": (dec(22), 3),
    "value late": (dec(29), 2),
    "value text late": (dec(23), 5),
    "value sent": (dec(15), 6),
}
"""By part: the day on which the closing anniversary comes round, and which year it is."""
BIRTHDAYS = {
    "birthday waits 1": jan(18),
    "birthday waits 2": jan(19),
    "birthday waits 3": jan(19),
    "birthday approved": jan(18),
    "birthday held": jan(19),
    "birthday late": jan(19),
    "birthday row deleted": jan(18),
    "birthday sent": jan(14),
    "birthday ahead": jan(23),
}
UNDER_CONTRACT = 13
"""Closings of one day that the confirmed rule would move: one more than `guard.bulk_limit`."""


def cast() -> Cast:
    """The brokerage on the day on which Steward begins."""
    c = Cast()
    for role, (day, years) in ANNIVERSARIES.items():
        c.owner(role, day.replace(year=day.year - years))
    for role, day in BIRTHDAYS.items():
        c.owner(role, date(2022, 6, 1), customBirthday=day.replace(year=1975).isoformat())
    c.owner("birthday unknown", date(2022, 6, 8), customBirthday="1970-01-01")
    for n in range(3):
        del c.owner(f"no date {n}", date(2023, 5, 4))["customClosingAnniversary"]
    c.owner("two dates", date(2024, 1, 28), customClosingAnniversary="2024-01-27")
    c.make.crm.tables["people"][c.ids["two dates"]]["customClosingAnniversary"] = "2024-01-27"
    c.owner("two dates late", date(2024, 1, 29))
    c.make.crm.tables["people"][c.ids["two dates late"]]["customClosingAnniversary"] = "2024-01-30"
    for role, state in (("florida", "FL"), ("georgia", "GA")):
        record = c.owner(role, date(2026, 9, 14))
        record["addresses"] = [{**record["addresses"][0], "state": state}]
    _referrers(c)
    _database(c)
    return c


def _referrers(c: Cast) -> None:
    c.owner("source client", date(2019, 3, 2))
    c.person("source lender", Stage.PROFESSIONAL_NETWORK, tags=["SOI", "Lender"])
    c.person("source agent", Stage.PROFESSIONAL_NETWORK, tags=["SOI", "Realtor"])
    c.person("source sphere", Stage.SPHERE_OF_INFLUENCE)
    c.person("source sphere 2", Stage.SPHERE_OF_INFLUENCE)
    c.owner("source client 2", date(2018, 5, 2))
    for n in range(2):
        c.person(
            f"old referral {n}",
            Stage.ACTIVE_BUYER,
            source=f"Referral — {c.called['source client']}",
        )


def _database(c: Cast) -> None:
    for n in range(11):
        c.person(f"opted out {n}", Stage.DO_NOT_CONTACT)
    for n in range(2):
        c.person(
            f"opted out long ago {n}", Stage.DO_NOT_CONTACT, customDoNotContactSince="2024-06-03"
        )
    for n in range(UNDER_CONTRACT):
        buyer = c.person(f"closing {n}", Stage.UNDER_CONTRACT)
        c.make.deal([buyer], "Buyers", "Pending", jan(8))
    c.make.deal([c.person("moved back", Stage.UNDER_CONTRACT)], "Buyers", "Pending", dec(11))
    _cold(c)
    c.owner("dead", date(2018, 6, 5), tags=["SOI", "Deceased"])
    _doubles(c)


def _cold(c: Cast) -> None:
    """Contacts without a touchpoint, and some in a stage that the facts contradict."""
    quiet: dict[str, Any] = {"lastCommunication": "2026-08-20T16:00:00Z"}
    for n in range(6):
        c.person(f"cold lead {n}", Stage.COLD_LEAD, **quiet)
    for n in range(3):
        c.person(f"cold sphere {n}", Stage.SPHERE_OF_INFLUENCE, **quiet)
    for n in range(2):
        c.owner(f"cold client {n}", date(2021, 6, 10), **quiet)
    c.person("cold lender", Stage.PROFESSIONAL_NETWORK, tags=["SOI", "Lender"], **quiet)
    for n in range(3):
        c.person(f"quiet buyer {n}", Stage.ACTIVE_BUYER, lastCommunication="2026-10-20T16:00:00Z")
    for n in range(2):
        c.person(
            f"talked to {n}", Stage.NEW_LEAD, date(2026, 12, 1), emailsSent=4, emailsReceived=0
        )
    for n in range(2):
        c.person(f"no deal {n}", Stage.UNDER_CONTRACT)
    for n in range(2):
        c.person(f"nobody {n}", Stage.COLD_LEAD, last=" ", emails=[], phones=[])


def _doubles(c: Cast) -> None:
    """Pairs: three certain, two to review, two conflicts, two households; their own last names."""
    nurture = Stage.LONG_TERM_NURTURE
    for n, last in enumerate(("Ashdown", "Birchall", "Corliss")):
        one = c.person(f"double {n}", nurture, last=last)
        c.person(f"double of {n}", nurture, first=one["firstName"], last=last, emails=one["emails"])
    for n, (first, short, last) in enumerate(
        (("Benjamin", "Ben", "Dunmore"), ("Katherine", "Kate", "Eastlake"))
    ):
        one = c.person(f"perhaps {n}", nurture, first=first, last=last)
        c.person(
            f"perhaps of {n}",
            nurture,
            first=short,
            last=last,
            emails=one["emails"],
            addresses=one["addresses"],
        )
    for n, (last, other) in enumerate((("Farnham", "Gresham"), ("Holbrook", "Inglewood"))):
        one = c.person(f"conflict {n}", nurture, last=last)
        c.person(f"conflict of {n}", nurture, last=other, emails=one["emails"])
    for n, last in enumerate(("Jessop", "Kelham")):
        one = c.person(f"house {n}", nurture, last=last)
        c.person(
            f"house of {n}", nurture, last=last, phones=one["phones"], addresses=one["addresses"]
        )


class Story:
    """The season as it is played: the services, the account, and what people do on which day."""

    def __init__(self, folder: Path) -> None:
        self.cast = cast()
        self.box = Sandbox(self.cast.world(), rate_limit=False)
        self.box.start()
        self.clock = SteppingClock(at(BEGIN))
        self.box.world.crm.now = self.clock.now
        self.folder = folder
        self.text = configuration(season.URL, season.STATE_DIR) + EXTRA
        self.account = self._employed()
        self.late: dict[str, str] = {}
        """The Refs of what the agent decided last, by what it is."""

    def _employed(self) -> Account:
        path = self.folder / "config.toml"
        path.write_text(
            self.text.replace(season.URL, self.box.url).replace(
                season.STATE_DIR, str(self.folder / "state")
            ),
            encoding="utf-8",
        )
        return wiring.build(load(path), self.clock)

    def reconfigures(self, old: str, new: str) -> None:
        """Change the configuration and restart: a policy that goes by it asks once more."""
        assert old in self.text
        self.account.ledger.close()
        self.text = self.text.replace(old, new)
        self.account = self._employed()

    # -- passes ------------------------------------------------------------------------------------

    def passes(self, moment: datetime, account: Account | None = None) -> None:
        self.clock.instant = moment
        session.apply(account or self.account, moment, patient=False)

    # -- the Sheet ---------------------------------------------------------------------------------

    def row(self, rule: str, role: str = "", ref: str = "") -> str:
        """The Ref of the one open row of this rule about whoever plays *role*."""
        client = self.cast.called[role] if role else ""
        found = [
            r["Ref"]
            for r in people.rows(self.box, "Approvals")
            if r["Rule"] == rule
            and client in r["Client"]
            and ref in r["Ref"]
            and not r["Acted On"]
            and not r["Status"].startswith(("Missed", "Done", "Withdrawn", "Sent"))
        ]
        assert len(found) == 1, (
            rule,
            role,
            ref,
            found,
            [
                (r["Ref"], r["Client"], r["Status"])
                for r in people.rows(self.box, "Approvals")
                if r["Rule"] == rule
            ],
        )
        return str(found[0])

    def ref(self, rule: str, role: str) -> str:
        """The Ref of the one row of this rule about whoever plays *role*, acted on or not."""
        found = [
            r["Ref"]
            for r in people.rows(self.box, "Approvals")
            if r["Rule"] == rule and r["Client"] == self.cast.called[role]
        ]
        assert len(found) == 1, (rule, role, found)
        return str(found[0])

    def says(self, rule: str, role: str, word: str, ref: str = "", **cells: str) -> None:
        """Type a decision into the row of *rule* about *role*, after the other cells."""
        row = self.row(rule, role, ref)
        for name, text in cells.items():
            self._types(row, name.replace("_", " "), text)
        if word:
            self._types(row, "Decision", word)

    def _types(self, ref: str, column: str, text: str) -> None:
        answer = people.types(self.box, "Approvals", ref, column, text)
        assert answer.ok, answer.text

    def ticks(self, text: str, role: str) -> None:
        """Complete the one open task with these words about *role*, as the user who has it."""
        found = self._tasks(text, role)
        assert len(found) == 1, (text, role, found)
        people.at_crm(
            self.box, "complete-task", taskId=found[0]["id"], **{"as": found[0]["assignedUserId"]}
        )

    def deletes(self, text: str, role: str) -> None:
        found = self._tasks(text, role)
        assert len(found) == 1, (text, role, found)
        people.at_crm(self.box, "delete-task", taskId=found[0]["id"])

    def _tasks(self, text: str, role: str) -> list[dict[str, Any]]:
        return [
            t
            for t in self.box.world.crm.tables["tasks"].values()
            if t["personId"] == self.cast.ids[role] and text in t["name"] and not t["isCompleted"]
        ]

    # -- the CRM -----------------------------------------------------------------------------------

    def sends(self, role: str, source: str, **more: Any) -> None:
        """A new lead comes in who was referred by *source*."""
        first, last = next(self.cast.names)
        record = self.box.world.crm.create(
            "people",
            {
                "firstName": first,
                "lastName": last,
                "stage": STAGE_LABELS[Stage.NEW_LEAD],
                "assignedUserId": AGENT,
                "source": "Website",
                "emails": [{"value": f"{first}.{last}.lead@example.org".lower()}],
                "customReferredBy": self.cast.called.get(source, source),
                **more,
            },
            OWNER,
        )
        self.cast.ids[role], self.cast.called[role] = int(record["id"]), f"{first} {last}"

    def closes(self, role: str, day: date) -> None:
        """The lead buys: a deal in a closed stage, and the stage of a past client."""
        crm, number = self.box.world.crm, self.cast.ids[role]
        buyers = next(p for p in crm.tables["pipelines"].values() if p["name"] == "Buyers")
        closed = next(s["id"] for s in buyers["stages"] if s["closedStage"])
        crm.create(
            "deals",
            {
                "name": f"{number} Elm St",
                "stageId": closed,
                "peopleIds": [number],
                "userIds": [AGENT],
                "projectedCloseDate": day.isoformat(),
            },
            OWNER,
        )
        crm.update("people", number, {"stage": STAGE_LABELS[Stage.PAST_CLIENT_BUYER]}, OWNER)

    def deals_close(self, *roles: str) -> None:
        """The deals of these buyers are moved to the closed stage; their own stage stays."""
        crm = self.box.world.crm
        closed = next(
            s
            for p in crm.tables["pipelines"].values()
            if p["name"] == "Buyers"
            for s in p["stages"]
            if s["closedStage"]
        )
        buyers = {self.cast.ids[role] for role in roles}
        for deal in list(crm.tables["deals"].values()):
            if deal["people"][0]["id"] in buyers:
                crm.update("deals", deal["id"], {"stageId": closed["id"]}, OWNER)

    # -- the days ----------------------------------------------------------------------------------

    def play(self) -> None:
        """The whole season, up to the moment at which the old version is stopped."""
        for step in checking.steps(self.account):
            if step.act:
                step.act()
        self.passes(at(BEGIN, 5))
        self.says("DB-05", "", "Approve")
        business = BusinessDays()
        day = BEGIN
        while day < STOP:
            if day in business:
                self.passes(at(day))
                self.clock.instant = at(day, 10)
                for act in DAYS.get(day, ()):
                    act(self)
                self.passes(at(day, 16))
            day += DAY
        self.last_day()

    def last_day(self) -> None:
        """Play the last morning: a good pass, a pass that dies, and the late decisions."""
        self.passes(at(STOP))
        self.clock.instant = at(STOP, 8)
        self.says("MS-09", "lost after", "Approve")
        self.says("MS-09", "lost before", "Approve")
        crm = Lossy(
            self.account.crm,
            {self.cast.ids["lost after"]: True, self.cast.ids["lost before"]: False},
        )
        try:
            self.passes(
                at(STOP, 9), replace(self.account, crm=crm, sheet=Dying(self.account.sheet))
            )
        except KeyboardInterrupt:
            pass
        else:
            raise AssertionError("the process was to die")
        self.clock.instant = at(STOP, 9, 10)
        for what, (rule, role, word, ref, cells) in LATE.items():
            self.late[what] = self.row(rule, role, ref)
            self.says(rule, role, word, ref, **cells)


class Lossy:
    """A CRM that loses its answer to new tasks of these contacts; *arrives*: is the task there?"""

    def __init__(self, crm: Any, arrives: dict[int, bool]) -> None:
        self._crm, self._arrives = crm, arrives

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crm, name)

    def create_task(self, task: Any) -> Any:
        if task.person_id in self._arrives:
            if self._arrives[task.person_id]:
                self._crm.create_task(task)
            raise Unknown("CRM", "the answer was lost")
        return self._crm.create_task(task)

    def tasks_of(self, person_id: int) -> Any:
        """Hide what was written a moment ago, as a service that lags behind does."""
        return () if person_id in self._arrives else self._crm.tasks_of(person_id)


class Dying:
    """A Sheet that takes a batch, and the process dies before it hears of it."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sheet, name)

    def write(self, *batch: Any) -> None:
        self._sheet.write(*batch)
        raise KeyboardInterrupt


Act = Callable[[Story], Any]
RANGE = {"Value_Low": "400000", "Value_High": "420000", "Change": "increase 45000"}
THANKS, CARD, CHOICE = "RF-13", "RF-31", "RF-35"


def says(rule: str, role: str, word: str, ref: str = "", **cells: str) -> Act:
    """The agent types a decision, and other cells before it."""
    return lambda story: story.says(rule, role, word, ref, **cells)


def approves(*roles: str) -> tuple[Act, ...]:
    """The agent approves the drafts of these."""
    return tuple(says("MS-09", role, "Approve") for role in roles)


def ticks(text: str, role: str) -> Act:
    """Complete a task, as the user who has it."""
    return lambda story: story.ticks(text, role)


def sends(role: str, source: str) -> Act:
    """A lead comes in who was referred by *source*."""
    return lambda story: story.sends(role, source)


def merges(winner: str, loser: str) -> Act:
    """The VA merges two contacts."""
    return lambda story: people.at_crm(
        story.box, "merge", winner=story.cast.ids[winner], losers=[story.cast.ids[loser]]
    )


def _opts_out(story: Story) -> None:
    crm, number = story.box.world.crm, story.cast.ids["opts out"]
    crm.update("people", number, {"tags": ["SOI", "Do Not Contact"]}, VA)


def _date_corrected(story: Story) -> None:
    crm, number = story.box.world.crm, story.cast.ids["corrected"]
    right = jan(19).replace(year=2023).isoformat()
    deal = next(d for d in crm.tables["deals"].values() if d["people"][0]["id"] == number)
    crm.update("deals", deal["id"], {"projectedCloseDate": right}, VA)
    crm.update("people", number, {"customClosingAnniversary": right}, VA)


def _log_row_deleted(story: Story) -> None:
    ref = next(
        r["Ref"]
        for r in people.rows(story.box, "Referral Log")
        if str(r.get("Lead")) == str(story.cast.ids["lead deleted"])
    )
    assert people.at_the_sheet(story.box, "delete-rows", tab="Referral Log", ref=ref, count=1).ok


def _row_deleted(story: Story) -> None:
    ref = story.row("MS-09", "birthday row deleted")
    assert people.at_the_sheet(story.box, "delete-rows", tab="Approvals", ref=ref, count=1).ok


def _moved_back(story: Story) -> None:
    """The VA moves two contacts back to where they stood before Steward moved them."""
    for role, now, before in (
        ("talked to 0", Stage.ATTEMPTING_CONTACT, Stage.NEW_LEAD),
        ("moved back", Stage.PAST_CLIENT_BUYER, Stage.UNDER_CONTRACT),
    ):
        assert (
            story.box.world.crm.tables["people"][story.cast.ids[role]]["stage"] == STAGE_LABELS[now]
        )
        people.at_crm(
            story.box, "edit-person", personId=story.cast.ids[role], stage=STAGE_LABELS[before]
        )


def _tag_taken_off(story: Story) -> None:
    people.at_crm(
        story.box, "edit-person", personId=story.cast.ids["lead closed"], removeTags=["Referral"]
    )


def _note_deleted(story: Story) -> None:
    note = next(
        n
        for n in story.box.world.crm.tables["notes"].values()
        if n["personId"] == story.cast.ids["lead recognized"]
    )
    people.at_crm(story.box, "delete-note", noteId=note["id"])


def _lists_typed(story: Story) -> None:
    for stage, campaign in (
        ("Long-Term Nurture", "January letter"),
        ("Sphere of Influence", "Winter newsletter"),
    ):
        row = people.sheet_of(story.box, "Lists").last_row() + 1
        for column, text in (("Stages", stage), ("Campaign", campaign), ("Purpose", "newsletter")):
            answer = people.at_the_sheet(
                story.box, "type", VA_MAIL, tab="Lists", row=row, column=column, text=text
            )
            assert answer.ok, answer.text


DAYS: dict[date, tuple[Act, ...]] = {
    dec(8): (
        says("DB-40", "", "Approve"),
        says("DB-44", "conflict 0", "Different people"),
        says("MS-28", "", "Approve", "sFL"),
        *approves("value text approved", "value sent"),
    ),
    dec(9): (
        sends("lead recognized", "source client"),
        says("MS-09", "value text waits", "Approve"),
    ),
    dec(10): (
        merges("double 0", "double of 0"),
        merges("double 1", "double of 1"),
        ticks("Thank ", "lead recognized"),
        says(CARD, "source client", "Approve"),
    ),
    dec(14): (
        ticks("Send the approved", "value text approved"),
        sends("lead closed", "source sphere 2"),
        ticks("Card", "lead recognized"),
        lambda story: story.deals_close("moved back"),
    ),
    dec(15): (
        ticks("Send the approved", "value sent"),
        says("MS-37", "value text approved", "Approve", **RANGE),
        ticks("Thank ", "lead closed"),
        says(CARD, "source sphere 2", "Reject"),
        sends("lead deleted", "source lender"),
    ),
    dec(16): (
        ticks("Send the approved", "value text waits"),
        says("MS-37", "value sent", "Approve", **RANGE),
        ticks("Thank ", "lead deleted"),
        says(CARD, "source lender", "Approve"),
        says("MS-09", "value text approved", "Approve", "value"),
    ),
    dec(17): (
        says("MS-37", "value text waits", "Approve", **RANGE),
        says("MS-09", "value sent", "Approve", "value"),
    ),
    dec(18): (
        lambda story: story.closes("lead recognized", dec(18)),
        lambda story: story.reconfigures('bookkeeper = ""', 'bookkeeper = "Noor Vance"'),
    ),
    dec(21): (
        ticks("Send the approved", "value sent"),
        says(CHOICE, "source client", "Approve"),
        _note_deleted,
        says("DB-05", "", "Approve"),
    ),
    dec(22): (says("MS-37", "value range held", "Hold"),),
    dec(23): (says("MS-37", "value rejected", "Reject"),),
    dec(24): (says("MS-37", "value text late", "Approve", **RANGE),),
    dec(28): (sends("lead texted", "source lender"),),
    dec(29): (
        says(THANKS, "source lender", "Text it"),
        says("DB-25", "talked to 0", "Attempting Contact"),
        says("DB-26", "quiet buyer 0", "Reactivate"),
    ),
    dec(30): (*approves("unsent"), _moved_back, _tag_taken_off),
    jan(5): (
        says("DB-29", "", "One by one", "leads"),
        says("DB-29", "", "Reactivate", "past"),
        says("DB-35", "", "Approve", "unworkable"),
        _log_row_deleted,
    ),
    jan(6): (
        *approves("sent 1", "sent 2"),
        says("DB-30", "cold lead 0", "Reactivate"),
        says("DB-30", "cold lead 1", "Long-Term Nurture"),
        says("DB-32", "no deal 0", "Hold"),
    ),
    jan(7): (
        lambda story: story.closes("lead closed", jan(7)),
        sends("lead of an agent", "source agent"),
    ),
    jan(8): (
        *approves("approved 1", "approved 2", "birthday sent"),
        says("MS-09", "rejected", "Reject"),
        _date_corrected,
        sends("lead of nobody known", "Imogen Quill"),
        _lists_typed,
        lambda story: story.deletes("Personal touch", "ahead 1"),
    ),
    jan(11): (
        ticks("Send the approved", "sent 2"),
        *approves("edited after approval", "send deleted", "birthday approved"),
        says(
            "MS-09",
            "own words",
            "",
            Draft="Subject: Two years\nHello and warm wishes for the house. Dana",
        ),
        says("MS-09", "personal", "Personal touch", Context="A handwritten card about the garden"),
        _opts_out,
        sends("lead waits", "source sphere"),
        sends("lead late", "source client 2"),
        sends("lead thanked by hand", "source client"),
        lambda story: story.deals_close(*(f"closing {n}" for n in range(UNDER_CONTRACT))),
    ),
    jan(12): (
        ticks("Send the approved", "sent 1"),
        ticks("Send the approved", "birthday sent"),
        *approves("own words", "approved 3"),
        says("MS-09", "held", "Hold"),
        says("MS-09", "birthday held", "Hold"),
        says(
            "MS-09",
            "edited",
            "",
            Draft="Subject: Seven years\nSeven years in the house: warm wishes to you all. Dana",
        ),
        lambda story: people.types(
            story.box,
            "Approvals",
            story.ref("MS-09", "edited after approval"),
            "Draft",
            "Subject: Hi\nHi. Dana",
        ),
        lambda story: story.deletes("Send the approved", "send deleted"),
        _row_deleted,
        says(THANKS, "source client", "I thank them myself"),
    ),
}
"""Acts of people by day, at ten in the morning, between the two passes of the day."""
LATE: dict[str, tuple[str, str, str, str, dict[str, str]]] = {
    "a draft approved": ("MS-09", "approves late", "Approve", "", {}),
    "a draft rejected": ("MS-09", "rejects late", "Reject", "", {}),
    "a draft held": ("MS-09", "holds late", "Hold", "", {}),
    "a personal touch": (
        "MS-09",
        "personal late",
        "Personal touch",
        "",
        {"Context": "Call about the new porch"},
    ),
    "a birthday card approved": ("MS-09", "birthday late", "Approve", "", {}),
    "a home value given": ("MS-37", "value late", "Approve", "", RANGE),
    "a home value text approved": ("MS-09", "value text late", "Approve", "value", {}),
    "a list of dates approved": ("MS-40", "", "Approve", "", {}),
    "a date settled": ("MS-25", "two dates late", "Deal is right", "", {}),
    "a state confirmed": ("MS-28", "", "Approve", "sGA", {}),
    "a thank-you by e-mail": (THANKS, "source client 2", "E-mail it", "", {}),
    "words of a card approved": (CARD, "source client 2", "Approve", "", {}),
    "old referrals approved": ("RF-01", "", "Approve", "", {}),
    "a quiet buyer nurtured": ("DB-26", "quiet buyer 2", "Long-Term Nurture", "", {}),
    "a stage decided": ("DB-32", "no deal 1", "Active Buyer", "", {}),
    "a cold group left": ("DB-29", "", "Leave as is", "pro", {}),
    "a cold lead left": ("DB-30", "cold lead 2", "Leave as is", "", {}),
    "a purge approved": ("DB-35", "", "Approve", "dnc", {}),
    "a pair that is two": ("DB-23", "perhaps 1", "Not the same person", "decide", {}),
    "a list confirmed": ("DB-36", "", "Approve", "t560471", {}),
}
"""Decisions typed after the last pass: rule, part, decision, part of the Ref, other cells."""


# -- the recording ---------------------------------------------------------------------------------


def record(story: Story, folder: Path) -> None:
    """Write the services, the ledger and the configuration into *folder*."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    crm, book = story.box.world.crm, story.box.world.books[SPREADSHEET]
    _lines(
        folder / "crm.json",
        {
            "id": crm.id,
            "domain": crm.domain,
            "switches": dict(crm.switches),
            "keys": crm.keys,
            "sources": crm._sources,
            "next": crm._next,
            "tables": {path: list(table.values()) for path, table in crm.tables.items()},
        },
    )
    _lines(
        folder / "sheet.json",
        _packed(
            {
                **asdict(book),
                "editors": sorted(book.editors),
                "viewers": sorted(book.viewers),
                "modified": book.created,
            }
        ),
    )  # by the clock of the machine
    ledger = sqlite3.connect(story.folder / "state" / "ledger.sqlite3")
    version = ledger.execute("PRAGMA user_version").fetchone()[0]
    dump = "\n".join((*ledger.iterdump(), f"PRAGMA user_version = {version};"))
    (folder / "ledger.sql").write_text(dump + "\n", encoding="utf-8")
    (folder / "config.toml").write_text(story.text, encoding="utf-8")
    shutil.copy(Path(__file__).parents[2] / "config.example.toml", folder / "config.example.toml")
    parts = {number: role for role, number in story.cast.ids.items()}
    deals = {
        parts[d["people"][0]["id"]]: d["id"]
        for d in crm.tables["deals"].values()
        if d["people"][0]["id"] in parts
    }
    _lines(
        folder / "facts.json",
        {
            "version": "0.1.0",
            "commit": COMMIT,
            "stopped": at(STOP, 9, 20).isoformat(),
            "people": story.cast.ids,
            "deals": deals,
            "late": story.late,
        },
    )


def _packed(book: dict[str, Any]) -> dict[str, Any]:
    """Pack the workbook: each look of a cell once, and equal rows as a number and one row."""
    looks: list[dict[str, Any]] = []

    def cell(found: dict[str, Any]) -> list[Any]:
        look = {name: part for name, part in found.items() if name != "userEnteredValue"}
        if look not in looks:
            looks.append(look)
        value = found.get("userEnteredValue") or {}
        return [looks.index(look), value.get("stringValue", value)]

    for tab in book["sheets"]:
        rows = [{column: cell(found) for column, found in line.items()} for line in tab["lines"]]
        tab["lines"] = [[len(list(alike)), row] for row, alike in itertools.groupby(rows)]
    return {**book, "looks": looks}


def _lines(path: Path, value: dict[str, Any]) -> None:
    """JSON with a line for every record or row, so that a difference can be read."""

    def written(value: Any, depth: int) -> str:
        if depth and isinstance(value, dict) and value:
            return (
                "{\n"
                + ",\n".join(
                    f"{json.dumps(str(k))}: {written(v, depth - 1)}" for k, v in value.items()
                )
                + "\n}"
            )
        if depth and isinstance(value, list) and value:
            return "[\n" + ",\n".join(written(v, depth - 1) for v in value) + "\n]"
        return json.dumps(value, ensure_ascii=False)

    path.write_text(written(value, 4 if "sheets" in value else 3) + "\n", encoding="utf-8")


def main() -> None:
    """Play the season and record it."""
    os.environ.update(season.ENVIRONMENT)
    with tempfile.TemporaryDirectory(prefix="steward-season-") as folder:
        story = Story(Path(folder))
        try:
            story.play()
            story.account.ledger.close()
            record(story, season.RECORDED)
        finally:
            story.box.stop()


if __name__ == "__main__":
    main()
