"""The shared Sheet as a pass read it: tabs of rows of typed cells, found by their Ref and never by
their number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

Cell = str | int | float | bool | date | None
"""One Sheet cell, typed. Text is text even if it begins with '='."""


@dataclass(frozen=True, slots=True)
class Row:
    """One Sheet row by header name. `ref` is the text of its Ref cell ("" for rows people
    typed).
    """

    ref: str
    cells: Mapping[str, Cell]

    def text(self, column: str) -> str:
        """The cell as trimmed text; "" when empty or absent."""
        value = self.cells.get(column)
        return "" if value is None else str(value).strip()


def same(one: Cell, other: Cell) -> bool:
    """Whether two cells read the same; an empty text is an empty cell."""
    empty = (None, "")
    return (
        (one in empty and other in empty)
        or one == other
        or (one not in empty and str(one) == str(other))
    )


def reads(row: Row, cells: Mapping[str, Cell]) -> bool:
    """Whether *row* still reads as *cells* say."""
    return all(same(row.cells.get(name), value) for name, value in cells.items())


@dataclass(frozen=True)
class Tab:
    """A tab as read. A tab with `problems` has no rows and nothing may be concluded from it;
    `warnings` are about single rows. Both are in words a person can act on.
    """

    name: str
    rows: tuple[Row, ...] = ()
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @cached_property
    def _unique(self) -> Mapping[str, Row]:
        return {ref: rows[0] for ref, rows in self.rows_by_ref.items() if len(rows) == 1}

    @cached_property
    def rows_by_ref(self) -> Mapping[str, Sequence[Row]]:
        """The rows by their Ref: several where people copied one."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            if row.ref:
                found.setdefault(row.ref, []).append(row)
        return found

    @cached_property
    def by_kind(self) -> Mapping[str, Sequence[Row]]:
        """The rows by the first word of their Ref, each in the order of the tab."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.ref.partition(" ")[0], []).append(row)
        return found

    def by_ref(self, ref: str) -> Row | None:
        """The one row with this Ref; None where no row has it, or several have (a copied row
        decides nothing).
        """
        return self._unique.get(ref)


@dataclass(frozen=True, slots=True)
class Workbook:
    """The shared Sheet as read in one pass.

    `decisions_guarded` is "" when the Approvals protection is exactly as set up, else the reason
    why no decision in it counts (architecture rule 12); `memory_guarded` and `suppression_guarded`
    say likewise why those tabs cannot be relied on. `time_zone` is the Sheet's own setting.
    """

    tabs: Mapping[str, Tab] = field(default_factory=dict)
    decisions_guarded: str = ""
    memory_guarded: str = ""
    suppression_guarded: str = ""
    time_zone: str = ""
    headless: frozenset[str] = frozenset()
    """Tabs that exist and are wholly empty: nothing in them is anybody's yet."""
    titles: frozenset[str] = frozenset()
    """Every tab there is, Steward's or not."""

    def rows(self, tab: str) -> tuple[Row, ...]:
        """The rows of *tab*; none if it does not exist."""
        return self.tabs[tab].rows if tab in self.tabs else ()

    def copies(self, tab: str, ref: str) -> Sequence[Row]:
        """Every row of *tab* with this Ref."""
        return self.tabs[tab].rows_by_ref.get(ref, ()) if tab in self.tabs else ()

    def rows_of(self, tab: str, kind: str) -> Sequence[Row]:
        """The rows of *tab* whose Ref begins with the word *kind*."""
        return self.tabs[tab].by_kind.get(kind, ()) if tab in self.tabs else ()

    def holds(self, tab: str, ref: str) -> bool:
        """Whether *tab* has at least one row with this Ref."""
        return tab in self.tabs and ref in self.tabs[tab].rows_by_ref

    def row(self, tab: str, ref: str) -> Row | None:
        """The one row of *tab* with this Ref, or None."""
        return self.tabs[tab].by_ref(ref) if tab in self.tabs else None
