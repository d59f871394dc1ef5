"""Drafts: a template rendered from a closed set of merge fields, then linted. A draft that fails is not shown.

Steward never sends; what leaves this module is text for the agent's approval (MS-05, MS-09).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Final

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from policies.model import one_line

MERGE_FIELDS: Final = frozenset({"client_first_name", "address", "agent_name", "years", "city", "year", "phone"})
"""Every field a template may use; anything else is refused when the template is loaded (MS-11)."""

_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)

BANNED_ASK = "do you know anyone who wants to buy or sell"
_PLACEHOLDER = re.compile(r"\[[A-Z][^\]\n]*\]|\{\{|\}\}|\{%")
_ASK = re.compile(r"thinking about buying or selling|word-of-mouth|referral|refer (?:me|us|them|anyone|someone)", re.I)
_TODAY = re.compile(r"\btoday\b", re.I)
_PROMOTION = re.compile(
    r"\bjust (?:listed|sold)\b|\bnew listing\b|\bopen house\b|\bprice (?:cut|reduced|drop)|\b(?:mortgage|interest) rates?\b"
    r"|\b\d+(?:\.\d+)?\s?% (?:apr|commission|off)\b|\bschedule a showing\b|\blimited time\b", re.I)
_ADVICE = re.compile(
    r"\byou (?:qualify|are eligible|should (?:sell|buy|refinance|file|claim))\b|\bgood time to (?:buy|sell|refinance)\b"
    r"|\bI (?:advise|recommend) (?:you|that you)\b|\blegal(?:ly)? (?:advice|entitled)\b", re.I)


class Unusable(ValueError):
    """A template that cannot be rendered: syntax, or a field outside the closed set. The text says which."""


@cache
def _compiled(text: str) -> Template:
    try:
        return _ENVIRONMENT.from_string(text)
    except TemplateError as problem:
        raise Unusable(f"not a valid template: {problem}") from problem


def render(template: str, fields: Mapping[str, str]) -> str:
    """*template* with its merge fields filled; values are data, never evaluated, and stay on one line.

    Raises:
        Unusable: for bad syntax or a field outside `MERGE_FIELDS` (MS-31).
    """
    try:
        return _compiled(template).render({name: one_line(value) for name, value in fields.items()}).strip()
    except TemplateError as problem:
        raise Unusable(f"{problem}; a template may use only {', '.join(sorted(MERGE_FIELDS))}") from problem


def check_template(template: str) -> None:
    """Prove that *template* renders from the closed set of fields, before it is ever needed.

    Raises:
        Unusable: as `render` does.
    """
    render(template, dict.fromkeys(MERGE_FIELDS, "x"))


def lint_anniversary(text: str, occasion: date, send_on: date) -> tuple[str, ...]:
    """What is wrong with an anniversary draft that would go out on *send_on*; each fault names its clause.

    Holds for Steward's rendering and for the agent's own edits alike (MS-14, 19, 31, 38, 39, X-07).
    """
    faults = []
    if left := _PLACEHOLDER.search(text):
        faults.append(f"MS-31: the placeholder {left[0]!r} is not filled in")
    if BANNED_ASK in " ".join(text.casefold().split()):
        faults.append("MS-39: \"Do you know anyone who wants to buy or sell?\" is the ask the procedure bans")
    if _ask_comes_first(text):
        faults.append("MS-38: the referral ask comes before any warm line, or stands alone")
    if send_on != occasion and _TODAY.search(text):
        faults.append(f"X-07: it says \"today\" but would go out on {send_on:%m/%d}, not on {occasion:%m/%d}")
    if found := _PROMOTION.search(text):
        faults.append(f"MS-19: {found[0]!r} promotes a listing or a service")
    if found := _ADVICE.search(text):
        faults.append(f"MS-14: {found[0]!r} reads as pricing, legal or strategic advice")
    return tuple(faults)


def _ask_comes_first(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("Subject:", "Hi "))]
    first_ask = next((n for n, line in enumerate(lines) if _ASK.search(line)), None)
    return first_ask == 0 or bool(re.search(r"^Subject:.*(?:" + _ASK.pattern + ")", text, re.I | re.M))


def digest(text: str) -> str:
    """The fingerprint that binds a decision to the exact text it was made about: 16 hex digits (rule 12)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
