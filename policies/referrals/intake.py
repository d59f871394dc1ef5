"""A referral the moment it is seen: its row in the log, the lead's record, the source's record, and
what must be asked (RF-01, RF-04, RF-06, RF-07, RF-22 … RF-27).

The source's record gets a tag, a note with a first name, and a count, and only where it is certain
whose record it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.asks.followup import Matter, close, matter, of_rule
from policies.asks.wants import (
    Finding,
    WantField,
    WantNote,
    WantTag,
    WantTask,
)
from policies.facts import people_by_name
from policies.facts.closings import deal_date
from policies.facts.contact_permission import Way, death, reason_against
from policies.facts.referral_log import AGENT, CLIENT, PROFESSIONAL, SPHERE
from policies.facts.same_person import merges
from policies.referrals import absent_source, backlog, baseline, corrected_source, sent_counts
from policies.referrals.doubts import (
    AMBIGUOUS,
    ASKED,
    CONTESTED,
    HOUSEHOLD,
    LEFT_ALONE,
    TWIN,
    UNKNOWN,
    UNNAMED,
)
from policies.referrals.log import left_out, log_rows
from policies.referrals.referral import (
    Referral,
    day_received,
    lead_is_over,
    referrals,
    unread,
)
from policies.referrals.wording import to_source
from policies.world.calendar import DAY, american
from policies.world.memory import TAG
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

LEAD_TAG, SOURCE_TAG = "Referral", "Referral Source"
ASKING = 60
"""Days for which an open question about a referral is worth asking."""


def decide(s: Snapshot) -> Iterator[Finding]:
    """Everything that is wanted of every referral, and what was there before Steward began."""
    yield from baseline.remember(s)
    yield from log_rows.rows(s)
    yield from left_out.decide(s)
    yield from backlog.history(s)
    for r in referrals(s):
        yield from _questions(s, r)
        if r.logged and not r.history:
            yield from _lead(s, r)
            if r.source and not reason_against(s, r.source, Way.RECORD):
                yield from _source(s, r, r.source)
    yield from _no_referrals(s)
    yield from sent_counts.decide(s)


# -- the lead's record -----------------------------------------------------------------------------


def _lead(s: Snapshot, r: Referral) -> Iterator[Finding]:
    """The lead's record: the source, the type, the tag and the note; the native lead source is the
    VA's to set (RF-24).
    """
    reason = f"{r.lead.name} was referred by {r.source_name}, received {american(day_received(r))}"
    if not r.doubt:
        yield Finding(
            "RF-06",
            reason,
            WantField(
                key=r.key("RF-06", "by"),
                person_id=r.lead.id,
                field="referred_by",
                value=r.source_name[:256],
            ),
        )
        if r.type:
            yield Finding(
                "RF-22",
                reason,
                WantField(
                    key=r.key("RF-22", "type"),
                    person_id=r.lead.id,
                    field="referral_type",
                    value=r.type,
                ),
            )
    yield Finding(
        "RF-06", reason, WantTag(key=r.key("RF-06", "tag"), person_id=r.lead.id, tag=LEAD_TAG)
    )
    if not r.doubt or r.doubt == UNKNOWN:
        yield Finding(
            "RF-25",
            reason,
            WantNote(key=r.key("RF-25", "intake"), person_id=r.lead.id, body=lead_note(s, r)),
        )
    yield from _native(s, r, reason)


def lead_note(s: Snapshot, r: Referral) -> str:
    """The lead's note in the form of the procedure's example (RF-25, X-17)."""
    about = _relation(s, r)
    return (
        f"Referred by {r.source_name}{f' ({about})' if about else ''} — received"
        f" {american(day_received(r))}"
    )


def _relation(s: Snapshot, r: Referral) -> str:
    """The source's relation to the agent, as the note puts it in brackets."""
    if r.source is None:
        return ""
    if r.type == CLIENT:
        days = (deal_date(s, deal) for deal in s.deals_of.get(r.source.id, ()))
        closed = max(filter(None, days), default=None)
        return f"past client, closed {closed.year}" if closed else "past client"
    return {
        SPHERE: "sphere",
        AGENT: "agent",
        PROFESSIONAL: people_by_name.profession(r.source).lower(),
    }.get(r.type, "")


def _native(s: Snapshot, r: Referral, reason: str) -> Iterator[Finding]:
    """The VA's task for the native lead source, which no API can set on a lead that is there; she
    confirms the type with it.
    """
    key = r.key("RF-24", "source")
    right = people_by_name.claimed(r.lead.source).casefold() == r.source_name.casefold()
    if because := "the lead source reads so" if right else lead_is_over(s, r):
        yield from close(matter(s, [key]), because, safety=bool(death(s, r.lead)))
        return
    if r.doubt:
        return
    yield from corrected_source.renamed(s, r, matter(s, [key]))
    kind = f"type {r.type}: right?" if r.type else "set Referral Type"
    yield Finding(
        "RF-24",
        reason,
        WantTask(
            key=key,
            person_id=r.lead.id,
            assignee=s.practice.va_id,
            kind="Follow Up",
            due=s.business.after(day_received(r), 1),
            name=f"Set Lead Source: Referral — {r.source_name}; {kind}",
            useful_until=day_received(r) + ASKING * DAY,
        ),
    )


