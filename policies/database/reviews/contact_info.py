"""Details that do not reach anybody any more are flagged in the quarterly audit, and never deleted
(DB-31).

Known are what the CRM says of an address or number, its own tags, the bounces the e-mail platform
reported, and that a client sold the home at the address that stands in their record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policies.asks.pace import some_rows
from policies.asks.wants import Finding, WantRow, WantTask
from policies.database.reviews import review_calendar
from policies.database.reviews.minimum_fields import TAB
from policies.facts.contact_permission import death
from policies.facts.ownership import kept
from policies.values import emails, phones
from policies.values.addresses import is_address, same_place
from policies.world.calendar import DAY
from policies.world.model import Contact, Key, MailFate, Side
from policies.world.snapshot import Snapshot, tagged

RULE = "DB-31"
OUTDATED, UPDATED = "May need updating", "Updated"


def outdated(s: Snapshot, contact: Contact) -> tuple[str, ...]:
    """What of this contact's details may need updating, a few words each."""
    return s.once(_details).get(contact.id, ())


def _details(s: Snapshot) -> Mapping[int, tuple[str, ...]]:
    return {
        contact.id: found for contact in s.contacts.values() if (found := _outdated(s, contact))
    }


def _outdated(s: Snapshot, contact: Contact) -> tuple[str, ...]:
    mail = any(emails.dead(reach.status) for reach in contact.emails) or tagged(
        contact, s.practice.tags.bounced
    )
    checks = (
        (
            "the e-mail address bounced",
            bool(contact.emails) and (mail or contact.id in s.once(_bounced)),
        ),
        (
            "the phone number is not valid",
            any(phones.dead(reach.status) for reach in contact.phones),
        ),
        ("mail to the postal address came back", tagged(contact, s.practice.tags.returned_mail)),
        ("the home at this address was sold", _sold(s, contact)),
    )
    return tuple(words for words, is_so in checks if is_so)


def _bounced(s: Snapshot) -> frozenset[int]:
    return frozenset(event.person_id for event in s.mail if event.fate is MailFate.BOUNCED)


def _sold(s: Snapshot, contact: Contact) -> bool:
    """Whether their latest deal sold the home at the one address in their record."""
    closed = s.deals_of.get(contact.id, ())
    streets = [address.street for address in contact.addresses if address.street.strip()]
    sold = (
        [deal for deal in closed if deal.side is Side.SELLER and is_address(deal.name)]
        if len(streets) == 1
        else []
    )
    bought = [deal for deal in closed if deal.side is Side.BUYER]
    return any(same_place(deal.name, streets[0]) for deal in sold) and not any(
        same_place(deal.name, streets[0]) and deal.id > max(d.id for d in sold) for deal in bought
    )


def found(s: Snapshot) -> Sequence[tuple[Contact, tuple[str, ...]]]:
    """Everybody living of whose details some may need updating, with what, in the order of
    contacts.
    """
    looked = ((contact, outdated(s, contact)) for contact in kept(s))
    return [(contact, what) for contact, what in looked if what and not death(s, contact)]


def line_key(contact: Contact) -> Key:
    """The key of a contact's line in the tab."""
    return Key(RULE, f"p{contact.id}", "info")


def decide(s: Snapshot) -> Iterator[Finding]:
    """The lines of the latest audit, each until it is updated, and one task of the agent's for all
    of them.
    """
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
    still = {contact.id for contact, _ in bad}
    for row in s.workbook.rows(TAB):
        key = Key.parse(row.ref)
        if (
            key
            and key.rule == RULE
            and (contact := s.contact_by(key.subject))
            and contact.id not in still
        ):
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
