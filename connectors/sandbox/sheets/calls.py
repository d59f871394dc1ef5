"""The calls of Sheets v4: a table of routes, and the act of each on a book."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.datastructures import QueryParams

from connectors.sandbox.sheets import masks, ranges
from connectors.sandbox.sheets.batch import metadata
from connectors.sandbox.sheets.batch.kinds import apply
from connectors.sandbox.sheets.errors import ApiError, violation
from connectors.sandbox.sheets.grid import show
from connectors.sandbox.sheets.grid.book import Book, Json
from connectors.sandbox.sheets.messages import MESSAGES
from connectors.sandbox.sheets.ranges import Options

EVERYWHERE = frozenset(
    {
        "$.xgafv",
        "access_token",
        "alt",
        "callback",
        "fields",
        "key",
        "oauth_token",
        "prettyPrint",
        "quotaUser",
        "uploadType",
        "upload_protocol",
    }
)
READING = {
    "valueRenderOption": "FORMATTED_VALUE",
    "dateTimeRenderOption": "SERIAL_NUMBER",
    "majorDimension": "ROWS",
}
ECHOING = {
    "responseValueRenderOption": "FORMATTED_VALUE",
    "responseDateTimeRenderOption": "SERIAL_NUMBER",
}
WRITING = (
    "valueInputOption includeValuesInResponse "
    "responseValueRenderOption responseDateTimeRenderOption"
)
_CHOICES = {
    name: frozenset(MESSAGES["BatchGetValuesByDataFilterRequest"][name].split("|"))
    for name in READING
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One call."""

    book: Book
    """Already a copy, if the call writes."""
    user: str
    query: QueryParams
    body: Json
    """Checked against `messages.txt`."""
    tail: str
    """The variable part of the path, such as a range."""


def _get(asked: Asked) -> Json:
    fields = asked.query.get("fields")
    if fields:
        grid = masks.reaches(masks.parse(fields), "sheets", "data")
    else:
        grid = _true(asked.query, "includeGridData")
    return show.spreadsheet(
        asked.book,
        asked.user,
        grid=grid,
        areas=[asked.book.find(text)[1] for text in asked.query.getlist("ranges")],
    )


def _get_by_filter(asked: Asked) -> Json:
    return show.spreadsheet(
        asked.book,
        asked.user,
        grid=bool(asked.body.get("includeGridData")),
        areas=[asked.book.find(text)[1] for text in _filtered(asked)],
    )


def _filtered(asked: Asked) -> list[str]:
    """The A1 texts of the cells that the data filters of the body name."""
    found: list[str] = []
    for wanted in asked.body.get("dataFilters", ()):
        found += metadata.texts(asked.book, wanted)
    return found


def _batch(asked: Asked) -> Json:
    answer: Json = {
        "spreadsheetId": asked.book.id,
        "replies": apply(asked.book, asked.body.get("requests", ()), asked.user),
    }
    if asked.body.get("includeSpreadsheetInResponse"):
        areas = [asked.book.find(text)[1] for text in asked.body.get("responseRanges", ())]
        grid = bool(asked.body.get("responseIncludeGridData"))
        answer["updatedSpreadsheet"] = show.spreadsheet(
            asked.book, asked.user, areas=areas, grid=grid
        )
    return answer


def _read(asked: Asked) -> Json:
    return ranges.read(asked.book, asked.tail, _options(asked.query))


def _read_many(asked: Asked) -> Json:
    options = _options(asked.query)
    found = [ranges.read(asked.book, text, options) for text in asked.query.getlist("ranges")]
    return {"spreadsheetId": asked.book.id, **({"valueRanges": found} if found else {})}


def _read_by_filter(asked: Asked) -> Json:
    options = _options(asked.body)
    found = [
        {"valueRange": ranges.read(asked.book, text, options), "dataFilters": [wanted]}
        for wanted in asked.body.get("dataFilters", ())
        for text in metadata.texts(asked.book, wanted)
    ]
    return {"spreadsheetId": asked.book.id, **({"valueRanges": found} if found else {})}