# -- the source's record ---------------------------------------------------------------------------


def _source(s: Snapshot, r: Referral, source: Contact) -> Iterator[Finding]:
    """The tag and the note; both are of this referral, so that a new one is a new reason (RF-07,
    RF-26).
    """
    reason = f"a referral by {source.name}, received {american(day_received(r))}"
    yield Finding(
        "RF-07",
        reason,
        WantTag(
            key=tag_key(s, r, source),
            person_id=source.id,
            tag=SOURCE_TAG,
        ),
    )
    if (source.id, f"{r.subject}-sent") in s.once(_sent_notes):
        return  # it is there, or came over from a contact that was merged into this one
    yield Finding(
        "RF-26",
        reason,
        WantNote(
            key=Key("RF-26", f"p{source.id}", f"{r.subject}-sent"),
            person_id=source.id,
            body=to_source(s, r).note(),
        ),
    )


def tag_key(s: Snapshot, r: Referral, source: Contact) -> Key:
    """The key of the source's tag: the one it was set under, also before a merge, so that a person
    who takes it off is right.
    """
    records = sorted(merges.records(s, source.id), key=lambda number: (number != source.id, number))
    keys = [Key("RF-07", f"p{number}", f"{r.subject}-tag") for number in records]
    return next((key for key in keys if tag_was_set(s, key)), keys[0])


def tag_was_set(s: Snapshot, key: Key) -> bool:
    """Whether Steward set this tag before, whether or not it is still there."""
    return str(key) in s.written or TAG.row(s.workbook, key) is not None


def _sent_notes(s: Snapshot) -> frozenset[tuple[int, str]]:
    """The notes on sources' records: on whose, and of which referral."""
    keyed = ((note.person_id, note.key) for note in s.notes if note.key)
    return frozenset((person_id, key.episode) for person_id, key in keyed if key.rule == "RF-26")


# -- what is not certain ---------------------------------------------------------------------------


def _questions(s: Snapshot, r: Referral) -> Iterator[Finding]:
    """One task to the VA while the source is not certain; it goes when that is settled (RF-07). It
    stays as it is while the signs of whom it may be about cannot be read (X-65).
    """
    if unread(s, r):
        return
    settled = matter(s, [r.key("RF-07", step) for step in ASKED if step != r.doubt])
    if r.doubt == LEFT_ALONE:
        yield from close(settled, absent_source.remembered_sign(s, r.entry), safety=True)
    else:
        yield from close(settled, "it is settled")
    if r.doubt not in ASKED or r.history:
        return
    by = f" by {r.source_name}" if r.source_name else ""
    reason = f"{r.lead.name} was referred{by}; nothing is written to an uncertain source"
    yield Finding(
        "RF-07",
        reason,
        WantTask(
            key=r.key("RF-07", r.doubt),
            person_id=r.lead.id,
            assignee=s.practice.va_id,
            kind="Follow Up",
            due=s.business.after(day_received(r), 1),
            name=asked(r),
            useful_until=day_received(r) + ASKING * DAY,
        ),
    )


def _no_referrals(s: Snapshot) -> Iterator[Finding]:
    """End the questions about leads whom nothing calls a referral any longer: the name was cleared,
    as the question says, or the lead was merged or put into the Trash (X-81).
    """
    subjects = s.once(_subjects)
    for task in of_rule(s, "RF-07").open_tasks:
        subject = task.key.subject if task.key else ""
        lead = s.contact_by(subject)
        if lead is None or subject in subjects or left_out.is_left_out(s, lead):
            continue
        if people_by_name.in_scope(s, lead):
            because = "in the Trash" if lead.trashed else "nothing says any longer that it is one"
            yield from close(Matter((task,)), because)


def _subjects(s: Snapshot) -> frozenset[str]:
    return frozenset(one for r in referrals(s) for one in (r.subject, f"p{r.lead.id}"))


def asked(r: Referral) -> str:
    """The question, as the name of its task."""
    numbers = ", ".join(f"#{n}" for n in r.others[:4]) + (" …" if len(r.others) > 4 else "")
    return {
        AMBIGUOUS: (
            f"Which {r.source_name} sent them: {numbers}? Write that #number into Referred By"
        ),
        UNKNOWN: (
            f"Create the contact of {r.source_name} who sent them: name, e-mail, phone, stage,"
            " source"
        ),
        CONTESTED: (
            f"Two sources are named: {numbers or 'nobody known'}. Correct Referred By or the lead"
            " source"
        ),
        HOUSEHOLD: (
            f"{r.source_name} ({numbers}) shares their household: a referral? Then set Referral"
            " Type; else clear Referred By"
        ),
        TWIN: (
            f"Same person as {numbers}, a referral already: merge them; two people? Tick this off"
        ),
        UNNAMED: "Who referred them? Write the name into Referred By",
    }[r.doubt]
