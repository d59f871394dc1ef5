"""Makes an empty spreadsheet into Steward's workbook, and says what one lacks. Never touches what
people made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.googlesheets import protection, wire
from connectors.googlesheets.client import GoogleSheet
from connectors.ports import RowEdit, SetupStep
from policies.asks.approvals import OPENED, decide_again, every
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
HEADER_FIELDS = "userEnteredValue,userEnteredFormat.textFormat.bold,note"


class SheetWorkbook:
    """The set-up of one spreadsheet; *agent* and *service_account* become the only editors of the
    guarded tabs.
    """

    def __init__(self, sheet: GoogleSheet, *, agent: str, service_account: str) -> None:
        self._sheet = sheet
        self._agent = agent
        self._own = service_account

    def lacking(self) -> Sequence[SetupStep]:
        """What the workbook lacks: tabs, columns, protections, the rows of `Read me`."""
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
        """Steward's columns that a tab of people's lacks, where their own are all there."""
        if not spec.people:
            return []
        index = wire.header_index(self._sheet.header(spec))
        names = [name.casefold() for name in spec.headers]
        if any(len(index.get(name, ())) != 1 for name in names[: spec.people]) or any(
            len(index.get(name, ())) > 1 for name in names
        ):
            return []  # something of theirs is missing or stands twice: that is theirs to mend
        return [name for name in spec.headers[spec.people :] if name.casefold() not in index]

    def complete(self) -> None:
        """Create missing tabs with header, widths and protection; bind the Approvals protection in
        Memory.
        """
        present = self._present()
        missing = [spec for spec in TABS if spec.name not in present]
        free = max([s["properties"].get("sheetId", 0) for s in present.values()], default=0) + 1
        headless = [spec for spec in TABS if spec.name in self._sheet.read().headless]
        self._sheet.batch(
            [request for n, spec in enumerate(missing) for request in _new_tab(spec, free + n)]
            + [
                _header(spec, present[spec.name]["properties"].get("sheetId", 0))
                for spec in headless
            ]
        )
        for spec in TABS:
            if (
                spec.name in present
                and spec not in headless
                and (lacking := self._lacking_columns(spec))
            ):
                self._sheet.batch(
                    _more_columns(
                        spec,
                        present[spec.name]["properties"],
                        len(self._sheet.header(spec)),
                        lacking,
                    )
                )
        broken = [name for name, tab in self._sheet.read().tabs.items() if tab.problems]
        if broken:
            # what people made is theirs to mend; without sound headers nothing can be bound or
            # filled in
            return
        self._protect()
        self._sheet.write(
            [
                RowEdit(
                    tab=READ_ME.name,
                    ref=ref,
                    cells={"Value": value, "What it is": text},
                    create=True,
                )
                for ref, value, text in READ_ME_ROWS
            ]
        )

    def _present(self) -> dict[str, Json]:
        return {
            sheet["properties"]["title"]: sheet
            for sheet in self._sheet.metadata().get("sheets", ())
        }

    def _protect(self) -> None:
        """Protect the guarded tabs that are not, and remember which protection a decision is bound
        to.
        """
        book = self._sheet.read()
        present = self._present()
        open_ = {APPROVALS.name: book.decisions_guarded, SUPPRESSION.name: book.suppression_guarded}
        unguarded = [
            spec for spec in TABS if spec.guarded and open_.get(spec.name, book.memory_guarded)
        ]
        # A weakened protection of ours is replaced; those people made are left alone.
        stale = [
            p["protectedRangeId"]
            for spec in unguarded
            for p in present[spec.name].get("protectedRanges", ())
            if p.get("description") == protection.DESCRIPTION
        ]
        replies = self._sheet.batch(
            [{"deleteProtectedRange": {"protectedRangeId": number}} for number in stale]
            + [
                protection.protect(
                    spec, present[spec.name]["properties"].get("sheetId", 0), self._agent, self._own
                )
                for spec in unguarded
            ]
        )
        for spec, reply in zip(unguarded, replies[len(stale) :], strict=True):
            if spec is APPROVALS:
                made = reply["addProtectedRange"]["protectedRange"]
                sheet_id = present[spec.name]["properties"].get("sheetId", 0)
                bound = f"{sheet_id}/{made['protectedRangeId']}"
                self._sheet.write(
                    [
                        RowEdit(
                            tab=memory.TAB,
                            ref=PROTECTION.ref(),
                            cells={"What": bound},
                            create=not PROTECTION.row(book),
                        ),
                        *_void(book),
                    ]
                )


def _void(book: Workbook) -> list[RowEdit]:
    """Decisions that stand in the tab and were not acted on: while it was open anybody may have
    typed them.
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
    """Steward's columns right of what a tab of people's has in its header row, and the warning over
    them.
    """
    sheet_id, wide = (
        properties.get("sheetId", 0),
        properties["gridProperties"].get("columnCount", 26),
    )
    missing = used + len(names) + 6 - wide
    found: list[Json] = (
        [{"appendDimension": {"sheetId": sheet_id, "dimension": "COLUMNS", "length": missing}}]
        if missing > 0
        else []
    )
    found += [
        {
            "updateCells": {
                "start": {"sheetId": sheet_id, "rowIndex": 0, "columnIndex": used},
                "rows": [{"values": [_heading(spec.column(name)) for name in names]}],
                "fields": HEADER_FIELDS,
            }
        }
    ]
    return [*found, _warned(sheet_id, used, used + len(names))]


def _warned(sheet_id: int, start: int, end: int) -> Json:
    """A protection that warns whoever edits Steward's own columns: one that refuses would keep
    people from sorting.
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
    width = len(spec.columns) + 6  # a few columns for people to add their own
    dropdowns = [
        {
            "setDataValidation": {
                "range": {
                    "sheetId": sheet_id,
                    "startRowIndex": 1,
                    "startColumnIndex": n,
                    "endColumnIndex": n + 1,
                },
                "rule": {
                    "condition": {
                        "type": "ONE_OF_LIST",
                        "values": [{"userEnteredValue": choice} for choice in column.choices],
                    },
                    "showCustomUi": True,
                    "strict": True,
                },
            }
        }
        for n, column in enumerate(spec.columns)
        if column.choices
    ]
    return [
        {
            "addSheet": {
                "properties": {
                    "sheetId": sheet_id,
                    "title": spec.name,
                    "gridProperties": {"rowCount": 1000, "columnCount": width, "frozenRowCount": 1},
                }
            }
        },
        _header(spec, sheet_id),
        *(
            {
                "updateDimensionProperties": {
                    "range": {
                        "sheetId": sheet_id,
                        "dimension": "COLUMNS",
                        "startIndex": n,
                        "endIndex": n + 1,
                    },
                    "properties": {"pixelSize": column.wide},
                    "fields": "pixelSize",
                }
            }
            for n, column in enumerate(spec.columns)
        ),
        *dropdowns,
        *([_warned(sheet_id, spec.people, len(spec.columns))] if spec.people else []),
    ]
