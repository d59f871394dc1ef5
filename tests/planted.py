"""A database of made-up contacts with known faults planted in it: what a check must find is written down as it is planted.

Nothing here knows the policies. Every contact begins as a sound record of somebody heard of lately; one fault, or what looks like one
and is none, is then put into some of them. The same seed gives the same database.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from policies.world.model import (
    STAGE_LABELS,
    Address,
    Communication,
    Contact,
    Deal,
    MailEvent,
    MailFate,
    Reach,
    Side,
    Stage,
)

ZONE = ZoneInfo("America/Chicago")
AGENT = 2
FIRST = ("Ana", "Ben", "Carla", "David", "Elena", "Farid", "Grace", "Hugo", "Iris", "Jonas", "Kavya", "Liam", "Marta", "Noah", "Olga")
LAST = ("Lopez", "Meyer", "Novak", "Okafor", "Patel", "Quist", "Rossi", "Santos", "Tanaka", "Ueda", "Vargas", "Weber", "Xu", "Young")
SOURCES = ("Referral", "SOI", "Open House", "Social Media", "Website")
STEADY = (Stage.ATTEMPTING_CONTACT, Stage.ACTIVE_BUYER, Stage.ACTIVE_SELLER, Stage.LONG_TERM_NURTURE, Stage.SPHERE_OF_INFLUENCE,
          Stage.PROFESSIONAL_NETWORK, Stage.REFERRAL_SOURCE, Stage.NEW_LEAD)
Plant = Callable[["Field", Contact], Contact]


@dataclass
class Field:
    """The database as it grows, and what was planted: by kind of fault, the ids that have it."""

    today: date
    chance: random.Random
    contacts: dict[int, Contact] = field(default_factory=dict)
    deals: dict[int, Deal] = field(default_factory=dict)
    mail: list[MailEvent] = field(default_factory=list)
    found: dict[str, set[Any]] = field(default_factory=dict)

    def mark(self, kind: str, what: Any) -> None:
        self.found.setdefault(kind, set()).add(what)

    def asks(self, contact: Contact, *stages: str) -> None:
        self.mark("stage", (contact.id, stages, "is asked about"))

    def ago(self, days: int, hour: int = 12) -> datetime:
        return datetime.combine(self.today - timedelta(days=days), time(hour), ZONE)

    def deal(self, person: int, side: Side, days_ago: int, **more: Any) -> Deal:
        number = len(self.deals) + 1
        made = Deal(id=number, name=f"{number} Cedar Ln", side=side, closed=True, projected_close=self.today - timedelta(days=days_ago),
                    entered_stage_at=self.ago(days_ago), person_ids=(person,), user_ids=(AGENT,))
        self.deals[number] = replace(made, **more)
        return self.deals[number]

    def sound(self, number: int) -> Contact:
        """Somebody whose record is as it should be, heard of in the last 50 days."""
        draw = self.chance
        first, last, source = draw.choice(FIRST), draw.choice(LAST), draw.choice(SOURCES)
        stage = draw.choice(STEADY)
        return Contact(
            id=number, created=self.ago(draw.randrange(100, 3000)), first_name=first, last_name=last, stage=stage, stage_label=STAGE_LABELS[stage],
            tags=(source,), source=source, emails=(Reach(f"{first}.{last}.{number}@example.org".casefold(), "Valid", "home"),),
            phones=(Reach(f"(512) 5{number // 10000:02}-{number % 10000:04}", "Valid", "mobile"),), assigned_user_id=AGENT,
            addresses=(Address(f"{number} Birch St", "Austin", "TX", "78701", "home"),), has_background=True, communications=2,
            last_communication=self.ago(draw.randrange(0, 50)))


def staged(contact: Contact, stage: Stage) -> Contact:
    return replace(contact, stage=stage, stage_label=STAGE_LABELS[stage])


def _quiet(f: Field, c: Contact, days: int, stage: Stage) -> Contact:
    return replace(staged(c, stage), last_communication=f.ago(days), inbound=(), outbound=())


# -- what every record must have -------------------------------------------------------------------------------------------


def _gap(what: str, **change: Any) -> Plant:
    def plant(f: Field, c: Contact) -> Contact:
        f.mark("gap", (c.id, what))
        return replace(c, **change)
    return plant


def no_stage(f: Field, c: Contact) -> Contact:
    f.mark("gap", (c.id, "stage"))
    return replace(c, stage=None, stage_label="Hot Prospects")


def other_tags_only(f: Field, c: Contact) -> Contact:
    f.mark("gap", (c.id, "lead-source tag"))
    return replace(c, tags=("VIP Client", "$400–500K"))


# -- stages ----------------------------------------------------------------------------------------------------------------


def closed(side: Side, days_ago: int) -> Plant:
    def plant(f: Field, c: Contact) -> Contact:
        f.deal(c.id, side, days_ago)
        moves = "moves by a confirmed rule" if days_ago <= 60 else "is asked about"
        f.mark("stage", (c.id, ("past_client_buyer" if side is Side.BUYER else "past_client_seller",), moves))
        return staged(c, Stage.UNDER_CONTRACT)
    return plant


def closed_and_unknown(f: Field, c: Contact) -> Contact:
    """Beside a closing of late a deal in a stage that no pipeline lists: it may be the transaction that is open."""
    f.deal(c.id, Side.BUYER, 10)
    f.deal(c.id, Side.BUYER, -20, closed=None)
    f.asks(c, "past_client_buyer")
    return staged(c, Stage.UNDER_CONTRACT)


def unknown_deal(f: Field, c: Contact) -> Contact:
    f.deal(c.id, Side.BUYER, -20, closed=None)
    return staged(c, Stage.UNDER_CONTRACT)


def lead_who_closed(stage: Stage) -> Plant:
    def plant(f: Field, c: Contact) -> Contact:
        f.deal(c.id, Side.BUYER, 900)
        if stage is not Stage.LONG_TERM_NURTURE:
            f.asks(c, "past_client_buyer")
        return staged(c, stage)
    return plant


def closed_and_open(f: Field, c: Contact) -> Contact:
    f.deal(c.id, Side.SELLER, 10)
    f.deal(c.id, Side.BUYER, -20, closed=False)
    return staged(c, Stage.UNDER_CONTRACT)


def talked(times: int, *, replied: bool = False) -> Plant:
    def plant(f: Field, c: Contact) -> Contact:
        if times >= 3:
            f.asks(c, *(("active_buyer", "active_seller") if replied else ()), "attempting_contact")
        return replace(staged(c, Stage.NEW_LEAD), communications=times, inbound=(Communication("text", f.ago(5)),) if replied else ())
    return plant


def quiet_buyer(days: int) -> Plant:
    def plant(f: Field, c: Contact) -> Contact:
        if days >= 60:
            f.asks(c, "long_term_nurture")
        if days >= 90:
            f.mark("cold", (c.id, "Leads"))
        return _quiet(f, c, days, Stage.ACTIVE_BUYER)
    return plant


def cold_lead_who_wrote(days: int) -> Plant:
    def plant(f: Field, c: Contact) -> Contact:
        if days < 90:
            f.asks(c, "attempting_contact", "long_term_nurture")
        return replace(staged(c, Stage.COLD_LEAD), inbound=(Communication("e-mail", f.ago(days)),), outbound=(Communication("e-mail", f.ago(1)),))
    return plant


def no_deal(f: Field, c: Contact) -> Contact:
    f.asks(c, "active_buyer", "active_seller")
    return staged(c, Stage.UNDER_CONTRACT)


def wrong_side(f: Field, c: Contact) -> Contact:
    f.deal(c.id, Side.SELLER, 800)
    f.asks(c, "past_client_seller")
    return staged(c, Stage.PAST_CLIENT_BUYER)


def past_client(f: Field, c: Contact) -> Contact:
    f.deal(c.id, Side.BUYER, 700)
    return staged(c, Stage.PAST_CLIENT_BUYER)


# -- silence ---------------------------------------------------------------------------------------------------------------


def cold(days: int, stage: Stage, group: str) -> Plant:
    def plant(f: Field, c: Contact) -> Contact:
        if days >= 90:
            f.mark("cold", (c.id, group))
        return _quiet(f, c, days, stage)
    return plant


def quiet_client(f: Field, c: Contact) -> Contact:
    """A buyer with an open deal: talked to every day, and never through the CRM."""
    f.deal(c.id, Side.BUYER, -30, closed=False)
    f.mark("cold", (c.id, "Current Clients"))
    return _quiet(f, c, 95, Stage.LONG_TERM_NURTURE)


def never_touched(days: int) -> Plant:
    def plant(f: Field, c: Contact) -> Contact:
        if days >= 90:
            f.mark("cold", (c.id, "Leads"))
        return replace(staged(c, Stage.LONG_TERM_NURTURE), last_communication=None, communications=0, created=f.ago(days))
    return plant


def answered_by_us(f: Field, c: Contact) -> Contact:
    return replace(_quiet(f, c, 200, Stage.LONG_TERM_NURTURE), outbound=(Communication("call", f.ago(89)),))


# -- details, opt-outs, removals -------------------------------------------------------------------------------------------


def bounced(f: Field, c: Contact) -> Contact:
    f.mark("outdated", c.id)
    return replace(c, emails=(replace(c.emails[0], status="Bounced"),))


def bounced_by_event(f: Field, c: Contact) -> Contact:
    f.mark("outdated", c.id)
    f.mail.append(MailEvent(id=len(f.mail) + 1, person_id=c.id, fate=MailFate.BOUNCED, at=f.ago(9)))
    return c


def bad_phone(f: Field, c: Contact) -> Contact:
    f.mark("outdated", c.id)
    return replace(c, phones=(replace(c.phones[0], status="Invalid"),))


def returned(f: Field, c: Contact) -> Contact:
    f.mark("outdated", c.id)
    return replace(c, tags=(*c.tags, "Returned Mail"))


def opted_out_client(how: str) -> Plant:
    def plant(f: Field, c: Contact) -> Contact:
        f.mark("optout", c.id)
        if how == "deal":
            f.deal(c.id, Side.BUYER, -30, closed=False)
            return staged(c, Stage.DO_NOT_CONTACT)
        if how == "event":
            f.mail.append(MailEvent(id=len(f.mail) + 1, person_id=c.id, fate=MailFate.UNSUBSCRIBED, at=f.ago(2)))
            return staged(c, Stage.ACTIVE_SELLER)
        return replace(staged(c, Stage.ACTIVE_SELLER), tags=(*c.tags, "DNC"))
    return plant


def do_not_contact(since: date | None, *, go: bool, **more: Any) -> Plant:
    def plant(f: Field, c: Contact) -> Contact:
        if go:
            f.mark("purge", (c.id, "dnc"))
        return replace(_quiet(f, c, 900, Stage.DO_NOT_CONTACT), fields={"do_not_contact_since": since.isoformat()} if since else {}, **more)
    return plant


def unworkable(f: Field, c: Contact) -> Contact:
    f.mark("purge", (c.id, "unworkable"))
    for what in ("full name", "phone"):
        f.mark("gap", (c.id, what))
    f.mark("outdated", c.id)
    return replace(c, last_name=" ", phones=(), emails=(replace(c.emails[0], status="Bounced"),))


def nearly_unworkable(f: Field, c: Contact) -> Contact:
    for what in ("e-mail", "phone"):
        f.mark("gap", (c.id, what))
    return replace(c, emails=(), phones=())


def deceased(f: Field, c: Contact) -> Contact:
    f.mark("purge", (c.id, "deceased"))
    return replace(_quiet(f, c, 400, Stage.SPHERE_OF_INFLUENCE), tags=(*c.tags, "Deceased"))


def deceased_without_a_number(f: Field, c: Contact) -> Contact:
    """Nobody looks up how to reach the dead."""
    f.mark("purge", (c.id, "deceased"))
    return replace(_quiet(f, c, 400, Stage.SPHERE_OF_INFLUENCE), tags=(*c.tags, "Deceased"), phones=(), has_background=False)


def shell(f: Field, c: Contact) -> Contact:
    """A loser of a merge, and beside it the record it went into."""
    f.mark("purge", (c.id, "shell"))
    winner = replace(f.sound(c.id + 500_000), first_name=c.first_name, last_name=c.last_name)
    f.contacts[winner.id] = replace(winner, emails=(*winner.emails, *c.emails))
    return replace(c, trashed=True, stage=None, stage_label="Trash")


def thrown_away(f: Field, c: Contact) -> Contact:
    return replace(c, trashed=True, stage=None, stage_label="Trash")


def portal_lead(hours_ago: int, *, attempted: bool = False) -> Plant:
    def plant(f: Field, c: Contact) -> Contact:
        came = datetime.combine(f.today, time(12), ZONE) - timedelta(hours=hours_ago)
        if not attempted:
            f.mark("portal", c.id)
        sent = (Communication("call", came + timedelta(minutes=20)),) if attempted else ()
        return replace(staged(c, Stage.NEW_LEAD), created=came, source="Zillow", tags=("Zillow",), outbound=sent,
                       last_communication=sent[0].at if sent else None, communications=len(sent))
    return plant


def plants(today: date) -> tuple[Plant, ...]:
    """Every fault, and beside each what is just not one."""
    two_years = today.replace(year=today.year - 2)
    return (
        _gap("full name", last_name=""), _gap("full name", first_name="  "), _gap("e-mail", emails=()), _gap("phone", phones=()),
        _gap("lead source", source=""), _gap("lead-source tag", tags=()), _gap("notes (the background is empty; see the timeline)", has_background=False),
        no_stage, other_tags_only,
        closed(Side.BUYER, 5), closed(Side.SELLER, 400), closed_and_open, closed_and_unknown, unknown_deal, closed(Side.BUYER, 60),
        closed(Side.BUYER, 61), lead_who_closed(Stage.ATTEMPTING_CONTACT), lead_who_closed(Stage.LONG_TERM_NURTURE), talked(3), talked(2), talked(4, replied=True),
        quiet_buyer(60), quiet_buyer(59), quiet_buyer(95), cold_lead_who_wrote(89), cold_lead_who_wrote(90), no_deal, wrong_side, past_client,
        cold(90, Stage.LONG_TERM_NURTURE, "Leads"), cold(89, Stage.LONG_TERM_NURTURE, "Leads"), cold(400, Stage.COLD_LEAD, "Leads"),
        cold(90, Stage.SPHERE_OF_INFLUENCE, "Sphere of Influence"), cold(120, Stage.PROFESSIONAL_NETWORK, "Professional Network"),
        cold(90, Stage.ACTIVE_SELLER, "Current Clients"), quiet_client, never_touched(90), never_touched(89), answered_by_us,
        bounced, bounced_by_event, bad_phone, returned, opted_out_client("deal"), opted_out_client("event"), opted_out_client("tag"),
        do_not_contact(two_years, go=True), do_not_contact(two_years + timedelta(days=1), go=False), do_not_contact(None, go=False),
        do_not_contact(two_years, go=False, tags=("Referral", "Referral Source")), unworkable, nearly_unworkable, deceased, deceased_without_a_number, shell, thrown_away,
        portal_lead(3), portal_lead(30), portal_lead(3, attempted=True))


def planted(today: date, *, people: int, seed: int, share: float = 0.2) -> Field:
    """*people* contacts, *share* of them with something planted; every plant comes up about equally often."""
    f = Field(today, random.Random(seed))
    kinds = plants(today)
    for number in range(101, 101 + people):
        contact = f.sound(number)
        if f.chance.random() < share:
            contact = kinds[number % len(kinds)](f, contact)
        f.contacts[number] = contact
    return f
