"""A daemon under a clock that somebody else moves: it reads one JSON line for each turn, and
answers with what it holds.

It runs in a process of its own, in the unit's environment, so that what is measured is Steward's
and not the sandbox's.
"""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from daemon import logs
from daemon.account import wiring
from daemon.account.config_file import load
from daemon.service.loop import Daemon


class Moved:
    """Time as it was last told; a wait passes at once."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        return self.instant

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return self.instant.timestamp()

    def sleep(self, seconds: float) -> None:
        """Move on by *seconds*."""
        self.instant += timedelta(seconds=seconds)


class Worker:
    """The other end: starts the process, and makes it take turns."""

    def __init__(self, config: Path, log: Path) -> None:
        unit = (Path(__file__).parents[1] / "systemd" / "steward.service").read_text(
            encoding="utf-8"
        )
        environment = dict(
            word.split("=", 1)
            for line in re.findall(r"^Environment=(.*)$", unit, re.MULTILINE)
            for word in line.split()
        )
        with log.open("wb") as sink:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.worker", str(config)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                text=True,
                env={**os.environ, **environment},
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout

    def turn(self, at: datetime, *, restart: bool = False) -> Mapping[str, Any]:
        """One pass at this instant, after building everything anew if *restart*; what the process
        holds then.
        """
        self._in.write(json.dumps({"at": at.isoformat(), "restart": restart}) + "\n")
        self._in.flush()
        answer: Mapping[str, Any] = json.loads(self._out.readline())
        return answer

    def close(self) -> None:
        """End the process and wait for it."""
        self._in.close()
        self._process.wait(60)
        self._out.close()


def held() -> dict[str, float]:
    """Resident memory in MiB, and open file descriptors."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return {
        "rss": pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
        "fds": len(list(Path("/proc/self/fd").iterdir())),
    }


def main() -> None:
    """Take turns until the other end closes."""
    logs.configure(terminal=False)
    clock, config = Moved(), Path(sys.argv[1])
    account: wiring.Account | None = None
    daemon: Daemon | None = None
    for line in sys.stdin:
        told = json.loads(line)
        clock.instant = datetime.fromisoformat(told["at"])
        if account and told["restart"]:
            account.ledger.close()
            account = daemon = None
            gc.collect()  # a real restart leaves nothing behind
        account = account or wiring.build(load(config), clock)
        daemon = daemon or Daemon(account)
        daemon.turn()
        daemon.tick()
        sys.stdout.write(json.dumps(held()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
