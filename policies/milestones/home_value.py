"""The yearly home-value update: the agent's range first, then the full text, each approved by
itself (MS-35, 36, 37, 44).

Steward never computes, looks up, defaults or carries forward a value (MS-10, MS-17): the blanks of
the procedure's template stay blank until the agent has typed Value Low, Value High and Change into
the protected row and confirmed them; every year has a row of its own. The text with those numbers
is a second row, approved like any draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from policies.asks import approvals, lint
from policies.asks.approvals import open_rows
from policies.asks.drafts import Unusable, render
from policies.asks.episodes import parsed
from policies.asks.followup import Matter, close, last_word
from policies.asks.question import Answer, Question, ask
from policies.asks.wants import Finding
from policies.facts.transactions import LEAVING_A_HOME
from policies.milestones import chain, wording
from policies.milestones.completion import is_over, was_sent
from policies.milestones.ground import home_lost, lost_ground
from policies.milestones.homes import Excluded, Home, ground_of, homes_in_sight
from policies.milestones.touch import Kind, Step, Touch, Wording, asked_of, asleep
from policies.values.numbers import whole_dollars
from policies.world.calendar import (
    DAY,
    Window,
    american,
    occasions,
    short,
)
from policies.world.model import Deal, Key, Side
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot

VALUE = Kind(
    name="home-value update", lint=lint.home_value, code="value", remind="MS-35", send="MS-44"
)
DUE = 14
"""Days after the 12-month mark at which the update is due (X-04)."""
CLOSES = 30
"""Days after that until which it may still go out."""
APART = 3
"""Days after the mark from which it goes out, so that it never meets the anniversary e-mail (X-04).
"""
LOOK_BACK = 90
BLANK_CHANGE = (
    "[an increase of approximately $X vs. your purchase price / a significant change from when you"
    " bought]"
)
TYPE_IT = (
    'Type Value Low, Value High and Change ("increase 45000" or "significant"), then choose Approve'
)
_INCREASE = re.compile(r"(?:an? )?increase(?: of)?(?: approximately)? (?P<amount>\S+)", re.I)
_SIGNIFICANT = re.compile(r"(?:a )?significant(?: change)?", re.I)


def decide(s: Snapshot) -> Iterator[Finding]:
    """What is asked today for every owned home near its yearly mark, and which rows and tasks lost
    their ground.
    """
    alive, sent = set[str](), set[str]()

    def asks(deal: Deal, closing: date) -> bool:
        return any(
            _awake(s, deal, mark)
            for _, mark in occasions(closing, s.today, 0, DUE + CLOSES + LOOK_BACK)
        )

    for home in homes_in_sight(s, s.today - (DUE + CLOSES + LOOK_BACK) * DAY, s.today, asks):
        if home.deal.side is not Side.BUYER or suppressed(s, home):
            continue
        for years, mark in occasions(home.closing, s.today, 0, DUE + CLOSES + LOOK_BACK):
            subject = f"d{home.deal.id}"
            if not _awake(s, home.deal, mark):
                continue
            answer, numbers = _range(s, home, years, mark)
            touch = _touch(
                s,
                home,
                years,
                mark,
                numbers if answer.choice == approvals.APPROVE and not numbers.fault else None,
            )
            yield from (
                _no_update(s, touch)
                if answer.choice == approvals.REJECT
                else chain.findings(s, touch)
            )
            ref, went_out = str(number_key(subject, mark)), was_sent(s, touch)
            if went_out and not answer.acted:
                sent.add(ref)
            elif answer.row and s.today <= touch.closes:
                alive.add(ref)
                yield answer.row
    yield from _closed_ranges(s, alive, sent)
    yield from lost_ground(s, VALUE, _ground)


def _awake(s: Snapshot, deal: Deal, mark: date) -> bool:
    """Whether anything can be asked of this year's update today."""
    return (
        mark >= s.starts
        and not is_over(s, VALUE, f"d{deal.id}", mark)
        and not asleep(s, VALUE, f"d{deal.id}", mark, mark)
    )


def _no_update(s: Snapshot, touch: Touch) -> Iterator[Finding]:
    """The agent wants none this year: what is open of it is withdrawn, and its row says so."""
    because = "the agent wants no update this year"
    yield from close(asked_of(s, VALUE, touch.subject, touch.day), because, clause="MS-37")


def number_key(subject: str, mark: date) -> Key:
    """The key of the row in which the agent gives the range."""
    return VALUE.key("MS-37", subject, mark, "range")


def suppressed(s: Snapshot, home: Home) -> str:
    """Why an owned home gets no update now, or "": its owners are selling or under contract
    (X-06).
    """
    people = (s.contacts[i] for i in home.deal.person_ids if i in s.contacts)
    leaving = any(person.stage in LEAVING_A_HOME for person in people)
    return "the client is selling or under contract" if leaving else ""


