"""Referrals from before Steward began: one list for one approval, then rows of history, and no
thanks to anybody (rule 14).
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.asks import approvals
from policies.asks.approvals import open_rows
from policies.asks.followup import last_word
from policies.asks.question import Question, ask, listing
from policies.asks.wants import Finding, WantRow
from policies.facts import people_by_name
from policies.facts.referral_log import TAB, as_written
from policies.referrals.baseline import begun
from policies.referrals.log.log_matching import leads_of
from policies.referrals.log.log_rows import annotated_name
from policies.referrals.outcome import outcome_of
from policies.referrals.referral import Referral
from policies.values.no_value import BLANK
from policies.world.calendar import american
from policies.world.model import Contact, Key
from policies.world.sheet import Cell
from policies.world.snapshot import Snapshot

EXISTING = Key("RF-01", "a0", "existing")


def history(s: Snapshot) -> Iterator[Finding]:
    """The leads who were referred before and are not in the log: listed to the agent, and logged
    once the agent says so.
    """
    found = [r for contact in s.contacts.values() if (r := _old(s, contact)) is not None]
    if not found:
        yield from (
            last_word(row, f"{approvals.DONE}: every old referral is in the log")
            for key, row in open_rows(s, "RF-01")
            if key == EXISTING
        )
        return
    lines = [
        f"{_day(r)}: {r.lead.name} (contact {r.lead.id}), referred by {r.source_name}"
        for r in found
    ]
    answer = ask(
        s,
        Question(
            key=EXISTING,
            clause="RF-01",
            reason=f"{len(found)} referrals came in before Steward began",
            text=listing(lines, "referrals"),
            due=s.business.after(s.today, 5),
            done=f"{approvals.DONE}: {len(found)} referrals logged as history",
            what=(
                f"Log {len(found)} referrals from before Steward began, as history? Nobody is"
                " thanked or tagged for them."
            ),
        ),
    )
    if answer.row:
        yield answer.row
    if answer.choice == approvals.APPROVE:
        yield from (
            Finding(
                "RF-01",
                f"{r.lead.name} was referred by {r.source_name}; the agent approved the list",
                WantRow(
                    tab=TAB,
                    ref=str(r.key("RF-01", "referral")),
                    person_id=r.lead.id,
                    first=_row(s, r),
                ),
            )
            for r in found
        )


def _old(s: Snapshot, contact: Contact) -> Referral | None:
    if (
        contact.id not in begun(s).leads
        or contact.trashed
        or contact.id in leads_of(s)
        or not people_by_name.in_scope(s, contact)
    ):
        return None
    names = people_by_name.claims(contact)
    if not names:
        return None  # "Referral" without a name says nothing that a row could hold
    meant = frozenset.intersection(*(people_by_name.meant(s, name) for name in names)) - {
        contact.id
    }
    source = s.contacts[next(iter(meant))] if len(meant) == 1 else None
    told = contact.fields.get("referral_type", "") or (
        people_by_name.type_of(s, source) if source else ""
    )
    return Referral(
        lead=contact,
        source=source,
        source_name=source.name if source else names[0],
        type=told,
        known_type=told,
        history=True,
        received=(contact.created or s.now).astimezone(s.now.tzinfo),
    )


def _day(r: Referral) -> str:
    return american(r.received.date()) if r.lead.created else "date not known"


def _row(s: Snapshot, r: Referral) -> dict[str, Cell]:
    """A row of history: without "Received", which is what tells it from a referral of Steward's own
    time.
    """
    told = outcome_of(s, r)
    own: dict[str, Cell] = {
        "Outcome": told.word,
        "Close Date": told.closed_on or BLANK,
        "Recognition Sent": BLANK,
        "Type": r.type,
        "Referral Source": annotated_name(r),
    }
    return {
        "Date": r.received.date(),
        "Referred Lead": r.lead.first_name or r.lead.name,
        **own,
        "Engaged On": told.engaged_on,
        "Outcome On": told.since,
        "Lead": str(r.lead.id),
        "Source": str(r.source.id) if r.source else "",
        "As Written": as_written(own),
    }
