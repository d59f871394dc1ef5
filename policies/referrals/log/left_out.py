"""The agent's answer that a row which somebody deleted from the log was about no referral (X-62).
Its open tasks and rows end in the same pass (X-81).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.asks import approvals
from policies.asks.approvals import Decision
from policies.asks.followup import Matter, close
from policies.asks.question import Question, ask
from policies.asks.wants import Finding
from policies.asks.weighing import weigh
from policies.facts.same_person import merges
from policies.referrals.log.log_matching import leads_of
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

RULE = "RF-33"
PUT_BACK, LEAVE_OUT = "Put it back", "Leave it out"
CHOICES = (PUT_BACK, LEAVE_OUT)
BECAUSE = "you left it out of the referral log"


def is_left_out(s: Snapshot, lead: Contact) -> bool:
    """Tell whether the agent said, when its row had been deleted, that this is no referral."""
    return f"p{lead.id}" in s.once(_answered)


def _answered(s: Snapshot) -> Mapping[str, Decision]:
    """The rows that say so, by subject: acted on, or to be acted on in this pass."""
    found: dict[str, Decision] = {}
    for key, _ in approvals.keyed(s):
        if key.rule == RULE and key.episode.startswith("row"):
            row = approvals.read(s.workbook, key, CHOICES)
            if row and _says_so(s, row):
                found[key.subject] = row
    return found


def _says_so(s: Snapshot, row: Decision) -> bool:
    if row.acted:
        return row.says(LEAVE_OUT)
    return weigh(row, row.draft, s.workbook.decisions_guarded).choice == LEAVE_OUT


def question(s: Snapshot, key: Key, name: str, source: str, text: str, lead_id: int) -> Question:
    """Return the question about a deleted row: shall it be put back?"""
    return Question(
        key=key,
        clause=RULE,
        reason=f"a person deleted the log's row of {name}",
        due=s.today,
        client=source,
        person_id=lead_id,
        what=(
            f"The row of {name}, referred by {source}, was deleted from the referral log. Shall it"
            " be put back?"
        ),
        text=text,
        choices=CHOICES,
    )


def decide(s: Snapshot) -> Iterator[Finding]:
    """Act on the answer, and end everything that is open about what is no referral."""
    for subject, row in s.once(_answered).items():
        lead = s.contact_by(subject)
        if lead is None or lead.id in leads_of(s) or row.key is None:
            continue
        if not row.acted:
            asked = question(s, row.key, lead.name, row.row.text("Client"), row.draft, lead.id)
            answer = ask(s, asked)
            yield from filter(None, [answer.row])
        yield from close(_about(s, lead), BECAUSE, clause=RULE, over=True)


def _about(s: Snapshot, lead: Contact) -> Matter:
    """Everything that was asked about this lead as a referral, but not the question about its
    row.
    """
    subjects = [f"p{number}" for number in sorted(merges.records(s, lead.id))]
    tasks = (task for one in subjects for task in s.own_tasks.get(one, ()))
    rows = (row for key, row in approvals.keyed(s) if key.subject in subjects and _of_ours(key))
    return Matter(
        tuple(task for task in tasks if task.key and _of_ours(task.key)),
        tuple(rows),
    )


def _of_ours(key: Key) -> bool:
    return key.rule.startswith("RF-") and key.rule != RULE
