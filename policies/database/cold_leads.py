"""Contacts without a touchpoint in 90 days or more: listed in the first week of a quarter, in the procedure's words (DB-29, DB-30).

The tab `Cold Leads` is the report; the decision is one row of Approvals for each group, or one for each contact. The agent decides,
the VA executes; moving to Long-Term Nurture is done by Steward on that word. Who is answered is left alone for half a year, who is not
answered is asked about again next quarter (X-29).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from policies import approvals
from policies.calendar import american
from policies.database import group_decisions as groups
from policies.database import hygiene
from policies.database.group_decisions import ONE_BY_ONE, Group, Listing, Member
from policies.database.members import added, kept
from policies.database.pace import answer_by, some_rows
from policies.database.touchpoints import last_touch, quiet_days
from policies.findings import Finding, WantRow, WantStage, WantTask
from policies.milestones.ground import withdraw
from policies.model import Contact, Key, Stage, folded
from policies.questions import Question
from policies.snapshot import Snapshot
from policies.workbook import Row

TAB = "Cold Leads"
RULE, DECISION = "DB-29", "DB-30"
COLD = 90
"""Days without a touchpoint."""
SNOOZE = 180
"""Days for which an answer stands: the audit after the next asks again."""
REACTIVATE, NURTURE, REMOVE, LEAVE = "Reactivate", "Long-Term Nurture", "Remove", "Leave as is"
ANSWERS = (REACTIVATE, NURTURE, REMOVE, LEAVE)
WAITING = "Waiting for the agent"
NOT_DONE, IN_TOUCH = "Not done", "In touch again"
TAKEN_BACK = "the agent took the answer back"
LEADS = "Leads"
GROUPS = {LEADS: "leads", "Past Clients": "past", "Sphere of Influence": "soi", "Professional Network": "pro"}
"""Groups that are decided apart (X-29), with their code in a key."""
_GROUP_OF = {Stage.PAST_CLIENT_BUYER: "Past Clients", Stage.PAST_CLIENT_SELLER: "Past Clients",
             Stage.SPHERE_OF_INFLUENCE: "Sphere of Influence", Stage.PROFESSIONAL_NETWORK: "Professional Network",
             Stage.REFERRAL_SOURCE: "Professional Network"}


@dataclass(frozen=True, slots=True)
class Cold:
    """A contact that has been quiet: since when, or None where no touchpoint is recorded at all, and for how many days."""

    contact: Contact
    last: date | None
    days: int

    @property
    def group(self) -> str:
        """The group it is decided in."""
        return _GROUP_OF.get(self.contact.stage, LEADS) if self.contact.stage else LEADS


def message(count: int) -> str:
    """The procedure's question, in its exact words (DB-29)."""
    return (f"These {count} contacts have had no touchpoint in 90+ days. Would you like to attempt reactivation, move to Long-Term "
            "Nurture, or remove?")


def cold(s: Snapshot, on: date) -> Sequence[Cold]:
    """Everyone who was quiet for 90 days as of *on*, the longest first; none who opted out, died, or was answered lately."""
    answered = _answered_lately(s, on)
    found = []
    for contact in kept(s):
        days = quiet_days(s, contact, on)
        if days is not None and days >= COLD and contact.id not in answered and not s.do_not_contact(contact) and not s.deceased(contact):
            found.append(Cold(contact, last_touch(s, contact), days))
    return tuple(sorted(found, key=lambda c: (-c.days, c.contact.id)))


def _answered_lately(s: Snapshot, on: date) -> frozenset[int]:
    """Whom the agent has answered in an earlier audit of the past half year."""
    return frozenset(contact.id for row in s.workbook.rows(TAB) if row.text("Outcome") in ANSWERS
                     and isinstance(day := row.cells.get("Listed On"), date) and 0 < (on - day).days < SNOOZE
                     and (key := Key.parse(row.ref)) and (contact := s.contact_by(key.subject)))


def silence_of(found: Cold) -> str:
    """What is known of the reason for the silence, in words (DB-29)."""
    contact = found.contact
    if any(reach.status.casefold() == "unsubscribed" for reach in contact.emails):
        return "opted out of one of their e-mail addresses"
    if contact.stage in {Stage.COLD_LEAD, Stage.LONG_TERM_NURTURE}:
        return f"in {contact.stage_label} already"
    heard, sent = (max((c.at for c in way), default=None) for way in (contact.inbound, contact.outbound))
    if heard and (sent is None or heard > sent):
        return "they wrote or called last, and no answer is logged"
    return "nobody has answered ours" if sent else "no touchpoint is recorded at all" if found.last is None else "not known"


