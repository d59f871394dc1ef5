"""batchUpdate's requests about charts and filter views (by id) and conditional formats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.sandbox.sheets.batch.objects import filled
from connectors.sandbox.sheets.batch.register import kind, merged
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.grid import look
from connectors.sandbox.sheets.grid.a1 import Area
from connectors.sandbox.sheets.grid.book import Book, Json, Sheet
from connectors.sandbox.sheets.grid.show import sparse


def _chart(book: Book, wanted: Json) -> tuple[Sheet, Json]:
    position = wanted.get("position", {})
    if position.get("newSheet") or "sheetId" in position:
        raise ApiError(501, "The sandbox does not serve charts on tabs of their own.")
    overlay = position.get("overlayPosition", {})
    anchor = {
        "sheetId": book.sheets[0].id,
        "rowIndex": 0,
        "columnIndex": 0,
        **overlay.get("anchorCell", {}),
    }
    sheet = book.sheet(anchor["sheetId"])
    sheet.area(Area(sheet.id, anchor["rowIndex"], None, anchor["columnIndex"]))
    return sheet, wanted | {
        "position": {
            "overlayPosition": {
                "widthPixels": 600,
                "heightPixels": 371,
                **overlay,
                "anchorCell": anchor,
            }
        }
    }


PARTS: dict[str, tuple[str, str, str, Callable[[Book, Json], tuple[Sheet, Json]]]] = {
    "Chart": ("chart", "charts", "chartId", _chart),
    "FilterView": ("filter", "filterViews", "filterViewId", filled),
}
"""By the end of the kind's name: its argument, where it is kept, its id, and its check."""


def _held(book: Book, part: str, id_name: str, number: Any) -> tuple[Sheet, Json]:
    for sheet in book.sheets:
        for held in sheet.parts.get(part, ()):
            if held[id_name] == number:
                return sheet, held
    raise ApiError(400, f"No {part[:-1]} with id: {number}")


def _exchange(
    book: Book, part: str, id_name: str, number: Any, new: tuple[Sheet, Json] | None
) -> None:
    """Take a part out and put *new*, its tab and the part, in its place if there is one."""
    sheet, old = _held(book, part, id_name, number)
    if new and new[0] is sheet:
        sheet.parts[part] = [new[1] if p is old else p for p in sheet.parts[part]]
    else:
        sheet.parts[part].remove(old)
        if new:
            new[0].parts.setdefault(part, []).append(new[1])


def _adding(what: str) -> None:
    key, part, id_name, sound = PARTS[what]

    @kind(f"add{what}")
    def add(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
        sheet, made = sound(book, {id_name: book.draw_id(), **a[key]})
        if any(p[id_name] == made[id_name] for s in book.sheets for p in s.parts.get(part, ())):
            raise ApiError(400, f"The {id_name} {made[id_name]} is taken.")
        sheet.parts.setdefault(part, []).append(made)
        return {f"add{what}": {key: sparse(look.coloured(made))}}


for _what in PARTS:
    _adding(_what)


@kind("deleteEmbeddedObject")
def _delete_chart(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    _exchange(book, "charts", "chartId", a["objectId"], None)
    return {}


@kind("deleteFilterView")
def _delete_view(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    _exchange(book, "filterViews", "filterViewId", a["filterId"], None)
    return {}


@kind("updateChartSpec")
def _respec(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    sheet, chart = _held(book, "charts", "chartId", a["chartId"])
    _exchange(book, "charts", "chartId", a["chartId"], (sheet, chart | {"spec": a["spec"]}))
    return {}


@kind("updateEmbeddedObjectPosition")
def _reposition(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    _, chart = _held(book, "charts", "chartId", a["objectId"])
    overlay = merged(
        chart["position"]["overlayPosition"],
        a["newPosition"].get("overlayPosition", {}),
        a["fields"],
    )
    moved = _chart(book, chart | {"position": a["newPosition"] | {"overlayPosition": overlay}})
    _exchange(book, "charts", "chartId", a["objectId"], moved)
    return {"updateEmbeddedObjectPosition": {"position": sparse(moved[1]["position"])}}


@kind("updateFilterView")
def _review(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    number = a["filter"].get("filterViewId", 0)
    _, old = _held(book, "filterViews", "filterViewId", number)
    new = merged(old, a["filter"], a["fields"]) | {"filterViewId": number}
    _exchange(book, "filterViews", "filterViewId", number, filled(book, new))
    return {}


# -- conditional formats: a list by position -------------------------------------------------------


def _rules(book: Book, sheet_id: int, index: int, *, one_more: bool = False) -> list[Json]:
    rules = book.sheet(sheet_id).parts.setdefault("conditionalFormats", [])
    if not 0 <= index < len(rules) + one_more:
        raise ApiError(400, f"No conditional format on sheet: {sheet_id} at index: {index}")
    return rules


def _home(book: Book, rule: Json) -> int:
    areas = [Area.of(r) for r in rule.get("ranges", ())]
    if not areas or len({area.sheet_id for area in areas}) > 1:
        raise ApiError(400, "A conditional format must have ranges, all on one sheet.")
    if ("booleanRule" in rule) == ("gradientRule" in rule):
        raise ApiError(
            400, "A conditional format must have exactly one of booleanRule and gradientRule."
        )
    for area in areas:
        book.sheet(area.sheet_id).area(area)
    return areas[0].sheet_id


@kind("addConditionalFormatRule")
def _format_rule(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    index = a.get("index", 0)
    _rules(book, _home(book, a["rule"]), index, one_more=True).insert(index, a["rule"])
    return {}


@kind("updateConditionalFormatRule")
def _reformat(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    index, rule = a.get("index", 0), a.get("rule")
    rules = _rules(book, _home(book, rule) if rule else a.get("sheetId", 0), index)
    old = rules.pop(index)
    if rule:
        rules.insert(index, rule)
        reply = {"newRule": rule, "oldRule": old}
    else:
        to = a.get("newIndex", 0)
        rules.insert(to, old)
        reply = {"newRule": old, "oldIndex": index, "newIndex": to}
    return {"updateConditionalFormatRule": sparse(reply)}


@kind("deleteConditionalFormatRule")
def _unformat(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    rules = _rules(book, a.get("sheetId", 0), a.get("index", 0))
    return {"deleteConditionalFormatRule": {"rule": sparse(rules.pop(a.get("index", 0)))}}
