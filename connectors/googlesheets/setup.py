"""Turn a spreadsheet into Steward's workbook, or list what it lacks.

Tabs, columns and cells that people made stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.googlesheets import protection, wire
from connectors.googlesheets.client import GoogleSheet
from connectors.ports import RowEdit, SetupStep
from policies.asks.approvals import every
from policies.asks.weighing import OPENED, decide_again
from policies.world import memory
from policies.world.memory import PROTECTION
from policies.world.sheet import Workbook
from policies.world.tabs import (
    APPROVALS,
    READ_ME,
    READ_ME_ROWS,
    SUPPRESSION,
    TABS,
    Column,
    TabSpec,
)

Json = dict[str, Any]
SPARE_COLUMNS = 6
"""Empty columns right of Steward's, for people to add their own."""
HEADER_FIELDS = "userEnteredValue,userEnteredFormat.textFormat.bold,note"


class SheetWorkbook:
    """The set-up of one spreadsheet.

    *agent* and *service_account* become the only editors of the guarded tabs.
    """

    def __init__(self, sheet: GoogleSheet, *, agent: str, service_account: str) -> None:
        self._sheet = sheet
        self._agent = agent
        self._own = service_account

    def lacking(self) -> Sequence[SetupStep]:
        """The tabs, columns, protections and rows of `Read me` that the workbook lacks."""
        book = self._sheet.read()
        present = self._present()
        steps = []
        for spec in TABS:
            if spec.name not in present:
                steps.append(SetupStep(f"the tab {spec.name!r}"))
            else:
                steps += self._header_steps(spec, book)
        if book.memory_guarded:
            steps.append(SetupStep("the protection of the tab 'Memory'"))
        if book.suppression_guarded:
            steps.append(SetupStep(f"the protection of the tab {SUPPRESSION.name!r}"))
        if book.decisions_guarded and APPROVALS.name in present:
            steps.append(SetupStep("the protection of the tab 'Approvals'"))
        if READ_ME.name in present and not book.row(READ_ME.name, READ_ME_ROWS[0][0]):
            steps.append(SetupStep("the Pause row of the tab 'Read me'"))
        return steps

    def _header_steps(self, spec: TabSpec, book: Workbook) -> list[SetupStep]:
        if spec.name in book.headless:
            return [SetupStep(f"a header in the tab {spec.name!r}")]
        if lacking := self._lacking_columns(spec):
            return [
                SetupStep(
                    f"the columns {', '.join(lacking)} in the tab {spec.name!r}, right of yours"
                )
            ]
        return [
            SetupStep(f"a sound header in the tab {spec.name!r}", by_hand=problem)
            for problem in book.tabs[spec.name].problems
        ]

    def _lacking_columns(self, spec: TabSpec) -> list[str]:
        """Steward's columns that a tab of people's lacks, if their own columns are all there.

        A column of theirs that is missing or there twice is for them to correct; then the answer is
        empty.
        """
        if not spec.people:
            return []
        index = wire.header_index(self._sheet.header(spec))
        counts = [len(index.get(name.casefold(), ())) for name in spec.headers]
        if max(counts) > 1 or min(counts[: spec.people]) == 0:
            return []
        return [name for name in spec.headers[spec.people :] if name.casefold() not in index]

    def complete(self) -> None:
        """Create the missing tabs, headers, columns, protections and rows of `Read me`.

        While a header that people made is damaged, nothing can be protected or filled in, so those
        two steps are left out.
        """
        present = self._present()
        headless = [spec for spec in TABS if spec.name in self._sheet.read().headless]
        self._create_tabs(present, headless)
        self._add_columns(present, headless)
        if any(tab.problems for tab in self._sheet.read().tabs.values()):
            return
        self._protect()
        rows = []
        for ref, value, text in READ_ME_ROWS:
            cells = {"Value": value, "What it is": text}
            rows.append(RowEdit(tab=READ_ME.name, ref=ref, cells=cells, create=True))
        self._sheet.write(rows)

    def _create_tabs(self, present: Mapping[str, Json], headless: Sequence[TabSpec]) -> None:
        """Create the missing tabs, and write the headers of those that have none."""
        missing = [spec for spec in TABS if spec.name not in present]
        free = max([_sheet_id(sheet) for sheet in present.values()], default=0) + 1
        requests: list[Json] = []
        for sheet_id, spec in enumerate(missing, free):
            requests += _new_tab(spec, sheet_id)
        requests += [_header(spec, _sheet_id(present[spec.name])) for spec in headless]
        self._sheet.batch(requests)

    def _add_columns(self, present: Mapping[str, Json], headless: Sequence[TabSpec]) -> None:
        """Add Steward's columns to people's tabs that lack them."""
        for spec in TABS:
            if spec.name not in present or spec in headless:
                continue
            if lacking := self._lacking_columns(spec):
                used = len(self._sheet.header(spec))
                properties = present[spec.name]["properties"]
                self._sheet.batch(_more_columns(spec, properties, used, lacking))

    def _present(self) -> dict[str, Json]:
        return {
            sheet["properties"]["title"]: sheet
            for sheet in self._sheet.metadata().get("sheets", ())
        }

    def _protect(self) -> None:
        """Protect the guarded tabs that are open, and remember the protection of Approvals.

        A weakened protection of Steward's is replaced; those that people made stay.
        """
        book = self._sheet.read()
        present = self._present()
        open_ = {APPROVALS.name: book.decisions_guarded, SUPPRESSION.name: book.suppression_guarded}
        unguarded = [
            spec for spec in TABS if spec.guarded and open_.get(spec.name, book.memory_guarded)
        ]
        deletions: list[Json] = []
        protections: list[Json] = []
        for spec in unguarded:
            sheet = present[spec.name]
            deletions += _deletions(sheet)
            protections.append(protection.protect(spec, _sheet_id(sheet), self._agent, self._own))
        replies = self._sheet.batch([*deletions, *protections])
        if APPROVALS in unguarded:
            reply = replies[len(deletions) + unguarded.index(APPROVALS)]
            made = reply["addProtectedRange"]["protectedRange"]
            self._bind(book, f"{_sheet_id(present[APPROVALS.name])}/{made['protectedRangeId']}")

    def _bind(self, book: Workbook, bound: str) -> None:
        """Write the protection that decisions are bound to into Memory, and void open decisions."""
        edit = RowEdit(
            tab=memory.TAB,
            ref=PROTECTION.ref(),
            cells={"What": bound},
            create=not PROTECTION.row(book),
        )
        self._sheet.write([edit, *_void(book)])


