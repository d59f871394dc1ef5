"""The wording of a home's touches, and the questions to settle with the agent before there is one.

The procedure gives some of the words; the others only the agent can give.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from policies.asks.lint import ASK
from policies.milestones.homes import Home
from policies.milestones.touch import Wording
from policies.world.model import Side
from policies.world.practice import Practice


def closing(practice: Practice, home: Home, years: int, medium: str) -> Wording:
    """The words of a closing anniversary (MS-31, MS-33, X-05, X-09, X-54)."""
    options = practice.milestones
    if home.deal.side is Side.SELLER:
        return agreed(
            practice,
            home,
            "anniversary_seller",
            "X-05: no neutral text for sellers is agreed",
            years=years,
        )
    first = years == 1
    name = "anniversary_year_1" if first else "anniversary_year_2_plus"
    text, unasked = _with_ask(practice, practice.templates.get(name, ""), first=first)
    if first:  # its text brings its own subject
        return _worded(practice, home, years, name, text, "", unasked)
    subject, missing = _subject(
        medium, options.year_2_subject, "year 2 and later", "year_2_subject"
    )
    return _worded(practice, home, years, name, text, subject, (*missing, *unasked))


def move_in(practice: Practice, home: Home, years: int, medium: str) -> Wording:
    """The words of a move-in anniversary, which the procedure does not give (X-09)."""
    options = practice.milestones
    subject, missing = _subject(
        medium, options.move_in_subject, "move-in anniversaries", "move_in_subject"
    )
    words = agreed(
        practice,
        home,
        "move_in_anniversary",
        "X-09: no wording for move-in anniversaries is agreed",
        years=years,
    )
    return replace(words, subject=subject, unworded=(*words.unworded, *missing))


def agreed(practice: Practice, home: Home, name: str, question: str, *, years: int = 0) -> Wording:
    """Return a wording that only the agent can give, with *question* if there is no template."""
    unworded: tuple[str, ...] = ()
    if name not in practice.templates:
        unworded = (f"{question} (put {name}.txt into milestones.templates_dir)",)
    return _worded(practice, home, years, name, practice.templates.get(name, ""), "", unworded)


def _worded(
    practice: Practice,
    home: Home,
    years: int,
    name: str,
    text: str,
    subject: str,
    unworded: tuple[str, ...],
) -> Wording:
    return Wording(
        template=name,
        text=text,
        subject=subject,
        questions=(*home.questions, *_unknown(home)),
        unworded=unworded,
        merge=merge(practice, home, years),
    )


def merge(practice: Practice, home: Home, years: int) -> dict[str, str]:
    """Return the merge fields of a home's touch."""
    return {
        "client_first_name": home.contact.first_name,
        "address": home.address,
        "agent_name": practice.agent_name,
        "years": str(years),
        "city": practice.city,
        "year": str(home.closing.year),
        "phone": practice.agent_phone,
    }


def _unknown(home: Home) -> Iterator[str]:
    if not home.contact.first_name.strip():
        yield "MS-31: the contact has no first name"
    if home.deal.side is Side.BUYER and not home.address:
        yield "MS-31: the address of the home is not known (fill Property Address)"


def _subject(medium: str, subject: str, what: str, key: str) -> tuple[str, tuple[str, ...]]:
    """Return the subject line, or the question if an e-mail has none; a card needs none."""
    if medium == "card":
        return "", ()
    if subject:
        return subject, ()
    return "", (f"X-09: the procedure gives no subject for {what} (set milestones.{key})",)


def _with_ask(practice: Practice, text: str, *, first: bool) -> tuple[str, tuple[str, ...]]:
    """Return *text* with the referral ask of section 6 if the agent chose it, and the questions.

    In the first year it replaces the line that asks already. In later years it goes above the
    sign-off of a text that does not ask. There is never a second ask (MS-12, X-54).
    """
    options, lines = practice.milestones, text.splitlines()
    asking = [number for number, line in enumerate(lines) if ASK.search(line)]
    if first:
        wanted = options.referral_ask == "city" and bool(asking)
    else:
        wanted = options.referral_ask_later and not asking
    if not wanted or not lines:
        return text, ()
    if not practice.city:
        return text, ("MS-38: the referral ask names the city: set agent.city",)
    ask = practice.templates.get("referral_ask", "").strip()
    if first:
        lines[asking[0]] = ask
    else:
        lines.insert(len(lines) - 1, ask)
    return "\n".join(lines) + "\n", ()
