""" "Referrals Sent" on the source's record: the opening count and the log since, counted again each
time (RF-27).

It is never raised by one: a lost answer or a row that was put right cannot make it wrong. Where the
field holds what Steward did not write, or more than was counted, a person is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from policies.asks.followup import Matter, close, of_rule
from policies.asks.wants import Finding, WantField, WantRow, WantTask
from policies.facts.contact_permission import Way, reason_against
from policies.facts.referral_log import entries_in
from policies.facts.same_person import merges
from policies.referrals.baseline import begun
from policies.referrals.doubts import HIDDEN
from policies.referrals.referral import live, referrals
from policies.world import memory
from policies.world.calendar import DAY
from policies.world.memory import COUNT
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

ASKING = 60
"""Days for which a question about a count is worth asking."""


def totals(s: Snapshot) -> Mapping[int, int]:
    """The right count for every source that sent somebody since Steward began, or was counted
    before.
    """
    return s.once(_totals)


def _totals(s: Snapshot) -> Mapping[int, int]:
    sent = Counter(r.source.id for r in live(s) if r.source)
    sent.update(_out_of_sight(s))
    counted = {number for subject, _ in COUNT.rows(s.workbook) if (number := _contact_in(subject))}
    opening = begun(s).opening
    return {n: opening.get(n, 0) + sent[n] for n in sorted({*sent, *counted})}


def _contact_in(subject: str) -> int:
    """The contact that a row of Memory is about (``p12``); 0 where it names no contact."""
    number = subject.removeprefix("p")
    return int(number) if number != subject and number.isdecimal() else 0


def _out_of_sight(s: Snapshot) -> Iterator[int]:
    """The sources of logged referrals whose lead the CRM no longer shows, or that stand still, by
    their rows: sent is sent.
    """
    followed = {r.row.ref for r in referrals(s) if r.row and r.doubt != HIDDEN}
    for entry in entries_in(s.workbook):
        lost = entry.row.ref and entry.row.ref not in followed
        if not lost or not entry.row.text("Received") or not entry.source_id:
            continue
        if source := merges.current(s, entry.source_id):
            yield source.id


def decide(s: Snapshot) -> Iterator[Finding]:
    """The field of every source whose count moved on."""
    if not s.practice.referrals.track_counts:
        yield from close(of_rule(s, "RF-27"), "Referrals Sent is not counted any longer")
        return
    if not begun(s).written:
        return  # the first count starts from the opening one, which must be on record before
    for number, total in totals(s).items():
        source = s.contacts.get(number)
        if source and not reason_against(s, source, Way.RECORD):
            yield from _count(s, source, total)


def held(source: Contact) -> str:
    """The field `Referrals Sent` of a source, as text."""
    return source.fields.get("referrals_sent", "").strip().removesuffix(".0")


def key_of(source: Contact, total: str) -> Key:
    """The key of one value of the field, so that the ledger knows which of them Steward wrote."""
    return Key("RF-27", f"p{source.id}", f"n{''.join(c for c in total if c.isdigit())[:9]}")


def _count(s: Snapshot, source: Contact, total: int) -> Iterator[Finding]:
    """The field, and the memory of what it holds; the memory alone where the field was written and
    the Sheet could not be.
    """
    holds, opening = held(source), begun(s).opening.get(source.id, 0)
    reason = (
        f"{source.name} has sent {total}: {opening} before Steward began, the others are in the log"
    )
    key, is_so = key_of(source, str(total)), holds == str(total)
    if not is_so and not _ours_to_raise(s, source, total):
        question = _question_key(s, source, total)
        yield from _settled(s, source, "they are counted again", but=question)
        yield _asked(s, source, question, total, f"{reason}; the field says {holds}")
        return
    yield from _settled(s, source, "the field agrees with the log")
    if not is_so:
        yield Finding(
            "RF-27",
            reason,
            WantField(
                key=key,
                person_id=source.id,
                field="referrals_sent",
                value=str(total),
                replaces=source.fields.get("referrals_sent", ""),
            ),
        )
    yield Finding(
        "RF-27",
        reason,
        WantRow(
            tab=memory.TAB,
            ref=COUNT.ref(f"p{source.id}"),
            requires=(key,),
            keep={"What": str(total)},
            first={"Date": s.stamp},
        ),
    )


def _ours_to_raise(s: Snapshot, source: Contact, total: int) -> bool:
    """Whether the field is empty, or holds a smaller count that Steward wrote or started from."""
    holds, opening = held(source), begun(s).opening.get(source.id, 0)
    if not holds:
        return True
    if not holds.isdigit() or int(holds) >= total:
        return False
    remembered = COUNT.value(s.workbook, f"p{source.id}")
    ours = {str(opening), "" if remembered is None else str(remembered)}
    return holds in ours or str(key_of(source, holds)) in s.written


def _question_key(s: Snapshot, source: Contact, total: int) -> Key:
    """The key of the question about one count: it stays what it was before a merge."""
    records = sorted(merges.records(s, source.id), key=lambda number: (number != source.id, number))
    keys = [Key("RF-27", f"p{number}", f"{total}-count") for number in records]
    known = (key for key in keys if key in s.deleted or s.lives(key))
    return next(known, keys[0])


def _settled(
    s: Snapshot, source: Contact, because: str, *, but: Key | None = None
) -> Iterator[Finding]:
    """End the questions about the count that nobody has to answer any longer (X-81)."""
    for number in sorted(merges.records(s, source.id)):
        asked = of_rule(s, "RF-27", f"p{number}")
        over = tuple(task for task in asked.tasks if task.key and task.key.base != but)
        yield from close(Matter(over), because)


def _asked(s: Snapshot, source: Contact, key: Key, total: int, reason: str) -> Finding:
    holds = held(source)
    return Finding(
        "RF-27",
        reason,
        WantTask(
            key=key,
            person_id=source.id,
            assignee=s.practice.va_id,
            kind="Follow Up",
            due=s.business.after(s.today, 3),
            useful_until=s.today + ASKING * DAY,
            name=(
                f"Referrals Sent says {holds[:12]}, counted {total}: correct it, or tick this off"
                " if it is right"
            ),
        ),
    )
