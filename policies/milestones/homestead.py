"""Homestead filing: reminders before the first deadline the buyer can meet (MS-28, MS-30).

They come once per home, and only under a state rule that the agent has confirmed; a state not
confirmed is one question to the agent and no date. The year follows from the state's qualifying
day, not from the closing alone (X-11). The draft asks the agent whether the home is their primary
residence; that is never assumed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from policies.asks import approvals, lint
from policies.asks.drafts import digest
from policies.asks.followup import Matter, close, of_rule
from policies.asks.question import Question, ask
from policies.asks.wants import Finding, WantField, WantRow, WantTask
from policies.facts.closings import deal_date
from policies.milestones import chain, wording
from policies.milestones.ground import lost_ground
from policies.milestones.homes import Excluded, Home, clients_on, ground_of, latest_deal
from policies.milestones.touch import (
    Kind,
    Step,
    Touch,
    Wording,
    medium_of,
    not_begun,
    why_instead,
)
from policies.values.addresses import same_place
from policies.values.dates import iso_date
from policies.world import memory
from policies.world.calendar import DAY, american, reminder, short
from policies.world.homestead_states import StateRule, code_of
from policies.world.memory import HOMESTEAD_RULE
from policies.world.model import Key, Side
from policies.world.snapshot import Snapshot, tagged

HOMESTEAD = Kind(
    name="homestead reminder",
    lint=lint.homestead,
    code="homestead",
    remind="MS-28",
    send="MS-30",
    once=True,
)
NOT_THEIRS = "Not their residence"
UNKNOWN = "unknown"
STATE = "-state"
"""How the episode of the VA's task to enter a state ends."""
ENTER_STATE = 60
"""Days after a closing for which the VA is asked to enter a state that no address names."""
LOOK_BACK = 90
"""Days for which a passed deadline is checked for having been missed."""
REACH = 520
"""Days after a closing by which its first filing window has ended, in every state."""


def decide(s: Snapshot) -> Iterator[Finding]:
    """Plan the reminders of recent buyers, ask about states, and withdraw what lost its ground."""
    asked, planned = set[str](), set[tuple[str, date]]()
    for home in _recent(s):
        deadline, source, state = deadline_of(s, home)
        if state and state not in asked and _still_ahead(s, home, state):
            asked |= {state} - {UNKNOWN}  # a home without a state is asked about by itself
            yield from _ask_about(s, home, state)
        if deadline and deadline >= max(s.starts, s.today - LOOK_BACK * DAY):
            planned.add((f"d{home.deal.id}", deadline))
            yield from _reminded(s, home, deadline, source)
    yield from _states_known(s)
    yield from lost_ground(s, HOMESTEAD, _ground, planned)


def _reminded(s: Snapshot, home: Home, deadline: date, source: str) -> Iterator[Finding]:
    yield from _field(s, home, deadline)
    touch = _touch(s, home, deadline, source)
    if not not_begun(s, HOMESTEAD, touch.subject, deadline, touch.steps[0].window.opens):
        yield from chain.findings(s, touch)


def _recent(s: Snapshot) -> Iterator[Home]:
    """Yield the homes bought so recently that their first filing window may be open."""
    for deal in s.closed_deals:
        day = deal_date(s, deal) if deal.side is Side.BUYER else None
        if day and 0 <= (s.today - day).days <= REACH:
            home = ground_of(s, deal)
            if isinstance(home, Home) and not excluded(s, home):
                yield home


def excluded(s: Snapshot, home: Home) -> str:
    """Return why this home needs no homestead reminder, or "" (X-11, regulatory D.1)."""
    if home.deal.side is not Side.BUYER:
        return "they sold, and own no home bought with the agent"
    buyers = clients_on(s, home.deal) or [home.contact]
    invested = any(tagged(buyer, s.practice.tags.investor) for buyer in buyers)
    return "they bought it as an investment, not as their residence" if invested else ""


def state_of(s: Snapshot, home: Home) -> str:
    """Return the two letters of the home's state, "" if it is not known.

    They are those of the home's own address, else the configured ones.
    """
    for address in home.contact.addresses:
        if same_place(address.street, home.address) and address.state.strip():
            return code_of(address.state)
    return code_of(s.practice.milestones.state)


