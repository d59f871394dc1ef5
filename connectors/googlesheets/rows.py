"""Row edits as batchUpdate requests against the grid as it reads at the moment of writing: rows by their Ref, never by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.errors import Rejected
from connectors.googlesheets import wire
from connectors.googlesheets.workbook import BY_NAME, TabSpec
from connectors.ports import RowEdit
from policies.workbook import Row, reads

SERVICE = "Google Sheets"
Json = dict[str, Any]
Grid = list[list[Any]]


class Rows:
    """The grids of some tabs, by name, and their ids; a row of people's that is given a Ref is taken once."""

    def __init__(self, grids: Mapping[str, Grid], sheet_ids: Mapping[str, int]) -> None:
        self._grids = grids
        self._ids = sheet_ids
        self._taken: set[tuple[str, int]] = set()

    def requests_for(self, edits: Sequence[RowEdit]) -> list[Json]:
        """Every edit's requests. Raises Rejected where a header is damaged or a Ref stands twice."""
        return [request for edit in edits for request in self._requests(edit)]

    def _requests(self, edit: RowEdit) -> list[Json]:
        spec, grid = BY_NAME[edit.tab], self._grids[edit.tab]
        where, problems = wire.columns_of(spec, grid[0] if grid else ())
        if problems:
            raise Rejected(SERVICE, "; ".join(problems), 0)
        key = where["Ref"]
        rows = [n for n, line in enumerate(grid) if n and key < len(line) and str(line[key]).strip() == edit.ref]
        if len(rows) > 1:
            raise Rejected(SERVICE, f"tab {edit.tab!r} has {len(rows)} rows with Ref {edit.ref!r}: delete all but one", 0)
        cells = dict(edit.cells)
        if edit.adopts is not None and not rows:
            rows = list(self._typed(edit, spec, where))[:1]
            self._taken |= {(edit.tab, n) for n in rows}
            cells = {"Ref": edit.ref, **cells}
        if not rows:
            made = {"Ref": edit.ref, **cells}
            return [wire.append_row(spec, self._ids[edit.tab], where, made, edit.choices)] if edit.create else []
        if edit.create or not reads(self._row(spec, where, grid[rows[0]]), edit.seen):
            return []  # an earlier attempt got through after all, or a person has been at it since it was read
        return [wire.update_cell(self._ids[edit.tab], rows[0], where[name], value, spec.column(name).pattern)
                for name, value in cells.items()]

    def _typed(self, edit: RowEdit, spec: TabSpec, where: Mapping[str, int]) -> Iterator[int]:
        """The rows without a Ref that read as the one to be given this."""
        for n, line in enumerate(self._grids[edit.tab]):
            if n and (edit.tab, n) not in self._taken:
                row = self._row(spec, where, line)
                if not row.ref and edit.adopts is not None and reads(row, edit.adopts):
                    yield n

    @staticmethod
    def _row(spec: TabSpec, where: Mapping[str, int], line: Sequence[Any]) -> Row:
        return wire.to_row(spec, where, line)
