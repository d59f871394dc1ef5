"""What `steward check` looks at on the machine: state directory, configuration file, credentials,
clock. Writes nothing.

Within the unit (`steward-as-unit check`) it sees what the daemon sees; at a plain prompt, what that
user sees.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from daemon.account.config_file import SECRETS
from daemon.account.settings import Settings
from daemon.commands.check import Line

ELSEWHERE = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "afs",
    "ceph",
    "gluster",
    "lustre",
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.s3fs",
    "davfs",
)
"""How the types of file systems begin that are on another machine: locks and SQLite's log cannot be
relied on there.
"""
MOUNTS = Path("/proc/self/mountinfo")


def look(settings: Settings, config: Path, mounts: Path = MOUNTS) -> Iterator[Line]:
    """One line for each thing; a problem names what mends it. *config* is the file that was read,
    *mounts* is the kernel's list.
    """
    yield _state(settings.state_dir)
    yield from _mount(settings.state_dir, mounts)
    yield from _configuration(config)
    yield from _credentials()
    yield from _clock()


@contextmanager
def untouched(settings: Settings) -> Iterator[Settings]:
    """*settings*, with a state directory that goes again where theirs is yet to be made: by whom a
    check is run does not own it.
    """
    if settings.state_dir.exists():
        yield settings
        return
    with tempfile.TemporaryDirectory(prefix="steward-check-") as folder:
        yield settings.model_copy(update={"state_dir": Path(folder)})


def _state(directory: Path) -> Line:
    there = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    if not there.is_dir():
        return Line(
            "problem", f"state_dir: {there} is no directory: name another, or move that file away"
        )
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
        what = (
            "cannot be read and written"
            if there == directory
            else f"cannot be made: {there} is not this user's to write in"
        )
        return Line(
            "problem",
            f"state_dir: {directory} {what}; run this as the unit does (`steward-as-unit check`),"
            f" or make it for the user that runs Steward: install -d -m 0700 -o USER {directory}",
        )
    if there != directory:
        return Line("ok", f"state_dir: {directory} will be made at the first pass")
    if mode := stat.S_IMODE(directory.stat().st_mode) & 0o077:
        return Line(
            "problem",
            f"state_dir: others may look into {directory} (mode …{mode:02o}): chmod 0700"
            f" {directory}",
        )
    return Line("ok", f"state_dir: {directory} is there, and nobody else's")


def _mount(directory: Path, mounts: Path) -> Iterator[Line]:
    """Whether it is on another machine, by the mount that its path lies under; nothing where the
    kernel does not tell.
    """
    try:
        lines = mounts.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    path, kinds = directory.resolve(), {}
    for line in lines:
        before, _, after = line.partition(" - ")
        kinds[Path(before.split(" ")[4].replace("\\040", " "))] = after.split(" ")[0]
    kind = next((kinds[over] for over in (path, *path.parents) if over in kinds), "")
    if kind.startswith(ELSEWHERE):
        yield Line(
            "problem",
            f"state_dir: {directory} is on another machine ({kind}), where no lock is sure: name a"
            " local directory",
        )


def _configuration(config: Path) -> Iterator[Line]:
    mode = config.stat().st_mode
    tables = tomllib.loads(config.read_text(encoding="utf-8"))
    if mode & stat.S_IWOTH:
        yield Line("problem", f"{config}: everybody may write into it: chmod o-w {config}")
    held = {
        f"{section}.{key}": name
        for (section, key), name in SECRETS.items()
        if isinstance(table := tables.get(section), dict) and table.get(key)
    }
    if held and mode & stat.S_IROTH:
        yield Line(
            "problem",
            f"{config}: everybody may read it, and it holds {', '.join(held)}: put that into the"
            f" credential {', '.join(held.values())}, or, without a unit, chmod 0600 {config}",
        )
    elif not mode & stat.S_IWOTH:
        yield Line(
            "ok",
            f"{config} is read, and holds no secret" if not held else f"{config} is read, by few",
        )


def _credentials() -> Iterator[Line]:
    """Those that the unit gives. That one cannot be read ends the command before this."""
    if not (folder := os.environ.get("CREDENTIALS_DIRECTORY")):
        return
    given = {
        name: path.stat().st_size > 1
        for name in SECRETS.values()
        if (path := Path(folder) / name).exists()
    }
    yield Line(
        "ok",
        "credentials of the unit:"
        f" {', '.join(name for name, full in given.items() if full) or 'none'}; empty:"
        f" {', '.join(name for name, full in given.items() if not full) or 'none'}",
    )
    if lacking := [name for name in SECRETS.values() if name not in given]:
        yield Line(
            "note",
            f"the unit does not load the credential {', '.join(lacking)}: install the unit file of"
            " this version (systemd/), then `systemctl daemon-reload`",
        )


def _clock() -> Iterator[Line]:
    """What systemd says of the clock; nothing where there is no systemd to ask."""
    if not (tool := shutil.which("timedatectl")):
        return
    try:
        said = subprocess.run(  # noqa: S603  # no input of anybody's
            [tool, "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    if said.stdout.strip() == "yes":
        yield Line("ok", "the machine's clock is synchronised")
    elif said.stdout.strip() == "no":
        yield Line(
            "note",
            "the machine's clock is not synchronised: `timedatectl set-ntp true` (or install"
            " systemd-timesyncd). Deadlines and polls go by it",
        )
