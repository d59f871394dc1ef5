"""Cold leads: contacts without a touchpoint in 90 days or more, listed once a quarter.

The tab `Cold Leads` is the report. The decision is one row of Approvals for each group, or one for
each contact (DB-29, DB-30). The agent decides and the VA executes; Steward itself only moves
contacts to Long-Term Nurture, on that decision. A contact with an answer is left out of the next
audit, one without is asked about again next quarter (X-29).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from policies.asks import approvals
from policies.asks import group as groups
from policies.asks.approvals import ONE_BY_ONE
from policies.asks.followup import Matter, close, matter
from policies.asks.group import Group, Listing, Member
from policies.asks.pace import answer_by, some_rows
from policies.asks.question import Question
from policies.asks.wants import Finding, WantRow, WantStage, WantTask
from policies.database.reviews import review_calendar
from policies.database.reviews.cold import (
    ANSWERS,
    COLD,
    GROUPS,
    LEADS,
    LEAVE,
    NURTURE,
    REACTIVATE,
    REMOVE,
    TAB,
    Cold,
    cold,
    reason_of,
)
from policies.database.reviews.cold_ended import (
    DECISION,
    IN_TOUCH,
    IN_TRASH,
    NOT_DONE,
    RULE,
    over,
    unreached,
)
from policies.facts.contact_permission import Way, reason_against
from policies.facts.gone_records import undone
from policies.facts.ownership import added
from policies.facts.permission_questions import asked_for
from policies.values.names import folded
from policies.world.calendar import american
from policies.world.model import Contact, Key, Stage, Task
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot

WAITING = "Waiting for the agent"
TAKEN_BACK = "the agent took the answer back"


def message(count: int) -> str:
    """Return the procedure's question, in its exact words (DB-29)."""
    return (
        f"These {count} contacts have had no touchpoint in 90+ days. Would you like to attempt"
        " reactivation, move to Long-Term Nurture, or remove?"
    )


def decide(s: Snapshot) -> Iterator[Finding]:
    """Want the report of the latest quarterly audit, ask about its groups, and act on answers."""
    run = review_calendar.latest(s, "quarterly")
    if run is None:
        return
    period = run.review.period
    new = unlisted(s, run)
    coming = list(some_rows(s, [_row(s, found, period, run.on) for found in new]))
    yield from coming
    # A list that is not complete yet is not asked about.
    growing = {found.group for found in new[len(coming) :]}
    for group, listing in groups.listings(s, TAB, RULE, period, _says, coming).items():
        if group in GROUPS and group not in growing:
            yield from _group(s, period, group, _question(s, period, group, listing), listing)
    yield from groups.superseded(s, DECISION, period)
    yield from over(s)


def unlisted(s: Snapshot, run: review_calendar.Run) -> Sequence[Cold]:
    """Return the cold contacts of this audit without a row; groups asked about are left out."""
    period = run.review.period
    asked = {
        group
        for group, code in GROUPS.items()
        if s.workbook.holds("Approvals", str(groups.key(DECISION, "a0", period, code)))
    }
    return [
        c
        for c in cold(s, run.on)
        if c.group not in asked and not s.workbook.holds(TAB, str(_key(c.contact, period)))
    ]


def _key(contact: Contact, period: str) -> Key:
    return Key(RULE, f"p{contact.id}", period)


def _row(s: Snapshot, found: Cold, period: str, on: date) -> Finding:
    contact = found.contact
    return Finding(
        RULE,
        f"{contact.name} has had no touchpoint for {found.days} days",
        WantRow(
            tab=TAB,
            ref=str(_key(contact, period)),
            person_id=contact.id,
            keep={"Outcome": WAITING},
            first={
                "Client": contact.name,
                "Group": found.group,
                "Stage": contact.stage_label,
                "Last Touchpoint": found.last,
                "Added": added(s, contact),
                "Days": found.days,
                "Why Silent": reason_of(s, found),
                "Listed On": on,
            },
        ),
    )


def _says(row: Row) -> str:
    last = row.cells.get("Last Touchpoint")
    when = f"last on {american(last)}" if isinstance(last, date) else "none recorded"
    return f"{row.text('Stage')}, {when}, {row.text('Why Silent')}"


