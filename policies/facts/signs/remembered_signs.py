"""Opt-outs and deaths that were seen before, and what of a record cannot be read now (X-65).

`seen` says which signs show in this pass, `inherited_signs` what a merge left. A remembered sign
that shows no longer still holds, until the agent says that the person may be contacted again. That
answer is about the signs which its question named, and about none that still shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from policies.facts.permission_answers import given, to_question
from policies.facts.permission_words import Answer, Matter, contact_key
from policies.facts.signs import (
    contact_signs,
    do_not_contact_since,
    inherited_signs,
    near_carriers,
    safety_words,
)
from policies.facts.signs.contact_signs import SINCE
from policies.facts.signs.inherited_signs import Inherited
from policies.facts.signs.sign_memory import (
    LIFTED,
    Seen,
    in_memory,
    outstanding,
    remembered,
    united,
)
from policies.world.calendar import DAY, american
from policies.world.memory import SIGNS_BEGUN, Signs
from policies.world.model import Contact, MailFate
from policies.world.snapshot import Snapshot

BLOCK = 500
"""Contact ids whose signs stand in one row of `Memory`: at 70 characters each they fit a cell."""
_UNSUBSCRIBED = frozenset({Seen.EVENT, Seen.ADDRESS, Seen.MERGED_UNSUBSCRIBED})
"""The signs of an unsubscription: the agent's "Only no email" settles them for good (X-64)."""
OPT_OUTS = frozenset({Seen.STAGE, Seen.TAG, Seen.MERGED}) | _UNSUBSCRIBED
"""The signs of an opt-out; the others are signs of a death."""
MARKED = frozenset({Seen.STAGE, Seen.TAG})
"""The signs that the record itself is Do Not Contact: only these start the two years (DB-34)."""
_COUNTED = OPT_OUTS | {Seen.DECEASED}
"""The signs that the agent's "may be contacted again" can lift, beside those of merges."""
_WORDS: Mapping[str, str] = {
    Seen.STAGE: "the stage was Do Not Contact",
    Seen.TAG: "a tag said Do Not Contact",
    Seen.ADDRESS: "an email address had unsubscribed",
    Seen.MERGED: "they were merged with a record that had opted out",
    Seen.MERGED_UNSUBSCRIBED: "they were merged with a record that had opted out",
    Seen.DECEASED: "a tag said deceased",
}


def seen(s: Snapshot) -> Mapping[int, frozenset[Seen]]:
    """Return the signs that show in this pass, by contact. The tags and unsubscriptions of a record
    in the Trash show on the contact it was merged into.
    """
    return s.once(_seen)


def _seen(s: Snapshot) -> Mapping[int, frozenset[Seen]]:
    by_event = frozenset(e.person_id for e in s.mail if e.fate is MailFate.UNSUBSCRIBED)
    opted_out, found = contact_signs.everybody_opted_out(s), dict[int, frozenset[Seen]]()
    for contact in s.contacts.values():
        if contact.trashed:
            continue
        signs = set(_signs_of_death(s, contact))
        if contact.id in opted_out:
            signs.update(_signs_of_opt_out(s, contact, by_event))
        if signs:
            found[contact.id] = frozenset(signs)
    return found


def _signs_of_opt_out(s: Snapshot, contact: Contact, by_event: frozenset[int]) -> Iterator[Seen]:
    if contact_signs.do_not_contact_by_stage(s, contact):
        yield Seen.STAGE
    if contact_signs.do_not_contact_by_tag(s, contact):
        yield Seen.TAG
    if contact.id in by_event:
        yield Seen.EVENT
    if contact_signs.unsubscribed_an_address(contact):
        yield Seen.ADDRESS
    if contact_signs.merged_with_do_not_contact(s, contact):
        yield Seen.MERGED
    if contact_signs.merged_with_unsubscribed(s, contact):
        yield Seen.MERGED_UNSUBSCRIBED


def _signs_of_death(s: Snapshot, contact: Contact) -> Iterator[Seen]:
    if contact_signs.deceased(s, contact):
        yield Seen.DECEASED
    if safety_words.name_of_the_dead(contact.name):
        yield Seen.NAME
    if contact.background_of_death:
        yield Seen.BACKGROUND