def deadline_of(s: Snapshot, home: Home) -> tuple[date | None, str, str]:
    """Return the deadline, its source, and the state whose rule must be asked about first.

    There is no deadline by a rule that the agent has not confirmed. Without one the third value is
    a state's code, `UNKNOWN`, or "" if the state has a confirmed rule.
    """
    if _is_latest(s, home):
        written = iso_date(home.contact.fields.get("homestead_deadline", ""))
        if written and written > home.closing:
            return written, "the field Homestead Deadline", ""
    state = state_of(s, home)
    rule = s.practice.homestead.get(state)
    if rule is None or not rule.deadlines or not confirmed(s, rule):
        return None, "", state or UNKNOWN
    return rule.deadline_after(home.closing), f"{rule.name}'s rule, which you confirmed", ""


def _is_latest(s: Snapshot, home: Home) -> bool:
    """Tell whether the contact's one deadline field is about this home: the latest they bought."""
    latest = latest_deal(s, home.contact)
    return latest is not None and latest.id == home.deal.id


def confirmed(s: Snapshot, rule: StateRule) -> bool:
    """Tell whether the agent has confirmed the rule as it is now, and not taken that back.

    A rule that changed is asked about again.
    """
    agreed = HOMESTEAD_RULE.value(s.workbook, rule.code)
    answer = approvals.read(s.workbook, _rule_key(rule.code))
    refused = answer is not None and answer.says(approvals.REJECT)
    return agreed == digest(rule.question) and not refused


def _rule_key(state: str) -> Key:
    return Key("MS-28", f"s{state}", "rule")


def _still_ahead(s: Snapshot, home: Home, state: str) -> bool:
    """Tell whether the home's first filing window is still to come, so that the rule matters."""
    rule = s.practice.homestead.get(state)
    deadline = rule.deadline_after(home.closing) if rule else None
    if deadline:
        return deadline >= max(s.today, s.starts)
    return (s.today - home.closing).days <= 365


def _ask_about(s: Snapshot, home: Home, state: str) -> Iterator[Finding]:
    """Ask the VA for a state that is not known, else the agent whether its rule is right."""
    if state != UNKNOWN:
        yield from _ask_rule(s, home, state, s.practice.homestead.get(state))
    elif (s.today - home.closing).days <= ENTER_STATE and home.closing >= s.starts:
        yield _ask_state(s, home)


def _ask_state(s: Snapshot, home: Home) -> Finding:
    name = home.contact.name
    return Finding(
        "MS-28",
        f"{name} closed on {american(home.closing)}, and no address of theirs names a state",
        WantTask(
            key=Key("MS-28", f"d{home.deal.id}", f"{home.closing:%Y%m%d}{STATE}"),
            person_id=home.contact.id,
            kind="Follow Up",
            name=f"Enter the state in the address (for the homestead deadline): {name}",
            assignee=s.practice.va_id,
            due=s.business.after(s.today, 3),
            useful_until=home.closing + ENTER_STATE * DAY,
        ),
    )


def _states_known(s: Snapshot) -> Iterator[Finding]:
    """End the task to enter a state once it is known, or no longer matters (X-81)."""
    for task in of_rule(s, "MS-28").open_tasks:
        if task.key is None or not task.key.base.episode.endswith(STATE):
            continue
        deal = s.deal_by(task.key.subject)
        home = ground_of(s, deal) if deal else None
        if isinstance(home, Home) and (because := _state_settled(s, home)):
            yield from close(Matter((task,)), because, over=True)


def _state_settled(s: Snapshot, home: Home) -> str:
    if state := state_of(s, home):
        return f"the state is {state}"
    if because := excluded(s, home):
        return because
    return "a deadline was entered" if deadline_of(s, home)[0] else ""


def _ask_rule(s: Snapshot, home: Home, state: str, rule: StateRule | None) -> Iterator[Finding]:
    known = rule is not None and bool(rule.deadlines)
    question = Question(
        key=_rule_key(state),
        clause="MS-28",
        text=rule.question if rule and known else _no_rule(state, rule),
        due=s.business.after(s.today, 5),
        choices=approvals.CHOICES if known else ("Noted",),
        what=f"Homestead filing in {rule.name if rule else state}: is this right?",
        reason=(
            f"{home.contact.name} closed there on {american(home.closing)};"
            " a deadline is set only once you have confirmed it"
        ),
    )
    answer = ask(s, question)
    if rule and known and answer.choice == approvals.APPROVE:
        yield Finding(
            "MS-28",
            "the agent confirmed the rule",
            WantRow(
                tab=memory.TAB,
                ref=HOMESTEAD_RULE.ref(state),
                keep=HOMESTEAD_RULE.cells(digest(rule.question), s.stamp),
            ),
        )
    if answer.row:
        yield answer.row


