"""The annual purge: a list in January, the agent's decision, then the VA's tasks (DB-33 to DB-35).

Steward deletes nothing. The tab `Purge` is the list with a reason for each record. The agent
decides about a group for each reason, and about the deceased one by one. The address and number of
a person who asked not to be contacted are in `Suppression` before the record is removed (X-34).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from policies.asks import approvals
from policies.asks import group as groups
from policies.asks.approvals import ONE_BY_ONE
from policies.asks.escalation import DatabaseIssue, database_message
from policies.asks.followup import close, matter
from policies.asks.group import Group, Listing, Member
from policies.asks.pace import answer_by, few, some_rows
from policies.asks.question import Question
from policies.asks.wants import Finding, WantRow, WantTask
from policies.database.reviews import review_calendar
from policies.database.reviews.removal import Candidate, Reason, candidates
from policies.facts.contact_permission import opt_out
from policies.facts.ownership import kept
from policies.facts.suppression import (
    entries_for,
    forms,
    purge_unready,
)
from policies.facts.touchpoints import last_touch
from policies.values import emails, phones
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

TAB = "Purge"
RULE, DECISION = "DB-34", "DB-35"
WAITING, APPROVED, KEPT = (
    "Waiting for the agent",
    "Approved: the VA has a task",
    "Kept: the agent decided so",
)
REMOVED = "Removed"
GONE_BY = "No candidate any more"
TAKEN_BACK = "the agent took the approval back"
LARGE = 50
"""Records of one group above which its question says that it is large (DB-41)."""
NAMES = {
    Reason.SHELL: "Merged duplicates",
    Reason.UNWORKABLE: "Unworkable records",
    Reason.OPTED_OUT: "Do Not Contact for 2 years",
    Reason.DECEASED: "Deceased",
}


def decide(s: Snapshot) -> Iterator[Finding]:
    """Want the list of this year's purge, ask about its groups, and act on the answers."""
    run = review_calendar.latest(s, "purge")
    if run is None:
        return
    period = run.review.period
    new = unlisted(s, period)
    coming = list(some_rows(s, [_row(s, found, period, run) for found in new]))
    yield from coming
    # A list that is not complete yet is not asked about.
    growing = {found.reason for found in new[len(coming) :]}
    named = groups.listings(s, TAB, RULE, period, lambda row: row.text("Reason"), coming)
    tasks: list[Finding] = []
    for reason in Reason:
        listing = named.get(NAMES[reason])
        if listing is None or reason in growing:
            continue
        for finding in _group(s, period, reason, listing):
            if isinstance(finding.want, WantTask):
                tasks.append(finding)
            else:
                yield finding
    yield from few(s, DECISION, tasks)
    yield from _gone(s)
    yield from groups.superseded(s, DECISION, period)


def unlisted(s: Snapshot, period: str) -> Sequence[Candidate]:
    """Return the candidates of this purge without a row, except in groups already asked about."""
    asked = {
        reason
        for reason in Reason
        if s.workbook.holds("Approvals", str(groups.key(DECISION, "a0", period, reason.value)))
    }
    return [
        c
        for c in candidates(s)
        if c.reason not in asked
        and not s.workbook.holds(TAB, str(Key(RULE, f"p{c.contact.id}", period)))
    ]


def _gone(s: Snapshot) -> Iterator[Finding]:
    """Note which approved records are gone from the CRM.

    With an administrator's key, a record that cannot be seen does not exist.
    """
    for row in s.workbook.rows(TAB):
        key = Key.parse(row.ref)
        if key and row.text("Outcome") == APPROVED and s.contact_by(key.subject) is None:
            yield Finding(
                DECISION,
                f"contact {key.subject[1:]} was removed",
                WantRow(tab=TAB, ref=row.ref, create=False, keep={"Outcome": REMOVED}),
            )


def _row(s: Snapshot, found: Candidate, period: str, run: review_calendar.Run) -> Finding:
    contact = found.contact
    return Finding(
        RULE,
        f"{contact.name}: {found.says}",
        WantRow(
            tab=TAB,
            ref=str(Key(RULE, f"p{contact.id}", period)),
            person_id=contact.id,
            keep={"Outcome": WAITING},
            first={
                "Client": contact.name,
                "Group": NAMES[found.reason],
                "Reason": found.says,
                "Last Touchpoint": last_touch(s, contact),
                "Listed On": run.on,
            },
        ),
    )


def _question(s: Snapshot, period: str, reason: Reason, listing: Listing) -> Question:
    count = len(listing.refs)
    large = f"{_large(s, count)}\n\n" if count > LARGE else ""
    return Question(
        key=groups.key(DECISION, "a0", period, reason.value),
        clause=DECISION,
        due=answer_by(s),
        client=NAMES[reason],
        reason=f"the annual purge recommends to remove {count} records: {NAMES[reason].casefold()}",
        what=(
            f"Annual purge {period}: remove {count} records of the group {NAMES[reason]}?"
            f" Reasons in the tab {TAB}"
        ),
        text=f"{large}{listing}",
        choices=(*approvals.CHOICES, ONE_BY_ONE),
    )


