"""Arithmetic on literals in a formula: numbers, + - * / and brackets, with the usual precedence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

_TOKEN = re.compile(
    r"\s*(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|\s*(?P<sign>[-+*/()])", re.A
)
_DOES: Mapping[str, tuple[int, Callable[[float, float], float]]] = MappingProxyType(
    {
        "+": (1, lambda a, b: a + b),
        "-": (1, lambda a, b: a - b),
        "*": (2, lambda a, b: a * b),
        "/": (2, lambda a, b: a / b),
    }
)
_NEGATIVE = "negative"


def result(text: str) -> float | None:
    """The value of *text*; None if it is not arithmetic on literals. Raises ZeroDivisionError.

    Two stacks instead of recursion, because a cell may hold 50,000 brackets.
    """
    numbers: list[float] = []
    waiting: list[str] = []
    operand_next = True
    at, end = 0, len(text.rstrip())
    while at < end:
        token = _TOKEN.match(text, at)
        if not token:
            return None
        at, sign = token.end(), token["sign"]
        if operand_next:
            if sign is None:
                numbers.append(float(token["number"]))
                operand_next = False
            elif not _prefix(waiting, sign):
                return None
        elif sign is None or sign == "(" or not _settle(numbers, waiting, sign):
            return None
        else:
            operand_next = sign != ")"
    if operand_next:
        return None
    _reduce(numbers, waiting, 0)
    return None if waiting else numbers[0]


def _prefix(waiting: list[str], sign: str) -> bool:
    """Take a sign before an operand; False for one that cannot be there."""
    if sign in {"-", "("}:
        waiting.append(_NEGATIVE if sign == "-" else sign)
    return sign in {"+", "-", "("}


def _settle(numbers: list[float], waiting: list[str], sign: str) -> bool:
    """Take a sign after an operand; False for a closing bracket that was never opened."""
    _reduce(numbers, waiting, 0 if sign == ")" else _DOES[sign][0])
    if sign != ")":
        waiting.append(sign)
        return True
    return bool(waiting) and waiting.pop() == "("


def _reduce(numbers: list[float], waiting: list[str], least: int) -> None:
    """Apply waiting signs that bind at least as tightly as *least*, to the last open bracket."""
    while waiting and waiting[-1] != "(":
        if waiting[-1] != _NEGATIVE and _DOES[waiting[-1]][0] < least:
            return
        sign, right = waiting.pop(), numbers.pop()
        numbers.append(-right if sign == _NEGATIVE else _DOES[sign][1](numbers.pop(), right))
