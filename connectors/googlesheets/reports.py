"""A report as a tab: its text in the first column, its figures beside it, and their charts."""

from __future__ import annotations

from typing import Any

from connectors.googlesheets import wire
from connectors.ports import Report
from policies.asks.wants import Figures

Json = dict[str, Any]
FIGURES_AT = 2
"""The column, counted from 0, where the figures begin; column 1 stays free."""
CHART_ROWS = 18
"""Rows of the grid that one chart is high."""


def requests_for(report: Report, sheet_id: int) -> list[Json]:
    """The batchUpdate requests that make the tab; they touch no existing tab."""
    if report.table:
        return _table(report, sheet_id)
    chart_at = FIGURES_AT + max((len(figures.header) for figures in report.figures), default=0) + 1
    tall = max(len(report.lines), _last_row(report) + CHART_ROWS) + 20
    found: list[Json] = [
        {
            "addSheet": {
                "properties": {
                    "sheetId": sheet_id,
                    "title": report.title,
                    "gridProperties": {"rowCount": tall, "columnCount": chart_at + 8},
                }
            }
        },
        _cells(sheet_id, 0, 0, [[line] for line in report.lines]),
        {
            "updateDimensionProperties": {
                "range": {
                    "sheetId": sheet_id,
                    "dimension": "COLUMNS",
                    "startIndex": 0,
                    "endIndex": 1,
                },
                "properties": {"pixelSize": 420},
                "fields": "pixelSize",
            }
        },
    ]
    row, charts = 0, 0
    for figures in report.figures:
        found += _figures(figures, sheet_id, row)
        if figures.chart:
            found.append(_chart(figures, sheet_id, row, (charts * CHART_ROWS, chart_at)))
            charts += 1
        row += len(figures.rows) + 3
    return found


def _table(report: Report, sheet_id: int) -> list[Json]:
    """A plain table from the first cell on, in a tab of exactly its size.

    An export of the tab then has nothing else in it.
    """
    wide = max(len(line) for line in report.table)
    return [
        {
            "addSheet": {
                "properties": {
                    "sheetId": sheet_id,
                    "title": report.title,
                    "gridProperties": {
                        "rowCount": len(report.table),
                        "columnCount": wide,
                        "frozenRowCount": 1 if len(report.table) > 1 else 0,
                    },
                }
            }
        },
        _cells(sheet_id, 0, 0, [list(line) for line in report.table]),
        {
            "updateCells": {
                "start": {"sheetId": sheet_id, "rowIndex": 0, "columnIndex": 0},
                "fields": "note",
                "rows": [{"values": [{"note": "\n".join(report.lines)}]}],
            }
        },
        _bold(sheet_id, 0, 1, 0, wide),
    ]


def _bold(sheet_id: int, row: int, end: int, column: int, wide: int) -> Json:
    return {
        "repeatCell": {
            "range": {
                "sheetId": sheet_id,
                "startRowIndex": row,
                "endRowIndex": end,
                "startColumnIndex": column,
                "endColumnIndex": column + wide,
            },
            "cell": {"userEnteredFormat": {"textFormat": {"bold": True}}},
            "fields": "userEnteredFormat.textFormat.bold",
        }
    }


def _last_row(report: Report) -> int:
    charts = sum(bool(figures.chart) for figures in report.figures)
    return max(sum(len(figures.rows) + 3 for figures in report.figures), charts * CHART_ROWS)


def _cells(sheet_id: int, row: int, column: int, lines: list[list[Any]]) -> Json:
    return {
        "updateCells": {
            "start": {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column},
            "fields": "userEnteredValue",
            "rows": [{"values": [wire.cell_data(value) for value in line]} for line in lines],
        }
    }


def _figures(figures: Figures, sheet_id: int, row: int) -> list[Json]:
    return [
        _cells(
            sheet_id,
            row,
            FIGURES_AT,
            [[figures.title], [*figures.header], *map(list, figures.rows)],
        ),
        _bold(sheet_id, row, row + 2, FIGURES_AT, len(figures.header)),
    ]


def _chart(figures: Figures, sheet_id: int, row: int, anchor: tuple[int, int]) -> Json:
    first, last = row + 1, row + 2 + len(figures.rows)

    def column(n: int) -> Json:
        at = FIGURES_AT + n
        return {
            "sourceRange": {
                "sources": [
                    {
                        "sheetId": sheet_id,
                        "startRowIndex": first,
                        "endRowIndex": last,
                        "startColumnIndex": at,
                        "endColumnIndex": at + 1,
                    }
                ]
            }
        }

    axis = "BOTTOM_AXIS" if figures.chart == "BAR" else "LEFT_AXIS"
    legend = "BOTTOM_LEGEND" if len(figures.header) > 2 else "NO_LEGEND"
    basic: Json = {
        "chartType": figures.chart,
        "legendPosition": legend,
        "headerCount": 1,
        "domains": [{"domain": column(0)}],
        "series": [
            {"series": column(n), "targetAxis": axis} for n in range(1, len(figures.header))
        ],
    }
    if figures.stacked:
        basic["stackedType"] = "STACKED"
    return {
        "addChart": {
            "chart": {
                "spec": {"title": figures.title, "basicChart": basic},
                "position": {
                    "overlayPosition": {
                        "anchorCell": {
                            "sheetId": sheet_id,
                            "rowIndex": anchor[0],
                            "columnIndex": anchor[1],
                        }
                    }
                },
            }
        }
    }
