"""The page `docs/who-gets-what.md`: the table of contact permission and the safety words, as people
read them (X-64, X-66).
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.contact_ways import Way
from policies.facts.permission_table import TABLE, Sign
from policies.facts.signs import safety_words
from policies.values import phrases

HOW = (
    "print it anew: python -c 'from policies.facts.permission_guide import page;"
    ' print(page(), end="")\' > docs/who-gets-what.md'
)
_HEADINGS = {
    Way.EMAIL: "Email",
    Way.CARD: "Card",
    Way.TEXT: "Text",
    Way.TOUCH: "Personal touch",
    Way.THANKS: "Thank-you to a source",
    Way.LIST: "Campaign list",
    Way.REACTIVATION: "Reactivation",
    Way.PROMPT: "Prompt to respond",
    Way.NEW_RECORD: "New record",
    Way.RECORD: "Tag, note, field",
}


def page() -> str:
    """Return the page, ready to be written."""
    return "\n".join([*_opening(), *_ways(), *_ends(), *_words()]) + "\n"


def _opening() -> Iterator[str]:
    yield "# Who gets what, and why not"
    yield ""
    yield "Steward asks one table before it drafts, thanks, lists, prompts or writes. This page is"
    yield "printed from that table (`policies/facts/permission_table.py`); do not edit it by hand."
    yield ""
    yield "- **yes**: nothing speaks against it."
    yield "- **yes, with the sign**: the agent is told, and the text names the sign."
    yield "- **not on that address or number**: another one of theirs may be used."
    yield "- **hold**: nothing goes out until the act or the answer in the second table."
    yield "- **never**: nothing goes out, and what is open is withdrawn."
    yield "- **not ours**: another agent's contact. Steward leaves the record alone."
    yield ""
    yield "The agent is asked only when a draft, a thank-you, a reactivation or a sign-in waits for"
    yield "the answer. Until then, and until she answers, nothing goes out."
    yield ""


def _ways() -> Iterator[str]:
    yield "## What goes out"
    yield ""
    yield from _table(("Person", *_HEADINGS.values()), map(_cells, TABLE))


def _cells(sign: Sign) -> tuple[str, ...]:
    return (sign.title, *(sign.cells[way].value for way in _HEADINGS))


def _ends() -> Iterator[str]:
    yield "## What ends it"
    yield ""
    header = ("Person", "Clause", "Ends when", "Asked in", "Remembered", "Open tasks")
    yield from _table(header, map(_end, TABLE))


def _end(sign: Sign) -> tuple[str, ...]:
    return (
        sign.title,
        sign.clause,
        sign.ends_by,
        sign.asked_in or "–",
        sign.remembered or "–",
        "withdrawn" if sign.positive else "stay",
    )


def _table(header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield _line(header)
    yield _line(("---",) * len(header))
    yield from map(_line, rows)
    yield ""


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _words() -> Iterator[str]:
    yield "## Words near a safety word"
    yield ""
    yield "A tag that holds one of these as whole words, and is not one of the configured tags,"
    yield "holds new drafts and is asked about once:"
    yield ""
    yield f"- opt-out: {', '.join(safety_words.OPT_OUT)}; also in a name, in brackets, behind a"
    yield "  dash, or (DNC, do not contact, call, text or email) at its end"
    yield f"- death: {', '.join(safety_words.DEATH)}; also in a name, and at the start of a note or"
    yield "  of the background"
    yield ""
    yield "Beside one of these words it means something else:"
    yield f"{', '.join(sorted(safety_words.NEIGHBORS))}."
    yield "The same holds behind a negation:"
    yield f"{', '.join(sorted(phrases.NEGATIONS))}."
