"""Row edits as batchUpdate requests, for the grid as it is at the moment of writing.

A row is found by its Ref, never by a number that was read earlier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.errors import Rejected
from connectors.googlesheets import wire
from connectors.ports import RowEdit
from policies.world.sheet import Cell, reads
from policies.world.tabs import BY_NAME, TabSpec

SERVICE = "Google Sheets"
Json = dict[str, Any]
Grid = list[list[Any]]


class Rows:
    """The rows of some tabs, from their grids and their ids, both by tab name."""

    def __init__(self, grids: Mapping[str, Grid], sheet_ids: Mapping[str, int]) -> None:
        self._grids = grids
        self._ids = sheet_ids
        self._by_ref: dict[str, dict[str, list[int]]] = {}
        self._untaken: dict[str, dict[tuple[str, ...], list[int]]] = {}

    def requests_for(self, edits: Sequence[RowEdit]) -> list[Json]:
        """The requests for all edits.

        Raises Rejected if a header is damaged or two rows have one Ref.
        """
        return [request for edit in edits for request in self._requests(edit)]

    def _requests(self, edit: RowEdit) -> list[Json]:
        spec, grid, sheet_id = BY_NAME[edit.tab], self._grids[edit.tab], self._ids[edit.tab]
        where, problems = wire.columns_of(spec, grid[0] if grid else ())
        if problems:
            raise Rejected(SERVICE, "; ".join(problems), 0)
        row = self._with_ref(edit, where["Ref"])
        cells = dict(edit.cells)
        if row is None and edit.adopts is not None:
            row = self._adopted(edit.tab, spec, where, edit.adopts)
            cells = {"Ref": edit.ref, **cells}
        if row is None:
            made = {"Ref": edit.ref, **cells}
            return (
                [wire.append_row(spec, sheet_id, where, made, edit.choices)] if edit.create else []
            )
        if edit.create or not reads(wire.to_row(spec, where, grid[row]), edit.seen):
            # An earlier attempt succeeded after all, or a person has changed the row since.
            return []
        return [
            wire.update_cell(sheet_id, row, where[name], value, spec.column(name).pattern)
            for name, value in cells.items()
        ]

    def _with_ref(self, edit: RowEdit, key: int) -> int | None:
        """The position of the row with the edit's Ref. Raises Rejected if there are two."""
        rows = self._refs(edit.tab, key).get(edit.ref, [])
        if len(rows) > 1:
            raise Rejected(
                SERVICE,
                f"tab {edit.tab!r} has {len(rows)} rows with Ref {edit.ref!r}: delete all but one",
                0,
            )
        return rows[0] if rows else None

    def _adopted(
        self, tab: str, spec: TabSpec, where: Mapping[str, int], cells: Mapping[str, Cell]
    ) -> int | None:
        """The first row without a Ref that reads like *cells*; each row is given away once."""
        alike = self._typed(tab, spec, where).get(_reading(spec, cells), [])
        return alike.pop(0) if alike else None

    def _refs(self, tab: str, key: int) -> Mapping[str, list[int]]:
        """The positions of a tab's rows by their Ref, built once."""
        if tab not in self._by_ref:
            found = self._by_ref.setdefault(tab, {})
            for n, line in enumerate(self._grids[tab]):
                if n and key < len(line):
                    found.setdefault(str(line[key]).strip(), []).append(n)
        return self._by_ref[tab]

    def _typed(
        self, tab: str, spec: TabSpec, where: Mapping[str, int]
    ) -> Mapping[tuple[str, ...], list[int]]:
        """The positions of the rows without a Ref, by their cells as text; built once."""
        if tab not in self._untaken:
            found = self._untaken.setdefault(tab, {})
            for n, line in enumerate(self._grids[tab]):
                row = wire.to_row(spec, where, line)
                if n and not row.ref:
                    found.setdefault(_reading(spec, row.cells), []).append(n)
        return self._untaken[tab]


def _reading(spec: TabSpec, cells: Mapping[str, Cell]) -> tuple[str, ...]:
    """The cells of a row as text, column by column, without its Ref."""
    values = [cells.get(name) for name in spec.headers if name != "Ref"]
    return tuple("" if value is None else str(value) for value in values)
