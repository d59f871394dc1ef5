"""A Sheet in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectors.errors import Rejected, Unknown
from connectors.memory.fates import Fates
from connectors.ports import Report, RowEdit
from policies.world.sheet import Row, Workbook, reads


class MemorySheet:
    """A workbook in memory; writes are atomic."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.writes: list[tuple[str, str]] = []
        self.reports: dict[str, Report] = {}
        self.fates = Fates()

    def read(self) -> Workbook:
        """The workbook."""
        return self.book

    def write(self, edits: Sequence[RowEdit], reports: Sequence[Report] = ()) -> None:
        """Write all edits and reports, or nothing."""
        fate = self.fates.draw("memory Sheet")
        tabs = dict(self.book.tabs)
        for edit in edits:
            if edit.tab not in tabs or tabs[edit.tab].problems:
                raise Rejected("memory Sheet", f"there is no tab {edit.tab!r}", 0)
            rows = _edited(tabs[edit.tab].rows, edit)
            if rows is not None:
                tabs[edit.tab] = replace(tabs[edit.tab], rows=rows)
                self.writes.append((edit.tab, edit.ref))
        new = {report.title: report for report in reports if report.title not in self.book.titles}
        self.reports |= new
        self.book = replace(self.book, tabs=tabs, titles=self.book.titles | new.keys())
        if fate == "lost after":
            raise Unknown("memory Sheet", "the answer was lost")


def _edited(rows: Sequence[Row], edit: RowEdit) -> tuple[Row, ...] | None:
    """The rows of a tab after the edit; None if it changes nothing. Raises Rejected."""
    found = _row_of(rows, edit)
    if found is None and edit.create:
        return (*rows, Row(edit.ref, {"Ref": edit.ref, **edit.cells}))
    # A row that no longer reads as it was seen has been changed by a person since.
    if found is None or edit.create or not reads(found, edit.seen):
        return None
    changed = Row(edit.ref, {**found.cells, "Ref": edit.ref, **edit.cells})
    return tuple(changed if row is found else row for row in rows)


def _row_of(rows: Sequence[Row], edit: RowEdit) -> Row | None:
    """The row with the edit's Ref, else the first one without a Ref that it adopts."""
    with_ref = [row for row in rows if row.ref == edit.ref]
    if len(with_ref) > 1:
        raise Rejected("memory Sheet", f"two rows with Ref {edit.ref!r}", 0)
    if with_ref or edit.adopts is None:
        return with_ref[0] if with_ref else None
    adoptable = [row for row in rows if not row.ref and reads(row, edit.adopts)]
    return adoptable[0] if adoptable else None
