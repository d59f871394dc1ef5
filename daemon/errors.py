"""Exit codes, and the errors that end a command with one of them (interfaces, "Exit codes").

The errors of a service are in `connectors.errors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class Exit(IntEnum):
    """The exit statuses of a command."""

    FINE = 0
    UNEXPECTED = 1
    CHANGES = 2
    REFUSED = 3
    USAGE = 64
    NOT_NOW = 75
    NOT_AUTHORISED = 77
    CONFIGURATION = 78


class StewardError(Exception):
    """Ends a command with `exit`. The message names the thing at fault and how to correct it."""

    exit = Exit.UNEXPECTED


class ConfigurationError(StewardError):
    """The configuration is wrong, or the account or the Sheet lacks something that it names."""

    exit = Exit.CONFIGURATION

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class NotNow(StewardError):
    """Another pass is running, or a decision is awaited."""

    exit = Exit.NOT_NOW


class Usage(StewardError):
    """The command line has an argument that the command does not understand."""

    exit = Exit.USAGE
