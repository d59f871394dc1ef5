"""Outdated contact details: flagged in the quarterly audit, and never deleted (DB-31).

The signs are the CRM's status of an address or number, its own tags, the bounces in the e-mail
platform's reports, and the sale of the home in the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policies.asks.followup import close, of_rule
from policies.asks.pace import some_rows
from policies.asks.wants import Finding, WantRow, WantTask
from policies.database.reviews import review_calendar
from policies.database.reviews.minimum_fields import TAB
from policies.facts.contact_permission import death
from policies.facts.ownership import kept
from policies.facts.signs.contact_signs import any_dead, mail_returned
from policies.values import phones
from policies.values.addresses import is_address, same_place
from policies.world.calendar import DAY
from policies.world.model import Contact, Deal, Key, MailFate, Side
from policies.world.snapshot import Snapshot

RULE = "DB-31"
OUTDATED, UPDATED = "May need updating", "Updated"


def outdated(s: Snapshot, contact: Contact) -> tuple[str, ...]:
    """List the details of this contact that may need updating, a few words each."""
    return s.once(_details).get(contact.id, ())


def _details(s: Snapshot) -> Mapping[int, tuple[str, ...]]:
    return {
        contact.id: found for contact in s.contacts.values() if (found := _outdated(s, contact))
    }


def _outdated(s: Snapshot, contact: Contact) -> tuple[str, ...]:
    found = []
    if _email_bounced(s, contact):
        found.append("the e-mail address bounced")
    if any(phones.dead(reach.status) for reach in contact.phones):
        found.append("the phone number is not valid")
    if mail_returned(s, contact):
        found.append("mail to the postal address came back")
    if _sold(s, contact):
        found.append("the home at this address was sold")
    return tuple(found)


def _email_bounced(s: Snapshot, contact: Contact) -> bool:
    by_event = bool(contact.emails) and contact.id in s.once(_bounced)
    return by_event or any_dead(s, contact)


def _bounced(s: Snapshot) -> frozenset[int]:
    return frozenset(event.person_id for event in s.mail if event.fate is MailFate.BOUNCED)


def _sold(s: Snapshot, contact: Contact) -> bool:
    """Tell whether their latest deal sold the home at the one address in their record."""
    closed = s.deals_of.get(contact.id, ())
    sold = [deal for deal in closed if deal.side is Side.SELLER and is_address(deal.name)]
    streets = [address.street for address in contact.addresses if address.street.strip()]
    if not sold or len(streets) != 1 or not _any_at(sold, streets[0]):
        return False
    latest_sale = max(deal.id for deal in sold)
    later = [deal for deal in closed if deal.side is Side.BUYER and deal.id > latest_sale]
    return not _any_at(later, streets[0])


def _any_at(deals: Sequence[Deal], street: str) -> bool:
    return any(same_place(deal.name, street) for deal in deals)


def found(s: Snapshot) -> Sequence[tuple[Contact, tuple[str, ...]]]:
    """Return living contacts with details that may need updating, in the order of contacts."""
    looked = ((contact, outdated(s, contact)) for contact in kept(s))
    return [(contact, what) for contact, what in looked if what and not death(s, contact)]


def line_key(contact: Contact) -> Key:
    """Return the key of a contact's line in the tab."""
    return Key(RULE, f"p{contact.id}", "info")


def decide(s: Snapshot) -> Iterator[Finding]:
    """Want the lines of the latest audit, and one task of the agent's for all of them."""
    run = review_calendar.latest(s, "quarterly")
    if run is None:
        return
    bad = found(s)
    yield from some_rows(s, [_line(s, contact, what) for contact, what in bad])
    if bad:
        yield Finding(
            RULE,
            f"{len(bad)} contacts have details that may need updating",
            WantTask(
                key=Key(RULE, "a0", run.review.period),
                person_id=bad[0][0].id,
                assignee=s.practice.agent_id,
                kind="Follow Up",
                due=s.business.after(run.on, 5),
                useful_until=run.on + 80 * DAY,
                name=(
                    f"Outdated contact information, audit {run.review.period}: see the tab {TAB}."
                    " Nothing is deleted"
                ),
            ),
        )
    elif not _unknown(s):
        yield from close(of_rule(s, RULE), "all of them were updated", over=True)
    yield from _updated(s, {contact.id for contact, _ in bad})


def _unknown(s: Snapshot) -> bool:
    """Tell whether somebody whose line is open cannot be seen or read in this pass."""
    for row in s.workbook.rows(TAB):
        key = Key.parse(row.ref)
        if key and key.rule == RULE and row.text("Status") == OUTDATED:
            contact = s.contact_by(key.subject)
            if contact is None or contact.unreadable:
                return True
    return False


def _updated(s: Snapshot, still: set[int]) -> Iterator[Finding]:
    """Close the lines of contacts who are not among those *still* outdated."""
    for row in s.workbook.rows(TAB):
        key = Key.parse(row.ref)
        if key is None or key.rule != RULE:
            continue
        contact = s.contact_by(key.subject)
        if contact and contact.id not in still:
            yield Finding(
                RULE,
                f"the details of {contact.name} were updated",
                WantRow(
                    tab=TAB,
                    ref=row.ref,
                    create=False,
                    person_id=contact.id,
                    keep={"What": "", "Status": UPDATED},
                ),
            )


def _line(s: Snapshot, contact: Contact, what: tuple[str, ...]) -> Finding:
    return Finding(
        RULE,
        f"{contact.name}: {'; '.join(what)}",
        WantRow(
            tab=TAB,
            ref=str(line_key(contact)),
            person_id=contact.id,
            first={"Rule": RULE, "Client": contact.name, "Listed On": s.today},
            keep={"What": "; ".join(what), "Status": OUTDATED},
        ),
    )
