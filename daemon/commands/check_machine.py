"""The checks of the machine: state directory, configuration file, credentials, clock.

They write nothing. Within the unit (`steward-as-unit check`) they see what the daemon sees; at a
plain prompt, what that user sees.
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
from daemon.commands.check_line import Line

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
"""The beginnings of the types of network file systems, where locks and SQLite's log may fail."""
MOUNTS = Path("/proc/self/mountinfo")


def look(settings: Settings, config: Path, mounts: Path = MOUNTS) -> Iterator[Line]:
    """One line for each check; a problem says how to correct it.

    *config* is the configuration file, *mounts* is the kernel's list of mounts.
    """
    yield _state(settings.state_dir)
    yield from _mount(settings.state_dir, mounts)
    yield from _configuration(config)
    yield from _credentials()
    yield from _clock()


@contextmanager
def untouched(settings: Settings) -> Iterator[Settings]:
    """*settings*, with a temporary state directory if theirs does not exist yet.

    The user of a check may not be the one who must own the state directory.
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
        what = "cannot be read and written"
        if there != directory:
            what = f"cannot be made: {there} is not this user's to write in"
        return Line(
            "problem",
            f"state_dir: {directory} {what}; run this as the unit does (`steward-as-unit check`), "
            f"or make it for the user that runs Steward: install -d -m 0700 -o USER {directory}",
        )
    if there != directory:
        return Line("ok", f"state_dir: {directory} will be made at the first pass")
    if mode := stat.S_IMODE(directory.stat().st_mode) & 0o077:
        return Line(
            "problem",
            f"state_dir: others may look into {directory} (mode …{mode:02o}): "
            f"chmod 0700 {directory}",
        )
    return Line("ok", f"state_dir: {directory} is there, and nobody else's")


def _mount(directory: Path, mounts: Path) -> Iterator[Line]:
    """A problem if the directory is on another machine, by the mount that its path is under."""
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
            f"state_dir: {directory} is on another machine ({kind}), where no lock is sure: "
            "name a local directory",
        )


def _configuration(config: Path) -> Iterator[Line]:
    mode = config.stat().st_mode
    tables = tomllib.loads(config.read_text(encoding="utf-8"))
    if mode & stat.S_IWOTH:
        yield Line("problem", f"{config}: everybody may write into it: chmod o-w {config}")
    held = {}
    for (section, key), name in SECRETS.items():
        table = tables.get(section)
        if isinstance(table, dict) and table.get(key):
            held[f"{section}.{key}"] = name
    if held and mode & stat.S_IROTH:
        yield Line(
            "problem",
            f"{config}: everybody may read it, and it holds {', '.join(held)}: "
            f"put that into the credential {', '.join(held.values())}, "
            f"or, without a unit, chmod 0600 {config}",
        )
    elif not mode & stat.S_IWOTH:
        by_few = f"{config} is read, by few"
        yield Line("ok", by_few if held else f"{config} is read, and holds no secret")


def _credentials() -> Iterator[Line]:
    """The credentials that the unit loads; an unreadable one has ended the command before this."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return
    paths = {name: Path(folder) / name for name in SECRETS.values()}
    given = {name: path.stat().st_size > 1 for name, path in paths.items() if path.exists()}
    full = ", ".join(name for name, has_text in given.items() if has_text) or "none"
    empty = ", ".join(name for name, has_text in given.items() if not has_text) or "none"
    yield Line("ok", f"credentials of the unit: {full}; empty: {empty}")
    if lacking := [name for name in paths if name not in given]:
        yield Line(
            "note",
            f"the unit does not load the credential {', '.join(lacking)}: "
            "install the unit file of this version (systemd/), then `systemctl daemon-reload`",
        )


def _clock() -> Iterator[Line]:
    """Whether systemd synchronises the clock; nothing without systemd."""
    tool = shutil.which("timedatectl")
    if not tool:
        return
    try:
        answer = subprocess.run(  # noqa: S603  # fixed arguments
            [tool, "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    if answer.stdout.strip() == "yes":
        yield Line("ok", "the machine's clock is synchronised")
    elif answer.stdout.strip() == "no":
        yield Line(
            "note",
            "the machine's clock is not synchronised: `timedatectl set-ntp true` "
            "(or install systemd-timesyncd). Deadlines and polls go by it",
        )
