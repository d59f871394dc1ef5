"""The yearly home-value update: the agent approves the range first, then the full text.

Steward never computes, looks up, defaults or carries forward a value (MS-10, MS-17). The blanks of
the procedure's template stay blank until the agent has typed Value Low, Value High and Change into
the protected row and confirmed them. Every year has a row of its own. The text with those numbers
is a second row, approved like any draft. The clauses are MS-35, MS-36, MS-37 and MS-44.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from policies.asks import approvals, lint
from policies.asks.approvals import open_rows
from policies.asks.drafts import Facts, Unusable, render
from policies.asks.episodes import parsed
from policies.asks.followup import Matter, close, last_word
from policies.asks.question import Answer, Question, ask
from policies.asks.wants import Finding
from policies.facts import permission_questions
from policies.facts.contact_permission import Reason, Way, reason_against, refusal
from policies.facts.transactions import LEAVING_A_HOME
from policies.milestones import chain, wording
from policies.milestones.addressed import addressed
from policies.milestones.completion import is_over, was_sent
from policies.milestones.ground import home_lost, lost, lost_ground
from policies.milestones.homes import Excluded, Home, ground_of, homes_in_sight
from policies.milestones.touch import (
    Kind,
    Step,
    Touch,
    Wording,
    asked_of,
    not_begun,
    tasks_of,
)
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

DUE = 14
"""Days after the 12-month mark at which the update is due (X-04)."""
CLOSES = 30
"""Days after that until which it may still go out."""
VALUE = Kind(
    name="home-value update",
    lint=lint.home_value,
    code="value",
    remind="MS-35",
    send="MS-44",
    grace=DUE + CLOSES,
)
APART = 3
"""Days after the mark from which it goes out, well after the anniversary e-mail (X-04)."""
LOOK_BACK = 90
"""Days after its window for which an update is checked for having been missed."""
IN_SIGHT = DUE + CLOSES + LOOK_BACK
"""Days after a mark for which anything can happen to its update."""
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
    """Plan the update of every owned home near its mark, and withdraw what lost its ground."""
    asked, sent, barred = set[str](), set[str](), dict[str, Reason]()
    planned = set[tuple[str, date]]()
    for home, years, mark in _in_sight(s):
        planned.add((f"d{home.deal.id}", mark))
        answer, numbers = _range(s, home, years, mark)
        confirmed = answer.choice == approvals.APPROVE and not numbers.fault
        touch = _touch(s, home, years, mark, numbers if confirmed else None)
        ref = str(number_key(f"d{home.deal.id}", mark))
        if not was_sent(s, touch) and (reason := _barred(s, home, mark, answer)):
            barred[ref] = reason
            yield from _not_asked(s, replace(touch, unready=str(reason)), reason)
            continue
        if answer.choice == approvals.REJECT:
            yield from _no_update(s, touch)
        else:
            yield from chain.findings(s, touch)
        if was_sent(s, touch):
            sent.add(ref)
        elif answer.row and s.today <= touch.closes:
            asked.add(ref)
            yield answer.row
    yield from _closed_ranges(s, asked, sent, barred)
    yield from lost_ground(s, VALUE, _ground, planned)


def _in_sight(s: Snapshot) -> Iterator[tuple[Home, int, date]]:
    """Yield every owned home near a yearly mark, with the number of years and the mark."""

    def in_progress(deal: Deal, closing: date) -> bool:
        marks = occasions(closing, s.today, 0, IN_SIGHT)
        return any(_in_progress(s, deal, mark) for _, mark in marks)

    for home in homes_in_sight(s, s.today - IN_SIGHT * DAY, s.today, in_progress):
        if home.deal.side is not Side.BUYER or suppressed(s, home):
            continue
        for years, mark in occasions(home.closing, s.today, 0, IN_SIGHT):
            if _in_progress(s, home.deal, mark):
                yield home, years, mark


def _in_progress(s: Snapshot, deal: Deal, mark: date) -> bool:
    """Tell whether this year's update can need anything today."""
    subject = f"d{deal.id}"
    if mark < s.starts or is_over(s, VALUE, subject, mark):
        return False
    return not not_begun(s, VALUE, subject, mark, mark)


def _no_update(s: Snapshot, touch: Touch) -> Iterator[Finding]:
    """Withdraw everything open, and say so in the row: the agent wants no update this year."""
    because = "the agent wants no update this year"
    yield from close(asked_of(s, VALUE, touch.subject, touch.day), because, clause="MS-37")


def number_key(subject: str, mark: date) -> Key:
    """Return the key of the row in which the agent gives the range."""
    return VALUE.key("MS-37", subject, mark, "range")


def suppressed(s: Snapshot, home: Home) -> str:
    """Return why an owned home gets no update now, or "".

    Its owners are selling or under contract (X-06).
    """
    people = (s.contacts[i] for i in home.deal.person_ids if i in s.contacts)
    leaving = any(person.stage in LEAVING_A_HOME for person in people)
    return "the client is selling or under contract" if leaving else ""


