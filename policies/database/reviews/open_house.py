"""Open-house and event sign-ins: rows typed into a tab become contacts with a source tag (DB-27).

A contact that exists already gets the tag, a new one is made with it. People decide if a name and
an address do not go together, or if somebody asked not to be contacted. The typed cells are never
changed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policies.asks.approvals import NOT_ACTED_ON
from policies.asks.wants import Finding, WantPerson, WantRow, WantTag
from policies.database.reviews import guarded
from policies.facts.contact_permission import Reason, Verdict, Way, reason_against
from policies.facts.ownership import agents_own, left_alone
from policies.facts.permission_questions import asked_for
from policies.facts.suppression import forms, suppressed
from policies.facts.taxonomy import LONGEST_TAG, OPEN_HOUSE
from policies.values import emails, phones
from policies.values.dates import typed_date
from policies.values.names import folded, one_line
from policies.values.numbers import contact_number
from policies.world.calendar import american
from policies.world.model import Contact, Key, Reach
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot

TAB = "Open House"
RULE = "DB-27"
TYPED = ("First Name", "Last Name", "Email", "Phone", "Address", "Date")
ADDING = "Being added to the CRM"
TWICE = "Typed twice: the other row counts"
WAITS = "Waits for another row with this e-mail or phone, which is being added first"
_DECIDES = "neither added nor tagged; the agent decides"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One row as it was typed. `day` is None if the cell holds no date."""

    row: Row
    first: str
    last: str
    email: str
    phone: str
    address: str
    day: date | None

    @property
    def contact(self) -> Contact:
        """The person as a contact with no id yet."""
        return Contact(
            id=0,
            first_name=self.first,
            last_name=self.last,
            emails=(Reach(self.email),) if self.email else (),
            phones=(Reach(self.phone),) if self.phone else (),
        )

    @property
    def problem(self) -> str:
        """The correction that the row needs before it can be read, in words; "" for none."""
        date_cell = self.row.text("Date")
        needed = {
            "First Name": self.first,
            "Last Name": self.last,
            "Address": self.address,
            "Date": date_cell,
        }
        if missing := [column for column, value in needed.items() if not value]:
            return f"Fill in {', '.join(missing)}"
        if not self.day:
            return f"{one_line(date_cell)[:30]!r} is no date: write it like 12/31/2026"
        return self._no_reach

    @property
    def _no_reach(self) -> str:
        """The fault of the e-mail address or the phone number, "" if one at least can be used."""
        if not self.email and not self.phone:
            return "Fill in Email or Phone"
        if self.email and not emails.hashed_form(self.email):
            return f"{self.email[:60]!r} is no e-mail address"
        if self.phone and not phones.hashed_form(self.phone):
            return f"{self.phone[:30]!r} is no phone number"
        return ""

    @property
    def tag(self) -> str:
        """The exact source tag, without a comma and within what the CRM takes (DB-27)."""
        assert self.day is not None  # asked only of a row without a problem
        tail = f" — {american(self.day)}"
        room = LONGEST_TAG - len(OPEN_HOUSE) - len(tail)
        place = one_line(self.address.replace(",", " "))
        if len(place) > room:
            place = place[: room - 1].rstrip() + "…"
        return f"{OPEN_HOUSE}{place}{tail}"

    @property
    def key(self) -> Key:
        """The identity of this sign-in: the person, the place and the day."""
        assert self.day is not None
        facts = "|".join(
            (
                emails.hashed_form(self.email),
                phones.hashed_form(self.phone),
                folded(f"{self.first} {self.last}"),
                folded(self.address),
            )
        )
        return Key(
            RULE,
            f"o{hashlib.sha256(facts.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}",
            f"{self.day:%Y%m%d}",
        )


def sign_in(row: Row) -> SignIn:
    """Read *row* as a sign-in."""
    first, last, email, phone, address = (one_line(row.text(name)) for name in TYPED[:5])
    return SignIn(row, first, last, email, phone, address, typed_date(row.cells.get("Date")))


def decide(s: Snapshot) -> Iterator[Finding]:
    """Act on every row, and say so in its Status."""
    adding: set[str] = set()
    for typed, ref, again in _rows(s):
        if typed.problem:
            yield _says(typed, ref, typed.problem)
        elif again:
            yield _says(typed, ref, TWICE)
        else:
            key = Key.parse(typed.row.ref) or typed.key
            yield from _first(s, typed, ref, key.base, adding)


