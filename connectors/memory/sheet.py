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
        """All edits and reports or none."""
        fate = self.fates.draw("memory Sheet")
        tabs = dict(self.book.tabs)
        new = [report for report in reports if report.title not in self.book.titles]
        for edit in edits:
            if edit.tab not in tabs or tabs[edit.tab].problems:
                raise Rejected("memory Sheet", f"there is no tab {edit.tab!r}", 0)
            rows = [row for row in tabs[edit.tab].rows if row.ref == edit.ref]
            if len(rows) > 1:
                raise Rejected("memory Sheet", f"two rows with Ref {edit.ref!r}", 0)
            if edit.adopts is not None and not rows:
                rows = [
                    row for row in tabs[edit.tab].rows if not row.ref and reads(row, edit.adopts)
                ][:1]
            if rows and not edit.create:
                if not reads(rows[0], edit.seen):
                    continue  # a person has been at it since it was read
                changed = Row(edit.ref, {**rows[0].cells, "Ref": edit.ref, **edit.cells})
                kept = tuple(changed if row is rows[0] else row for row in tabs[edit.tab].rows)
            elif not rows and edit.create:
                kept = (*tabs[edit.tab].rows, Row(edit.ref, {"Ref": edit.ref, **edit.cells}))
            else:
                continue
            tabs[edit.tab] = replace(tabs[edit.tab], rows=kept)
            self.writes.append((edit.tab, edit.ref))
        self.reports.update({report.title: report for report in new})
        self.book = replace(
            self.book, tabs=tabs, titles=self.book.titles | {report.title for report in new}
        )
        if fate == "lost after":
            raise Unknown("memory Sheet", "the answer was lost")
