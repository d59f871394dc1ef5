"""The command line, run in this process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from daemon import cli


class Shell:
    """Runs commands in this process, with one configuration, and keeps what they said."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.capsys = capsys
        self.out = self.err = ""

    def __call__(self, *arguments: str) -> int:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main(["--config", str(self.path), *arguments])
        self.out, self.err = self.capsys.readouterr()
        assert "Traceback" not in self.out + self.err
        return int(ended.value.code or 0)

    def json(self, *arguments: str) -> Any:
        self(*arguments, "--json")
        return json.loads(self.out)