def not_acted_on(s: Snapshot, why: str) -> Iterator[Finding]:
    """Say in every row about which nothing is said yet *why* it is not taken up. What a row says
    of somebody who asked not to be contacted stays.
    """
    for typed, ref, _ in _rows(s):
        said = typed.row.text("Status")
        if said in {"", ADDING, WAITS} or said.startswith(NOT_ACTED_ON):
            yield _says(typed, ref, f"{NOT_ACTED_ON}: {why}")


def _rows(s: Snapshot) -> Iterator[tuple[SignIn, str, bool]]:
    """Yield every row that somebody typed, with its Ref, and whether the same was typed above."""
    seen: Counter[Key] = Counter()
    for row in s.workbook.rows(TAB):
        if not any(row.text(name) for name in TYPED):
            continue
        typed = sign_in(row)
        if typed.problem:
            yield typed, row.ref or str(Key(RULE, _spot(row), "typed")), False
            continue
        seen[typed.key] += 1
        number = seen[typed.key]
        yield typed, row.ref or str(typed.key.life(number)), number > 1


def _first(s: Snapshot, typed: SignIn, ref: str, key: Key, adding: set[str]) -> Iterator[Finding]:
    """Act on the first row of a sign-in.

    Only one contact is made for an address or number in a pass, because the next pass sees that
    contact. *adding* holds the forms of those already being made, and gets those made here.
    """
    if typed.day and typed.day > s.today:
        early = f"{american(typed.day)} is not here yet: see whether the date is right"
        yield _says(typed, ref, early)
        return
    found = list(_one(s, typed, ref, key))
    makes_contact = any(isinstance(finding.want, WantPerson) for finding in found)
    new = forms(typed.contact) if makes_contact else ()
    if not adding.isdisjoint(new):
        found = [_says(typed, ref, WAITS)]
    adding.update(new)
    yield from found


def _spot(row: Row) -> str:
    """Name a row that cannot be read yet by the text of its cells."""
    text = "|".join(row.text(name) for name in TYPED)
    return f"o{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _says(
    typed: SignIn, ref: str, status: str, contact: int = 0, after: tuple[Key, ...] = ()
) -> Finding:
    return Finding(
        RULE,
        status,
        WantRow(
            tab=TAB,
            ref=ref,
            create=False,
            adopts=None if typed.row.ref else typed.row,
            requires=after,
            keep={"Status": status, **({"Contact": contact} if contact else {})},
        ),
    )


def _one(s: Snapshot, typed: SignIn, ref: str, key: Key) -> Iterator[Finding]:
    """Act on a sign-in that was typed once and is not in the future."""
    if known := contact_number(typed.row.cells.get("Contact")):
        yield _says(typed, ref, _already(s, known), known)
        return
    everyone = matches(s, typed)
    found = [contact for contact in everyone if not contact.trashed]
    if says := _barred(s, typed, everyone):
        yield _says(typed, ref, says)
    elif reason := next(_held(s, found), None):
        yield _says(typed, ref, f"Neither added nor tagged yet: {reason.text}")
        yield from (f for contact in found for f in asked_for(s, contact, Way.NEW_RECORD))
    else:
        yield from _taken_up(s, typed, ref, key, found)


def _already(s: Snapshot, contact_id: int) -> str:
    """Return the Status of a row that has its contact."""
    if contact_id in s.contacts and not s.contacts[contact_id].trashed:
        return f"In the CRM: contact {contact_id}"
    return f"Contact {contact_id} was removed: not made again"


def _taken_up(
    s: Snapshot, typed: SignIn, ref: str, key: Key, found: Sequence[Contact]
) -> Iterator[Finding]:
    """Tag the one contact it fits, make one if nobody fits, else leave it to people.

    *found* are the contacts with this e-mail address or phone number.
    """
    named = [contact for contact in found if _same_name(contact, typed)]
    if len(named) == 1 and agents_own(s, named[0]):
        yield from _known(typed, ref, named[0])
        return
    namesake = s.once(guarded.by_name).get(guarded.compared(f"{typed.first} {typed.last}"))
    if namesake and not named:
        yield from _has_a_namesake(s, typed, ref, namesake)
        return
    says = _unclear(found, named)
    yield from [_says(typed, ref, says)] if says else _new(s, typed, ref, key)


