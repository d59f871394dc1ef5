"""The checklists of a referral, item by item in the procedure's words: received, at close, agent to
agent (RF-43).
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.asks.checklist import (
    DONE,
    NOT_APPLICABLE,
    OPEN,
    TAB,
    Item,
    ended,
    row,
)
from policies.asks.wants import Finding
from policies.facts import people_by_name
from policies.facts.contact_permission import Way, reason_against
from policies.facts.referral_log import AGENT
from policies.referrals import corrected_source, recognition, sent_counts
from policies.referrals.baseline import begun
from policies.referrals.doubts import HIDDEN, LEFT_ALONE
from policies.referrals.fees import fee_of
from policies.referrals.intake import SOURCE_TAG, tag_key, tag_was_set
from policies.referrals.outcome import Closing, closing_of
from policies.referrals.referral import Referral, day_received, referrals
from policies.referrals.thanking.evidence import CARD_DAYS, prompt_key, silent, thanked
from policies.world.calendar import DAY, american, compact
from policies.world.snapshot import Snapshot, tagged

SHOWN = 60
"""Days after its event within which a checklist is put up."""
KEPT_UP = 100
"""Days for which it is kept up to date: as long as tasks are read."""


def decide(s: Snapshot) -> Iterator[Finding]:
    """The checklists of every referral that came in, or closed, within `KEPT_UP` days."""
    for r in referrals(s):
        if not r.logged or r.doubt == HIDDEN:
            continue
        received, closing = day_received(r), closing_of(s, r)
        if closing is None:
            yield from _taken_back(s, r)
        if not r.history and s.today <= received + KEPT_UP * DAY:
            yield _list(
                r,
                "received",
                f"Referral received, {american(received)}",
                items(s, r),
                fresh=s.today <= received + SHOWN * DAY,
            )
        if closing and closing.day >= s.starts and s.today <= closing.day + KEPT_UP * DAY:
            yield _list(
                r,
                "closing",
                f"Referral at close, {american(closing.day)}",
                closing_items(s, r, closing),
                fresh=s.today <= closing.day + SHOWN * DAY,
            )
        if (
            r.type == AGENT
            and (not r.history or closing)
            and s.today <= (closing.day if closing else s.today) + KEPT_UP * DAY
        ):
            yield _list(
                r, "agent", "Agent-to-agent referral", agent_items(s, r, closing), fresh=True
            )


def _taken_back(s: Snapshot, r: Referral) -> Iterator[Finding]:
    """End the checklist of a closing that was taken back."""
    because = "the closing was taken back"
    if want := ended(s.workbook.row(TAB, str(r.key("RF-43", "closing"))), because):
        yield Finding("RF-43", because, want)


def _list(r: Referral, step: str, title: str, found: tuple[Item, ...], *, fresh: bool) -> Finding:
    return Finding(
        "RF-43",
        f"{r.lead.name} was referred by {r.source_name}",
        row(
            str(r.key("RF-43", step)),
            found,
            {"Rule": "RF-43", "Client": r.lead.name, "Checklist": title},
            r.lead.id,
            create=fresh,
        ),
    )


# -- received --------------------------------------------------------------------------------------


def items(s: Snapshot, r: Referral) -> tuple[Item, ...]:
    """The five items of a referral received."""
    return (
        _lead_source(r),
        _record(s, r),
        _prompted(s, r),
        _card(s, r),
        Item(DONE, "Referral logged in tracking log", american(day_received(r))),
    )


def _lead_source(r: Referral) -> Item:
    right = people_by_name.claimed(r.lead.source).casefold() == r.source_name.casefold() and bool(
        r.source_name
    )
    return Item(
        DONE if right else OPEN,
        f'Lead source tagged in CRM: "Referral — {r.source_name}"',
        "" if right else f"it says {r.lead.source or 'nothing'}",
    )


def _record(s: Snapshot, r: Referral) -> Item:
    words = 'Referring party\'s record tagged: "Referral Source" — referral count updated'
    if r.doubt == LEFT_ALONE:
        return Item(NOT_APPLICABLE, words, f"their record is gone; {silent(s, r)}")
    if r.source is None:
        return Item(OPEN, words, "it is not certain who that is")
    if reason := reason_against(s, r.source, Way.RECORD):
        return Item(NOT_APPLICABLE, words, reason.text)
    key, total = tag_key(s, r, r.source), str(sent_counts.totals(s).get(r.source.id, 0))
    if not tagged(r.source, (SOURCE_TAG,)) and tag_was_set(s, key):
        return Item(OPEN, words, "the tag was taken off by hand")
    counted = sent_counts.held(r.source) == total or not s.practice.referrals.track_counts
    if not counted and not begun(s).written:
        return Item(OPEN, words, "counted in the next pass")
    waiting = () if counted else (sent_counts.key_of(r.source, total),)
    return Item(
        DONE, words, f"{total} sent" if s.practice.referrals.track_counts else "", (key, *waiting)
    )


def _prompted(s: Snapshot, r: Referral) -> Item:
    words = "Agent prompted for personal thank-you within 24 hours"
    if because := silent(s, r):
        return Item(NOT_APPLICABLE, words, because)
    told = thanked(s, r)
    there = told or s.lives(prompt_key(s, r)) or prompt_key(s, r) in s.deleted
    return Item(DONE, words, told, () if there else (prompt_key(s, r),))


def _card(s: Snapshot, r: Referral) -> Item:
    words = "Handwritten card coordinated within 3 business days (if agent uses this practice)"
    if not s.practice.referrals.handwritten_cards or silent(s, r):
        return Item(NOT_APPLICABLE, words, silent(s, r) or "the agent uses no cards")
    done = any(task.done for task in s.lives(corrected_source.key(s, r, "RF-31", "card")))
    return Item(
        DONE if done else OPEN,
        words,
        "" if done else f"by {american(s.business.after(day_received(r), CARD_DAYS))}",
    )


# -- at close --------------------------------------------------------------------------------------


def closing_items(s: Snapshot, r: Referral, closing: Closing) -> tuple[Item, ...]:
    """The three items of a referral that closed."""
    told, question = (
        r.key("RF-03", "closed"),
        s.workbook.row("Approvals", str(r.key("RF-35", "recognition"))),
    )
    there = bool(s.lives(told)) or told in s.deleted or question is not None
    note = r.key("RF-44", f"{compact(closing.day)}-closed")
    outcome = "Referral outcome logged: Closed — " + american(closing.day)
    return (
        Item(
            NOT_APPLICABLE if silent(s, r) else DONE,
            "Agent notified — closing recognition appropriate",
            silent(s, r),
            () if there or silent(s, r) else (told,),
        ),
        _recognition(s, r, closing),
        Item(DONE, outcome, "", (note,)),
    )


def _recognition(s: Snapshot, r: Referral, closing: Closing) -> Item:
    words = "Recognition gift/card ordered and coordinated within 1 week"
    if told := recognition.recognised(s, r):
        return Item(DONE, words, told)
    if silent(s, r) or recognition.declined(s, r, closing):
        return Item(NOT_APPLICABLE, words, silent(s, r) or "the agent chose none")
    return Item(OPEN, words, f"by {american(closing.day + recognition.WEEK * DAY)}")


# -- agent to agent --------------------------------------------------------------------------------


def agent_items(s: Snapshot, r: Referral, closing: Closing | None) -> tuple[Item, ...]:
    """The four items of a referral by another agent."""
    fee = fee_of(s, r)
    missing = [column for column in fee.lacking if column != "Agreement On File"]
    on_file = "Agreement On File" not in fee.lacking
    told = any(task.done for task in s.lives(r.key("RF-38", "due"))) or fee.paid
    return (
        Item(DONE if on_file else OPEN, "Agreement confirmed on file"),
        Item(
            OPEN if missing else DONE,
            "Agreement details logged in CRM",
            f"lacks {', '.join(missing)}" if missing else "",
        ),
        Item(
            DONE if told else OPEN,
            "Agent's bookkeeper notified of fee due at close",
            "" if told or closing else "not closed yet",
        ),
        Item(
            DONE if fee.paid else OPEN,
            "Fee payment tracked",
            fee.differs or (fee.text("Paid On") if fee.paid else ""),
        ),
    )