def news(s: Snapshot) -> Signs:
    """Return the signs of this pass that are to be remembered: new ones, and those that came back
    after the agent had lifted them. Those of the lifting day have the day after it.
    """
    return s.once(_news)


def _news(s: Snapshot) -> Signs:
    known, showing, found = remembered(s), seen(s), dict[int, Mapping[str, date]]()
    dropped = near_carriers.configured_carriers(s)
    for contact in {*showing, *inherited_signs.by_winner(s), *dropped}:
        days = known.get(contact, {})
        lifted = max(d.get(LIFTED, date.min) for d in (days, lifted_now(s).get(contact, {})))
        day = s.today if lifted < s.today else lifted + DAY
        new = [sign for sign in showing.get(contact, ()) if _is_new(s, contact, sign, days)]
        merged = (one.sign for one in inherited_signs.by_winner(s).get(contact, ()))
        once = (sign for sign in (*merged, *dropped.get(contact, ())) if sign not in days)
        if new_or_once := {str(sign): day for sign in (*new, *once)}:
            found[contact] = new_or_once
    return found


def _is_new(s: Snapshot, contact: int, sign: Seen, days: Mapping[str, date]) -> bool:
    if sign not in days:
        return True
    lifted = days.get(LIFTED, date.min)
    if days[sign] > lifted:
        return False
    # The feed goes on showing an old event; any other sign that shows was set, or still stands.
    return sign is not Seen.EVENT or contact in _unsubscribed_after(s, lifted)


def _unsubscribed_after(s: Snapshot, day: date) -> frozenset[int]:
    return frozenset(
        event.person_id
        for event in s.mail
        if event.fate is MailFate.UNSUBSCRIBED and event.at and event.at.date() > day
    )


