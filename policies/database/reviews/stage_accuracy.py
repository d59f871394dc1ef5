"""Stages that should have changed are proposed to the agent; only what they decide, or a rule they
confirmed, moves anybody (DB-09, X-30).

A rule of `database.confirmed_system_rules` names itself, the agent who confirmed it and the day.
There is one: a client whose deal has closed becomes a Past Client of that side. Everything else is
a row in Approvals: a closing of late at once (X-51), of what is older, or of many at once, at most
25 new ones of each check in a week.
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
    """Moves by the confirmed rule, and a proposal for everything else."""
    rule = confirmed(s)
    asked: dict[str, list[Mismatch]] = {check: [] for check in CHECKS}
    for mismatch in mismatches(s):
        if _moved_before(s, mismatch):
            continue  # whoever moved the contact back is right
        if moves_by_rule(s, mismatch):
            yield _moved(
                mismatch,
                mismatch.targets[0],
                f"{mismatch.reason}; moved by the rule {rule}",
                agreed=False,
            )
        else:
            asked[mismatch.key.rule].append(mismatch)
    for check, found in asked.items():
        by_key = {str(mismatch.key): mismatch for mismatch in found}
        at_once = [m for m in found if m.fresh and not decided(s, m)]
        at_once = (
            at_once if len(at_once) <= A_WEEK else []
        )  # so many closed on paper, when somebody tidied up
        for mismatch in at_once:
            yield from _answered(s, _question(s, mismatch), mismatch)
        for question in few_questions(
            s, check, [Waiting(_question(s, m), m.since) for m in found if m not in at_once]
        ):
            yield from _answered(s, question, by_key[str(question.key)])
        for key, row in open_rows(s, check):
            if str(key) not in by_key and not row.acted:
                yield last_word(
                    row,
                    f"{approvals.DONE}: the stage and the facts agree, or a person has seen to it",
                )
    yield from _over(s)


def unsettled(s: Snapshot) -> Sequence[Mismatch]:
    """The mismatches of which nobody has said yet that they are to stay."""
    return tuple(mismatch for mismatch in mismatches(s) if not settled(s, mismatch))


def settled(s: Snapshot, mismatch: Mismatch) -> str:
    """Why a mismatch is asked about no more, though it is one; "" while it is open."""
    if said := decided(s, mismatch):
        return f"the agent decided: {said}"
    return (
        "they were moved once, and a person moved them back" if _moved_before(s, mismatch) else ""
    )


def _moved_before(s: Snapshot, mismatch: Mismatch) -> bool:
    mark = str(_key(mismatch, "move"))
    return mark in s.written or STAGE.row(s.workbook, mark) is not None


def _over(s: Snapshot) -> Iterator[Finding]:
    """The tasks to reactivate somebody whose ground is gone: they opted out, died, left the stage,
    or were in touch (X-35).
    """
    for task in of_rule(s, "DB-26").open_tasks:
        contact = s.contact_by(task.key.subject) if task.key else None
        if task.key and contact and not left_alone(s, contact):
            since = task.key.base.episode.partition("-")[0]
            if because := _no_ground(s, contact, since):
                safety = refusal(s, contact, Way.REACTIVATION) is not None
                yield from close(Matter((task,)), because, safety=safety)


def _no_ground(s: Snapshot, contact: Contact, since: str) -> str:
    reasons = reasons_against(s, contact, Way.REACTIVATION)
    if reason := next((r for r in reasons if r.positive), None):
        return reason.text
    if contact.stage not in {
        Stage.ACTIVE_BUYER,
        None,
    }:  # a label that nobody has mapped proves nothing
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
    contact, rule = mismatch.contact, mismatch.key.rule
    lacking = [stage for stage in mismatch.targets if stage in s.once(missing_stages)]
    targets = {
        label(stage): (_key(mismatch, "move"),)
        for stage in mismatch.targets
        if stage not in lacking
    }
    places = " or ".join(map(label, mismatch.targets))
    reactivate = {REACTIVATE: (_key(mismatch, "reactivate"),)} if rule == "DB-26" else {}
    meanings = "\n".join(
        f"- {label(stage)}: {DEFINITIONS[stage]}{NO_STAGE if stage in lacking else ''}"
        for stage in mismatch.targets
    )
    return Question(
        key=mismatch.key,
        clause=rule,
        reason=f"{contact.name} is in {contact.stage_label or 'no stage'}: {mismatch.reason}",
        what=(
            f"{contact.name} is in {contact.stage_label}. Move to {places}?"
            if not reactivate
            else (
                f"{contact.name} is an {contact.stage_label}: reactivate, or move to"
                f" {label(Stage.LONG_TERM_NURTURE)}?"
            )
        ),
        text=(
            f"{contact.name} (contact {contact.id}) is in stage {contact.stage_label}, but"
            f" {mismatch.reason}.\n{meanings}"
        ),
        due=answer_by(s),
        client=contact.name,
        person_id=contact.id,
        choices=(*targets, *reactivate, approvals.HOLD, approvals.REJECT),
        then={**targets, **reactivate},
    )


def _held(s: Snapshot, question: Question, contact: Contact) -> str:
    """What holds the reactivation that the agent chose, or ""; a move may go ahead (X-64)."""
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
    if answer.acted or answer.choice in {"", approvals.REJECT}:
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