def decide(s: Snapshot) -> Iterator[Finding]:
    """The report of the latest quarterly audit, the question of each group, and what the agent's answers lead to."""
    run = hygiene.latest(s, "quarterly")
    if run is None:
        return
    period = run.review.period
    new = unlisted(s, run)
    coming = list(some_rows(s, [_row(s, found, period, run.on) for found in new]))
    yield from coming
    growing = {found.group for found in new[len(coming):]}  # a list that is not complete yet is not asked about
    for group, listing in groups.listings(s, TAB, RULE, period, _says, coming).items():
        if group in GROUPS and group not in growing:
            yield from _group(s, period, group, _question(s, period, group, listing), listing)
    yield from groups.superseded(s, DECISION, period)


def unlisted(s: Snapshot, run: hygiene.Run) -> Sequence[Cold]:
    """The cold of this audit who are in no row yet; a group that is before the agent grows no more."""
    period = run.review.period
    asked = {group for group, code in GROUPS.items() if s.workbook.holds("Approvals", str(groups.key(DECISION, "a0", period, code)))}
    return [c for c in cold(s, run.on) if c.group not in asked and not s.workbook.holds(TAB, str(_key(c.contact, period)))]


def _key(contact: Contact, period: str) -> Key:
    return Key(RULE, f"p{contact.id}", period)


def _row(s: Snapshot, found: Cold, period: str, on: date) -> Finding:
    contact = found.contact
    return Finding(RULE, f"{contact.name} has had no touchpoint for {found.days} days", WantRow(
        tab=TAB, ref=str(_key(contact, period)), person_id=contact.id, keep={"Outcome": WAITING}, first={
            "Client": contact.name, "Group": found.group, "Stage": contact.stage_label, "Last Touchpoint": found.last,
            "Added": added(s, contact), "Days": found.days, "Why Silent": silence_of(found), "Listed On": on}))


def _says(row: Row) -> str:
    last = row.cells.get("Last Touchpoint")
    return f"{row.text('Stage')}, {f'last on {american(last)}' if isinstance(last, date) else 'none recorded'}, {row.text('Why Silent')}"


def _question(s: Snapshot, period: str, group: str, listing: Listing) -> Question:
    code = GROUPS[group]
    choices = (REACTIVATE, NURTURE, REMOVE) if group == LEADS else (REACTIVATE,)  # no past client leaves the milestones by the dozen
    then = {REACTIVATE: (groups.key(DECISION, "a0", period, f"{code}-reactivate"),),
            REMOVE: (groups.key(DECISION, "a0", period, f"{code}-remove"),),
            NURTURE: tuple(_move_key(m.contact, period) for m in listing.members)}
    count = len(listing.refs)
    return Question(
        key=groups.key(DECISION, "a0", period, code), clause=RULE, due=answer_by(s), choices=(*choices, LEAVE, ONE_BY_ONE, approvals.HOLD),
        reason=f"{count} contacts of the group {group} have had no touchpoint in {COLD} days or more", client=group,
        what=f"Quarterly audit {period}: {count} in the group {group}, listed in the tab {TAB}",
        text=f"{message(count)}\n\n{listing}", then=then)


def _single(s: Snapshot, period: str, member: Member) -> Question:
    contact = member.contact
    subject = f"p{contact.id}"
    return Question(
        key=groups.key(DECISION, subject, period, "one"), clause=DECISION, due=answer_by(s), client=contact.name, person_id=contact.id,
        reason=f"{contact.name} has had no touchpoint in {COLD} days or more", choices=(*ANSWERS, approvals.HOLD),
        what=f"{contact.name}: attempt reactivation, move to {NURTURE}, or remove?",
        text=f"{contact.name} (contact {contact.id}): {member.says}", then={
            REACTIVATE: (groups.key(DECISION, subject, period, "reactivate"),), NURTURE: (_move_key(contact, period),),
            REMOVE: (groups.key(DECISION, subject, period, "remove"),)})


def _move_key(contact: Contact, period: str) -> Key:
    return groups.key(DECISION, f"p{contact.id}", period, "move")


