"""The monthly referral audit: lead source, tag, log row and count of every referral agree, or are
listed (RF-20).

It is made on the first business day in the last week of the month; missed, it is made late and says
so (X-27).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from policies.asks.checklist import DONE, OPEN, Item, row
from policies.asks.wants import Finding, WantTask
from policies.facts import people_by_name
from policies.facts.referral_log import TAB, entries, entry_of
from policies.referrals import sent_counts
from policies.referrals.about_nobody import contact_for, stands
from policies.referrals.baseline import begun
from policies.referrals.doubts import HIDDEN, LEFT_ALONE
from policies.referrals.intake import LEAD_TAG, SOURCE_TAG
from policies.referrals.log.log_matching import matched
from policies.referrals.outcome import difference, outcome_of
from policies.referrals.referral import Referral, day_received, referrals
from policies.values.numbers import amount
from policies.world.calendar import DAY
from policies.world.model import Contact, Key
from policies.world.sheet import Cell, Row
from policies.world.snapshot import Snapshot, tagged

WEEK = 7
"""Days at the end of a month that are its last week (X-27)."""
REACH = 400
"""Days back from today within which a referral is still looked at."""


def decide(s: Snapshot) -> Iterator[Finding]:
    """The audit of this month once its day has come, or of the last month where that was missed."""
    last = _end_of_month(s.today)
    before = s.today.replace(day=1) - DAY
    if s.today >= audit_day(s, last):
        yield from _audit(s, last, late=False)
    elif before >= begun(s).day and not s.workbook.holds("Checklists", str(_key(before))):
        yield from _audit(s, before, late=True)
    yield from _again(s, last if s.today >= audit_day(s, last) else before)


def audit_day(s: Snapshot, last: date) -> date:
    """The first business day in the last week of the month that ends on *last*."""
    return min(s.business.on_or_after(last - (WEEK - 1) * DAY), last)


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def _key(last: date) -> Key:
    return Key("RF-20", "a0", f"{last:%Y%m}-audit")


def _audit(s: Snapshot, last: date, *, late: bool) -> Iterator[Finding]:
    """The audit stays as it was made: a correction after it shows in the next one."""
    key = _key(last)
    if s.workbook.holds("Checklists", str(key)) or not (entries(s) or referrals(s)):
        return
    wrong = [(r, what) for r in _looked_at(s) for what in faults(s, r)]
    reason = "once a month every referral is looked at: lead source, tag, log and count agree"
    title = f"Referral audit, {last:%B %Y}"
    if late:
        reason += ", this time late"
        title += f" (late, {s.today:%m/%d/%Y})"
    first: dict[str, Cell] = {"Rule": "RF-20", "Client": "", "Checklist": title}
    items = _items(s, key, wrong)
    yield Finding("RF-20", reason, row(str(key), items, first, None, create=True))
    if wrong:
        reason += f"; {len(wrong)} things do not"
        yield _task(s, last, wrong[0][0].lead.id, len(wrong), reason)


def _task(s: Snapshot, last: date, person_id: int, wrong: int, reason: str) -> Finding:
    """The VA's task to correct the rows that the audit lists."""
    want = WantTask(
        key=_key(last),
        person_id=person_id,
        assignee=s.practice.va_id,
        kind="Follow Up",
        due=s.business.after(s.today, 5),
        name=f"Referral audit {last:%B}: {wrong} things to mend, see Checklists",
        useful_until=s.today + 30 * DAY,
    )
    return Finding("RF-20", reason, want)


def _again(s: Snapshot, last: date) -> Iterator[Finding]:
    """The task once more, on a contact who is there, where the one it stood on is gone."""
    key = _key(last)
    made = s.workbook.row("Checklists", str(key))
    wrong = int(amount(made.cells.get("Open")) or 0) if made else 0
    if not wrong or not s.lives(key) or stands(s, key):
        return
    person_id, _ = contact_for(s, key)
    if person_id:
        reason = f"{wrong} things of the audit are open, and the contact of its task is gone"
        yield _task(s, last, person_id, wrong, reason)


def _looked_at(s: Snapshot) -> Iterator[Referral]:
    """The referrals within reach; today's are left out, they are being written in this very
    pass.
    """
    for r in referrals(s):
        if not r.history and r.doubt != HIDDEN and 0 < (s.today - day_received(r)).days <= REACH:
            yield r


def _items(s: Snapshot, key: Key, wrong: Sequence[tuple[Referral, str]]) -> Sequence[Item]:
    items = [
        Item(
            OPEN,
            f"{r.lead.name}, referred by {r.source_name or 'somebody not named'}",
            what,
            (key,),
        )
        for r, what in wrong
    ]
    if unknown := len(matched(s).unknown):
        items.append(Item(OPEN, "Referral Log", f"{unknown} rows name no lead that is known"))
    if half_typed := sum(1 for _ in unfinished(s)):
        items.append(Item(OPEN, "Referral Log", f"{half_typed} rows lack a source or a first name"))
    if not items:
        items.append(
            Item(DONE, "All referrals are tagged and tracked", f"{len(entries(s))} in the log")
        )
    return items


def unfinished(s: Snapshot) -> Iterator[Row]:
    """Rows that a person began to type since the procedure began, and did not finish."""
    for one in s.workbook.rows(TAB):
        entry = entry_of(one)
        half = not one.ref and bool(entry.source) != bool(entry.lead)
        if half and (entry.day is None or begun(s).day <= entry.day < s.today):
            yield one


def faults(s: Snapshot, r: Referral) -> Iterator[str]:
    """Every place of one referral that does not agree with the others."""
    if r.doubt and r.doubt != LEFT_ALONE:
        yield "it is not certain " + ("that it is one" if not r.logged else "who the source is")
        return
    if people_by_name.claimed(r.lead.source).casefold() != r.source_name.casefold():
        yield f"the lead source says {r.lead.source or 'nothing'}, not Referral — {r.source_name}"
    if not tagged(r.lead, (LEAD_TAG,)):
        yield f"the lead has no tag {LEAD_TAG}"
    if r.source:
        yield from _faults_of_the_source(s, r.source)
    if r.row is None:
        yield "it has no row in the log"
    if differs := difference(r, outcome_of(s, r)):
        yield differs


def _faults_of_the_source(s: Snapshot, source: Contact) -> Iterator[str]:
    if not tagged(source, (SOURCE_TAG,)):
        yield f"the source has no tag {SOURCE_TAG}"
    if not (s.practice.referrals.track_counts and begun(s).written):
        return
    holds, counted = sent_counts.held(source), sent_counts.totals(s)[source.id]
    if holds != str(counted):
        yield f"Referrals Sent says {holds or 'nothing'}, counted {counted}"
