"""Who owns which home: the eligibility every address-bound touch shares (MS-01, MS-16, X-05, X-06,
X-57, X-61).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from policies.facts import closings
from policies.facts.closings import NoClosing, closing_date, deal_date, entered
from policies.facts.contact_permission import Reason, Verdict, Way, refusal
from policies.facts.permission_table import DECEASED
from policies.facts.transactions import past_client
from policies.values.addresses import is_address, same_place
from policies.values.dates import iso_date
from policies.world.calendar import month_days
from policies.world.model import (
    Contact,
    Deal,
    Side,
    one_line,
)
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


@dataclass(frozen=True, slots=True)
class Excluded:
    """Why a deal has no anniversary. `positive` is True for a known fact, on which open tasks are
    withdrawn; `unstaged` for a client whose stage is all that is missing (X-51).
    """

    reason: str
    positive: bool = False
    unstaged: Contact | None = None
    odd: Contact | None = None
    """Whose closing date is in the way and has to be looked up."""


def ground_of(s: Snapshot, deal: Deal) -> Home | Excluded:
    """`home_of`, looked at once per snapshot: every touch of a home stands on the same ground."""
    known = s.once(_grounds)
    if deal.id not in known:
        known[deal.id] = home_of(s, deal)
    return known[deal.id]


def _grounds(s: Snapshot) -> dict[int, Home | Excluded]:  # noqa: ARG001  # filled as it is asked
    return {}


def homes_in_sight(
    s: Snapshot, first: date, last: date, worth: Callable[[Deal, date], bool]
) -> Iterator[Home]:
    """Every home whose closing date comes round from *first* to *last*, in deal order.

    *worth* tells of a deal and a possible closing date whether there is anything left to ask; it is
    asked before who owns what is looked at, which is most of the work.
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
    """Every closed deal and every date on which it may have closed, by month and day."""
    found: dict[tuple[int, int], list[tuple[int, date]]] = {}
    for deal in s.closed_deals:
        for day in _possible_closings(s, deal):
            found.setdefault((day.month, day.day), []).append((deal.id, day))
    return found


def _possible_closings(s: Snapshot, deal: Deal) -> Iterator[date]:
    own = deal_date(s, deal)
    if own:
        yield own
    for person_id in deal.person_ids:
        contact = s.contacts.get(person_id)
        if (
            contact
            and (day := iso_date(contact.fields.get("closing_anniversary", "")))
            and day != own
        ):
            yield day


def home_of(s: Snapshot, deal: Deal) -> Home | Excluded:
    """The home behind *deal*, or why there is none."""
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
    people = [
        s.contacts[i] for i in deal.person_ids if i in s.contacts and not s.contacts[i].trashed
    ]
    if not people:
        in_trash = any(i in s.contacts for i in deal.person_ids)
        return Excluded(
            "the contact is in the Trash" if in_trash else "no visible contact is on the deal",
            positive=in_trash,
        )
    refused = {person.id: refusal(s, person, Way.TOUCH) for person in people}
    kept_off = next((r for r in refused.values() if r and _kept_off(r)), None)
    if kept_off:
        return Excluded(kept_off.text)
    reachable = _reachable(people, refused)
    if not reachable:
        reasons = [r for r in refused.values() if r]
        reason = next((r for r in reasons if r.sign != DECEASED), reasons[0])
        return Excluded(reason.text, positive=reason.positive)
    clients = [person for person in reachable if past_client(s, person)]
    if not clients:
        # A stage of the 13 is a fact; a label nobody has mapped to one may be a slip of the
        # configuration.
        return Excluded(
            "the contact is not in a Past Client stage but in"
            f" {reachable[0].stage_label or 'none'}",
            positive=all(p.stage is not None for p in reachable),
            unstaged=reachable[0],
        )
    opted_out = [p for p in people if (r := refused[p.id]) and _opted_out(r)]
    return _dated(s, deal, clients[0], [p for p in opted_out if p not in reachable])


def _reachable(people: list[Contact], refused: Mapping[int, Reason | None]) -> list[Contact]:
    """Return whom a touch can sit on: those without a refusal, or else those who opted out in a way
    that the agent has yet to judge (X-61, X-64).
    """
    free = [person for person in people if refused[person.id] is None]
    return free or [p for p in people if (r := refused[p.id]) and r.kind is Verdict.HOLD]


def _kept_off(reason: Reason) -> bool:
    return reason.kind is Verdict.NEVER and not reason.positive


