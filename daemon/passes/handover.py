"""The tab `Handover`: everything open and time-sensitive, for a successor who has nothing else
(MS-23, RF-51, DB-46). Pure.

The tab is a board with slots: an item keeps its slot while it is open, a slot that is free is blank
and is used again. So the tab stays as long as the work and not as the years, what is written is
what changed, and people may sort it as they like.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from daemon.passes.absence.not_acted_on import Waiting, because
from daemon.passes.actions import Action
from daemon.passes.forecast import Ahead
from policies.asks import approvals, weighing
from policies.database.lists import lists_tab
from policies.facts import gone_records
from policies.values.names import one_line
from policies.world.model import Contact, Key
from policies.world.sheet import Cell, Row, Tab
from policies.world.snapshot import Snapshot

TAB = "Handover"
DAYS = 7
"""How far ahead it says what will be asked, today included."""
OPEN, DECIDE, COMING = "open", "to decide", "comes up"
LONGEST = 70
"""Characters of an item's text; what the CRM leaves of a task's name is never shorter."""
BLANK: Mapping[str, Cell] = MappingProxyType(
    dict.fromkeys(("Due", "Who", "What", "Client", "Rule", "State", "Mark"), "")
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that somebody must do, by its mark; `state` says whether it is open, to be decided,
    or yet to come.
    """

    mark: str
    state: str
    due: Cell
    who: str
    what: str
    client: str

    @property
    def cells(self) -> Mapping[str, Cell]:
        """Its row."""
        return {
            "Due": self.due,
            "Who": self.who,
            "What": self.what,
            "Client": self.client,
            "Rule": self.mark.split(" ")[0],
            "State": self.state,
            "Mark": self.mark,
        }


def update(
    s: Snapshot,
    ahead: Sequence[Ahead] | None,
    made: frozenset[str] = frozenset(),
    *,
    partly: bool = False,
    waiting: Waiting = MappingProxyType({}),
) -> list[Action]:
    """The writes after which the tab shows *s*, the world after the pass; none where the tab is
    missing or unsound.

    *ahead* are the days to come, or None where they are still as the tab has them; *partly* says
    that some policies could not be asked about them, so that what the tab has stays beside. *made*
    are the marks of the tasks this pass creates: a row about one of them waits until it is there.
    A task of a policy that is *waiting* for people says that Steward does not follow it up.
    """
    tab = s.workbook.tabs.get(TAB)
    if tab is None or tab.problems:
        return []
    items = {item.mark: item for item in _open(s, waiting)}
    coming = [*_coming(s, ahead or ()), *(_still_coming(tab) if ahead is None or partly else ())]
    for item in coming:
        items.setdefault(item.mark, item)
    return list(_changes(tab, items, made))


def _changes(tab: Tab, items: Mapping[str, Item], made: frozenset[str]) -> Iterator[Action]:
    slots = {
        row.ref: row for row in tab.rows if row.ref and tab.by_ref(row.ref)
    }  # a copied row is nobody's
    taken: dict[str, str] = {}
    for ref, row in slots.items():
        mark = row.text("Mark")
        if mark in items and mark not in taken:
            taken[mark] = ref
    free = [ref for ref in slots if ref not in taken.values()]
    number = len(tab.rows_by_ref)
    for item in sorted(items.values(), key=lambda one: (str(one.due), one.mark)):
        requires = made & {item.mark}
        if item.mark in taken:
            yield from _written(slots[taken[item.mark]], item.cells, requires)
        elif free:
            yield from _written(slots[free.pop(0)], item.cells, requires)
        else:
            number += 1
            while f"slot {number}" in tab.rows_by_ref:
                number += 1
            yield Action(
                mark=f"slot {number}",
                clause="MS-23",
                verb="append",
                entity=TAB,
                person_id=None,
                reason="everything open and time-sensitive stands here",
                after=item.cells,
                requires=requires,
            )
    for ref in free:
        yield from _written(slots[ref], BLANK, frozenset())


def _written(row: Row, cells: Mapping[str, Cell], requires: frozenset[str]) -> Iterator[Action]:
    changed = {
        name: value for name, value in cells.items() if (row.cells.get(name) or "") != (value or "")
    }
    if changed:
        yield Action(
            mark=row.ref,
            clause="MS-23",
            verb="update",
            entity=TAB,
            person_id=None,
            requires=requires,
            reason="everything open and time-sensitive stands here",
            after=changed,
            before={name: row.cells.get(name) for name in changed},
        )


