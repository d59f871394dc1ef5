"""The proposal to move a client to a Past Client stage after a closing, with the dates (X-51).

The database procedure asks the agent about the same closing in a row of its own (DB-24). Both may
be open at once; the fact that settles one ends the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.asks.followup import Matter, close, of_rule
from policies.asks.wants import Finding, WantNote, WantTask
from policies.facts.closing_answer import moved_by_rule, refused
from policies.facts.closings import deal_date
from policies.facts.contact_permission import death, opt_out
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
    """Yield the agent's task and the note.

    Yield nothing if the agent has said no already, or if a rule that the agent confirmed moves the
    contact.
    """
    if contact.id in s.once(refused):
        return
    if not s.practice.database_off and contact.id in s.once(moved_by_rule):
        return
    key = _key(deal, when)
    reason = f"deal {deal.id} closed on {american(when)}, and {ground.reason}"
    asks, proposed = _proposal(s, deal, contact)
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
                    *(f"- {line}" for line in _dates_to_come(deal, when)),
                )
            ),
        ),
    )


def _proposal(s: Snapshot, deal: Deal, contact: Contact) -> tuple[str, str]:
    """Return the task's question and the note's sentence: a new stage, or the tag instead.

    The tag is for a client with another open deal, to which the stage belongs (X-06).
    """
    if open_deals(s, contact):
        tag = s.practice.tags.past_client[0]
        return (
            f"Tag {tag}? One deal has closed, another is open",
            f"Proposed: the stage stays, and the tag {tag} is added.",
        )
    sold = deal.side is Side.SELLER
    label = STAGE_LABELS[Stage.PAST_CLIENT_SELLER if sold else Stage.PAST_CLIENT_BUYER]
    return f"Move to {label}? The deal has closed", f"Proposed stage: {label}."


def _dates_to_come(deal: Deal, when: date) -> Iterator[str]:
    """Yield the dates that Steward sets once the client is a past client."""
    first = american(anniversary(when, when.year + 1))
    yield f"Closing Anniversary: {american(when)}"
    yield f"first anniversary: {first}, reminders 14 and 7 days before"
    if deal.side is Side.BUYER:
        yield f"first home value update: {first}"
        yield "homestead reminder: by the state's rule"


def ended(s: Snapshot) -> Iterator[Finding]:
    """Withdraw every such task that a known fact has settled: the stage, or the closing itself."""
    for task in of_rule(s, RULE).open_tasks:
        deal = s.deal_by(task.key.subject) if task.key else None
        if task.key is None or deal is None or _anyone_left_alone(s, deal):
            continue
        if because := _because(s, deal, task.key.base):
            safety = any(opt_out(s, person) or death(s, person) for person in _people(s, deal))
            yield from close(Matter((task,)), because, safety=safety)


def _anyone_left_alone(s: Snapshot, deal: Deal) -> bool:
    return any(left_alone(s, person) for person in _people(s, deal))


def _people(s: Snapshot, deal: Deal) -> Iterator[Contact]:
    return (s.contacts[person_id] for person_id in deal.person_ids if person_id in s.contacts)


def _because(s: Snapshot, deal: Deal, key: Key) -> str:
    """Return the fact that settles the task of *key*, or ""."""
    ground, when = ground_of(s, deal), deal_date(s, deal)
    unstaged = ground.unstaged if isinstance(ground, Excluded) else None
    if isinstance(ground, Excluded) and ground.positive and not unstaged:
        return ground.reason
    if clients_on(s, deal):
        return "the contact is a past client now"
    if when and key != _key(deal, when):
        return f"the closing date is {american(when)} now"
    return _LEFT if unstaged and unstaged.id in s.once(refused) else ""


def _key(deal: Deal, when: date) -> Key:
    return Key(RULE, f"d{deal.id}", f"{when:%Y%m%d}-stage")
