"""Home ownership: which closed deals have an anniversary to keep, and for which contact.

Every touch that is bound to an address shares this eligibility (MS-01, MS-16, X-05, X-06, X-57,
X-61).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from policies.facts import closings
from policies.facts.closings import NoClosing, closing_date, deal_date, entered
from policies.facts.contact_permission import Reason, Verdict, Way, barred, refusal
from policies.facts.permission_table import (
    DECEASED,
    LEFT_ALONE,
    OUTSIDE_PILOT,
    SEEN_BEFORE,
    UNSUBSCRIBED,
)
from policies.facts.same_person import merges
from policies.facts.transactions import past_client
from policies.values.addresses import is_address, same_place
from policies.values.dates import iso_date
from policies.values.names import one_line
from policies.world.calendar import month_days
from policies.world.model import Contact, Deal, Side
from policies.world.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Home:
    """A closed transaction whose anniversary is kept, and the one contact the touch sits on (X-61).

    `questions` name what is not known well enough to draft, each with the clause that wants it
    known.
    """

    deal: Deal
    contact: Contact
    closing: date
    closing_from: str
    address: str
    questions: tuple[str, ...] = ()
    opted_out: tuple[Contact, ...] = ()
    """The others on the deal who opted out: the agent is asked about them too (X-61, X-64)."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """Why a deal has no anniversary.

    `positive` is True for a known fact, on which open tasks are withdrawn. `unstaged` is the client
    whose stage is all that is missing (X-51).
    """

    reason: str
    positive: bool = False
    unstaged: Contact | None = None
    misdated: Contact | None = None
    """The contact whose Closing Anniversary cannot be right and has to be looked up."""


def ground_of(s: Snapshot, deal: Deal) -> Home | Excluded:
    """Return `home_of` the deal, computed once per snapshot and shared by all its touches."""
    known = s.once(_grounds)
    if deal.id not in known:
        known[deal.id] = home_of(s, deal)
    return known[deal.id]


def _grounds(s: Snapshot) -> dict[int, Home | Excluded]:  # noqa: ARG001  # filled as it is asked
    return {}


def homes_in_sight(
    s: Snapshot, first: date, last: date, worth: Callable[[Deal, date], bool]
) -> Iterator[Home]:
    """Yield every home whose closing date comes round from *first* to *last*, in deal order.

    *worth* says whether a deal with this possible closing date has anything left to ask. It is
    called first, because finding out who owns the home is most of the work.
    """
    coming, found = s.once(_closings_by_day), dict[int, list[date]]()
    for spot in month_days(max(first, s.starts), last):
        for deal_id, day in coming.get(spot, ()):
            found.setdefault(deal_id, []).append(day)
    for deal_id in sorted(found):
        deal = s.deals[deal_id]
        if any(worth(deal, day) for day in found[deal_id]):
            home = ground_of(s, deal)
            if isinstance(home, Home):
                yield home


def _closings_by_day(s: Snapshot) -> dict[tuple[int, int], list[tuple[int, date]]]:
    """Index closed deals, with every date on which each may have closed, by month and day."""
    found: dict[tuple[int, int], list[tuple[int, date]]] = {}
    for deal in s.closed_deals:
        own = deal_date(s, deal)
        if own:
            found.setdefault((own.month, own.day), []).append((deal.id, own))
        for person_id in deal.person_ids:
            contact = s.contacts.get(person_id)
            day = iso_date(contact.fields.get("closing_anniversary", "")) if contact else None
            if day and day != own:
                found.setdefault((day.month, day.day), []).append((deal.id, day))
    return found


def home_of(s: Snapshot, deal: Deal) -> Home | Excluded:
    """Return the home behind *deal*, or the reason for which it has no anniversary."""
    if unusable := _unusable(deal):
        return unusable
    people = visible_people(s, deal)
    if not people:
        return _nobody(s, deal)
    refused = {person.id: refusal(s, person, Way.TOUCH) for person in people}
    if kept_off := _kept_off(refused):
        return Excluded(kept_off.text, positive=kept_off.positive)
    reachable = _reachable(s, people, refused)
    if not reachable:
        return _all_refused(refused)
    clients = [person for person in reachable if past_client(s, person)]
    if not clients:
        return _not_past_clients(reachable)
    unreachable = [person for person in people if person not in reachable]
    return _dated(s, deal, clients[0], _opted_out(unreachable, refused))


def _unusable(deal: Deal) -> Excluded | None:
    """Return why the deal itself is no closed transaction with a side, or None."""
    if deal.deleted:
        return Excluded("the deal was deleted", positive=True)
    if deal.closed is None:
        return Excluded(f"its stage {deal.stage_label} is in no pipeline that the CRM lists")
    if not deal.closed:
        return Excluded(f"the deal is not closed but in stage {deal.stage_label}", positive=True)
    if deal.side is None:
        return Excluded(
            "its pipeline is neither in crm.pipelines.buyer nor in crm.pipelines.seller"
        )
    return None


def visible_people(s: Snapshot, deal: Deal) -> list[Contact]:
    """Return the contacts on *deal* that the sweep has and that are not in the Trash."""
    known = [s.contacts[person_id] for person_id in deal.person_ids if person_id in s.contacts]
    return [person for person in known if not person.trashed]


def _nobody(s: Snapshot, deal: Deal) -> Excluded:
    if any(person_id in s.contacts for person_id in deal.person_ids):
        return Excluded(TRASHED, positive=True)
    return Excluded("no visible contact is on the deal")


def _kept_off(refused: Mapping[int, Reason | None]) -> Reason | None:
    """Return what forbids the deal's touches because of one person: nobody of the household is
    reached instead.
    """
    for reason in refused.values():
        if reason and reason.sign in {LEFT_ALONE, OUTSIDE_PILOT}:
            return reason
    return None


def _reachable(
    s: Snapshot, people: list[Contact], refused: Mapping[int, Reason | None]
) -> list[Contact]:
    """Return the people a touch can sit on: those without a refusal.

    Without any, return those with an opt-out that the agent has yet to judge (X-61, X-64).
    """
    free = [person for person in people if refused[person.id] is None]
    return free or [person for person in people if barred(s, person, Way.TOUCH) is None]


def _all_refused(refused: Mapping[int, Reason | None]) -> Excluded:
    """Return the first reason; a death only if there is no other."""
    reasons = [reason for reason in refused.values() if reason]
    reason = next((r for r in reasons if r.sign != DECEASED), reasons[0])
    return Excluded(reason.text, positive=reason.positive)


def _not_past_clients(reachable: list[Contact]) -> Excluded:
    stage = reachable[0].stage_label or "none"
    # A stage of the 13 is a fact; an unknown label may be a slip of the configuration.
    known = all(person.stage is not None for person in reachable)
    reason = f"the contact is not in a Past Client stage but in {stage}"
    return Excluded(reason, positive=known, unstaged=reachable[0])


def _opted_out(
    people: list[Contact], refused: Mapping[int, Reason | None]
) -> list[tuple[Contact, Reason]]:
    """Return those of *people* who opted out and are alive, each with the sign of it."""
    found = []
    for person in people:
        reason = refused[person.id]
        if reason and reason.opt_out and reason.sign != DECEASED:
            found.append((person, reason))
    return found


def _opted_out_says(person: Contact, reason: Reason) -> str:
    """Return the question about a client on the same closing who opted out (X-61), in words that
    are true of the sign. While the agent has yet to judge it, say where it is asked (X-64).
    """
    says = {
        UNSUBSCRIBED: "unsubscribed from email",
        SEEN_BEFORE: f"had opted out: {reason.text}",
    }.get(reason.sign, f"is {reason.text}")
    asked = f"; answer its row in {reason.asked_in}" if reason.kind is Verdict.HOLD else ""
    return f"X-61: {person.name}, on the same closing, {says}{asked}"


def _dated(
    s: Snapshot, deal: Deal, contact: Contact, opted_out: list[tuple[Contact, Reason]]
) -> Home | Excluded:
    closed = closing_date(s, deal, contact)
    if isinstance(closed, NoClosing):
        return Excluded(closed.reason, misdated=contact if closed.odd else None)
    home = Home(
        deal,
        contact,
        closed.day,
        closed.known_from,
        address="",
        questions=tuple(_opted_out_says(person, reason) for person, reason in opted_out),
        opted_out=tuple(person for person, _ in opted_out),
    )
    if deal.side is Side.SELLER:
        bought = _closed_deals(s, deal.person_ids, Side.BUYER)
        if any(isinstance(ground_of(s, purchase), Home) for purchase in bought):
            return Excluded(
                "they own a home they bought with the agent, whose anniversary is kept instead"
            )
        return home
    address, unclear = _address(s, deal, contact)
    sold = _sold(s, deal, home.closing, address)
    if isinstance(sold, Excluded):
        return sold
    return replace(home, address=address, questions=(*home.questions, *unclear, *sold))


def clients_on(s: Snapshot, deal: Deal) -> list[Contact]:
    """Return everyone on *deal* a touch could go to: visible, alive, no opt-out, a past client."""
    people = visible_people(s, deal)
    return [p for p in people if past_client(s, p) and not refusal(s, p, Way.TOUCH)]


TRASHED = "the contact is in the Trash"
FORMER = "they are not a client on this deal any longer"


def is_former_client(s: Snapshot, deal: Deal, person_id: int) -> bool:
    """Tell whether people took this contact off *deal*. Somebody who was merged is the contact they
    became, and of one who cannot be seen nothing is known.
    """
    if person_id not in s.contacts or not deal.person_ids:
        return False
    now = merges.current(s, person_id)
    return (now.id if now else person_id) not in deal.person_ids


def latest_deal(s: Snapshot, contact: Contact) -> Deal | None:
    """Return the closed deal that the contact's one date field is about.

    It is the latest purchase, or the latest sale of a contact who bought nothing.
    """
    closed = s.deals_of.get(contact.id, ())
    bought = [deal for deal in closed if deal.side is Side.BUYER]
    return closings.latest(s, bought or [deal for deal in closed if deal.side is not None])


def _sold(s: Snapshot, deal: Deal, closing: date, address: str) -> Excluded | list[str]:
    """Find the sale by the same people that ended ownership of this home (X-05).

    Without one, return the questions about sales that may have been of this home.
    """
    questions: list[str] = []
    for sale in _closed_deals(s, deal.person_ids, Side.SELLER):
        found = _sold_in(s, sale, deal, closing, address)
        if isinstance(found, Excluded):
            return found
        questions += found
    return questions


def _sold_in(
    s: Snapshot, sale: Deal, deal: Deal, closing: date, address: str
) -> Excluded | tuple[str, ...]:
    """Judge one sale: it ended ownership, it has nothing to do with this home, or it is unclear."""
    sold = Excluded(f"the home was sold: deal {sale.id} closed on the seller side", positive=True)
    when = max(filter(None, (sale.projected_close, entered(s, sale))), default=None)
    later = when is not None and when > closing
    if same_place(sale.name, deal.name) or same_place(sale.name, address):
        unclear = f"X-05: deal {sale.id} sold this address, but not at a time after it was bought"
        return sold if later else (unclear,)
    if when and not later:
        return ()
    if is_address(sale.name) and (is_address(deal.name) or address):
        return ()  # another home
    if when and _bought_before(s, deal, when) == 1:
        return sold
    return (f"X-05: deal {sale.id} sold a home, and it is not clear which",)


def _bought_before(s: Snapshot, deal: Deal, day: date) -> int:
    """Count the homes that the people on *deal* bought before *day*."""
    bought = _closed_deals(s, deal.person_ids, Side.BUYER)
    return sum((deal_date(s, purchase) or date.min) < day for purchase in bought)


def _closed_deals(s: Snapshot, person_ids: tuple[int, ...], side: Side) -> list[Deal]:
    """Return the closed deals of one side that any of these people is on, in deal order."""
    if len(person_ids) == 1:  # most deals; the order is right already
        return [deal for deal in s.deals_of.get(person_ids[0], ()) if deal.side is side]
    found: dict[int, Deal] = {}
    for person_id in person_ids:
        found |= {d.id: d for d in s.deals_of.get(person_id, ()) if d.side is side}
    return [found[deal_id] for deal_id in sorted(found)]


def _address(s: Snapshot, deal: Deal, contact: Contact) -> tuple[str, list[str]]:
    """Return the street line of this home, and the questions that keep it from being used.

    The contact's Property Address and home address belong to the home they bought last.
    """
    streets, name = _streets(contact), one_line(deal.name)
    bought = _closed_deals(s, (contact.id,), Side.BUYER)
    is_latest = (closings.latest(s, bought) or deal).id == deal.id
    written = one_line(contact.fields.get("property_address", ""))
    if is_latest and written:
        return written, []
    matching = [street for street in streets if same_place(street, name)]
    if matching:
        return matching[0], []
    if is_address(name):
        return _named_address(name, streets, only=len(bought) == 1)
    return (streets[0] if streets and is_latest else ""), []


def _named_address(name: str, streets: list[str], *, only: bool) -> tuple[str, list[str]]:
    """Use the address in the deal's name, unless the contact's only home has another one."""
    if not (only and streets):
        return name, []
    return "", [
        f"MS-31: the deal is named {name}, the contact lives at {streets[0]}:"
        " fill Property Address with the home's"
    ]


def _streets(contact: Contact) -> list[str]:
    """Return the street lines of the contact's addresses, home addresses first."""
    addresses = sorted(contact.addresses, key=lambda address: address.kind != "home")
    return [one_line(address.street) for address in addresses if address.street.strip()]