# -- the range -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that the agent typed, in whole dollars, and the sentence about the change.

    `fault` says what is wrong with them, "" if nothing is.
    """

    low: int = 0
    high: int = 0
    change: str = ""
    fault: str = ""

    @classmethod
    def of(cls, row: Row | None) -> Range:
        """Read the range in the cells of *row*; its `fault` says what is still to be typed."""
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
    """Put the first of the two approvals: the agent's numbers.

    The answer is bound to the cells as they were when the agent confirmed them.
    """
    key = number_key(f"d{home.deal.id}", mark)
    row = s.workbook.row("Approvals", str(key))
    numbers = Range.of(row)
    columns = ("Value Low", "Value High", "Change")
    typed = "|".join(row.text(column) for column in columns) if row else ""
    text, facts = _blank(s, home)
    question = Question(
        key=key,
        clause="MS-37",
        text=text,
        facts=facts,
        due=mark + DUE * DAY,
        client=home.contact.name,
        person_id=home.contact.id,
        reason=(
            f"{_facts(home)}; {american(mark)} is the yearly mark for a home-value update"
            f" (year {years})"
        ),
        counted=typed,
        what=(
            f"Home value of {home.address or 'their home'}, year {years}:"
            f" your range from a real market analysis. {TYPE_IT}."
            " The full text then comes up for approval by itself."
        ),
        waiting=f"Waiting for your range. {TYPE_IT}",
    )
    answer = ask(s, question, not_ready=numbers.fault)
    if answer.row:
        asked = tasks_of(s, VALUE, key.subject, mark)
        answer = replace(answer, row=addressed(s, answer.row, home.contact, asked))
    return answer, numbers


def _barred(s: Snapshot, home: Home, mark: date, answer: Answer) -> Reason | None:
    """Return why the agent is not asked for the range now, or None (X-64).

    The update goes out by email alone. A range that the agent confirmed stays, and a mere hold
    closes no row that is open (X-66).
    """
    if answer.choice or answer.acted:
        return None
    if refused := refusal(s, home.contact, Way.EMAIL):
        return refused
    row = approvals.read(s.workbook, number_key(f"d{home.deal.id}", mark))
    if row and not row.over:
        return None
    return reason_against(s, home.contact, Way.TOUCH)


def _not_asked(s: Snapshot, touch: Touch, reason: Reason) -> Iterator[Finding]:
    """Ask what ends the hold instead of the range, and report the update once its time is over."""
    if s.today > touch.closes:
        yield from chain.findings(s, touch)
        return
    yield from permission_questions.asked_for(s, touch.contact, Way.TOUCH)
    if reason.positive:
        yield from lost(s, VALUE, touch.subject, touch.day, reason.text)


def _closed_ranges(
    s: Snapshot, asked: set[str], sent: set[str], barred: Mapping[str, Reason]
) -> Iterator[Finding]:
    """Give the rows of ranges that are not *asked* for today their last word."""
    for key, row in open_rows(s, "MS-37"):
        episode = parsed(key.episode)
        if row.ref in asked or episode is None:
            continue
        if row.ref in sent:
            yield last_word(row, f"{approvals.DONE}: the update was sent")
        elif because := _ground(s, key.subject, episode[0]):
            yield from close(Matter(rows=(row,)), because)
        elif row.ref in barred:
            yield from close(Matter(rows=(row,)), barred[row.ref].text)
        elif s.today > VALUE.closes(episode[0]):
            yield last_word(row, f"{approvals.DONE}: its time is over")


# -- the text --------------------------------------------------------------------------------------


def _touch(s: Snapshot, home: Home, years: int, mark: date, numbers: Range | None) -> Touch:
    target = mark + DUE * DAY
    earliest = mark if s.practice.milestones.combine_home_value else mark + APART * DAY
    send = max(s.business.on_or_after(earliest), s.today)
    return Touch(
        kind=VALUE,
        subject=f"d{home.deal.id}",
        contact=home.contact,
        opted_out=home.opted_out,
        day=mark,
        target=target,
        steps=(
            Step(
                "12m",
                Window(mark, target, VALUE.closes(mark)),
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
    unworded = words.unworded
    if not s.practice.agent_phone:
        unworded += ("MS-36: the message ends with your phone number (set agent.phone)",)
    return replace(words, unworded=unworded, merge={**words.merge, **_typed(numbers)})


def _typed(numbers: Range | None) -> dict[str, str]:
    if numbers is None:
        return {"value_low": "[X]", "value_high": "[X]", "value_change": BLANK_CHANGE}
    return {
        "value_low": f"{numbers.low:,}",
        "value_high": f"{numbers.high:,}",
        "value_change": numbers.change,
    }


def _blank(s: Snapshot, home: Home) -> tuple[str, Facts]:
    """Return the procedure's text with its blanks, which the agent sees beside the question, and
    the facts in it.
    """
    words = wording.agreed(s.practice, home, "home_value", "")
    merge = {**words.merge, **_typed(None)}
    try:
        return render(words.text, merge), Facts.of(merge, words.text)
    except Unusable as problem:
        return f"The template home_value cannot be used: {problem}", Facts.every(merge)


def _ground(s: Snapshot, subject: str, day: date) -> str:
    lost = home_lost(s, subject, day, lambda home: home.closing, "closing")
    deal = s.deal_by(subject)
    if lost or deal is None:
        return lost
    home = ground_of(s, deal)
    return "" if isinstance(home, Excluded) else suppressed(s, home)
