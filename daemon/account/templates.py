"""Loads what the policies are given as values: the procedures' wordings, above them those in the
agent's directory (MS-32), and the table of the states' homestead rules (MS-28).
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from daemon.errors import ConfigurationError
from policies.asks import privacy
from policies.asks.drafts import MERGE_FIELDS, Unusable, check_template
from policies.world.homestead_states import StateRule, parse

TO_CLIENTS = frozenset(
    {
        "anniversary_year_1",
        "anniversary_year_2_plus",
        "anniversary_seller",
        "move_in_anniversary",
        "birthday",
        "homestead",
        "home_value",
        "referral_ask",
    }
)
TO_SOURCES = frozenset(
    {
        "thank_you",
        "thank_you_client",
        "thank_you_sphere",
        "thank_you_agent",
        "thank_you_professional",
        "referral_card",
        "recognition_note",
        "recognition_note_neutral",
    }
)
"""Wordings that reach referral sources: they are made of the fields of `policies.privacy` and of no
others (RF-18).
"""
KNOWN = TO_CLIENTS | TO_SOURCES


def homestead() -> Mapping[str, StateRule]:
    """The states' rules, by two-letter code."""
    return parse((resources.files("policies") / "homestead.toml").read_text(encoding="utf-8"))


def load(directory: str) -> Mapping[str, str]:
    """Template name -> text; a file in *directory* replaces the procedure's wording of the same
    name.

    Raises:
        ConfigurationError: for a directory or file that cannot be used; every problem is listed.
    """
    own = resources.files("policies") / "templates"
    found = {
        item.name.removesuffix(".txt"): item.read_text(encoding="utf-8")
        for item in own.iterdir()
        if item.name.endswith(".txt")
    }
    problems = []
    if directory and not Path(directory).is_dir():
        problems.append(f"milestones.templates_dir: there is no directory {directory}")
    for path in sorted(Path(directory).glob("*.txt")) if directory else ():
        if path.stem not in KNOWN:
            problems.append(
                f"milestones.templates_dir: {path.name} is no template Steward knows; known are"
                f" {', '.join(sorted(KNOWN))}"
            )
            continue
        try:
            found[path.stem] = path.read_text(encoding="utf-8")
            check_template(
                found[path.stem], privacy.FIELDS if path.stem in TO_SOURCES else MERGE_FIELDS
            )
        except (OSError, UnicodeDecodeError, Unusable) as problem:
            problems.append(f"milestones.templates_dir: {path.name}: {problem}")
    if problems:
        raise ConfigurationError(problems)
    return found
