"""Signs that were seen before and show no longer, and what a merge left: they hold until the agent
says that the person may be contacted again (X-65).

The answer lifts the signs that its question named. A sign that still shows is never lifted.
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
)
from policies.facts.signs.contact_signs import SINCE
from policies.facts.signs.inherited_signs import Inherited
from policies.facts.signs.shown_signs import OPT_OUTS, UNSUBSCRIBED, seen
from policies.facts.signs.sign_memory import (
    LIFTED,
    Seen,
    day_of,
    not_lifted,
    outstanding,
    remembered,
)
from policies.world.calendar import DAY, american
from policies.world.memory import Signs
from policies.world.model import Contact
from policies.world.snapshot import Snapshot

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


def seen_before(s: Snapshot, contact: Contact) -> str:
    """Say which safety signs of *contact* were seen before and show no longer, in words; "" if none
    was, and where the agent has lifted them.
    """
    if contact.trashed:
        return ""
    signs = _counting(s, contact)
    judged = had_unsubscribed(s, contact) and _judged(s, contact)
    settled = UNSUBSCRIBED if judged else frozenset()
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
    return not UNSUBSCRIBED.isdisjoint(outstanding(s, contact))


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
    return sign in UNSUBSCRIBED and contact_signs.unsubscribed(s, contact)


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
    merges = not_lifted(s, contact.id)
    days = (day_of(s, sign, on) for sign, on in merges.items())
    day = max([s.today, *signs.values(), *days])
    text = given(s).texts.get(contact_key(s, contact, Matter.SEEN_BEFORE), "")
    left = [
        str(sign)
        for sign in sorted(_COUNTED.intersection(signs))
        if sign in showing or not _is_named(sign, text)
    ]
    merged = inherited_signs.inherited(s, contact)
    if text and _WORDS[Seen.MERGED] not in text:  # as version 0.1 named every merge
        left += [one.sign for one in merged if not one.is_named(text)]
    return {LIFTED: day, **dict.fromkeys(left, day + DAY)}


def _is_named(sign: Seen, text: str) -> bool:
    """Whether the *text* of a question names this sign; one whose row is gone named every sign that
    a question can name.
    """
    says = _WORDS.get(sign, "")
    return bool(says) and (not text or says in text)
