"""Homestead filing: once, before the first deadline the buyer can meet, in a state the agent has
confirmed (MS-28, MS-30).

Which year it is follows from the state's qualifying day, not from the closing alone (X-11). A state
nobody confirmed is one question to the agent and no date. Whether it is their primary residence is
the agent's to say: it is asked with the draft, never assumed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from policies.asks import approvals, lint
from policies.asks.drafts import digest
from policies.asks.question import Question, ask
from policies.asks.wants import Finding, WantField, WantRow, WantTask
from policies.facts.closings import deal_date
from policies.milestones import chain, wording
from policies.milestones.ground import lost_ground
from policies.milestones.homes import Excluded, Home, clients_on, ground_of, latest_deal
from policies.milestones.touch import Kind, Step, Touch, Wording, asleep
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
LOOK_BACK = 90
REACH = 520
"""Days after a closing within which its first filing window ends, wherever the state's qualifying
day falls.
"""


def decide(s: Snapshot) -> Iterator[Finding]:
    """What is asked today for every buyer whose first filing window is still to come, and for
    states not confirmed.
    """
    asked = set[str]()
    for home in _recent(s):
        deadline, source, question = deadline_of(s, home)
        if question and question not in asked and _still_ahead(s, home, question):
            asked |= {question} - {UNKNOWN}  # whose state nobody knows is asked for each by itself
            yield from _ask_state(s, home, question)
        if deadline is None or deadline < s.starts or deadline < s.today - LOOK_BACK * DAY:
            continue
        yield from _field(s, home, deadline)
        touch = _touch(s, home, deadline, source)
        if not asleep(s, HOMESTEAD, touch.subject, deadline, touch.steps[0].window.opens):
            yield from chain.findings(s, touch)
    yield from lost_ground(s, HOMESTEAD, _ground)


def _recent(s: Snapshot) -> Iterator[Home]:
    for deal in s.closed_deals:
        day = deal_date(s, deal) if deal.side is Side.BUYER else None
        if day and 0 <= (s.today - day).days <= REACH:
            home = ground_of(s, deal)
            if isinstance(home, Home) and not excluded(s, home):
                yield home


def excluded(s: Snapshot, home: Home) -> str:
    """Why this home needs no homestead reminder, or "" (X-11, regulatory D.1)."""
    if home.deal.side is not Side.BUYER:
        return "they sold, and own no home bought with the agent"
    buyers = clients_on(s, home.deal) or [home.contact]
    invested = any(tagged(buyer, s.practice.tags.investor) for buyer in buyers)
    return "they bought it as an investment, not as their residence" if invested else ""


def state_of(s: Snapshot, home: Home) -> str:
    """Two letters of the state the home lies in: of its own address, else the configured one; ""
    where neither is known.
    """
    own = next(
        (
            a.state
            for a in home.contact.addresses
            if same_place(a.street, home.address) and a.state.strip()
        ),
        "",
    )
    return code_of(own) if own else code_of(s.practice.milestones.state)


def deadline_of(s: Snapshot, home: Home) -> tuple[date | None, str, str]:
    """(the deadline, where it is known from, the state whose rule must be asked about first). No
    date without a yes.
    """
    written = (
        iso_date(home.contact.fields.get("homestead_deadline", "")) if _speaks_of(s, home) else None
    )
    if written and written > home.closing:
        return written, "the field Homestead Deadline", ""
    state = state_of(s, home)
    rule = s.practice.homestead.get(state)
    if rule is None or not rule.deadlines or not confirmed(s, rule):
        return None, "", state or UNKNOWN
    return rule.deadline_after(home.closing), f"{rule.name}'s rule, which you confirmed", ""


def _speaks_of(s: Snapshot, home: Home) -> bool:
    """Whether the contact's one field for the deadline is about this home: the latest they
    bought.
    """
    latest = latest_deal(s, home.contact)
    return latest is not None and latest.id == home.deal.id


def confirmed(s: Snapshot, rule: StateRule) -> bool:
    """Whether the agent has confirmed this very rule and not taken it back; a changed row is asked
    about again.
    """
    agreed = HOMESTEAD_RULE.value(s.workbook, rule.code)
    answer = approvals.read(s.workbook, _rule_key(rule.code))
    refused = answer is not None and answer.says(approvals.REJECT)
    return agreed == digest(rule.question) and not refused


def _rule_key(state: str) -> Key:
    return Key("MS-28", f"s{state}", "rule")


def _still_ahead(s: Snapshot, home: Home, state: str) -> bool:
    """Whether it matters to this home what the state's rule is: its first window, as far as the
    table tells, is to come.
    """
    rule = s.practice.homestead.get(state)
    deadline = rule.deadline_after(home.closing) if rule else None
    return deadline >= max(s.today, s.starts) if deadline else (s.today - home.closing).days <= 365


def _ask_state(s: Snapshot, home: Home, state: str) -> Iterator[Finding]:
    rule = s.practice.homestead.get(state)
    if state == UNKNOWN:
        if (s.today - home.closing).days <= 60 and home.closing >= s.starts:
            reason = (
                f"{home.contact.name} closed on {american(home.closing)}, and no address of theirs"
                " names a state"
            )
            yield Finding(
                "MS-28",
                reason,
                WantTask(
                    key=Key("MS-28", f"d{home.deal.id}", f"{home.closing:%Y%m%d}-state"),
                    person_id=home.contact.id,
                    kind="Follow Up",
                    name=(
                        "Enter the state in the address (for the homestead deadline):"
                        f" {home.contact.name}"
                    ),
                    assignee=s.practice.va_id,
                    due=s.business.after(s.today, 3),
                    useful_until=home.closing + 60 * DAY,
                ),
            )
        return
    known = bool(rule and rule.deadlines)
    text = (
        rule.question
        if rule and known
        else (
            "No homestead filing date is known for"
            f" {rule.name if rule else state}{': ' + rule.says if rule else '.'}\nIf your clients"
            " there file one, have the date entered in the contact's field Homestead Deadline;"
            " Steward then reminds in time. Until then it sets no date."
        )
    )
    answer = ask(
        s,
        Question(
            key=_rule_key(state),
            clause="MS-28",
            text=text,
            due=s.business.after(s.today, 5),
            choices=approvals.CHOICES if known else ("Noted",),
            what=f"Homestead filing in {rule.name if rule else state}: is this right?",
            reason=(
                f"{home.contact.name} closed there on {american(home.closing)}; a deadline is set"
                " only once you have confirmed it"
            ),
        ),
    )
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


def _field(s: Snapshot, home: Home, deadline: date) -> Iterator[Finding]:
    """The deadline in its field, at closing (MS-03); what is there already is a person's and
    stays.
    """
    if (
        home.closing >= s.starts
        and deadline >= s.today
        and _speaks_of(s, home)
        and s.practice.milestones.date_method != "task"
        and ("homestead_deadline" not in home.contact.fields)
    ):
        reason = (
            f"{home.contact.name} closed on {american(home.closing)}; the first homestead deadline"
            f" is {american(deadline)}"
        )
        yield Finding(
            "MS-03",
            reason,
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

    earlier = (
        ""
        if deadline in s.business
        else (
            f" {american(deadline)} is not a business day: have it filed by"
            f" {american(s.business.before(deadline))}."
        )
    )
    where = home.address or "their home"
    return Touch(
        kind=HOMESTEAD,
        subject=f"d{home.deal.id}",
        contact=home.contact,
        day=deadline,
        target=deadline,
        closes=deadline,
        steps=(
            step(60, 15, "Homestead reminder to approve", to_agent=True),
            step(14, 8, "Homestead reminder still to approve", to_agent=True),
            step(7, 0, "Prepare homestead reminder", to_agent=False),
        ),
        title="Homestead filing",
        occasion=f"file by {short(deadline)}",
        facts=(
            f"{home.contact.name} closed on {where} on {american(home.closing)} (from"
            f" {home.closing_from}); the homestead filing deadline is {american(deadline)} (from"
            f" {source})"
        ),
        medium="e-mail",
        send_due=s.business.on_or_after(s.today),
        send_on=s.today,
        send_when=f"well before {short(deadline)}",
        ask=(
            f"Approve only if {where} is their primary residence; if not, choose"
            f' "{NOT_THEIRS}".{earlier}'
        ),
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
    return (
        f"the deadline is {american(deadline)}, not {american(day)}"
        if deadline is not None and deadline != day
        else ""
    )