def _write(asked: Asked) -> Json:
    return ranges.write(
        asked.book, asked.tail, asked.body, _input(asked.query), asked.user, _echo(asked.query)
    )


def _write_many(asked: Asked) -> Json:
    option, echo = _input(asked.body), _echo(asked.body)
    parts = asked.body.get("data", ())
    return ranges.totals(
        asked.book,
        [ranges.write(asked.book, p.get("range", ""), p, option, asked.user, echo) for p in parts],
    )


def _write_by_filter(asked: Asked) -> Json:
    option, echo = _input(asked.body), _echo(asked.body)
    done = []
    for part in asked.body.get("data", ()):
        values = {name: value for name, value in part.items() if name != "dataFilter"}
        done += [
            ranges.write(asked.book, text, values, option, asked.user, echo)
            | {"dataFilter": part["dataFilter"]}
            for text in metadata.texts(asked.book, part["dataFilter"])
        ]
    return ranges.totals(asked.book, done)


def _append(asked: Asked) -> Json:
    inserting = asked.query.get("insertDataOption", "OVERWRITE")
    if inserting not in {"OVERWRITE", "INSERT_ROWS"}:
        raise violation(
            "insert_data_option",
            f"Invalid value at 'insert_data_option' (TYPE_ENUM), \"{inserting}\"",
        )
    how = _input(asked.query), inserting == "INSERT_ROWS"
    return ranges.append(asked.book, asked.tail, asked.body, how, asked.user, _echo(asked.query))


def _clear(asked: Asked) -> Json:
    return {
        "spreadsheetId": asked.book.id,
        "clearedRange": ranges.clear(asked.book, [asked.tail], asked.user)[0],
    }


def _clear_many(asked: Asked) -> Json:
    cleared = ranges.clear(asked.book, asked.body.get("ranges", ()), asked.user)
    return {"spreadsheetId": asked.book.id, **({"clearedRanges": cleared} if cleared else {})}


def _clear_by_filter(asked: Asked) -> Json:
    body = {"ranges": _filtered(asked)}
    return _clear_many(Asked(asked.book, asked.user, asked.query, body, ""))


def _metadata(asked: Asked) -> Json:
    for found in asked.book.metadata:
        if str(found["metadataId"]) == asked.tail:
            shown: Json = show.sparse(found)
            return shown
    if asked.tail.lstrip("-").isdigit():
        raise ApiError(404, "Requested entity was not found.")
    text = f"Invalid value at 'metadata_id' (TYPE_INT32), \"{asked.tail}\""
    raise violation("metadata_id", text)


def _search(asked: Asked) -> Json:
    found = metadata.selected(asked.book, asked.body.get("dataFilters", ()))
    return {"matchedDeveloperMetadata": show.sparse(found)} if found else {}


@dataclass(frozen=True, slots=True)
class Call:
    """One method of the API."""

    method: str
    path: re.Pattern[str]
    """The path after the spreadsheet's id."""
    message: str
    """The type of the body, or ""."""
    answer: str
    """The type of the answer."""
    query: frozenset[str]
    """The parameters that the query may have."""
    act: Callable[[Asked], Json]
    reads: bool
    """Whether it changes nothing."""


def _call(
    method: str,
    path: str,
    act: Callable[[Asked], Json],
    answer: str,
    message: str = "",
    query: str = "",
    *,
    reads: bool = False,
) -> Call:
    return Call(
        method,
        re.compile(path, re.S),
        message,
        answer,
        EVERYWHERE | frozenset(query.split()),
        act,
        reads or method == "GET",
    )


