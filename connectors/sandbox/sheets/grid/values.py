"""Cell values: a typed text as a value, and a value under each render option."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.grid import arithmetic

CellData = dict[str, Any]
FIRST_DAY, LAST_DAY = -690_000, 2_958_465
_PATTERNS = {"DATE": "m/d/yyyy", "TIME": "h:mm:ss", "DATE_TIME": "m/d/yyyy h:mm:ss"}
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # serial numbers are wall time without a zone
LONGEST = 50_000
_NUMBER = re.compile(
    r"^(?P<sign>[+-]?)(?P<money>\$?)(?P<digits>(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?)"
    r"(?P<exponent>[eE][+-]?\d+)?(?P<percent>%?)$",
    re.A,
)
_DATES = (
    (re.compile(r"^(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})$", re.A), "yyyy-mm-dd"),
    (re.compile(r"^(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})$", re.A), "m/d/yyyy"),
)
_LINK = re.compile(r'^=HYPERLINK\("([^"]*)"(?:\s*[,;]\s*"([^"]*)")?\)$', re.I)
_ERRORS = {
    "NAME": ("#NAME?", "Unknown function or name"),
    "DIVIDE_BY_ZERO": ("#DIV/0!", "Division by zero"),
    "NUM": ("#NUM!", "The result is too large"),
}


def entered(value: Any, option: str, old: CellData | None = None) -> CellData:
    """The cell after *value* was written over *old* with this valueInputOption.

    The format and the rules of *old* stay. Raises ApiError for a value no cell can have.
    """
    cell = {name: part for name, part in (old or {}).items() if name != "userEnteredValue"}
    if isinstance(value, str) and len(value) > LONGEST:
        raise ApiError(
            400, "Your input contains more than the maximum of 50000 characters in a single cell."
        )
    if isinstance(value, dict | list):
        raise ApiError(400, "Invalid values: a cell must be a string, a number, a boolean or null.")
    if value == "":
        return cell
    if isinstance(value, str) and option == "USER_ENTERED":
        return cell | typed(value, cell)
    return cell | {"userEnteredValue": _raw(value)}


def _raw(value: str | float) -> dict[str, Any]:
    """The ExtendedValue of a value as it is sent; a bool is one, too."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int | float):
        return {"numberValue": float(value) if abs(value) > 2**53 else value}
    return {"stringValue": value}


def typed(text: str, cell: CellData) -> CellData:
    """The value and format of *text* typed into *cell* by a person.

    It becomes a formula, a truth value, a number, an amount of money, a percentage, a date or text.
    """
    if text.startswith("'"):
        return {"userEnteredValue": {"stringValue": text[1:]}} if text[1:] else {}
    if text.startswith("=") and len(text) > 1:
        return {"userEnteredValue": {"formulaValue": text}}
    if text.upper() in {"TRUE", "FALSE"}:
        return {"userEnteredValue": {"boolValue": text.upper() == "TRUE"}}
    number, number_format = _number(text.strip())
    if number is None:
        number, number_format = _date(text.strip())
    if number is None:
        return {"userEnteredValue": {"stringValue": text}}
    own = cell.get("userEnteredFormat", {})
    value: CellData = {"userEnteredValue": {"numberValue": number}}
    if number_format:
        # An existing format is kept: a date typed into a cell of dates looks like the others.
        value["userEnteredFormat"] = {"numberFormat": number_format, **own}
    return value


def _number(plain: str) -> tuple[float | None, dict[str, str] | None]:
    found = _NUMBER.match(plain)
    if not found or not found["digits"]:
        return None, None
    number = float(found["sign"] + found["digits"].replace(",", "") + (found["exponent"] or ""))
    if not math.isfinite(number):
        return None, None
    decimals = ".00" if "." in found["digits"] else ""
    if found["percent"]:
        return number / 100, {"type": "PERCENT", "pattern": f"0{decimals}%"}
    if found["money"]:
        return number, {"type": "CURRENCY", "pattern": f'"$"#,##0{decimals}'}
    return number, (
        {"type": "NUMBER", "pattern": f"#,##0{decimals}"} if "," in found["digits"] else None
    )


def _date(plain: str) -> tuple[float | None, dict[str, str] | None]:
    for form, pattern in _DATES:
        if found := form.match(plain):
            try:
                # wall time
                day = datetime(int(found["y"]), int(found["m"]), int(found["d"]))  # noqa: DTZ001
            except ValueError:
                return None, None
            return (day - EPOCH).days, {"type": "DATE", "pattern": pattern}
    return None, None