# -- the range -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Range:
    """What the agent typed: whole dollars, and the change sentence those words stand for. `fault`
    says what is amiss.
    """

    low: int = 0
    high: int = 0
    change: str = ""
    fault: str = ""

    @classmethod
    def of(cls, row: Row | None) -> Range:
        """The range in the cells of *row*, or what is still to be typed."""
        if row is None:
            return cls(fault=TYPE_IT)
        low, high = (whole_dollars(row.cells.get(name)) for name in ("Value Low", "Value High"))
        if low is None or high is None:
            return cls(fault="MS-37: Value Low and Value High must both be whole dollar amounts")
        if low > high:
            return cls(fault=f"MS-37: Value Low {low:,} is above Value High {high:,}")
        change = row.text("Change").rstrip(".")
        if _SIGNIFICANT.fullmatch(change):
            return cls(low, high, "a significant change from when you bought")
        said = _INCREASE.fullmatch(change)
        if amount := whole_dollars(said["amount"] if said else row.cells.get("Change")):
            return cls(
                low, high, f"an increase of approximately ${amount:,} vs. your purchase price"
            )
        return cls(
            fault='MS-10: Change must be "significant", or "increase" with your number of dollars'
        )


def _range(s: Snapshot, home: Home, years: int, mark: date) -> tuple[Answer, Range]:
    """The first of the two approvals: the agent's numbers, bound to what stood in the cells when
    they were confirmed.
    """
    key = number_key(f"d{home.deal.id}", mark)
    row = s.workbook.row("Approvals", str(key))
    numbers = Range.of(row)
    typed = (
        "|".join(row.text(column) for column in ("Value Low", "Value High", "Change"))
        if row
        else ""
    )
    question = Question(
        key=key,
        clause="MS-37",
        text=_blank(s, home),
        due=mark + DUE * DAY,
        client=home.contact.name,
        person_id=home.contact.id,
        reason=(
            f"{_facts(home)}; {american(mark)} is the yearly mark for a home-value update (year"
            f" {years})"
        ),
        counted=typed,
        what=(
            f"Home value of {home.address or 'their home'}, year {years}: your range from a real"
            f" market analysis. {TYPE_IT}. The full text then comes up for approval by itself."
        ),
        waiting=f"Waiting for your range. {TYPE_IT}",
    )
    return ask(s, question, not_ready=numbers.fault), numbers


def _closed_ranges(s: Snapshot, alive: set[str], sent: set[str]) -> Iterator[Finding]:
    """The last word in the rows of ranges that are not asked for any more."""
    for key, row in open_rows(s, "MS-37"):
        episode = parsed(key.episode)
        if row.ref in alive or episode is None:
            continue
        if row.ref in sent:
            yield last_word(row, f"{approvals.DONE}: the update was sent")
        elif because := _ground(s, key.subject, episode[0]):
            yield from close(Matter(rows=(row,)), because)
        elif s.today > episode[0] + (DUE + CLOSES) * DAY:
            yield last_word(row, f"{approvals.DONE}: its time is over")


# -- the text --------------------------------------------------------------------------------------


def _touch(s: Snapshot, home: Home, years: int, mark: date, numbers: Range | None) -> Touch:
    target, closes = mark + DUE * DAY, mark + (DUE + CLOSES) * DAY
    earliest = mark if s.practice.milestones.combine_home_value else mark + APART * DAY
    send = max(s.business.on_or_after(earliest), s.today)
    return Touch(
        kind=VALUE,
        subject=f"d{home.deal.id}",
        contact=home.contact,
        day=mark,
        target=target,
        closes=closes,
        steps=(
            Step(
                "12m",
                Window(mark, target, closes),
                to_agent=True,
                drafts=numbers is not None,
                why="the update is due 14 days later",
                says=f"Give the value range in Approvals for {home.address or 'their home'}",
            ),
        ),
        title=f"Home value update, year {years}",
        occasion=f"year {years}, due {short(target)}",
        facts=f"{_facts(home)}; the yearly mark is {american(mark)} (year {years})",
        medium="e-mail",
        send_due=send,
        send_on=send,
        send_when=f"not before {short(earliest)}",
        unready="" if numbers else "MS-37: the range is not confirmed in its own row",
        words=lambda: _words(s, home, numbers),
    )


def _facts(home: Home) -> str:
    return (
        f"{home.contact.name} bought {home.address or 'their home'} on {american(home.closing)}"
        f" (from {home.closing_from})"
    )


def _words(s: Snapshot, home: Home, numbers: Range | None) -> Wording:
    words = wording.agreed(s.practice, home, "home_value", "MS-36: there is no home-value wording")
    questions = list(words.questions)
    if not s.practice.agent_phone:
        questions.append("MS-36: the message ends with your phone number (set agent.phone)")
    return replace(words, questions=tuple(questions), merge={**words.merge, **_typed(numbers)})


def _typed(numbers: Range | None) -> dict[str, str]:
    if numbers is None:
        return {"value_low": "[X]", "value_high": "[X]", "value_change": BLANK_CHANGE}
    return {
        "value_low": f"{numbers.low:,}",
        "value_high": f"{numbers.high:,}",
        "value_change": numbers.change,
    }


def _blank(s: Snapshot, home: Home) -> str:
    """The procedure's text with its blanks, as the agent sees it when asked for the range."""
    words = wording.agreed(s.practice, home, "home_value", "")
    try:
        return render(words.text, {**words.merge, **_typed(None)})
    except Unusable as problem:
        return f"The template home_value cannot be used: {problem}"


def _ground(s: Snapshot, subject: str, day: date) -> str:
    lost = home_lost(s, subject, day, lambda home: home.closing, "closing")
    deal = s.deal_by(subject)
    if lost or deal is None:
        return lost
    home = ground_of(s, deal)
    return "" if isinstance(home, Excluded) else suppressed(s, home)