def _question(s: Snapshot, period: str, group: str, listing: Listing) -> Question:
    code = GROUPS[group]
    # Past clients are not moved or removed as a group: they would lose their milestones.
    choices = (REACTIVATE, NURTURE, REMOVE) if group == LEADS else (REACTIVATE,)
    then = {
        REACTIVATE: (groups.key(DECISION, "a0", period, f"{code}-reactivate"),),
        REMOVE: (groups.key(DECISION, "a0", period, f"{code}-remove"),),
        NURTURE: tuple(_move_key(m.contact, period) for m in listing.members),
    }
    count = len(listing.refs)
    return Question(
        key=groups.key(DECISION, "a0", period, code),
        clause=RULE,
        due=answer_by(s),
        choices=(*choices, LEAVE, ONE_BY_ONE, approvals.HOLD),
        reason=(
            f"{count} contacts of the group {group} have had no touchpoint in {COLD} days or more"
        ),
        client=group,
        what=f"Quarterly audit {period}: {count} in the group {group}, listed in the tab {TAB}",
        text=f"{message(count)}\n\n{listing}",
        then=then,
    )


def _single(s: Snapshot, period: str, member: Member) -> Question:
    contact = member.contact
    subject = f"p{contact.id}"
    return Question(
        key=groups.key(DECISION, subject, period, "one"),
        clause=DECISION,
        due=answer_by(s),
        client=contact.name,
        person_id=contact.id,
        reason=f"{contact.name} has had no touchpoint in {COLD} days or more",
        choices=(*ANSWERS, approvals.HOLD),
        what=f"{contact.name}: attempt reactivation, move to {NURTURE}, or remove?",
        text=f"{contact.name} (contact {contact.id}): {member.says}",
        then={
            REACTIVATE: (groups.key(DECISION, subject, period, "reactivate"),),
            NURTURE: (_move_key(contact, period),),
            REMOVE: (groups.key(DECISION, subject, period, "remove"),),
        },
    )


def _move_key(contact: Contact, period: str) -> Key:
    return groups.key(DECISION, f"p{contact.id}", period, "move")


def _group(
    s: Snapshot, period: str, group: str, question: Question, listing: Listing
) -> Iterator[Finding]:
    members = listing.members
    decided = groups.decide(
        s,
        Group(
            question=question,
            listing=listing,
            singles={m.contact.id: _single(s, period, m) for m in members},
        ),
    )
    yield from decided.rows
    to_do: dict[int, str] = {}
    for member in members:
        choice, new = decided.choices.get(member.contact.id, ("", False))
        if new:
            yield from _new_answer(s, period, member, choice)
        again = new or _to_make_again(s, period, group, member, choice)
        if again and not _moved_on(s, member) and not _held(s, member.contact, choice):
            to_do[member.contact.id] = choice
        open_ = _with_the_va(s, period, group, member)
        if open_ and member.contact.id in decided.taken_back:
            yield from close(Matter(open_), TAKEN_BACK)
            said = f"{NOT_DONE}: {TAKEN_BACK}"
        else:
            said = _outcome(s, member, choice, open_=bool(open_))
        if said and said != member.row.text("Outcome"):
            yield _result(period, member, said)
    yield from _tasks(s, period, group, members, to_do)


def _new_answer(s: Snapshot, period: str, member: Member, choice: str) -> Iterator[Finding]:
    """Move a contact as the agent decided, or ask about the hold on reactivating them."""
    if choice == NURTURE and not _moved_on(s, member):
        yield _moved(period, member.contact)
    if _held(s, member.contact, choice):
        yield from asked_for(s, member.contact, Way.REACTIVATION)


def _result(period: str, member: Member, said: str) -> Finding:
    return Finding(
        DECISION,
        f"{member.contact.name}: {said}",
        WantRow(
            tab=TAB,
            ref=member.row.ref,
            person_id=member.contact.id,
            create=False,
            keep={"Outcome": said},
            requires=(_move_key(member.contact, period),),
        ),
    )