def hyperlink(cell: CellData) -> str:
    """The address that a cell links to, by its formula or its text format; "" if none."""
    found = _LINK.match(str(cell.get("userEnteredValue", {}).get("formulaValue", "")))
    if found:
        return found[1]
    text_format = cell.get("userEnteredFormat", {}).get("textFormat", {})
    return str(text_format.get("link", {}).get("uri", ""))


def effective(cell: CellData) -> dict[str, Any]:
    """The ExtendedValue a cell shows: a formula's result, or the value entered."""
    value: dict[str, Any] = cell.get("userEnteredValue") or {}
    if "formulaValue" in value:
        return evaluate(str(value["formulaValue"]))
    return value


def evaluate(formula: str) -> dict[str, Any]:
    """The result of a formula: HYPERLINK's text, arithmetic on literals, else ``#NAME?``."""
    if link := _LINK.match(formula):
        return {"stringValue": link[2] if link[2] is not None else link[1]}
    try:
        number = arithmetic.result(formula[1:])
    except ZeroDivisionError:
        return _error("DIVIDE_BY_ZERO")
    if number is None:
        return _error("NAME")
    return {"numberValue": number} if math.isfinite(number) else _error("NUM")


def _error(kind: str) -> dict[str, Any]:
    return {"errorValue": {"type": kind, "message": _ERRORS[kind][1]}}


def rendered(cell: CellData | None, value_option: str, date_option: str) -> Any:
    """The cell as a values call shows it; "" for an empty one."""
    if not cell or not cell.get("userEnteredValue"):
        return ""
    value = cell["userEnteredValue"]
    if value_option == "FORMULA" and "formulaValue" in value:
        return value["formulaValue"]
    shown = effective(cell)
    date_as_text = date_option == "FORMATTED_STRING" and "numberValue" in shown and _is_date(cell)
    if value_option == "FORMATTED_VALUE" or "errorValue" in shown or date_as_text:
        return formatted(cell)
    found = next(iter(shown.values()), "")
    return int(found) if isinstance(found, float) and _is_whole(found) else found


def _is_whole(number: float) -> bool:
    """Whether the service shows the number without a point or an exponent."""
    return number.is_integer() and abs(number) < 1e15


def _is_date(cell: CellData) -> bool:
    return (
        str(cell.get("userEnteredFormat", {}).get("numberFormat", {}).get("type", "")) in _PATTERNS
    )


def formatted(cell: CellData) -> str:
    """The text a person sees in the cell."""
    shown = effective(cell)
    if "errorValue" in shown:
        return _ERRORS[shown["errorValue"]["type"]][0]
    if "boolValue" in shown:
        return "TRUE" if shown["boolValue"] else "FALSE"
    if "numberValue" in shown:
        return _number_text(
            float(shown["numberValue"]), cell.get("userEnteredFormat", {}).get("numberFormat", {})
        )
    return str(shown.get("stringValue", ""))


def _number_text(number: float, number_format: dict[str, Any]) -> str:
    kind, pattern = number_format.get("type", ""), number_format.get("pattern", "")
    if kind in {"DATE", "TIME", "DATE_TIME"} and FIRST_DAY < number <= LAST_DAY:
        return _date_text(EPOCH + timedelta(days=number), pattern or _PATTERNS[kind])
    decimals = len(pattern.partition(".")[2].rstrip('%"'))
    if kind == "PERCENT":
        return f"{number * 100:.{decimals if pattern else 2}f}%"
    if kind in {"NUMBER", "CURRENCY"} and "#,##0" in pattern:
        dollars = "$" if kind == "CURRENCY" or "$" in pattern else ""
        return f"{dollars}{number:,.{decimals}f}"
    return str(int(number)) if _is_whole(number) else repr(number)


def _date_text(when: datetime, pattern: str) -> str:
    """*when* in a pattern of y, m, d, h and s; an m after hours means minutes."""
    after_hours = False
    text = ""
    for token in re.findall(r"y+|M+|m+|d+|h+|H+|s+|[^yMmdhHs]+", pattern):
        minutes = token[0] == "m" and after_hours
        after_hours = token[0] in "hH" or (after_hours and not token.strip(":"))
        part = {
            "y": when.year,
            "m": when.minute if minutes else when.month,
            "M": when.month,
            "d": when.day,
            "h": when.hour,
            "H": when.hour,
            "s": when.second,
        }.get(token[0])
        if part is None:
            text += token
        else:
            text += f"{part % 100:02d}" if token == "yy" else f"{part:0{len(token)}d}"
    return text