def _opted_out(reason: Reason) -> bool:
    return reason.opt_out and reason.sign != DECEASED


def _dated(s: Snapshot, deal: Deal, contact: Contact, opted_out: list[Contact]) -> Home | Excluded:
    closed = closing_date(s, deal, contact)
    if isinstance(closed, NoClosing):
        return Excluded(closed.reason, odd=contact if closed.odd else None)
    closing = closed.day
    questions = [f"X-61: {p.name}, on the same closing, is Do Not Contact" for p in opted_out]
    address = ""
    if deal.side is Side.BUYER:
        address, unclear = _address(s, deal, contact)
        sold = _sold(s, deal, closing, address)
        if isinstance(sold, Excluded):
            return sold
        questions += [*unclear, *sold]
    elif any(
        isinstance(ground_of(s, bought), Home)
        for bought in _closed_deals(s, deal.person_ids, Side.BUYER)
    ):
        return Excluded(
            "they own a home they bought with the agent, whose anniversary is kept instead"
        )
    return Home(deal, contact, closing, closed.known_from, address, tuple(questions))


def clients_on(s: Snapshot, deal: Deal) -> list[Contact]:
    """Everyone on *deal* whom a touch could go to: visible, living, contactable, a past client."""
    people = [
        s.contacts[i] for i in deal.person_ids if i in s.contacts and not s.contacts[i].trashed
    ]
    return [p for p in people if past_client(s, p) and not refusal(s, p, Way.TOUCH)]


def latest_deal(s: Snapshot, contact: Contact) -> Deal | None:
    """The closed deal that the contact's one date field speaks of: the latest purchase, else the
    latest sale.
    """
    closed = s.deals_of.get(contact.id, ())
    bought = [d for d in closed if d.side is Side.BUYER] or [
        d for d in closed if d.side is not None
    ]
    return closings.latest(s, bought)


def _sold(s: Snapshot, deal: Deal, closing: date, address: str) -> Excluded | list[str]:
    """Whether a later sale by the same people ended ownership of this home (X-05); unclear is a
    question.
    """
    questions = []
    for sale in _closed_deals(s, deal.person_ids, Side.SELLER):
        when = max(filter(None, (sale.projected_close, entered(s, sale))), default=None)
        if same_place(sale.name, deal.name) or same_place(sale.name, address):
            if when and when > closing:
                return Excluded(
                    f"the home was sold: deal {sale.id} closed on the seller side", positive=True
                )
            questions.append(
                f"X-05: deal {sale.id} sold this address, but not at a time after it was bought"
            )
        elif (when is None or when > closing) and not (
            is_address(sale.name) and (is_address(deal.name) or address)
        ):
            bought = [
                home
                for home in _closed_deals(s, deal.person_ids, Side.BUYER)
                if when is None or (deal_date(s, home) or date.min) < when
            ]
            if when and len(bought) == 1:
                return Excluded(
                    f"the home was sold: deal {sale.id} closed on the seller side", positive=True
                )
            questions.append(f"X-05: deal {sale.id} sold a home, and it is not clear which")
    return questions


def _closed_deals(s: Snapshot, person_ids: tuple[int, ...], side: Side) -> list[Deal]:
    if len(person_ids) == 1:
        return [d for d in s.deals_of.get(person_ids[0], ()) if d.side is side]
    found = {
        d.id: d for person_id in person_ids for d in s.deals_of.get(person_id, ()) if d.side is side
    }
    return [found[i] for i in sorted(found)]


def _address(s: Snapshot, deal: Deal, contact: Contact) -> tuple[str, list[str]]:
    """The street line that names this home, and what is not known well enough to write it to
    someone.
    """
    streets = [
        one_line(a.street)
        for a in sorted(contact.addresses, key=lambda a: a.kind != "home")
        if a.street.strip()
    ]
    name = one_line(deal.name)
    bought = _closed_deals(s, (contact.id,), Side.BUYER)
    latest = closings.latest(s, bought) or deal
    if latest.id == deal.id and (own := one_line(contact.fields.get("property_address", ""))):
        return own, []
    if matching := [street for street in streets if same_place(street, name)]:
        return matching[0], []
    if is_address(name):
        if streets and len(bought) == 1:
            return "", [
                f"MS-31: the deal is named {name}, the contact lives at {streets[0]}: fill Property"
                " Address with the home's"
            ]
        return name, []
    return (streets[0], []) if streets and latest.id == deal.id else ("", [])
