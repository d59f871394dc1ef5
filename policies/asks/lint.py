"""The faults of a draft: each is one sentence that begins with the clause it breaks.

A lint holds for Steward's rendering and for the agent's own edits alike. It takes the text, the
occasion, and the day the text would go out on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

Lint = Callable[[str, date, date], tuple[str, ...]]

BANNED_ASK = "do you know anyone who wants to buy or sell"
_PLACEHOLDER = re.compile(r"\[[A-Za-z][^\]\n]*\]|\{\{|\}\}|\{%")
ASK = re.compile(
    r"thinking (?:about|of) buying or selling|word-of-mouth|referral"
    r"|refer (?:me|us|them|anyone|someone)",
    re.I,
)
"""The wordings of a referral ask: the procedure's own and the usual ones."""
_TODAY = re.compile(r"\btoday\b", re.I)
_PROMOTION = re.compile(
    r"\bjust (?:listed|sold)\b|\bnew listing\b|\bopen house\b"
    r"|\bprice (?:cut|reduced|drop)|\b(?:mortgage|interest) rates?\b"
    r"|\b\d+(?:\.\d+)?\s?% (?:apr|commission|off)\b|\bschedule a showing\b|\blimited time\b",
    re.I,
)
_ADVICE = re.compile(
    r"\byou (?:qualify|are eligible|are entitled|should (?:sell|buy|refinance|file|claim))\b"
    r"|\bgood time to (?:buy|sell|refinance)\b|\bI (?:advise|recommend) (?:you|that you)\b"
    r"|\blegal(?:ly)? (?:advice|entitled)\b",
    re.I,
)
_NEGOTIATION = re.compile(r"\bnegotiat\w*|\bcounter-?offer\w*|\bcommission\b", re.I)
_REAL_ESTATE = re.compile(
    r"\b(?:home|house|housing|property|real estate|realt(?:or|y)|clos(?:ed|ing)|market|mortgage"
    r"|listing|neighbou?rhood|moving|move-in|buy(?:ing|er)?|sell(?:ing|er)?|refer\w*|anniversary"
    r"|equity|invest\w*)\b",
    re.I,
)


def anniversary(text: str, occasion: date, send_on: date) -> tuple[str, ...]:
    """Check a closing or move-in anniversary (MS-14, 19, 31, 38, 39, X-07, X-54)."""
    return (*_every(text), *_asks(text), *_says_today(text, occasion, send_on))


def birthday(text: str, occasion: date, send_on: date) -> tuple[str, ...]:
    """Check a birthday message: warm, brief, and no word of real estate (MS-34, X-54)."""
    return (*_every(text), *_real_estate(text), *_says_today(text, occasion, send_on))


# All lints have the same parameters.
def homestead(text: str, occasion: date, send_on: date) -> tuple[str, ...]:  # noqa: ARG001
    """Check a homestead reminder: it calls no one eligible and refers the reader to the county.

    The clauses are MS-14, MS-30 and X-54.
    """
    return (*_every(text), *_names_no_office(text), *_no_ask(text))


# All lints have the same parameters.
def home_value(text: str, occasion: date, send_on: date) -> tuple[str, ...]:  # noqa: ARG001
    """Check a home-value update: no blank left, no advice, no ask (MS-10, MS-17, MS-36, X-54)."""
    return (*_every(text), *_no_ask(text))


def _every(text: str) -> Iterator[str]:
    if left := _PLACEHOLDER.search(text):
        yield f"MS-31: the placeholder {left[0]!r} is not filled in"
    if BANNED_ASK in " ".join(text.casefold().split()):
        yield 'MS-39: "Do you know anyone who wants to buy or sell?" is the ask the procedure bans'
    if found := _PROMOTION.search(text):
        yield f"MS-19: {found[0]!r} promotes a listing or a service"
    if found := _NEGOTIATION.search(text):
        yield f"MS-13: {found[0]!r} negotiates, or offers to, on the agent's behalf"
    if found := _ADVICE.search(text):
        yield f"MS-14: {found[0]!r} reads as pricing, legal or strategic advice"


def _real_estate(text: str) -> Iterator[str]:
    if found := _REAL_ESTATE.search(text):
        yield f"MS-34: {found[0]!r} is real estate; a birthday message has none"


def _names_no_office(text: str) -> Iterator[str]:
    if not re.search(r"\b(?:county|parish|appraisal district|assessor)\b", text, re.I):
        yield (
            "MS-14: it does not say whom to check with"
            " (the county, parish, assessor or appraisal district)"
        )


def _says_today(text: str, occasion: date, send_on: date) -> Iterator[str]:
    if send_on != occasion and _TODAY.search(text):
        yield f'X-07: it says "today" but would go out on {send_on:%m/%d}, not on {occasion:%m/%d}'


def _asks(text: str) -> Iterator[str]:
    lines = [line for line in text.splitlines() if line.strip()]
    body = [line for line in lines if not line.startswith(("Subject:", "Hi "))]
    asking = [number for number, line in enumerate(body) if ASK.search(line)]
    if asking[:1] == [0] or re.search(r"^Subject:.*(?:" + ASK.pattern + ")", text, re.I | re.M):
        yield "MS-38: the referral ask comes before any warm line, or stands alone"
    if len(asking) > 1:
        yield "X-54: it asks for a referral twice; one ask per message"


def _no_ask(text: str) -> Iterator[str]:
    if found := ASK.search(text):
        yield (
            f"MS-38: {found[0]!r} asks for a referral; that belongs into an anniversary touch only"
        )
