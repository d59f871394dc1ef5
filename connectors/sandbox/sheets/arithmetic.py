"""Arithmetic on literals, as a formula may hold it: numbers, + - * / and brackets, with the usual
precedence.
"""

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
    """What *text* comes to; None if it is not arithmetic on literals. Raises ZeroDivisionError.

    By two stacks and not by recursion: a cell may hold 50,000 brackets.
    """
    numbers: list[float] = []
    waiting: list[str] = []
    operand = True  # whether a number or an opening bracket comes next
    at, end = 0, len(text.rstrip())
    while at < end:
        token = _TOKEN.match(text, at)
        if not token:
            return None
        at, sign = token.end(), token["sign"]
        if (sign is None or sign == "(") != operand and not (operand and sign in {"+", "-"}):
            return None
        if sign is None:
            numbers.append(float(token["number"]))
        elif sign == "(" or operand:
            waiting += [] if sign == "+" else [_NEGATIVE if sign == "-" else sign]
            continue
        elif not _settle(numbers, waiting, sign):
            return None
        operand = sign not in {None, ")"}
    if operand:
        return None
    _reduce(numbers, waiting, 0)
    return None if waiting else numbers[0]


def _settle(numbers: list[float], waiting: list[str], sign: str) -> bool:
    """Take a sign after an operand; False for a closing bracket that was never opened."""
    _reduce(numbers, waiting, 0 if sign == ")" else _DOES[sign][0])
    if sign != ")":
        waiting.append(sign)
        return True
    return bool(waiting) and waiting.pop() == "("


def _reduce(numbers: list[float], waiting: list[str], least: int) -> None:
    """Do what waits, back to the last open bracket, if it binds as tightly as *least*."""
    while (
        waiting
        and waiting[-1] != "("
        and (waiting[-1] == _NEGATIVE or _DOES[waiting[-1]][0] >= least)
    ):
        sign, right = waiting.pop(), numbers.pop()
        numbers.append(-right if sign == _NEGATIVE else _DOES[sign][1](numbers.pop(), right))
