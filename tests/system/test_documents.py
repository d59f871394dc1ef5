"""What the documents tell people to type exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from daemon.cli import app

ROOT = Path(__file__).parents[2]
COMMAND = re.compile(r"(?:^|[`| ])(?:steward-as-unit(?: --unit \S+)?|steward) ([a-z]+)((?: --[a-z-]+)*)", re.MULTILINE)
WORDS = {"puts", "never", "reads", "needs", "has", "says", "and", "is", "it"}


def typed(text: str) -> set[tuple[str, str]]:
    """(command, option) of every command line in code, with "" for a command without options."""
    code = "\n".join(re.findall(r"`[^`\n]+`|^    .+$", text, re.MULTILINE))
    return {(command, option) for command, options in COMMAND.findall(code) if command not in WORDS for option in options.split() or [""]}


@pytest.mark.parametrize("name", ["README.md", "docs/operating.md"])
def test_every_command_in_the_documents_exists_with_its_options(name: str) -> None:
    group = typer.main.get_command(app)
    commands = group.commands  # type: ignore[attr-defined]  # an app of several commands is a group
    found = typed((ROOT / name).read_text(encoding="utf-8"))

    assert {"check", "setup", "plan"} <= {command for command, _ in found}
    for command, option in found:
        assert command in commands, command
        assert not option or option in {o for p in commands[command].params for o in p.opts}, (command, option)


def test_the_files_that_the_walk_through_installs_are_there() -> None:
    text = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    for path in re.findall(r"install -m \d+ ((?:systemd/)?[a-z-]+(?:\.[a-z.]+)?) /", text):
        assert path == "service-account.json" or (ROOT / path).is_file(), path