def _open(s: Snapshot, waiting: Waiting) -> Iterator[Item]:
    for tasks in s.own_tasks.values():
        for task in tasks:
            if task.key and not task.completed and not task.withdrawn:
                why = because(task.key, waiting)
                yield Item(
                    str(task.key),
                    f"{OPEN}; Steward does not follow it up: {why}" if why else OPEN,
                    task.due,
                    _who(s, task.assigned_user_id),
                    _text(task.name),
                    _called(s.contacts.get(task.person_id)),
                )
    for decision in approvals.every(s.workbook):
        row, why = decision.row, decision.why_not_acted_on
        if not why and not decision.undecided:
            continue
        yield Item(
            row.ref,
            f"{why[:1].lower()}{why[1:]}" or DECIDE,
            row.cells.get("Due"),
            s.practice.agent_name,
            _text(row.text("What")),
            row.text("Client"),
        )
    for key, day, what in lists_tab.outdated(s):
        yield Item(str(key), OPEN, day, s.practice.va_name, _text(what), "")


def outdated(s: Snapshot, actions: Iterable[Action]) -> bool:
    """Tell whether *actions* end something about somebody of whom the tab says that more comes up,
    so that the days to come must be looked at again (X-81).
    """
    coming = frozenset[str]().union(*(about(s, mark) for mark in coming_marks(s)))
    return bool(coming) and any(
        not coming.isdisjoint({f"p{a.person_id}"} | about(s, a.mark)) for a in actions if _ends(a)
    )


def coming_marks(s: Snapshot) -> frozenset[str]:
    """Return the marks of what the tab says comes up."""
    return frozenset(row.text("Mark") for row in s.workbook.rows(TAB) if _comes_up(row))


def _ends(action: Action) -> bool:
    last_word = action.entity == approvals.TAB and weighing.ends(action.after)
    return action.verb == "withdraw" or last_word


def about(s: Snapshot, mark: str) -> frozenset[str]:
    """Return the records that a mark is about, and the people on its deal, as subjects of keys.

    They may be gone from the CRM: what comes up about them has ended all the more.
    """
    key = Key.parse(mark)
    if key is None:
        return frozenset()
    deal = s.deal_by(key.subject)
    people = (f"p{person_id}" for person_id in (deal.person_ids if deal else ()))
    return frozenset({*gone_records.records_of(key), *people})


def _comes_up(row: Row) -> bool:
    return row.text("State").startswith(COMING)


def _coming(s: Snapshot, ahead: Iterable[Ahead]) -> Iterator[Item]:
    for day in ahead:
        for action in day.asked if day.day > s.today else ():
            task = action.assignee is not None
            who = _who(s, action.assignee) if task else s.practice.agent_name
            what, due = (
                action.after.get("name" if task else "What"),
                action.after.get("dueDate" if task else "Due"),
            )
            key = Key.parse(action.mark)
            contact = s.contacts.get(action.person_id or 0) or (
                s.contact_by(key.subject) if key else None
            )
            yield Item(
                action.mark,
                f"{COMING} {day.day}",
                due,
                who,
                _text(str(what or "")),
                _called(contact),
            )


def _still_coming(tab: Tab) -> Iterator[Item]:
    """As the tab has it; also that whose day has come and of which nothing is there: it could not
    be asked, and is flagged so.
    """
    for row in tab.rows:
        if _comes_up(row):
            yield Item(
                row.text("Mark"),
                row.text("State"),
                row.cells.get("Due"),
                row.text("Who"),
                row.text("What"),
                row.text("Client"),
            )


def upcoming(ahead: Iterable[Ahead], today: date) -> list[tuple[str, str]]:
    """The things to be asked on the days to come: marks and ISO days, for the ledger."""
    return [
        (action.mark, day.day.isoformat())
        for day in ahead
        if day.day > today
        for action in day.asked
    ]


def still_upcoming(
    known: Iterable[tuple[str, str]], coming: Sequence[tuple[str, str]], today: date
) -> list[tuple[str, str]]:
    """*coming*, and of the things *known* before those that are missing in it, for the week after
    their day: some policies could not be asked.
    """
    there, since = {mark for mark, _ in coming}, (today - timedelta(days=DAYS)).isoformat()
    return [*coming, *((mark, day) for mark, day in known if mark not in there and day > since)]


def _who(s: Snapshot, user_id: int | None) -> str:
    return {s.practice.va_id: s.practice.va_name, s.practice.agent_id: s.practice.agent_name}.get(
        user_id or 0, "somebody else"
    )


def _called(contact: Contact | None) -> str:
    return contact.name if contact else ""


def _text(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
