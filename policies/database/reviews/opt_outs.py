"""Opt-outs of current clients: the agent is told before any list changes (DB-42, X-35).

The person is in no list from that pass on. Steward does nothing else: their stage and tag are the
agent's to decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policies.asks.escalation import DatabaseIssue, database_message
from policies.asks.followup import Matter, close, of_rule
from policies.asks.wants import Finding, WantNote, WantTask
from policies.facts.contact_permission import death, opt_out
from policies.facts.ownership import kept, left_alone
from policies.facts.permission_table import DO_NOT_CONTACT
from policies.facts.transactions import current_client
from policies.world.calendar import DAY
from policies.world.model import Contact, Key, Stage
from policies.world.snapshot import Snapshot

RULE = "DB-42"
STEP = "optout"
_SIGNS = {
    DO_NOT_CONTACT: "tagged Do Not Contact",
    "they unsubscribed from email": "unsubscribed from a mail",
}


def active_opt_outs(s: Snapshot) -> Sequence[tuple[Contact, str]]:
    """Return current clients who opted out, each with the sign.

    A current client has an active or contract stage, or an open deal. An opt-out of one address is
    enough.
    """
    current = (c for c in kept(s) if current_client(s, c) and not death(s, c))
    return tuple((contact, how) for contact in current if (how := _sign(s, contact)))


def _sign(s: Snapshot, contact: Contact) -> str:
    if contact.stage is Stage.DO_NOT_CONTACT:
        return "the stage is Do Not Contact"
    reason = opt_out(s, contact)
    return _SIGNS.get(reason.text, reason.text) if reason else ""


def decide(s: Snapshot) -> Iterator[Finding]:
    """Want a task for the agent and the procedure's message, once for each client, and end it once
    there is nothing to check.
    """
    yield from _over(s)
    for contact, how in active_opt_outs(s):
        key = Key(RULE, f"p{contact.id}", STEP)
        reason = (
            f"{contact.name} is a current client ({contact.stage_label or 'an open deal'}) and"
            f" opted out: {how}"
        )
        yield Finding(
            RULE,
            reason,
            WantTask(
                key=key,
                person_id=contact.id,
                assignee=s.practice.agent_id,
                kind="Follow Up",
                due=s.today,
                useful_until=s.today + 60 * DAY,
                name=(
                    f"Opt-out from a current client, before any list changes: {contact.name}, {how}"
                ),
            ),
        )
        yield Finding(
            "DB-45",
            reason,
            WantNote(
                key=key,
                person_id=contact.id,
                body=database_message(
                    DatabaseIssue.OPT_OUT,
                    agent=s.practice.agent_name,
                    records=1,
                    va=s.practice.va_name,
                ),
            ),
        )


def _over(s: Snapshot) -> Iterator[Finding]:
    """Withdraw the task about somebody who opted out no longer, died, or is in the Trash (X-81).

    A task stays while its contact is out of sight, cannot be read, or is Do Not Contact by now.
    """
    for task in of_rule(s, RULE).open_tasks:
        if task.key is None or task.key.base.episode != STEP:
            continue
        contact = s.contact_by(task.key.subject)
        if contact is None or contact.unreadable or left_alone(s, contact):
            continue
        if because := _settled(s, contact):
            yield from close(Matter((task,)), because, over=True)


def _settled(s: Snapshot, contact: Contact) -> str:
    if contact.trashed:
        return "the contact is in the Trash"
    if death(s, contact):
        return "deceased"
    return "" if _sign(s, contact) else "the sign of the opt-out is gone"
