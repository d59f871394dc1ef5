"""Three years of 500 clients, against a calendar that knows nothing of the code (MS-53).

Every day people do things: dates are corrected, clients opt out, die or sell, the agent approves or does not, the VA sends
or does not. What was asked on which day must equal what the brute-force calendar below expects, day by day.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import pytest

from daemon.passes import plan as planning
from daemon.passes.forecast import after
from policies.asks import approvals
from policies.asks.wants import WantTask
from policies.registry import POLICIES
from policies.world.model import Task
from policies.world.practice import MilestoneOptions
from policies.world.sheet import Row, Tab
from policies.world.snapshot import Snapshot
from tests.scenes import STATES, TEMPLATES, at, client, practice, purchase, sale, snapshot

START, DAYS, CLIENTS = date(2026, 3, 2), 3 * 365 + 1, 500
OFFICES = 4
"""The clients are shared out among so many brokerages, so that several processes can live the three years."""
D = timedelta(days=1)
WINDOW = 100 * D  # tasks are read this far to either side of today

MILESTONES = [policy for policy in POLICIES if policy.name.startswith("milestones.")]


# -- the world: what happens to whom, and when -------------------------------------------------------------------------


@dataclass
class Client:
    """One household: what is true of it from when on, written down before anything runs."""

    number: int
    closing: date
    born: tuple[int, int] | None
    corrected: tuple[date, date] | None = None   # (on which day, to which closing date)
    opted_out: date | None = None
    died: date | None = None
    sold: date | None = None
    chance: random.Random = field(default_factory=random.Random)

    def closing_on(self, day: date) -> date:
        return self.corrected[1] if self.corrected and day >= self.corrected[0] else self.closing

    def reachable(self, day: date) -> bool:
        return not ((self.opted_out and day >= self.opted_out) or (self.died and day >= self.died))

    def owns(self, day: date) -> bool:
        return not (self.sold and day >= self.sold)


def world(seed: int) -> list[Client]:
    draw = random.Random(seed)
    found = []
    for number in range(1, CLIENTS + 1):
        closing = START - timedelta(days=draw.randrange(20, 2400))
        one = Client(number, closing, (draw.randrange(1, 13), draw.randrange(1, 29)) if draw.random() < 0.5 else None,
                     chance=random.Random(seed * 1000 + number))
        if draw.random() < 0.02:
            one.closing, one.born = date(2024, 2, 29), (2, 29)
        fate, when = draw.random(), START + timedelta(days=draw.randrange(5, DAYS))
        if fate < 0.10:
            one.corrected = (when, one.closing + timedelta(days=draw.choice((-40, -6, -3, -1, 1, 2, 5, 9, 30))))
        elif fate < 0.16:
            one.opted_out = when
        elif fate < 0.18:
            one.died = when
        elif fate < 0.26:
            one.sold = when
        found.append(one)
    return found


@lru_cache(maxsize=20_000)
def delay(ref: str, seed: int, among: tuple[int | None, ...]) -> int | None:
    """How many days somebody takes over *ref*, or None for never; the same in the world and in the calendar."""
    return random.Random(f"{seed} {ref}").choice(among)


AGENT_TAKES: tuple[int | None, ...] = (0, 1, 2, 4, 7, None)
VA_TAKES: tuple[int | None, ...] = (0, 1, 3, 8, None)


# -- the calendar: a second, independent reading of the procedure -------------------------------------------------------


def holidays(year: int) -> set[date]:
    def nth(month: int, weekday: int, n: int) -> date:
        day = date(year, month, 1)
        return day + timedelta(days=(weekday - day.weekday()) % 7 + 7 * (n - 1))

    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25), date(year + 1, 1, 1)]
    observed = {day - D if day.weekday() == 5 else day + D if day.weekday() == 6 else day for day in fixed}
    last_monday_of_may = max(date(year, 5, n) for n in range(25, 32) if date(year, 5, n).weekday() == 0)
    return observed | {nth(1, 0, 3), nth(2, 0, 3), last_monday_of_may, nth(9, 0, 1), nth(10, 0, 2), nth(11, 3, 4)}


HOLIDAYS = set().union(*(holidays(year) for year in range(2025, 2032)))


def working(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def last_before(day: date) -> date:
    day -= D
    while not working(day):
        day -= D
    return day


def comes_round(first: date, year: int) -> date:
    return date(year, 2, 28) if (first.month, first.day) == (2, 29) and year % 4 else first.replace(year=year)


@dataclass
class Occasion:
    """One occasion as the calendar follows it: when each of its things was asked."""

    rule: str
    subject: str
    day: date
    code: str
    send_rule: str
    target: date
    closes: date
    asked: dict[str, date] = field(default_factory=dict)
    approved: date | None = None
    sent: date | None = None

    def mark(self, rule: str, step: str) -> str:
        return f"{rule} {self.subject} {self.day:%Y%m%d}-{self.code}{step}"


def calendar(clients: list[Client], seed: int) -> dict[str, date]:
    """Mark -> the day on which it must have been asked, for three years, day by day and client by client."""
    asked: dict[str, date] = {}
    for one in clients:
        follow(one, seed, asked)
    return asked


def follow(one: Client, seed: int, asked: dict[str, date]) -> None:
    occasions: dict[tuple[str, date], Occasion] = {}
    for n in range(DAYS):
        today = START + n * D
        if not one.reachable(today):
            continue
        for occasion in in_sight(one, today):
            known = occasions.setdefault((occasion.code + occasion.subject, occasion.day), occasion)
            others = [o for o in occasions.values() if (o.code, o.subject) == (known.code, known.subject) and o.sent and o.sent < today
                      and o is not known]
            if any(o.day.year == known.day.year or abs((o.day - known.day).days) <= 60 for o in others):
                continue
            step(one, known, today, seed, asked)


def in_sight(one: Client, today: date) -> Iterator[Occasion]:
    closing = one.closing_on(today)
    for year in range(today.year - 1, today.year + 2):
        if one.owns(today) and year > closing.year:
            day = comes_round(closing, year)
            if day >= START and day - 30 * D <= today <= day + 3 * D:
                yield Occasion("MS-04", f"d{one.number}", day, "", "MS-42", day, day + 2 * D)
            if day >= START and day <= today <= day + 45 * D:
                yield Occasion("MS-35", f"d{one.number}", day, "value-", "MS-44", day + 14 * D, day + 44 * D)
        if one.sold and today >= one.sold and year - one.sold.year in {1, 2, 5}:  # remembered as a seller from then on
            day = comes_round(one.sold, year)
            if day - 30 * D <= today <= day + 3 * D:
                yield Occasion("MS-04", f"d{10_000 + one.number}", day, "", "MS-42", day, day + 2 * D)
        if one.born:
            day = comes_round(date(2000, *one.born), year)
            if day >= START and day - 30 * D <= today <= day + D:
                yield Occasion("MS-04", f"p{one.number}", day, "birthday-", "MS-43", day, day)


def step(one: Client, o: Occasion, today: date, seed: int, asked: dict[str, date]) -> None:
    def ask(mark: str) -> None:
        asked.setdefault(mark, today)
        o.asked.setdefault(mark, today)

    if o.sent and o.sent < today:
        return
    if today > o.closes:  # approved and not sent: the agent hears of it
        if o.approved and not sent_by(o, today, seed):
            ask(o.mark(o.send_rule, "late"))
        return
    drafting = value(o, today, seed, ask) if o.code == "value-" else reminders(o, today, ask)
    if drafting:
        ask(o.mark("MS-09", "draft"))
        takes = delay(o.mark("MS-09", "draft"), seed, AGENT_TAKES)
        decided = takes is not None and today >= o.asked[o.mark("MS-09", "draft")] + (takes + 1) * D
        years = o.day.year - one.closing_on(today).year
        bought = o.subject == f"d{one.number}"
        late_for_today = bought and not o.code and years == 1 and today > o.day  # the year-1 mail says "today"
        if o.approved is None and decided and not late_for_today:
            o.approved = today
            ask(o.mark(o.send_rule, "send"))
    opens = o.target - 2 * D
    opens = opens if working(opens) else last_before(opens)
    if o.approved is None and today >= opens and today <= o.closes:
        ask(o.mark("MS-45", "48h"))
    if sent_by(o, today, seed):
        o.sent = today - D


def sent_by(o: Occasion, today: date, seed: int) -> bool:
    """Whether the VA has ticked the send task off before *today*."""
    takes = delay(o.mark(o.send_rule, "send"), seed, VA_TAKES)
    return o.approved is not None and takes is not None and today >= o.approved + (takes + 1) * D


def reminders(o: Occasion, today: date, ask: Any) -> bool:
    seven = last_before(o.day - 7 * D) <= today <= o.closes
    fourteen = last_before(o.day - 14 * D) <= today <= o.day - 8 * D
    if seven:
        ask(o.mark("MS-04", "7d"))
    elif fourteen:
        ask(o.mark("MS-04", "14d"))
    return seven


def value(o: Occasion, today: date, seed: int, ask: Any) -> bool:
    ask(o.mark("MS-35", "12m"))
    ask(o.mark("MS-37", "range"))
    takes = delay(o.mark("MS-37", "range"), seed, AGENT_TAKES)
    return takes is not None and today >= o.asked[o.mark("MS-37", "range")] + (takes + 1) * D


# -- the machine: the real policies, plan and its consequences ----------------------------------------------------------


def first_day(clients: list[Client]) -> Snapshot:
    people = [client(c.number, first_name=f"C{c.number}", addresses=(), fields=fields(c, START)) for c in clients]
    deals = [purchase(c.closing, c.number, (c.number,), name=f"{c.number + 100} Elm St") for c in clients]
    s = snapshot(START, people, deals, activated=START)
    words = {**TEMPLATES, "anniversary_seller": "Hi {{ client_first_name }} —\nThinking of you.\n{{ agent_name }}"}
    return replace(s, practice=practice(templates=words, homestead={code: replace(rule, deadlines=()) for code, rule in STATES.items()},
                                        milestones=MilestoneOptions(year_2_subject="Thinking of you")))


def fields(c: Client, today: date) -> dict[str, str]:
    found = {"closing_anniversary": str(c.closing_on(today))}
    return found | ({"birthday": f"1980-{c.born[0]:02}-{c.born[1]:02}"} if c.born else {})


def facts_of(s: Snapshot, clients: list[Client], today: date) -> Snapshot:
    """What becomes true on *today*."""
    people, deals = dict(s.contacts), dict(s.deals)
    turning = [c for c in clients if today in {c.corrected and c.corrected[0], c.opted_out, c.died, c.sold}]
    if not turning:
        return s
    for c in turning:
        if c.corrected and c.corrected[0] == today:
            people[c.number] = replace(people[c.number], fields=fields(c, today))
        if today in {c.opted_out, c.died}:
            people[c.number] = replace(people[c.number], tags=("DNC",) if today == c.opted_out else ("Deceased",))
        if c.sold == today:
            deals[10_000 + c.number] = sale(today, 10_000 + c.number, (c.number,), name=f"{c.number + 100} Elm St")
    return replace(s, contacts=people, deals=deals)


class Machine:
    """The pass, day after day, with the agent and the VA at work in between."""

    def __init__(self, clients: list[Client], seed: int) -> None:
        self.s, self.clients, self.seed = first_day(clients), clients, seed
        self.by_number = {c.number: c for c in clients}
        self.asked: dict[str, date] = {}
        self.all_tasks: dict[int, Task] = {}

    def run(self) -> dict[str, date]:
        for n in range(DAYS):
            today = START + n * D
            if n % 30 == 0:
                self.forget_old_rows(today)
            self.people_work(today)
            self.s = facts_of(replace(self.s, now=at(today)), self.clients, today)
            self.one_pass(today)
        return self.asked

    def one_pass(self, today: date) -> None:
        known = self.in_window(today)
        self.s = replace(self.s, tasks=tuple(known.values()))
        plan = planning.make(self.s, [f for p in MILESTONES for f in p.decide(self.s)])
        for action in plan.actions:
            if (action.entity, action.verb) in {("task", "create"), ("Approvals", "append")}:
                assert action.mark not in self.asked, f"{action.mark} was asked twice: {self.asked[action.mark]} and {today}"
                self.asked[action.mark] = today
            if isinstance(action.want, WantTask):
                self.allowed(action.want, today)
        self.s = after(self.s, plan)
        for task in self.s.tasks:
            number = task.id if task.id in known else len(self.all_tasks) + 1
            self.all_tasks[number] = replace(task, id=number) if number != task.id else task
        if today.day == 1:  # a second pass finds nothing to do
            again = replace(self.s, tasks=tuple(self.in_window(today).values()))
            assert [a.mark for a in planning.make(again, [f for p in MILESTONES for f in p.decide(again)]).actions] == []

    def in_window(self, today: date) -> dict[int, Task]:
        first, last = today - WINDOW, today + WINDOW
        return {number: task for number, task in self.all_tasks.items() if task.due and first <= task.due <= last}

    def allowed(self, want: WantTask, today: date) -> None:
        """Nothing for anyone outside scope."""
        c = self.by_number[want.person_id]
        assert c.reachable(today)
        assert c.owns(today) or "birthday" in want.key.episode or want.key.subject == f"d{10_000 + c.number}"

    def people_work(self, today: date) -> None:
        """The agent decides, the VA ticks off, each after the days they take over a thing."""
        rows = [self.decided(row, today) for row in self.s.workbook.rows("Approvals")]
        self.s = replace(self.s, workbook=replace(self.s.workbook, tabs={**self.s.workbook.tabs, "Approvals": Tab("Approvals", tuple(rows))}))
        for task in [task for task in self.all_tasks.values() if not task.completed]:
            mark = str(task.key)
            takes = delay(mark, self.seed, VA_TAKES) if mark.endswith("-send") else None
            if takes is not None and today >= self.asked[mark] + (takes + 1) * D:
                self.all_tasks[task.id] = replace(task, completed=True, completed_at=at(today - D))

    def decided(self, row: Row, today: date) -> Row:
        takes = delay(row.ref, self.seed, AGENT_TAKES) if row.ref.startswith(("MS-09", "MS-37")) else None
        if takes is None or row.text("Decision") or today < self.asked[row.ref] + (takes + 1) * D:
            return row
        numbers: dict[str, Any] = {"Value Low": 410000, "Value High": 450000, "Change": "significant"} if row.ref.startswith("MS-37") else {}
        return Row(row.ref, {**row.cells, **numbers, "Decision": "Approve"})

    def forget_old_rows(self, today: date) -> None:
        """What the VA tidies up now and then: rows that are over, but for the record of what was sent."""
        tab = self.s.workbook.tabs["Approvals"]
        kept = tuple(r for r in tab.rows if not (r.text("Status").startswith(approvals.FINAL[1:]) and self.asked[r.ref] < today - WINDOW))
        missed = Tab("Missed")
        self.s = replace(self.s, workbook=replace(self.s.workbook, tabs={**self.s.workbook.tabs, "Approvals": Tab("Approvals", kept), "Missed": missed}))


@pytest.mark.clause("MS-53", "MS-26", "MS-02", "MS-04", "MS-42", "MS-43", "MS-44", "X-36", "X-60", "X-81")
@pytest.mark.parametrize("office", range(OFFICES))
def test_what_was_asked_when_equals_a_calendar_made_by_hand(office: int) -> None:
    clients = world(seed=11)[office::OFFICES]
    found, expected = Machine(clients, seed=11).run(), calendar(clients, seed=11)
    ours = {mark: day for mark, day in found.items() if not mark.startswith(("MS-28", "MS-25", "MS-41"))}

    differing = sorted({mark for mark in ours.keys() | expected.keys() if ours.get(mark) != expected.get(mark)})
    assert {m: (ours.get(m), expected.get(m)) for m in differing[:20]} == {}
    assert len(ours) > 10_000 / OFFICES
    years = defaultdict(set)
    for c in clients:
        for year in (1, 2, 5):
            day = comes_round(c.closing, c.closing.year + year)
            if START + 20 * D <= day <= START + (DAYS - 5) * D and not (c.corrected or c.opted_out or c.died or c.sold):
                years[year].add(f"MS-04 d{c.number} {day:%Y%m%d}-7d" in ours)
    assert dict(years) == {1: {True}, 2: {True}, 5: {True}}
