"""A closed deal whose client is in no Past Client stage: a proposal to the agent with the dates
that will follow, and its end (X-51).

The database procedure puts the same closing before the agent as a question (DB-24). Both may stand;
whatever settles the one ends the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.asks.followup import Matter, close, of_rule
from policies.asks.wants import Finding, WantNote, WantTask
from policies.facts.closing_answer import moved_by_rule, refused
from policies.facts.closings import deal_date
from policies.facts.ownership import left_alone
from policies.facts.transactions import open_deals
from policies.milestones.homes import Excluded, clients_on, ground_of
from policies.world.calendar import DAY, american, anniversary
from policies.world.model import (
    STAGE_LABELS,
    Contact,
    Deal,
    Key,
    Side,
    Stage,
)
from policies.world.snapshot import Snapshot

RULE = "MS-01"
_LEFT = "the agent decided that the stage stays"


def propose(
    s: Snapshot, deal: Deal, ground: Excluded, contact: Contact, when: date, *, useful: int
) -> Iterator[Finding]:
    """The agent's task and the note, unless the agent has said no already, or a rule they confirmed
    moves the contact.
    """
    if contact.id in s.once(refused) or (
        not s.practice.database_off and contact.id in s.once(moved_by_rule)
    ):
        return
    key = _key(deal, when)
    label = STAGE_LABELS[
        Stage.PAST_CLIENT_SELLER if deal.side is Side.SELLER else Stage.PAST_CLIENT_BUYER
    ]
    reason = f"deal {deal.id} closed on {american(when)}, and {ground.reason}"
    first = anniversary(when, when.year + 1)
    dates = [
        f"Closing Anniversary: {american(when)}",
        f"first anniversary: {american(first)}, reminders 14 and 7 days before",
    ]
    dates += (
        [f"first home value update: {american(first)}", "homestead reminder: by the state's rule"]
        if deal.side is Side.BUYER
        else []
    )
    asks, proposed = f"Move to {label}? The deal has closed", f"Proposed stage: {label}."
    # the tag makes a past client of one whose stage belongs to the open transaction.
    if open_deals(s, contact):
        tag = s.practice.tags.past_client[0]
        asks, proposed = (
            f"Tag {tag}? One deal has closed, another is open",
            f"Proposed: the stage stays, and the tag {tag} is added.",
        )
    yield Finding(
        RULE,
        reason,
        WantTask(
            key=key,
            person_id=contact.id,
            assignee=s.practice.agent_id,
            kind="Follow Up",
            due=s.business.after(s.today, 1),
            name=f"{asks}: {contact.name}",
            useful_until=s.today + useful * DAY,
        ),
    )
    yield Finding(
        RULE,
        reason,
        WantNote(
            key=key,
            person_id=contact.id,
            body="\n".join(
                (
                    (
                        f"{contact.name} closed on {american(when)} and is in stage"
                        f" {contact.stage_label or 'none'}. {proposed}"
                    ),
                    "Steward moves nobody by itself. Once that is right, these dates are set:",
                    *(f"- {line}" for line in dates),
                )
            ),
        ),
    )


def ended(s: Snapshot) -> Iterator[Finding]:
    """The withdrawal of every such task whose ground is gone by a known fact: the stage is right,
    or the closing is none any more.
    """
    for task in of_rule(s, RULE).open_tasks:
        deal = s.deal_by(task.key.subject) if task.key else None
        if task.key and deal and (because := _because(s, deal, task.key.base)):
            yield from close(Matter((task,)), because)


def _because(s: Snapshot, deal: Deal, key: Key) -> str:
    if any(left_alone(s, s.contacts[i]) for i in deal.person_ids if i in s.contacts):
        return ""
    ground, when = ground_of(s, deal), deal_date(s, deal)
    if isinstance(ground, Excluded) and ground.positive and not ground.unstaged:
        return ground.reason
    if clients_on(s, deal):
        return "the contact is a past client now"
    if when and key != _key(deal, when):
        return f"the closing date is {american(when)} now"
    if isinstance(ground, Excluded) and ground.unstaged and ground.unstaged.id in s.once(refused):
        return _LEFT
    return ""


def _key(deal: Deal, when: date) -> Key:
    return Key(RULE, f"d{deal.id}", f"{when:%Y%m%d}-stage")
