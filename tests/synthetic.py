"""Contacts of a made-up CRM with known truth, for the duplicate finder: who is who is known of every one of them.

Names, streets and their frequencies are Faker's for the United States; everything is drawn from one seed. Of the contacts
5 % are second (a tenth of those: third) records of somebody, changed as people change them: nickname, slip, initial, swapped,
missing or changed surname; another, mistyped, tagged or capitalised e-mail; a re-formatted, mistyped or missing phone; an
abbreviated or another address. What they still share: the same e-mail in 45 %, else the same phone in 29 %, else the same
address in 6 %, else nearly one of the two in 6 %, else the name alone in 14 %, where nobody could know.

Hard to tell apart, on purpose: 8 % of the contacts live in couples (one surname, one address; the phone shared by 55 %, the
e-mail by 30 %, both by 10 %), 0.5 % are father and son of one name at one address, 0.6 % hang on an office line, 0.45 % carry a
placeholder for an e-mail or phone, and people of one name happen.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate, combinations

from faker.providers.address.en_US import Provider as Places
from faker.providers.person.en_US import Provider as People
from nicknames import NickNamer

from policies.world.model import Address, Contact, Reach

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
PROVIDERS, OFTEN = ("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "aol.com", "comcast.net"), (45, 20, 12, 8, 6, 5, 4)
THINGS = ("sunny", "river", "golf", "maple", "blue", "happy", "ranch", "texas", "coach", "garden", "tiger", "piano", "surf", "lucky", "eagle", "music")
CUT = {"Avenue": "Ave", "Boulevard": "Blvd", "Circle": "Cir", "Court": "Ct", "Drive": "Dr", "Lane": "Ln", "Parkway": "Pkwy", "Place": "Pl",
       "Road": "Rd", "Square": "Sq", "Street": "St", "Terrace": "Ter", "Trail": "Trl"}
FIRST = (dict(People.first_names_male), dict(People.first_names_female))
LAST = dict(People.last_names)


@dataclass(frozen=True, slots=True)
class Self:
    """A person as they are: what their records are copies of."""

    first: str
    last: str
    mail: str
    phone: str
    address: Address


@dataclass(frozen=True)
class World:
    """The contacts, and the truth: `who` a contact is, and the mailbox and the line that it really carries ("" for none)."""

    contacts: Mapping[int, Contact]
    who: Mapping[int, int]
    reached_by: Mapping[int, tuple[str, str]]

    @cached_property
    def doubles(self) -> frozenset[tuple[int, int]]:
        """Every pair that is one person."""
        records: dict[int, list[int]] = {}
        for contact_id, person in self.who.items():
            records.setdefault(person, []).append(contact_id)
        return frozenset(pair for ids in records.values() for pair in combinations(sorted(ids), 2))

    def strangers(self, few: int = 4) -> frozenset[tuple[int, int]]:
        """Every pair of two people who share a mailbox or a line that at most *few* contacts carry."""
        carriers: dict[str, list[int]] = {}
        for contact_id, values in self.reached_by.items():
            for value in filter(None, values):
                carriers.setdefault(value, []).append(contact_id)
        return frozenset(pair for ids in carriers.values() if len(ids) <= few for pair in combinations(sorted(ids), 2)
                         if self.who[pair[0]] != self.who[pair[1]])


def world(size: int, seed: int) -> World:
    """*size* contacts, the same for the same *seed*."""
    maker = _Maker(random.Random(seed))
    copies = int(size * 0.05)
    couples, fathers, officers = int(size * 0.04), int(size * 0.0025), int(size * 0.006)
    for _ in range(couples):
        maker.couple()
    for _ in range(fathers):
        maker.father_and_son()
    maker.office(officers)
    while len(maker.records) < size - copies:
        maker.put(maker.somebody())
    maker.placeholders(int(size * 0.0045))
    maker.copy(copies)
    return maker.shuffled()


@dataclass
class _Record:
    person: int
    contact: Contact
    mail: str
    phone: str


@dataclass
class _Maker:
    draw: random.Random
    records: list[_Record] = field(default_factory=list)
    people: list[Self] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    namer: NickNamer = field(default_factory=NickNamer)

    def __post_init__(self) -> None:
        # Cumulative weights once: `choices` would add a thousand of them up for every name.
        self.names = [(list(names), list(accumulate(names.values()))) for names in (*FIRST, LAST)]
        self.streets = list(CUT) + [s for s in Places.street_suffixes if s not in CUT][:20]
        self.towns = [(f"{self.named(2)}{self.draw.choice(Places.city_suffixes)}", self.draw.choice(Places.states_abbr), f"{self.draw.randrange(10000, 99900):05d}")
                      for _ in range(400)]

    def named(self, which: int) -> str:
        names, weights = self.names[which]
        return self.draw.choices(names, cum_weights=weights)[0]

    # -- people --------------------------------------------------------------------------------------------------------

    def somebody(self, last: str = "", address: Address | None = None, sex: int | None = None, first: str = "") -> Self:
        first = first or self.named(self.draw.randrange(2) if sex is None else sex)
        last = last or self.named(2)
        return Self(first, last, self.mail(first, last), self.phone(), address or self.address())

    def mail(self, first: str, last: str) -> str:
        a, b, number = first.lower(), last.lower().replace(" ", ""), self.draw.randrange(1, 99)
        while True:
            kind = self.draw.randrange(10)
            local = (f"{a}.{b}", f"{a[0]}{b}", f"{a}{b}{number}", f"{a}_{b}", f"{b}.{a}{number}", f"{a}{number}", f"{a}.{b}{number}")[kind] if kind < 7 else (
                f"{self.draw.choice(THINGS)}{self.draw.choice(THINGS)}{number}")
            found = f"{local}@{self.draw.choices(PROVIDERS, OFTEN)[0]}"
            mailbox = f"{local.replace('.', '')}@gmail.com" if found.endswith("@gmail.com") else found
            if mailbox not in self.taken:
                self.taken.add(mailbox)
                return found
            number = self.draw.randrange(1, 9999)

    def phone(self) -> str:
        while True:
            found = f"{self.draw.randrange(201, 990)}{self.draw.randrange(2, 10)}{self.draw.randrange(10**6):06d}"
            if found not in self.taken:
                self.taken.add(found)
                return found

    def address(self) -> Address:
        town, state, code = self.draw.choice(self.towns)
        return Address(f"{self.draw.randrange(1, 9999)} {self.named(2)} {self.draw.choice(self.streets)}", town, state, code, "home")

    def couple(self) -> None:
        one = self.somebody(sex=0)
        other = self.somebody(one.last, one.address, sex=1)
        shared = self.draw.random()  # phone alone 45 %, e-mail alone 20 %, both 10 %, neither 25 %
        if shared < 0.55:
            other = replace(other, phone=one.phone)
        if 0.45 <= shared < 0.75:
            other = replace(other, mail=one.mail)
        self.put(one)
        self.put(other)

    def father_and_son(self) -> None:
        father = self.somebody(sex=0)
        son = self.somebody(father.last, father.address, first=father.first)
        marked = self.draw.random() < 0.5
        self.put(replace(father, last=f"{father.last} Sr.") if marked else father)
        self.put(replace(son, last=f"{son.last} Jr.") if marked else son)

    def office(self, people: int) -> None:
        while people > 0:
            line, size = self.phone(), self.draw.randrange(3, 16)
            for _ in range(min(size, people)):
                self.put(replace(self.somebody(), phone=line))
            people -= size

    # -- records -------------------------------------------------------------------------------------------------------

    def put(self, person: Self) -> None:
        self.people.append(person)
        contact = Contact(id=0, first_name=person.first, last_name=person.last, emails=(Reach(person.mail),),
                          phones=(Reach(self.formatted(person.phone)),), addresses=(person.address,),
                          created=BEGIN + timedelta(hours=self.draw.randrange(50_000)))
        self.records.append(_Record(len(self.people) - 1, contact, person.mail, person.phone))

    def formatted(self, phone: str) -> str:
        a, b, c = phone[:3], phone[3:6], phone[6:]
        return self.draw.choice((f"({a}) {b}-{c}", f"{a}-{b}-{c}", phone, f"+1 {a} {b} {c}", f"1{phone}", f"{a}.{b}.{c}"))

    def placeholders(self, count: int) -> None:
        for record in self.draw.sample(self.records, count):
            if self.draw.random() < 0.5:
                record.contact, record.mail = replace(record.contact, emails=(Reach("none@none.com"),)), ""
            else:
                record.contact, record.phone = replace(record.contact, phones=(Reach("0000000000"),)), ""

    def copy(self, count: int) -> None:
        once = self.draw.sample(range(len(self.people)), count - count // 10)
        for person in (*once, *self.draw.sample(once, count // 10)):
            self.records.append(self.changed(person))

    def changed(self, person: int) -> _Record:
        self_ = self.people[person]
        first, last = self.renamed(self_.first, self_.last)
        shown, mail = self.other_mail(self_)
        phones, phone = self.other_phone(self_.phone)
        contact = Contact(id=0, first_name=first, last_name=last, emails=(Reach(shown),), phones=phones, addresses=(self.other_address(self_.address),),
                          created=BEGIN + timedelta(hours=self.draw.randrange(50_000)))
        return _Record(person, contact, mail, phone)

    def renamed(self, first: str, last: str) -> tuple[str, str]:
        how = self.draw.random()
        if how < 0.07:
            short = sorted(self.namer.nicknames_of(first) | self.namer.canonicals_of(first))
            return (self.draw.choice(short).title() if short else first), last
        if how < 0.12:
            return (self.slip(first), last) if self.draw.random() < 0.5 else (first, self.slip(last))
        if how < 0.155:
            return f"{first[0]}.", last
        if how < 0.185:
            return last, first
        if how < 0.225:
            return first, ""
        if how < 0.265:
            return first, self.named(2)
        return (first.upper(), last.upper()) if how < 0.33 else (first, last)

    def slip(self, text: str) -> str:
        at = self.draw.randrange(1, max(2, len(text) - 1))
        how = self.draw.randrange(3)
        if how == 0 and len(text) > at + 1:
            return text[:at] + text[at + 1] + text[at] + text[at + 2:]
        if how == 1:
            return text[:at] + text[at + 1:]
        return text[:at] + self.draw.choice("aeiorstln") + text[at + (how == 2 and self.draw.randrange(2)):]

    def other_mail(self, person: Self) -> tuple[str, str]:
        how, (local, _, domain) = self.draw.random(), person.mail.partition("@")
        if how < 0.465:
            shown = self.draw.choice((person.mail, person.mail, person.mail.upper(), person.mail.title(), f"{local}+homes@{domain}"))
            return shown, person.mail
        if how < 0.535:
            wrong = f"{self.slip(local)}@{domain}" if self.draw.random() < 0.6 else f"{local}@{self.slip(domain.partition('.')[0])}.com"
            return wrong, wrong
        other = self.mail(person.first, person.last)
        return other, other

    def other_phone(self, phone: str) -> tuple[tuple[Reach, ...], str]:
        how = self.draw.random()
        if how < 0.56:
            return (Reach(self.formatted(phone)),), phone
        if how < 0.63:
            at = self.draw.randrange(4, 10)
            wrong = phone[:at] + str((int(phone[at]) + self.draw.randrange(1, 10)) % 10) + phone[at + 1:]
            return (Reach(self.formatted(wrong)),), wrong
        return (), ""

    def other_address(self, address: Address) -> Address:
        how = self.draw.random()
        if how < 0.13:
            head, _, suffix = address.street.rpartition(" ")
            return replace(address, street=f"{head} {CUT.get(suffix, suffix)}".lower() + self.draw.choice(("", ".")))
        return address if how < 0.27 else self.address()

    def shuffled(self) -> World:
        self.draw.shuffle(self.records)
        contacts = {n: replace(record.contact, id=n) for n, record in enumerate(self.records, 101)}
        return World(contacts, {n: record.person for n, record in enumerate(self.records, 101)},
                     {n: (record.mail, record.phone) for n, record in enumerate(self.records, 101)})
