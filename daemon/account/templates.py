"""Load the wordings (the agent's before the procedures', MS-32) and the homestead rules (MS-28)."""

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
"""Wordings that reach referral sources: only the fields of `privacy` may be in them (RF-18)."""
KNOWN = TO_CLIENTS | TO_SOURCES


def homestead() -> Mapping[str, StateRule]:
    """The states' rules, by two-letter code."""
    return parse((resources.files("policies") / "homestead.toml").read_text(encoding="utf-8"))


def load(directory: str) -> Mapping[str, str]:
    """Template name to text; a file in *directory* replaces the wording of the same name.

    Raises:
        ConfigurationError: for a directory or file that cannot be used; every problem is listed.
    """
    own = resources.files("policies") / "templates"
    found = {
        item.name.removesuffix(".txt"): item.read_text(encoding="utf-8")
        for item in own.iterdir()
        if item.name.endswith(".txt")
    }
    if not directory:
        return found
    problems = []
    if not Path(directory).is_dir():
        problems.append(f"milestones.templates_dir: there is no directory {directory}")
    for path in sorted(Path(directory).glob("*.txt")):
        try:
            found[path.stem] = _read(path)
        except (OSError, UnicodeDecodeError, Unusable) as problem:
            problems.append(f"milestones.templates_dir: {path.name}: {problem}")
        except KeyError:
            problems.append(
                f"milestones.templates_dir: {path.name} is no template Steward knows; "
                f"known are {', '.join(sorted(KNOWN))}"
            )
    if problems:
        raise ConfigurationError(problems)
    return found


def _read(path: Path) -> str:
    """A template of the agent's. Raises KeyError for an unknown name, Unusable for a bad text."""
    if path.stem not in KNOWN:
        raise KeyError(path.stem)
    text = path.read_text(encoding="utf-8")
    check_template(text, privacy.FIELDS if path.stem in TO_SOURCES else MERGE_FIELDS)
    return text