def _no_rule(state: str, rule: StateRule | None) -> str:
    where = f"{rule.name}: {rule.says}" if rule else f"{state}."
    return (
        f"No homestead filing date is known for {where}\n"
        "If your clients there file one, have the date entered in the contact's field"
        " Homestead Deadline; Steward then reminds in time. Until then it sets no date."
    )


def _field(s: Snapshot, home: Home, deadline: date) -> Iterator[Finding]:
    """Write the deadline into its empty field, at closing (MS-03).

    A date that is in the field already was entered by a person and stays.
    """
    by_hand = s.practice.milestones.date_method == "task"
    if by_hand or "homestead_deadline" in home.contact.fields:
        return
    if home.closing < s.starts or deadline < s.today or not _is_latest(s, home):
        return
    yield Finding(
        "MS-03",
        (
            f"{home.contact.name} closed on {american(home.closing)};"
            f" the first homestead deadline is {american(deadline)}"
        ),
        WantField(
            key=HOMESTEAD.key("MS-03", f"p{home.contact.id}", deadline, "field"),
            person_id=home.contact.id,
            field="homestead_deadline",
            value=deadline.isoformat(),
        ),
    )


def _touch(s: Snapshot, home: Home, deadline: date, source: str) -> Touch:
    def step(days: int, until: int, says: str, *, to_agent: bool) -> Step:
        return Step(
            f"{days}d",
            reminder(deadline, days, deadline - until * DAY, s.business),
            to_agent=to_agent,
            says=says,
            why=f"{days} days before the deadline",
        )

    earlier = ""
    if deadline not in s.business:
        last = american(s.business.before(deadline))
        earlier = f" {american(deadline)} is not a business day: have it filed by {last}."
    where = home.address or "their home"
    medium, instead = medium_of(s, home.contact, "e-mail")
    approve = f"Approve only if {where} is their primary residence"
    return Touch(
        kind=HOMESTEAD,
        subject=f"d{home.deal.id}",
        contact=home.contact,
        opted_out=home.opted_out,
        day=deadline,
        target=deadline,
        steps=(
            step(60, 15, "Homestead reminder to approve", to_agent=True),
            step(14, 8, "Homestead reminder still to approve", to_agent=True),
            step(7, 0, "Prepare homestead reminder", to_agent=False),
        ),
        title="Homestead filing",
        occasion=f"file by {short(deadline)}",
        facts=(
            f"{home.contact.name} closed on {where} on {american(home.closing)}"
            f" (from {home.closing_from}); the homestead filing deadline is {american(deadline)}"
            f" (from {source})"
        ),
        medium=medium,
        instead=instead,
        send_due=s.business.on_or_after(s.today),
        send_on=s.today,
        send_when=f"well before {short(deadline)}",
        ask=f'{approve}; if not, choose "{NOT_THEIRS}".{earlier} {why_instead(instead)}'.rstrip(),
        choices=(*approvals.CHOICES, NOT_THEIRS),
        words=lambda: _words(s, home, deadline),
    )


def _words(s: Snapshot, home: Home, deadline: date) -> Wording:
    words = wording.agreed(s.practice, home, "homestead", "X-09: no homestead wording is agreed")
    return replace(
        words, merge={**words.merge, "deadline": american(deadline), "state": state_of(s, home)}
    )


def _ground(s: Snapshot, subject: str, day: date) -> str:
    deal = s.deal_by(subject)
    if deal is None:
        return ""
    home = ground_of(s, deal)
    if isinstance(home, Excluded):
        return home.reason if home.positive else ""
    if because := excluded(s, home):
        return because
    deadline, _, question = deadline_of(s, home)
    if question in s.practice.homestead:
        return f"the rule of {s.practice.homestead[question].name} is not confirmed any more"
    if deadline and deadline != day:
        return f"the deadline is {american(deadline)}, not {american(day)}"
    return ""
