"""Stage proposals: contacts are moved only by the agent's decision, or by a confirmed rule.

A rule of `database.confirmed_system_rules` names itself, the agent who confirmed it and the day.
There is one: a client whose deal has closed becomes a Past Client of that side. Everything else is
a row in Approvals. A recent closing gets its row at once (X-51); of older ones, and of many at
once, there are at most 25 new rows of each check in a week. The clauses are DB-09 and X-30.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policies.asks import approvals
from policies.asks.approvals import open_rows
from policies.asks.followup import Matter, close, last_word, of_rule
from policies.asks.pace import A_WEEK, Waiting, answer_by, few_questions
from policies.asks.question import Question, ask
from policies.asks.wants import Finding, WantStage, WantTask
from policies.database.reviews.stages import label, mismatches
from policies.facts.closing_answer import Mismatch, confirmed, decided, moves_by_rule
from policies.facts.contact_permission import Way, reason_against, reasons_against, refusal
from policies.facts.gone_records import undone
from policies.facts.ownership import left_alone
from policies.facts.permission_questions import asked_for
from policies.facts.taxonomy import DEFINITIONS, missing_stages
from policies.facts.touchpoints import last_touch
from policies.world.calendar import american
from policies.world.memory import STAGE
from policies.world.model import Contact, Key, Stage
from policies.world.snapshot import Snapshot

REACTIVATE = "Reactivate"
NO_STAGE = ". The CRM has no stage for it: make one, or name yours in crm.stages"
CHECKS = ("DB-24", "DB-25", "DB-26", "DB-32")


def decide(s: Snapshot) -> Iterator[Finding]:
    """Move contacts by the confirmed rule, and propose everything else to the agent."""
    rule = confirmed(s)
    asked: dict[str, list[Mismatch]] = {check: [] for check in CHECKS}
    for mismatch in mismatches(s):
        if _moved_before(s, mismatch):
            continue  # a person moved the contact back, and is right
        if moves_by_rule(s, mismatch):
            reason = f"{mismatch.reason}; moved by the rule {rule}"
            yield _moved(mismatch, mismatch.targets[0], reason, agreed=False)
        else:
            asked[mismatch.key.rule].append(mismatch)
    for check, found in asked.items():
        yield from _proposed(s, check, found)
    yield from _over(s)


def _proposed(s: Snapshot, check: str, found: Sequence[Mismatch]) -> Iterator[Finding]:
    """Ask about the mismatches of one check, and close the rows of those that are gone."""
    by_key = {str(mismatch.key): mismatch for mismatch in found}
    at_once = _at_once(s, found)
    for mismatch in at_once:
        yield from _answered(s, _question(s, mismatch), mismatch)
    later = [Waiting(_question(s, m), m.since) for m in found if m not in at_once]
    for question in few_questions(s, check, later):
        yield from _answered(s, question, by_key[str(question.key)])
    agree = f"{approvals.DONE}: the stage and the facts agree, or a person has seen to it"
    for key, row in open_rows(s, check):
        if str(key) not in by_key and not row.acted:
            yield last_word(row, agree)


def _at_once(s: Snapshot, found: Sequence[Mismatch]) -> Sequence[Mismatch]:
    """Return the recent closings; none of more than 25, when somebody tidied up old deals."""
    fresh = [mismatch for mismatch in found if mismatch.fresh and not decided(s, mismatch)]
    return fresh if len(fresh) <= A_WEEK else ()


def unsettled(s: Snapshot) -> Sequence[Mismatch]:
    """Return the mismatches that nobody has decided to leave as they are."""
    return tuple(mismatch for mismatch in mismatches(s) if not settled(s, mismatch))


def settled(s: Snapshot, mismatch: Mismatch) -> str:
    """Return why nobody is asked about a mismatch that still exists; "" while it is open."""
    if said := decided(s, mismatch):
        return f"the agent decided: {said}"
    if _moved_before(s, mismatch):
        return "they were moved once, and a person moved them back"
    return ""


def _moved_before(s: Snapshot, mismatch: Mismatch) -> bool:
    mark = str(_key(mismatch, "move"))
    return mark in s.written or STAGE.row(s.workbook, mark) is not None


def _over(s: Snapshot) -> Iterator[Finding]:
    """Withdraw reactivations of people who opted out, died, moved on or were in touch (X-35)."""
    for task in of_rule(s, "DB-26").open_tasks:
        contact = s.contact_by(task.key.subject) if task.key else None
        if task.key is None or contact is None or left_alone(s, contact):
            continue
        since = task.key.base.episode.partition("-")[0]
        if because := _no_ground(s, contact, since):
            safety = refusal(s, contact, Way.REACTIVATION) is not None
            yield from close(Matter((task,)), because, safety=safety)


def _no_ground(s: Snapshot, contact: Contact, since: str) -> str:
    reasons = reasons_against(s, contact, Way.REACTIVATION)
    if reason := next((r for r in reasons if r.positive), None):
        return reason.text
    # An unknown label (None) proves nothing.
    if contact.stage is not None and contact.stage is not Stage.ACTIVE_BUYER:
        return f"in the stage {contact.stage_label} by now"
    last = last_touch(s, contact)
    return f"in touch on {american(last)}" if last and f"{last:%Y%m%d}" > since else ""


def _key(mismatch: Mismatch, step: str) -> Key:
    return Key(mismatch.key.rule, mismatch.key.subject, f"{mismatch.key.episode}-{step}")


def _moved(mismatch: Mismatch, target: Stage, reason: str, *, agreed: bool) -> Finding:
    contact = mismatch.contact
    return Finding(
        mismatch.key.rule,
        f"{contact.name}: {reason}",
        WantStage(
            key=_key(mismatch, "move"),
            person_id=contact.id,
            stage=target,
            leaves=contact.stage,
            agreed=agreed,
        ),
    )


def _question(s: Snapshot, mismatch: Mismatch) -> Question:
    """Ask which of the possible stages is right; a quiet Active Buyer can be reactivated."""
    contact, rule = mismatch.contact, mismatch.key.rule
    missing = s.once(missing_stages)
    possible = [stage for stage in mismatch.targets if stage not in missing]
    targets = {label(stage): (_key(mismatch, "move"),) for stage in possible}
    places = " or ".join(map(label, mismatch.targets))
    what = f"{contact.name} is in {contact.stage_label}. Move to {places}?"
    reactivate: dict[str, tuple[Key, ...]] = {}
    if rule == "DB-26":
        reactivate = {REACTIVATE: (_key(mismatch, "reactivate"),)}
        what = (
            f"{contact.name} is an {contact.stage_label}:"
            f" reactivate, or move to {label(Stage.LONG_TERM_NURTURE)}?"
        )
    meanings = "\n".join(
        f"- {label(stage)}: {DEFINITIONS[stage]}{NO_STAGE if stage in missing else ''}"
        for stage in mismatch.targets
    )
    return Question(
        key=mismatch.key,
        clause=rule,
        reason=f"{contact.name} is in {contact.stage_label or 'no stage'}: {mismatch.reason}",
        what=what,
        text=(
            f"{contact.name} (contact {contact.id}) is in stage {contact.stage_label},"
            f" but {mismatch.reason}.\n{meanings}"
        ),
        due=answer_by(s),
        client=contact.name,
        person_id=contact.id,
        choices=(*targets, *reactivate, approvals.HOLD, approvals.REJECT),
        then={**targets, **reactivate},
    )


def _held(s: Snapshot, question: Question, contact: Contact) -> str:
    """Return what holds a reactivation that the agent chose, or "" (X-64). A move is not held."""
    row = approvals.read(s.workbook, question.key, question.choices)
    if row is None or row.choice != REACTIVATE:
        return ""
    reason = reason_against(s, contact, Way.REACTIVATION)
    return str(reason) if reason else ""


def _answered(s: Snapshot, question: Question, mismatch: Mismatch) -> Iterator[Finding]:
    held = _held(s, question, mismatch.contact)
    if held:
        yield from asked_for(s, mismatch.contact, Way.REACTIVATION)
    answer = ask(s, question, not_ready=held)
    if answer.row:
        yield answer.row
    lost = answer.choice == REACTIVATE and undone(s, _key(mismatch, "reactivate"))
    if (answer.acted and not lost) or answer.choice in {"", approvals.REJECT}:
        return
    said = f"{mismatch.reason}; the agent decided: {answer.choice}"
    if answer.choice == REACTIVATE:
        contact = mismatch.contact
        yield Finding(
            "DB-26",
            f"{contact.name}: {said}",
            WantTask(
                key=_key(mismatch, "reactivate"),
                person_id=contact.id,
                assignee=s.practice.agent_id,
                kind="Call",
                name=f"Reactivate {contact.name}: quiet since {american(mismatch.since)}",
                due=s.business.after(s.today, 1),
                useful_until=s.business.after(s.today, 10),
            ),
        )
    else:
        target = next(stage for stage in mismatch.targets if label(stage) == answer.choice)
        yield _moved(mismatch, target, said, agreed=True)
