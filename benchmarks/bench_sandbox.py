"""What the sandbox costs at 100,000 people: memory of a process that only serves, and CPU of a page
of 100, against a bare page.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import requests

PEOPLE = 100_000
PAGES = 200
READY = "until Ctrl-C"
KINDS = {"a page": {}, "with all fields": {"fields": "allFields"}}


def cpu(process: int) -> float:
    """CPU seconds that *process* has used."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(process: int) -> tuple[float, float]:
    """MiB that *process* holds now, and the most it ever held."""
    lines = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    )
    return tuple(int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]


def walk(session: requests.Session, url: str, params: dict[str, str], pages: int) -> None:
    """Read pages one after another by their cursor."""
    query = dict(params)
    for _ in range(pages):
        answer = session.get(url, params=query, timeout=30)
        answer.raise_for_status()
        token = answer.json().get("_metadata", {}).get("next")
        query = {**params, "next": token} if token else dict(params)


def main() -> None:
    """Print both figures beside what the contract allows."""
    with tempfile.TemporaryFile("w+") as said:
        command = [
            sys.executable,
            "-c",
            "from daemon.cli import main; main()",
            "sandbox",
            "--people",
            str(PEOPLE),
            "--port",
            "0",
            "--rate-limit",
            "off",
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True)
        try:
            assert process.stdout
            line = next(line for line in process.stdout if READY in line)
            url = next(word for word in line.split() if word.startswith("http"))
            session = requests.Session()
            session.auth, session.trust_env = ("fka_owner", ""), False
            walk(session, f"{url}/v1/identity", {}, 20)
            before = cpu(process.pid)
            walk(session, f"{url}/v1/identity", {}, PAGES)
            bare = (cpu(process.pid) - before) / PAGES
            for kind, params in KINDS.items():
                before = cpu(process.pid)
                walk(session, f"{url}/v1/people", {"limit": "100", **params}, PAGES)
                spent = (cpu(process.pid) - before) / PAGES
                print(
                    f"sandbox: {kind} of 100 in {spent * 1000:.2f} ms CPU (allowed 5),"
                    f" {spent / bare:.1f} x an answer that lists nothing ({bare * 1000:.2f} ms)"
                )
            now, most = resident(process.pid)
            print(
                f"sandbox: {PEOPLE:,} people in {now:.0f} MiB resident, {most:.0f} at most (allowed"
                " 500)"
            )
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
