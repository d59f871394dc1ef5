"""Row edits as batchUpdate requests against the grid as it reads at the moment of writing: rows by
their Ref, never by number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.errors import Rejected
from connectors.googlesheets import wire
from connectors.ports import RowEdit
from policies.world.sheet import Cell, Row, reads
from policies.world.tabs import BY_NAME, TabSpec

SERVICE = "Google Sheets"
Json = dict[str, Any]
Grid = list[list[Any]]


class Rows:
    """The grids of some tabs, by name, and their ids; a row of people's that is given a Ref is
    taken once.
    """

    def __init__(self, grids: Mapping[str, Grid], sheet_ids: Mapping[str, int]) -> None:
        self._grids = grids
        self._ids = sheet_ids
        self._by_ref: dict[str, dict[str, list[int]]] = {}
        self._untaken: dict[str, dict[tuple[str, ...], list[int]]] = {}

    def requests_for(self, edits: Sequence[RowEdit]) -> list[Json]:
        """Every edit's requests. Raises Rejected where a header is damaged or a Ref stands
        twice.
        """
        return [request for edit in edits for request in self._requests(edit)]

    def _requests(self, edit: RowEdit) -> list[Json]:
        spec, grid = BY_NAME[edit.tab], self._grids[edit.tab]
        where, problems = wire.columns_of(spec, grid[0] if grid else ())
        if problems:
            raise Rejected(SERVICE, "; ".join(problems), 0)
        key = where["Ref"]
        rows = self._refs(edit.tab, key).get(edit.ref, [])
        if len(rows) > 1:
            raise Rejected(
                SERVICE,
                f"tab {edit.tab!r} has {len(rows)} rows with Ref {edit.ref!r}: delete all but one",
                0,
            )
        cells = dict(edit.cells)
        if edit.adopts is not None and not rows:
            alike = self._typed(edit.tab, spec, where).get(_reading(spec, edit.adopts), [])
            rows = [alike.pop(0)] if alike else []
            cells = {"Ref": edit.ref, **cells}
        if not rows:
            made = {"Ref": edit.ref, **cells}
            return (
                [wire.append_row(spec, self._ids[edit.tab], where, made, edit.choices)]
                if edit.create
                else []
            )
        if edit.create or not reads(self._row(spec, where, grid[rows[0]]), edit.seen):
            # an earlier attempt got through after all, or a person has been at it since it was read
            return []
        return [
            wire.update_cell(
                self._ids[edit.tab], rows[0], where[name], value, spec.column(name).pattern
            )
            for name, value in cells.items()
        ]

    def _refs(self, tab: str, key: int) -> Mapping[str, list[int]]:
        """The rows of a tab by their Ref, laid out once."""
        if tab not in self._by_ref:
            found = self._by_ref.setdefault(tab, {})
            for n, line in enumerate(self._grids[tab]):
                if n and key < len(line):
                    found.setdefault(str(line[key]).strip(), []).append(n)
        return self._by_ref[tab]

    def _typed(
        self, tab: str, spec: TabSpec, where: Mapping[str, int]
    ) -> Mapping[tuple[str, ...], list[int]]:
        """The rows without a Ref by how they read, laid out once; each is taken once."""
        if tab not in self._untaken:
            found = self._untaken.setdefault(tab, {})
            for n, line in enumerate(self._grids[tab]):
                if n and not (row := self._row(spec, where, line)).ref:
                    found.setdefault(_reading(spec, row.cells), []).append(n)
        return self._untaken[tab]

    @staticmethod
    def _row(spec: TabSpec, where: Mapping[str, int], line: Sequence[Any]) -> Row:
        return wire.to_row(spec, where, line)


def _reading(spec: TabSpec, cells: Mapping[str, Cell]) -> tuple[str, ...]:
    """How a row reads: two that are the same in every column of the tab read the same."""
    return tuple(
        "" if (value := cells.get(name)) is None else str(value)
        for name in spec.headers
        if name != "Ref"
    )