def blocks(s: Snapshot) -> Iterator[tuple[int, Signs]]:
    """Yield each block of `Memory` that should read otherwise after this pass, with what it should
    hold.
    """
    after = united([remembered(s), news(s), lifted_now(s)])
    before = in_memory(s)
    changed = {contact // BLOCK for contact in after if after[contact] != before.get(contact)}
    for block in sorted(changed):
        yield block, {c: days for c, days in after.items() if c // BLOCK == block}


def new_opt_outs(s: Snapshot) -> Mapping[int, frozenset[Seen]]:
    """Return who opted out since the last pass that wrote, or earlier today, with the signs.

    Nobody is new where nothing was remembered yet: everybody would be.
    """
    return s.once(_new_opt_outs)


def _new_opt_outs(s: Snapshot) -> Mapping[int, frozenset[Seen]]:
    begun = SIGNS_BEGUN.row(s.workbook)
    if begun is None:
        return {}
    before, found = in_memory(s), {}
    first_day = begun.text("What") == s.today.isoformat()
    for contact, days in united([remembered(s), news(s)]).items():
        known = before.get(contact, {})
        new = {
            Seen(sign)
            for sign, day in days.items()
            if sign in OPT_OUTS and (known.get(sign) != day or (day == s.today and not first_day))
        }
        if new and contact in s.contacts:
            found[contact] = frozenset(new)
    return found


def seen_before(s: Snapshot, contact: Contact) -> str:
    """Say which safety signs of *contact* were seen before and show no longer, in words; "" if none
    was, and where the agent has lifted them.
    """
    if contact.trashed:
        return ""
    signs = _counting(s, contact)
    judged = had_unsubscribed(s, contact) and _judged(s, contact)
    settled = _UNSUBSCRIBED if judged else frozenset()
    gone: dict[str, date] = {}
    for sign, says in _WORDS.items():
        if sign in signs and sign not in settled and not _shows(s, contact, Seen(sign)):
            gone[says] = min(signs[sign], s.today, gone.get(says, s.today))
    said = [f"{says} (seen {american(day)})" for says, day in gone.items()]
    said = [f"{' and '.join(said)}, and that is gone"] if said else []
    if said := [*said, *(one.text for one in _inherited(s, contact))]:
        return "; ".join(said)
    return "" if settled and OPT_OUTS.intersection(signs) <= settled else _since_alone(s, contact)


def _counting(s: Snapshot, contact: Contact) -> Mapping[str, date]:
    """The signs that still count once the answers of this pass have lifted theirs. A near word that
    the configuration counts as Do Not Contact or deceased by now was one all along.
    """
    signs, known = dict(outstanding(s, contact)), remembered(s).get(contact.id, {})
    for sign in near_carriers.configured_carriers(s).get(contact.id, ()):
        if sign not in known:
            signs[sign] = s.today
    lifted = lifted_now(s).get(contact.id)
    return signs if lifted is None else {sign: signs[sign] for sign in signs if sign in lifted}


def _inherited(s: Snapshot, contact: Contact) -> Iterator[Inherited]:
    """What a merge left for *contact*, once the answers of this pass have lifted theirs. What has a
    row of its own in the table is settled there.
    """
    lifted = lifted_now(s).get(contact.id)
    for one in inherited_signs.inherited(s, contact):
        settled = one.opt_out and contact_signs.merged_with_do_not_contact(s, contact)
        if one.unsubscribed:
            settled = _judged(s, contact) or contact_signs.unsubscribed(s, contact)
        if not settled and (lifted is None or one.sign in lifted):
            yield one


def had_unsubscribed(s: Snapshot, contact: Contact) -> bool:
    """Tell whether an unsubscription of *contact* is remembered that the agent has not lifted."""
    return not _UNSUBSCRIBED.isdisjoint(outstanding(s, contact))


def _judged(s: Snapshot, contact: Contact) -> bool:
    """Whether the agent said what an unsubscription bars: it is asked once (X-64)."""
    return to_question(s, contact, Matter.UNSUBSCRIBED) is not None


def _shows(s: Snapshot, contact: Contact, sign: Seen) -> bool:
    """Whether a sign of the same weight shows now."""
    if sign is Seen.DECEASED:
        return contact_signs.deceased(s, contact)
    if contact_signs.marked_do_not_contact(s, contact):
        return True
    if sign is Seen.MERGED:
        return contact_signs.merged_with_opted_out(s, contact)
    return sign in _UNSUBSCRIBED and contact_signs.unsubscribed(s, contact)


def _since_alone(s: Snapshot, contact: Contact) -> str:
    """The field without any sign beside it: an integration may have dropped the tag."""
    held = contact.fields.get(SINCE, "")
    if not held or contact_signs.opted_out(s, contact) or agent_lifted(s, contact):
        return ""
    return f"Do Not Contact Since holds {held}, and no sign of it shows"


def agent_lifted(s: Snapshot, contact: Contact) -> bool:
    """Tell whether the agent took back what led to `Do Not Contact Since`, and no sign counts."""
    if not _COUNTED.isdisjoint(_counting(s, contact)) or any(_inherited(s, contact)):
        return False
    held = contact.fields.get(SINCE, "")
    return contact.id in lifted_now(s) or do_not_contact_since.taken_back(s, contact, held)


def lifted_now(s: Snapshot) -> Signs:
    """Return the contacts whose signs the agent's answer lifts today, as `Memory` keeps them. The
    day is never before that of a sign it lifts; a sign that it leaves has the day after it.
    """
    return s.once(_lifted_now)


def _lifted_now(s: Snapshot) -> Signs:
    if not given(s).by_key:
        return {}
    return {
        contact.id: _lifting(s, contact)
        for contact in s.contacts.values()
        if to_question(s, contact, Matter.SEEN_BEFORE) is Answer.AGAIN
    }


def _lifting(s: Snapshot, contact: Contact) -> Mapping[str, date]:
    signs, showing = outstanding(s, contact), seen(s).get(contact.id, frozenset())
    day = max([s.today, *signs.values()])
    text = given(s).texts.get(contact_key(s, contact, Matter.SEEN_BEFORE), "")
    left = [
        str(sign)
        for sign in sorted(_COUNTED.intersection(signs))
        if sign in showing or not _is_named(sign, text)
    ]
    merged = inherited_signs.inherited(s, contact)
    left += [one.sign for one in merged if text and one.record not in text]
    return {LIFTED: day, **dict.fromkeys(left, day + DAY)}


def _is_named(sign: Seen, text: str) -> bool:
    """Whether the *text* of a question names this sign; one whose row is gone named every sign that
    a question can name.
    """
    says = _WORDS.get(sign, "")
    return bool(says) and (not text or says in text)


def unreadable(s: Snapshot, contact: Contact) -> str:  # noqa: ARG001
    """Say what of the record could not be read in this pass, in words; "" if all of it could."""
    return f"their {' and '.join(contact.unreadable)} cannot be read" if contact.unreadable else ""
