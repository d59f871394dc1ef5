"""The terminal of a command: the chosen configuration, two consoles, one JSON document."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from daemon.account import config_file, wiring

AsOf = Annotated[
    str,
    typer.Option(
        "--as-of", help="Stand at this moment (agent's time zone); a date alone means the morning."
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, nothing else there.")
]
chosen: dict[str, Path | None] = {"config": None}


def out() -> Console:
    """Standard output, without colour unless it is a terminal."""
    return Console(highlight=False, soft_wrap=True)


def err() -> Console:
    """Standard error."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def account() -> wiring.Account:
    """The account of the chosen configuration."""
    return wiring.build(config_file.load(chosen["config"]))


def print_json(value: Any) -> None:
    """Write the one JSON document to standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
