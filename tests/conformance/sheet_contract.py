"""What every Sheet behind the port must do; a subclass provides `sheet`, set up and ready."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.ports import RowEdit
from policies.workbook import Cell

CELLS: dict[str, Cell] = {"Rule": "MS-09", "Client": "Ana Lopez", "What": "=1+1", "Due": date(2026, 12, 16), "Draft": "Hi Ana —\nline two", "Status": "Waiting"}


class SheetContract:
    """Rows are found by their Ref, cells are typed, a batch is all or nothing."""

    @pytest.fixture
    def sheet(self) -> Any:
        raise NotImplementedError

    def append(self, ref: str, **cells: Any) -> RowEdit:
        return RowEdit(tab="Approvals", ref=ref, cells={**CELLS, **cells}, create=True, choices=("Approve", "Hold", "Reject"))

    def test_a_row_comes_back_as_it_was_written(self, sheet: Any) -> None:
        sheet.write([self.append("MS-09 d1 20261218-draft")])
        row = sheet.read().row("Approvals", "MS-09 d1 20261218-draft")

        assert {name: row.cells[name] for name in CELLS} == CELLS
        assert row.text("Decision") == ""

    def test_a_row_is_appended_once(self, sheet: Any) -> None:
        sheet.write([self.append("R1")])
        sheet.write([self.append("R1"), self.append("R2")])

        assert [row.ref for row in sheet.read().rows("Approvals")] == ["R1", "R2"]

    def test_an_update_touches_the_cells_it_names(self, sheet: Any) -> None:
        sheet.write([self.append("R1"), self.append("R2")])
        sheet.write([RowEdit(tab="Approvals", ref="R2", cells={"Status": "Approved", "Client": ""})])
        first, second = sheet.read().rows("Approvals")

        assert (first.text("Status"), second.text("Status"), second.text("Client")) == ("Waiting", "Approved", "")
        assert second.cells["Draft"] == CELLS["Draft"]

    def test_an_update_of_a_row_that_is_gone_does_nothing(self, sheet: Any) -> None:
        sheet.write([RowEdit(tab="Approvals", ref="R9", cells={"Status": "Approved"})])

        assert sheet.read().rows("Approvals") == ()

    def test_one_bad_edit_spoils_the_batch(self, sheet: Any) -> None:
        sheet.write([self.append("R1")])
        with pytest.raises((Rejected, KeyError)):
            sheet.write([self.append("R2"), RowEdit(tab="No such tab", ref="x", cells={}, create=True)])

        assert [row.ref for row in sheet.read().rows("Approvals")] == ["R1"]

    @pytest.mark.parametrize("text", ["=HYPERLINK(\"http://x\",\"y\")", "+1", "@SUM(A1)", "'quoted", "007", "TRUE", "2026-12-04", "  spaced  "])
    def test_text_stays_text_whatever_it_begins_with(self, sheet: Any, text: str) -> None:
        sheet.write([self.append("R1", Client=text)])

        assert sheet.read().row("Approvals", "R1").cells["Client"] == text
