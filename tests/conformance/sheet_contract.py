"""What every Sheet behind the port must do; a subclass provides `sheet`, set up and ready."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.ports import Report, RowEdit
from policies.asks.wants import Figures
from policies.world.sheet import Cell

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

    def typed(self, sheet: Any, *cells: dict[str, Cell]) -> None:
        """Rows that a person types into the referral log, without a Ref."""
        raise NotImplementedError

    def test_a_row_that_a_person_typed_is_given_its_ref_once(self, sheet: Any) -> None:
        typed: dict[str, Cell] = {"Date": date(2026, 12, 4), "Referral Source": "John Smith", "Referred Lead": "Ximena"}
        self.typed(sheet, {**typed, "Referred Lead": "Yuki"}, typed)
        adopt = RowEdit(tab="Referral Log", ref="RF-01 p7 referral", cells={"Outcome": "Active", "Type": "Client"}, adopts=typed)
        sheet.write([adopt])
        sheet.write([adopt])
        other, mine = sheet.read().rows("Referral Log")

        assert (other.ref, other.text("Outcome")) == ("", "")
        assert (mine.ref, mine.text("Outcome"), mine.text("Type"), mine.text("Referred Lead")) == ("RF-01 p7 referral", "Active", "Client", "Ximena")
        assert mine.cells["Date"] == date(2026, 12, 4)

    def test_of_two_typed_rows_that_read_alike_each_is_given_a_ref_of_its_own(self, sheet: Any) -> None:
        typed: dict[str, Cell] = {"Date": date(2026, 12, 4), "Referral Source": "John Smith", "Referred Lead": "Ximena"}
        self.typed(sheet, typed, typed)
        sheet.write([RowEdit(tab="Referral Log", ref=f"RF-01 r{n} referral", cells={"Status": "seen"}, adopts=typed) for n in (1, 2)])

        assert sorted(row.ref for row in sheet.read().rows("Referral Log")) == ["RF-01 r1 referral", "RF-01 r2 referral"]

    def test_a_row_that_a_person_changed_since_it_was_read_is_left_alone(self, sheet: Any) -> None:
        sheet.write([RowEdit(tab="Referral Log", ref="R1", cells={"Outcome": "Active"}, create=True)])
        sheet.write([RowEdit(tab="Referral Log", ref="R1", cells={"Outcome": "Closed"}, seen={"Outcome": "Lost"})])
        assert sheet.read().row("Referral Log", "R1").text("Outcome") == "Active"

        sheet.write([RowEdit(tab="Referral Log", ref="R1", cells={"Outcome": "Closed"}, seen={"Outcome": "Active", "Close Date": ""})])
        assert sheet.read().row("Referral Log", "R1").text("Outcome") == "Closed"

    def test_a_report_is_put_up_once_and_what_people_made_of_it_stays(self, sheet: Any) -> None:
        figures = Figures("Received", ("Quarter", "Client", "Agent"), (("Q3 2026", 2, 1), ("Q4 2026", 3, 0)), chart="COLUMN", stacked=True)
        for lines in (("Referral Activity — Q4 2026", "Referrals received: 3"), ("another text",)):
            sheet.write([self.append(f"R{len(lines)}")], [Report("Q4 2026", lines, (figures,))])

        book = sheet.read()
        assert "Q4 2026" in book.titles
        assert [row.ref for row in book.rows("Approvals")] == ["R2", "R1"]

    def table_of(self, sheet: Any, title: str) -> list[list[Any]]:
        """The cells of a tab that is none of Steward's own, as they stand."""
        raise NotImplementedError

    def test_a_table_is_a_tab_of_its_own_that_evaluates_nothing(self, sheet: Any) -> None:
        table = (("First Name", "Email"), ("=1+1", "ana@example.com"), ("+1", "2026-12-04"), ("", "'x"))
        for lines in (("Campaign: Spring",), ("another",)):
            sheet.write([], [Report("List Spring 1", lines, table=table)])

        assert "List Spring 1" in sheet.read().titles
        assert self.table_of(sheet, "List Spring 1") == [list(line) for line in table]