def _large(s: Snapshot, count: int) -> str:
    return database_message(
        DatabaseIssue.SCOPE, agent=s.practice.agent_name, records=count, va=s.practice.va_name
    )


def _single(s: Snapshot, period: str, member: Member) -> Question:
    contact = member.contact
    return Question(
        key=groups.key(DECISION, f"p{contact.id}", period, "one"),
        clause=DECISION,
        due=answer_by(s),
        client=contact.name,
        person_id=contact.id,
        reason=f"the annual purge recommends to remove {contact.name}: {member.says}",
        what=f"Remove {contact.name}?",
        text=f"{contact.name} (contact {contact.id}): {member.says}",
    )


def _group(s: Snapshot, period: str, reason: Reason, listing: Listing) -> Iterator[Finding]:
    members = listing.members
    decided = groups.decide(
        s,
        Group(
            question=_question(s, period, reason, listing),
            listing=listing,
            single_only=reason is Reason.DECEASED,
            revocable=True,
            singles={m.contact.id: _single(s, period, m) for m in members},
        ),
        not_ready=purge_unready(s),
    )
    yield from decided.rows
    still = {c.contact.id for c in candidates(s) if c.reason is reason}
    for member in members:
        choice, _ = decided.choices.get(member.contact.id, ("", False))
        yield from _member(
            s, period, reason, member, choice if member.contact.id in still else "gone"
        )
        if member.contact.id in decided.taken_back or choice == approvals.REJECT:
            key = groups.key(DECISION, f"p{member.contact.id}", period, "remove")
            yield from close(matter(s, [key]), TAKEN_BACK)


def _member(
    s: Snapshot, period: str, reason: Reason, member: Member, choice: str
) -> Iterator[Finding]:
    """Write a member's Outcome, and want or withdraw the VA's task.

    *choice* is the agent's, or "gone" for a member who is no candidate now.
    """
    key = groups.key(DECISION, f"p{member.contact.id}", period, "remove")
    gone = choice == "gone"
    trashed = member.contact.trashed and reason is not Reason.SHELL
    removed = gone and trashed and bool(s.lives(key))
    said = {approvals.APPROVE: APPROVED, approvals.REJECT: KEPT}.get(choice, WAITING)
    if gone:
        said = REMOVED if removed else GONE_BY
    if said != member.row.text("Outcome"):
        yield Finding(
            DECISION,
            f"{member.contact.name}: {said}",
            WantRow(
                tab=TAB,
                ref=member.row.ref,
                person_id=member.contact.id,
                create=False,
                keep={"Outcome": said},
            ),
        )
    if gone and not removed:
        yield from close(matter(s, [key]), GONE_BY.casefold(), reason=GONE_BY)
    if choice == approvals.APPROVE:
        yield from _removal(s, reason, member, key)


def _removal(s: Snapshot, reason: Reason, member: Member, key: Key) -> Iterator[Finding]:
    """Want the suppression entries, and the VA's task only once they are seen in the tab."""
    entries = list(entries_for(s, _own_details(s, member.contact, reason)))
    lacking = [
        f
        for f in entries
        if isinstance(f.want, WantRow) and not s.workbook.holds(f.want.tab, f.want.ref)
    ]
    yield from lacking
    if not lacking:
        doing = "Delete the merged shell" if reason is Reason.SHELL else "Move to the Trash"
        yield Finding(
            DECISION,
            f"the agent approved the removal of {member.contact.name}: {member.says}",
            WantTask(
                key=key,
                person_id=member.contact.id,
                assignee=s.practice.va_id,
                kind="Follow Up",
                due=s.business.after(s.today, 5),
                name=(
                    f"{doing}, as the agent approved on the purge list: {member.contact.name}"
                    f" (contact {member.contact.id})"
                ),
                useful_until=s.business.after(s.today, 60),
            ),
        )


def _own_details(s: Snapshot, contact: Contact, reason: Reason) -> Contact:
    """Return the contact with only those addresses and numbers that are to be suppressed.

    All of them are if the person had opted out. Those of a merged shell belong to the record it was
    merged into, and those that a deceased person shared with somebody belong to that person.
    """
    if reason is Reason.OPTED_OUT or (reason is not Reason.DECEASED and opt_out(s, contact)):
        return contact
    if reason is Reason.SHELL:
        return replace(contact, emails=(), phones=())
    shared = {form for other in kept(s) if other.id != contact.id for form in forms(other)}
    own_emails = [e for e in contact.emails if emails.hashed_form(e.value) not in shared]
    own_phones = [p for p in contact.phones if phones.hashed_form(p.value) not in shared]
    return replace(contact, emails=tuple(own_emails), phones=tuple(own_phones))


def removed(s: Snapshot, period: str) -> tuple[int, int, int]:
    """Count the records of this purge: removed, approved in all, and waiting for the agent."""
    keyed = [(Key.parse(row.ref), row.text("Outcome")) for row in s.workbook.rows(TAB)]
    outcomes = [
        outcome for key, outcome in keyed if key and (key.rule, key.episode) == (RULE, period)
    ]
    return (
        outcomes.count(REMOVED),
        outcomes.count(APPROVED) + outcomes.count(REMOVED),
        outcomes.count(WAITING),
    )
