"""Exit codes, and the errors that end a command with one of them (interfaces, "Exit codes").

A service's own errors are in `connectors.errors`; here is what is wrong on this side.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit status means."""

    FINE = 0
    UNEXPECTED = 1
    CHANGES = 2
    REFUSED = 3
    USAGE = 64
    NOT_NOW = 75
    NOT_AUTHORISED = 77
    CONFIGURATION = 78


class StewardError(Exception):
    """Ends a command with `exit`. The message names the thing at fault and what mends it."""

    exit = Exit.UNEXPECTED


class ConfigurationError(StewardError):
    """The configuration, or what it names in the account or the Sheet, is not as it must be."""

    exit = Exit.CONFIGURATION

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class NotNow(StewardError):
    """Another pass is running, or a decision is awaited."""

    exit = Exit.NOT_NOW


class Usage(StewardError):
    """The command was asked for in a way it does not understand."""

    exit = Exit.USAGE