def _has_a_namesake(
    s: Snapshot, typed: SignIn, ref: str, namesake: tuple[Contact, Reason]
) -> Iterator[Finding]:
    """Add nobody with the name of somebody who opted out or died, and ask what an answer ends."""
    contact, reason = namesake
    status = (
        f"Contact {contact.id} has the same name and {guarded.because(reason)}, so nobody is"
        " added: if it is another person, add them by hand and type their number into Contact"
    )
    yield _says(typed, ref, status)
    if reason.kind is Verdict.HOLD:
        yield from asked_for(s, contact, Way.NEW_RECORD)


def _unclear(found: Sequence[Contact], named: Sequence[Contact]) -> str:
    """Return why people have to decide, in words for the Status, or ""."""
    if len(named) == 1:
        return (
            f"Contact {named[0].id} is another agent's: neither added nor tagged; the agent decides"
        )
    if not found:
        return ""
    who = ", ".join(str(contact.id) for contact in found)
    how = "is in the CRM more than once" if named else "is in the CRM under another name"
    return f"This e-mail or phone {how} (contact {who}): see whether it is the same person"


def _barred(s: Snapshot, typed: SignIn, everyone: Sequence[Contact]) -> str:
    """Return why this sign-in is never taken up, in words for its Status, or ""."""
    known = suppressed(s)
    if known.unready:
        return known.unready
    if known.knows(typed.contact):
        return "Asked not to be contacted before: the agent decides"
    for contact in everyone:
        reason = guarded.about_person(s, contact)
        if reason and reason.kind is Verdict.NEVER:
            who = f"Contact {contact.id}{', in the Trash,' if contact.trashed else ''}"
            return f"{who} {guarded.because(reason)}: {_DECIDES}"
    for contact in everyone:
        if not contact.trashed and left_alone(s, contact):
            return f"Contact {contact.id} is to be left alone: neither added nor tagged"
    return ""


def _held(s: Snapshot, found: Sequence[Contact]) -> Iterator[Reason]:
    """Yield the reasons that hold a sign-in by one of these people (X-64)."""
    for contact in found:
        for way in (Way.NEW_RECORD, Way.RECORD):
            reason = reason_against(s, contact, way)
            if reason and reason.kind is Verdict.HOLD:
                yield reason


def matches(s: Snapshot, typed: SignIn) -> Sequence[Contact]:
    """Return everybody with this e-mail address or phone number, also in the Trash, by id."""
    ids = {i for form in forms(typed.contact) for i in s.once(_by_form).get(form, ())}
    return [s.contacts[i] for i in sorted(ids)]


def _by_form(s: Snapshot) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for contact in s.contacts.values():
        for form in forms(contact):
            found.setdefault(form, []).append(contact.id)
    return found


def _same_name(contact: Contact, typed: SignIn) -> bool:
    """Tell whether the full name is the same, or the record lacks a part of it."""
    pairs = ((contact.first_name, typed.first), (contact.last_name, typed.last))
    return all(
        not folded(theirs) or guarded.compared(theirs) == guarded.compared(ours)
        for theirs, ours in pairs
    )


def _known(typed: SignIn, ref: str, contact: Contact) -> Iterator[Finding]:
    key = Key(RULE, f"p{contact.id}", f"{typed.key.episode}-{typed.key.subject}")
    yield Finding(
        RULE,
        f"{contact.name} signed in: {typed.tag}",
        WantTag(key=key, person_id=contact.id, tag=typed.tag),
    )
    # The Status is written once the contact is tagged: then the row is done.
    yield _says(typed, ref, f"In the CRM: contact {contact.id}", contact.id, (key,))


def _new(s: Snapshot, typed: SignIn, ref: str, key: Key) -> Iterator[Finding]:
    if str(key) in s.written:
        yield _says(
            typed,
            ref,
            "The CRM has this e-mail or phone on a record that is not seen here,"
            " in the Trash or another agent's",
        )
        return
    assert typed.day is not None
    yield Finding(
        RULE,
        f"{typed.first} {typed.last} signed in and is not in the CRM",
        WantPerson(
            key=key,
            first_name=typed.first,
            last_name=typed.last,
            email=typed.email,
            phone=typed.phone,
            source="Open House",
            tag=typed.tag,
            assignee=s.practice.agent_id,
            background=f"Signed in at the open house at {typed.address} on {american(typed.day)}.",
        ),
    )
    yield _says(typed, ref, ADDING)
