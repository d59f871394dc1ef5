"""Cell values: what a typed text becomes, and how a value is shown under each render option."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.sheets.errors import ApiError

CellData = dict[str, Any]
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # serial numbers are wall time without a zone
LONGEST = 50_000
_NUMBER = re.compile(r"^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][+-]?\d+)?$")
_ISO_DATE = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}$")


def entered(value: Any, option: str, old: CellData | None = None) -> CellData:
    """The cell after *value* was written with this valueInputOption over *old*; its format and rules stay."""
    cell = {name: part for name, part in (old or {}).items() if name != "userEnteredValue"}
    if isinstance(value, str) and len(value) > LONGEST:
        raise ApiError(400, "Your input contains more than the maximum of 50000 characters in a single cell.")
    if isinstance(value, dict | list):
        raise ApiError(400, "Invalid values: a cell must be a string, a number, a boolean or null.")
    if value == "":
        return cell
    if isinstance(value, bool):
        return cell | {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, int | float):
        return cell | {"userEnteredValue": {"numberValue": value}}
    return cell | (typed(value, cell) if option == "USER_ENTERED" else {"userEnteredValue": {"stringValue": value}})


def typed(text: str, cell: CellData) -> CellData:
    """*text* as a person types it into a cell: formula, number, truth value, ISO date, or text."""
    if text.startswith("'"):
        return {"userEnteredValue": {"stringValue": text[1:]}}
    if text.startswith("=") and len(text) > 1:
        return {"userEnteredValue": {"formulaValue": text}}
    if text.upper() in {"TRUE", "FALSE"}:
        return {"userEnteredValue": {"boolValue": text.upper() == "TRUE"}}
    plain = text.strip()
    if _NUMBER.match(plain) and any(c.isdigit() for c in plain):
        number = float(plain.replace(",", ""))
        format_ = {"type": "NUMBER", "pattern": "#,##0.00" if "." in plain else "#,##0"} if "," in plain else None
        return {"userEnteredValue": {"numberValue": number}, **_formatted(cell, format_)}
    if _ISO_DATE.match(plain):
        try:
            day = datetime.strptime(plain, "%Y-%m-%d")  # noqa: DTZ007  # wall time
        except ValueError:
            return {"userEnteredValue": {"stringValue": text}}
        return {"userEnteredValue": {"numberValue": (day - EPOCH).days},
                **_formatted(cell, {"type": "DATE", "pattern": "yyyy-mm-dd"})}
    return {"userEnteredValue": {"stringValue": text}}


def _formatted(cell: CellData, number_format: dict[str, str] | None) -> CellData:
    if number_format is None:
        return {}
    return {"userEnteredFormat": {**cell.get("userEnteredFormat", {}), "numberFormat": number_format}}


def effective(cell: CellData) -> dict[str, Any]:
    """The ExtendedValue a cell shows: a formula's result, or what was entered."""
    value: dict[str, Any] = cell.get("userEnteredValue") or {}
    if "formulaValue" in value:
        return evaluate(str(value["formulaValue"]))
    return value


def evaluate(formula: str) -> dict[str, Any]:
    """A minimal formula: HYPERLINK's text and arithmetic on literals; anything else is ``#NAME?``."""
    link = re.match(r'^=HYPERLINK\("[^"]*"\s*[,;]\s*"([^"]*)"\)$', formula, re.I)
    if link:
        return {"stringValue": link[1]}
    sums = re.match(r"^=\s*(-?\d+(?:\.\d+)?)(?:\s*([+*/-])\s*(-?\d+(?:\.\d+)?))?\s*$", formula)
    if sums:
        return {"numberValue": _arithmetic(float(sums[1]), sums[2], sums[3])}
    return {"errorValue": {"type": "NAME", "message": "Unknown function or name"}}


def _arithmetic(left: float, sign: str | None, right: str | None) -> float:
    if sign is None or right is None:
        return left
    other = float(right)
    results = {"+": left + other, "-": left - other, "*": left * other, "/": left / other if other else 0.0}
    return results[sign]


def rendered(cell: CellData | None, value_option: str, date_option: str) -> Any:
    """The cell as a values call shows it; "" for an empty one."""
    if not cell or not cell.get("userEnteredValue"):
        return ""
    value = cell["userEnteredValue"]
    if value_option == "FORMULA" and "formulaValue" in value:
        return value["formulaValue"]
    shown = effective(cell)
    if value_option != "FORMATTED_VALUE" and "numberValue" in shown and _is_date(cell) and date_option == "FORMATTED_STRING":
        return formatted(cell)
    if value_option == "FORMATTED_VALUE":
        return formatted(cell)
    if "errorValue" in shown:
        return "#NAME?"
    found = next(iter(shown.values()), "")
    return int(found) if isinstance(found, float) and found.is_integer() and abs(found) < 1e15 else found


def _is_date(cell: CellData) -> bool:
    return str(cell.get("userEnteredFormat", {}).get("numberFormat", {}).get("type", "")).startswith("DATE")


def formatted(cell: CellData) -> str:
    """The text a person sees in the cell."""
    shown = effective(cell)
    if "errorValue" in shown:
        return "#NAME?"
    if "boolValue" in shown:
        return "TRUE" if shown["boolValue"] else "FALSE"
    if "numberValue" in shown:
        return _number_text(float(shown["numberValue"]), cell.get("userEnteredFormat", {}).get("numberFormat", {}))
    return str(shown.get("stringValue", ""))


def _number_text(number: float, number_format: dict[str, Any]) -> str:
    kind, pattern = number_format.get("type", ""), number_format.get("pattern", "")
    if kind in {"DATE", "DATE_TIME"}:
        when = EPOCH + timedelta(days=number)
        return f"{when:%Y-%m-%d}" if kind == "DATE" else f"{when:%Y-%m-%d %H:%M:%S}"
    if kind in {"NUMBER", "CURRENCY"} and "#,##0" in pattern:
        text = f"{number:,.2f}" if ".00" in pattern else f"{number:,.0f}"
        return ("$" if kind == "CURRENCY" or "$" in pattern else "") + text
    if kind == "PERCENT":
        return f"{number * 100:.2f}%"
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