def _outcome(s: Snapshot, member: Member, choice: str, *, open_: bool) -> str:
    """Return the Outcome of a member's row: the agent's answer, or why it was not acted on.

    *open_* tells whether the VA's task about it is still open.
    """
    moved_on = _moved_on(s, member)
    if choice not in ANSWERS:
        return moved_on if moved_on.startswith(IN_TOUCH) else WAITING
    outcome = member.row.text("Outcome")
    if open_ and outcome == choice and choice in {REACTIVATE, REMOVE}:
        # The VA has not come to them yet, and works by this tab.
        because = unreached(s, member.contact, member.row)
        return f"{NOT_DONE}: {because}" if because else outcome
    if outcome == choice or outcome.startswith(NOT_DONE):
        return outcome  # the answer was acted on, and its result stays
    because = moved_on or _held(s, member.contact, choice)
    return f"{NOT_DONE}: {because}" if because and choice != LEAVE else choice


def _moved_on(s: Snapshot, member: Member) -> str:
    """Return why an answer no longer fits this member, or "".

    They opted out, died, got in touch, or are in another stage by now.
    """
    contact = member.contact
    if contact.trashed:
        return IN_TRASH
    if because := unreached(s, contact, member.row):
        return because
    if folded(contact.stage_label) == folded(member.row.text("Stage")):
        return ""
    return f"in the stage {contact.stage_label} by now"


def _held(s: Snapshot, contact: Contact, choice: str) -> str:
    """The hold on a reactivation until the agent has judged it; the other answers go ahead."""
    reason = reason_against(s, contact, Way.REACTIVATION) if choice == REACTIVATE else None
    return reason.text if reason else ""


def _with_the_va(s: Snapshot, period: str, group: str, member: Member) -> tuple[Task, ...]:
    """Return the VA's open tasks about this member, or about the whole group."""
    keys = [
        key
        for choice in (REACTIVATE, REMOVE)
        for key in _task_keys(period, group, member.contact, choice)
    ]
    return matter(s, keys).open_tasks


def _task_keys(period: str, group: str, contact: Contact, choice: str) -> tuple[Key, Key]:
    """Return the keys of the VA's task for a whole group, and for one of its contacts."""
    word = choice.casefold()
    return (
        groups.key(DECISION, "a0", period, f"{GROUPS[group]}-{word}"),
        groups.key(DECISION, f"p{contact.id}", period, word),
    )


def _to_make_again(s: Snapshot, period: str, group: str, member: Member, choice: str) -> bool:
    """Tell whether an answer that was acted on has lost its task, which stood on a contact who is
    gone or was away, and is not done.
    """
    if choice not in {REACTIVATE, REMOVE} or member.row.text("Outcome") != choice:
        return False
    return any(undone(s, key) for key in _task_keys(period, group, member.contact, choice))


def _moved(period: str, contact: Contact) -> Finding:
    return Finding(
        DECISION,
        f"{contact.name}: the agent decided {NURTURE}",
        WantStage(
            key=_move_key(contact, period),
            person_id=contact.id,
            stage=Stage.LONG_TERM_NURTURE,
            leaves=contact.stage,
            agreed=True,
        ),
    )


def _tasks(
    s: Snapshot, period: str, group: str, members: Sequence[Member], choices: dict[int, str]
) -> Iterator[Finding]:
    """Want the VA's tasks: one for a whole group, or one for each contact decided by itself."""
    says = {
        REACTIVATE: "Prepare reactivation for the agent's approval",
        REMOVE: "Move to the Trash, as the agent decided",
    }
    for choice, words in says.items():
        chosen = [m for m in members if choices.get(m.contact.id) == choice]
        whole = len(chosen) == len(choices) and not any(
            s.workbook.holds("Approvals", str(_single(s, period, m).key)) for m in chosen
        )
        if chosen and whole:
            key, _ = _task_keys(period, group, chosen[0].contact, choice)
            yield _task(
                s,
                key,
                chosen[0].contact,
                f"{words}: {len(chosen)} of {group} {period} in the tab {TAB}, this contact last",
            )
        elif chosen:
            for member in chosen:
                _, key = _task_keys(period, group, member.contact, choice)
                yield _task(s, key, member.contact, f"{words}: {member.contact.name}")


def _task(s: Snapshot, key: Key, contact: Contact, name: str) -> Finding:
    return Finding(
        DECISION,
        "the agent decided",
        WantTask(
            key=key,
            person_id=contact.id,
            assignee=s.practice.va_id,
            kind="Follow Up",
            name=name,
            due=s.business.after(s.today, 5),
            useful_until=s.business.after(s.today, 20),
        ),
    )
