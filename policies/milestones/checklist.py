"""The closing checklist: five items in the procedure's words, computed from what is there (MS-41).

The VA finds it in the tab `Checklists`. Only a person can find out a birthday, so that item is a
task for her as well (MS-29: asked for, never inferred).
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.asks.checklist import (
    DONE,
    NOT_APPLICABLE,
    OPEN,
    TAB,
    Item,
    ended,
    row,
)
from policies.asks.followup import Matter, close, of_rule
from policies.asks.wants import Finding, WantTask
from policies.facts.closings import recently_closed
from policies.milestones.homes import (
    FORMER,
    Excluded,
    Home,
    clients_on,
    ground_of,
    is_former_client,
)
from policies.milestones.homestead import deadline_of, excluded
from policies.milestones.setup_at_closing import SETTING_UP, field_key, value_note
from policies.values.dates import birthday
from policies.world.calendar import DAY, american, anniversary, next_anniversary
from policies.world.model import Contact, Key, Side
from policies.world.sheet import Cell
from policies.world.snapshot import Snapshot

KEPT_UP = 95
"""Days after a closing for which its checklist is updated: as long as its note can be read."""


def decide(s: Snapshot) -> Iterator[Finding]:
    """Keep the checklist of every recent closing, and the VA's task while a birthday is missing."""
    for deal in s.closed_deals:
        if not recently_closed(s, deal, KEPT_UP):
            continue
        home = ground_of(s, deal)
        if isinstance(home, Home):
            yield from _row(s, home)
            yield from _birthday(s, home)
    yield from _over(s)
    yield from _lost(s)


def items(s: Snapshot, home: Home) -> tuple[Item, ...]:
    """Compute the five items of a closing."""
    people = clients_on(s, home.deal) or [home.contact]
    return (
        _anniversary(s, home, people),
        _birthdays(people),
        _homestead(s, home),
        _value(s, home),
        _alerts(s, home),
    )


def _anniversary(s: Snapshot, home: Home, people: list[Contact]) -> Item:
    words = "Closing anniversary date entered in CRM"
    missing = [p for p in people if not p.fields.get("closing_anniversary")]
    keys = [field_key(p, home.closing) for p in missing]
    by_hand = s.practice.milestones.date_method == "task"
    # A date that was written once and is missing again was taken out by a person.
    written_before = any(str(key) in s.written for key in keys)
    if missing and (by_hand or written_before):
        return Item(OPEN, words, f"not for {', '.join(p.name for p in missing)}")
    entered = {p.fields.get("closing_anniversary") or home.closing.isoformat() for p in people}
    return Item(DONE, words, ", ".join(sorted(entered)), tuple(keys))


def _birthdays(people: list[Contact]) -> Item:
    missing = [p.name for p in people if birthday(p.fields.get("birthday", "")) is None]
    return Item(
        OPEN if missing else DONE,
        "Birthday entered (if available)",
        f"not known of {', '.join(missing)}; enter it if the intake form has it" if missing else "",
    )


def _homestead(s: Snapshot, home: Home) -> Item:
    words = "Homestead filing reminder set (if applicable)"
    if because := excluded(s, home):
        return Item(NOT_APPLICABLE, words, because)
    deadline, _, question = deadline_of(s, home)
    if deadline:
        return Item(DONE, words, f"60, 14 and 7 days before {american(deadline)}")
    if question:
        return Item(OPEN, words, f"the rule of {question} is not confirmed")
    return Item(OPEN, words, "no filing date is known there")


def _value(s: Snapshot, home: Home) -> Item:
    words = "Annual home value update reminder set (12 months from close)"
    if home.deal.side is not Side.BUYER:
        return Item(NOT_APPLICABLE, words, "they sold")
    key = value_note(home)
    when = american(anniversary(home.closing, home.closing.year + 1))
    if any(note.key == key for note in s.notes):
        return Item(DONE, words, when)
    if str(key) in s.written or not recently_closed(s, home.deal, SETTING_UP):
        return Item(OPEN, words, f"the note for {when} is not there")
    return Item(DONE, words, when, (key,))


def _alerts(s: Snapshot, home: Home) -> Item:
    day = next_anniversary(home.closing, s.today)
    return Item(
        DONE,
        "CRM reminders confirmed: 14-day and 7-day pre-alerts for each milestone",
        f"next {american(day - 14 * DAY)} and {american(day - 7 * DAY)}",
    )


def _row(s: Snapshot, home: Home) -> Iterator[Finding]:
    found = items(s, home)
    first: dict[str, Cell] = {
        "Rule": "MS-41",
        "Client": home.contact.name,
        "Checklist": f"At closing, {american(home.closing)}",
    }
    yield Finding(
        "MS-41",
        f"{home.contact.name} closed on {american(home.closing)} (from {home.closing_from})",
        row(
            str(_key(home)),
            found,
            first,
            home.contact.id,
            create=recently_closed(s, home.deal, SETTING_UP),
        ),
    )


def _key(home: Home) -> Key:
    return Key("MS-41", f"d{home.deal.id}", "checklist")


def _birthday(s: Snapshot, home: Home) -> Iterator[Finding]:
    """Want one task per closing while a birthday is missing."""
    missing = _without_birthday(s, home)
    if missing and recently_closed(s, home.deal, SETTING_UP):
        reason = (
            f"{home.contact.name} closed on {american(home.closing)}; the closing checklist asks"
            " for the birthday"
        )
        yield Finding(
            "MS-41",
            reason,
            WantTask(
                key=_key(home),
                person_id=home.contact.id,
                assignee=s.practice.va_id,
                kind="Follow Up",
                due=s.business.after(s.today, 5),
                name=(
                    "Closing checklist: enter the birthday of"
                    f" {' and '.join(p.name for p in missing)} if the intake form has it"
                ),
                useful_until=s.today + SETTING_UP * DAY,
            ),
        )


def _without_birthday(s: Snapshot, home: Home) -> list[Contact]:
    return [p for p in clients_on(s, home.deal) if not p.fields.get("birthday")]


def _over(s: Snapshot) -> Iterator[Finding]:
    """End the task to enter birthdays once none is missing, or nobody is left to ask it of (X-81).

    A deal that cannot be seen proves nothing.
    """
    for task in of_rule(s, "MS-41").open_tasks:
        deal = s.deal_by(task.key.subject) if task.key else None
        ground = ground_of(s, deal) if deal else None
        if isinstance(ground, Excluded) and ground.positive:
            yield from close(Matter((task,)), ground.reason, over=True)
        elif isinstance(ground, Home) and not _without_birthday(s, ground):
            everybody = len(clients_on(s, ground.deal)) == len(ground.deal.person_ids)
            because = "the birthday is entered" if everybody else "nobody is left to ask it of"
            yield from close(Matter((task,)), because, over=True)
        elif deal and isinstance(ground, Home) and is_former_client(s, deal, task.person_id):
            yield from close(Matter((task,)), FORMER, over=True)


def _lost(s: Snapshot) -> Iterator[Finding]:
    """End the checklist of a closing that a known fact takes away, such as one taken back."""
    for kept in s.workbook.rows(TAB):
        key = Key.parse(kept.ref)
        deal = s.deal_by(key.subject) if key and key.rule == "MS-41" else None
        ground = ground_of(s, deal) if deal else None
        if not isinstance(ground, Excluded) or not ground.positive:
            continue
        if want := ended(kept, ground.reason):
            yield Finding("MS-41", ground.reason, want)