_RENDERING = " ".join(READING)
CALLS: tuple[Call, ...] = (
    _call(
        "GET",
        "",
        _get,
        "Spreadsheet",
        query="includeGridData ranges excludeTablesInBandedRanges commentsViewMode",
    ),
    _call(
        "POST",
        ":batchUpdate",
        _batch,
        "BatchUpdateSpreadsheetResponse",
        "BatchUpdateSpreadsheetRequest",
    ),
    _call(
        "POST",
        ":getByDataFilter",
        _get_by_filter,
        "Spreadsheet",
        "GetSpreadsheetByDataFilterRequest",
        reads=True,
    ),
    _call(
        "GET",
        "/values:batchGet",
        _read_many,
        "BatchGetValuesResponse",
        query=f"ranges {_RENDERING}",
    ),
    _call(
        "POST",
        "/values:batchUpdate",
        _write_many,
        "BatchUpdateValuesResponse",
        "BatchUpdateValuesRequest",
    ),
    _call(
        "POST",
        "/values:batchClear",
        _clear_many,
        "BatchClearValuesResponse",
        "BatchClearValuesRequest",
    ),
    _call(
        "POST",
        "/values:batchGetByDataFilter",
        _read_by_filter,
        "BatchGetValuesByDataFilterResponse",
        "BatchGetValuesByDataFilterRequest",
        reads=True,
    ),
    _call(
        "POST",
        "/values:batchUpdateByDataFilter",
        _write_by_filter,
        "BatchUpdateValuesByDataFilterResponse",
        "BatchUpdateValuesByDataFilterRequest",
    ),
    _call(
        "POST",
        "/values:batchClearByDataFilter",
        _clear_by_filter,
        "BatchClearValuesByDataFilterResponse",
        "BatchClearValuesByDataFilterRequest",
    ),
    _call(
        "POST",
        "/values/(.+):append",
        _append,
        "AppendValuesResponse",
        "ValueRange",
        f"insertDataOption {WRITING}",
    ),
    _call("POST", "/values/(.+):clear", _clear, "ClearValuesResponse", "ClearValuesRequest"),
    _call("GET", "/values/(.+)", _read, "ValueRange", query=_RENDERING),
    _call("PUT", "/values/(.+)", _write, "UpdateValuesResponse", "ValueRange", WRITING),
    _call(
        "POST",
        "/developerMetadata:search",
        _search,
        "SearchDeveloperMetadataResponse",
        "SearchDeveloperMetadataRequest",
        reads=True,
    ),
    _call("GET", "/developerMetadata/([^/]+)", _metadata, "DeveloperMetadata"),
)


def find(method: str, path: str) -> tuple[Call, str]:
    """The call at *path* (raw, after the spreadsheet's id) and its decoded tail.

    Raises ApiError 404 if the service has no such call.
    """
    for call in CALLS:
        found = call.path.fullmatch(path)
        if found and call.method == method:
            return call, unquote(found[1]) if call.path.groups else ""
    raise ApiError(
        404,
        f"There is no method {method} /v4/spreadsheets/{{id}}{re.split('(?<=.)/', path)[0][:40]}.",
    )


def _true(query: Mapping[str, Any], name: str) -> bool:
    return str(query.get(name) or "").casefold() in {"true", "1"}


def _options(given: Mapping[str, Any]) -> Options:
    chosen = {name: given.get(name) or default for name, default in READING.items()}
    for name, choices in _CHOICES.items():
        if chosen[name] not in choices:
            snake = re.sub("([A-Z])", lambda found: "_" + found[1].lower(), name)
            raise violation(snake, f"Invalid value at '{snake}' (TYPE_ENUM), \"{chosen[name]}\"")
    return (
        chosen["valueRenderOption"],
        chosen["dateTimeRenderOption"],
        "COLUMNS" if chosen["majorDimension"] == "COLUMNS" else "ROWS",
    )


def _echo(given: Mapping[str, Any]) -> Options | None:
    chosen = {name.removeprefix("response"): given.get(name) for name in ECHOING}
    options = _options({name[0].lower() + name[1:]: value for name, value in chosen.items()})
    return options if _true(given, "includeValuesInResponse") else None


def _input(given: Mapping[str, Any]) -> str:
    option = given.get("valueInputOption")
    if option not in {"RAW", "USER_ENTERED"}:
        raise ApiError(400, "'valueInputOption' is required but not specified")
    return str(option)