def _group(s: Snapshot, period: str, group: str, question: Question, listing: Listing) -> Iterator[Finding]:
    members = listing.members
    decided = groups.decide(s, Group(question=question, listing=listing, singles={m.contact.id: _single(s, period, m) for m in members}))
    yield from decided.rows
    for member in members:
        choice, new = decided.choices.get(member.contact.id, ("", False))
        if new and choice == NURTURE and not _moved_on(s, member):
            yield _moved(period, member.contact)
        taken = tuple(_taken_back(s, period, group, member)) if member.contact.id in decided.taken_back else ()
        yield from taken
        if (said := f"{NOT_DONE}: {TAKEN_BACK}" if taken else _outcome(s, member, choice)) and said != member.row.text("Outcome"):
            yield Finding(DECISION, f"{member.contact.name}: {said}", WantRow(
                tab=TAB, ref=member.row.ref, person_id=member.contact.id, create=False, keep={"Outcome": said},
                requires=(_move_key(member.contact, period),)))
    yield from _tasks(s, period, group, members, {m.contact.id: decided.choices[m.contact.id][0] for m in members
                                                  if decided.choices.get(m.contact.id, ("", False))[1] and not _moved_on(s, m)})


def _outcome(s: Snapshot, member: Member, choice: str) -> str:
    """What the tab says of a member: the agent's answer, and that nothing came of it where it is about who they were."""
    held = member.row.text("Outcome")
    if choice in ANSWERS and (held == choice or held.startswith(NOT_DONE)):
        return held  # the answer was acted on: what came of it stays
    because = _moved_on(s, member)
    if choice in ANSWERS:
        return f"{NOT_DONE}: {because}" if because and choice != LEAVE else choice
    return because if because.startswith(IN_TOUCH) else WAITING


def _moved_on(s: Snapshot, member: Member) -> str:
    """Why an answer is not about this member any more, or "": they opted out, died, got in touch, or are in another stage by now."""
    contact, then = member.contact, member.row.cells.get("Listed On")
    if contact.trashed or s.do_not_contact(contact) or s.deceased(contact):
        return "in the Trash" if contact.trashed else "deceased" if s.deceased(contact) else "opted out since"
    if (last := last_touch(s, contact)) and isinstance(then, date) and last > then:
        return f"{IN_TOUCH} on {american(last)}"
    return "" if folded(contact.stage_label) == folded(member.row.text("Stage")) else f"in the stage {contact.stage_label} by now"


def _taken_back(s: Snapshot, period: str, group: str, member: Member) -> Iterator[Finding]:
    """The end of the VA's task, where it is open still: what is done is done."""
    keys = [groups.key(DECISION, subject, period, f"{code}{choice.casefold()}") for choice in (REACTIVATE, REMOVE)
            for subject, code in (("a0", f"{GROUPS[group]}-"), (f"p{member.contact.id}", ""))]
    yield from (Finding(DECISION, TAKEN_BACK, withdraw(task, TAKEN_BACK)) for key in keys for task in s.lives(key)
                if not task.completed and not task.withdrawn)


def _moved(period: str, contact: Contact) -> Finding:
    return Finding(DECISION, f"{contact.name}: the agent decided {NURTURE}", WantStage(
        key=_move_key(contact, period), person_id=contact.id, stage=Stage.LONG_TERM_NURTURE, leaves=contact.stage, agreed=True))


def _tasks(s: Snapshot, period: str, group: str, members: Sequence[Member], choices: dict[int, str]) -> Iterator[Finding]:
    """The VA executes: one task for a whole group, or one for each contact that was decided by itself."""
    says = {REACTIVATE: "Prepare reactivation for the agent's approval", REMOVE: "Move to the Trash, as the agent decided"}
    for choice, words in says.items():
        chosen = [m for m in members if choices.get(m.contact.id) == choice]
        whole = len(chosen) == len(choices) and not any(s.workbook.holds("Approvals", str(_single(s, period, m).key)) for m in chosen)
        if chosen and whole:
            key = groups.key(DECISION, "a0", period, f"{GROUPS[group]}-{choice.casefold()}")
            yield _task(s, key, chosen[0].contact, f"{words}: {len(chosen)} of {group} {period} in the tab {TAB}, this contact last")
        elif chosen:
            for member in chosen:
                key = groups.key(DECISION, f"p{member.contact.id}", period, choice.casefold())
                yield _task(s, key, member.contact, f"{words}: {member.contact.name}")


def _task(s: Snapshot, key: Key, contact: Contact, name: str) -> Finding:
    return Finding(DECISION, "the agent decided", WantTask(
        key=key, person_id=contact.id, assignee=s.practice.va_id, kind="Follow Up", name=name, due=s.business.after(s.today, 5),
        useful_until=s.business.after(s.today, 20)))