def _sheet_id(sheet: Json) -> int:
    number: int = sheet["properties"].get("sheetId", 0)
    return number


def _deletions(sheet: Json) -> list[Json]:
    """The requests that delete Steward's protections of a tab."""
    return [
        {"deleteProtectedRange": {"protectedRangeId": protected["protectedRangeId"]}}
        for protected in sheet.get("protectedRanges", ())
        if protected.get("description") == protection.DESCRIPTION
    ]


def _void(book: Workbook) -> list[RowEdit]:
    """Ask again for the decisions in the tab that were not acted on.

    While the tab was open, anybody may have typed them.
    """
    return [
        RowEdit(tab=APPROVALS.name, ref=decision.ref, cells={"Status": decide_again(OPENED)})
        for decision in every(book)
        if decision.ref and decision.typed and decision.open
    ]


def _header(spec: TabSpec, sheet_id: int) -> Json:
    return {
        "updateCells": {
            "start": {"sheetId": sheet_id, "rowIndex": 0, "columnIndex": 0},
            "rows": [{"values": [_heading(column) for column in spec.columns]}],
            "fields": HEADER_FIELDS,
        }
    }


def _heading(column: Column) -> Json:
    note = {"note": column.note} if column.note else {}
    return (
        wire.cell_data(column.name) | note | {"userEnteredFormat": {"textFormat": {"bold": True}}}
    )


def _more_columns(spec: TabSpec, properties: Json, used: int, names: list[str]) -> list[Json]:
    """Steward's columns right of the *used* ones of a tab, and the warning over them."""
    sheet_id = properties.get("sheetId", 0)
    wide = properties["gridProperties"].get("columnCount", 26)
    missing = used + len(names) + SPARE_COLUMNS - wide
    found: list[Json] = []
    if missing > 0:
        append = {"sheetId": sheet_id, "dimension": "COLUMNS", "length": missing}
        found.append({"appendDimension": append})
    headings = {
        "start": {"sheetId": sheet_id, "rowIndex": 0, "columnIndex": used},
        "rows": [{"values": [_heading(spec.column(name)) for name in names]}],
        "fields": HEADER_FIELDS,
    }
    return [*found, {"updateCells": headings}, _warned(sheet_id, used, used + len(names))]


def _warned(sheet_id: int, start: int, end: int) -> Json:
    """A protection that only warns a person who edits Steward's own columns.

    One that refuses would keep people from sorting the tab.
    """
    return {
        "addProtectedRange": {
            "protectedRange": {
                "range": {"sheetId": sheet_id, "startColumnIndex": start, "endColumnIndex": end},
                "warningOnly": True,
                "description": "Steward's own columns",
            }
        }
    }


def _new_tab(spec: TabSpec, sheet_id: int) -> list[Json]:
    """The requests that make a tab: its header, widths, dropdowns and warning."""
    width = len(spec.columns) + SPARE_COLUMNS
    grid = {"rowCount": 1000, "columnCount": width, "frozenRowCount": 1}
    properties = {"sheetId": sheet_id, "title": spec.name, "gridProperties": grid}
    columns = list(enumerate(spec.columns))
    found: list[Json] = [{"addSheet": {"properties": properties}}, _header(spec, sheet_id)]
    found += [_wide(sheet_id, n, column.wide) for n, column in columns]
    found += [_dropdown(sheet_id, n, column.choices) for n, column in columns if column.choices]
    if spec.people:
        found.append(_warned(sheet_id, spec.people, len(spec.columns)))
    return found


def _wide(sheet_id: int, column: int, pixels: int) -> Json:
    return {
        "updateDimensionProperties": {
            "range": {
                "sheetId": sheet_id,
                "dimension": "COLUMNS",
                "startIndex": column,
                "endIndex": column + 1,
            },
            "properties": {"pixelSize": pixels},
            "fields": "pixelSize",
        }
    }


def _dropdown(sheet_id: int, column: int, choices: Sequence[str]) -> Json:
    return {
        "setDataValidation": {
            "range": {
                "sheetId": sheet_id,
                "startRowIndex": 1,
                "startColumnIndex": column,
                "endColumnIndex": column + 1,
            },
            "rule": wire.one_of(choices),
        }
    }
