"""Write a new file as a whole or not at all, readable by its owner only, never over another."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from daemon.errors import NotNow, Usage

THERE = "is there already; choose another name, Steward overwrites nothing"


def check(path: Path) -> None:
    """Check that *path* may become a new file.

    Raises:
        Usage: it exists already, or its folder does not.
    """
    try:
        there, folder = path.is_symlink() or path.exists(), path.parent.is_dir()
    except OSError as problem:  # a name that is too long
        raise Usage(f"--out {str(path)[:80]!r}: is no file name") from problem
    if there:
        raise Usage(f"--out {path}: {THERE}")
    if not folder:
        raise Usage(f"--out {path}: there is no folder {path.parent}")


class NewFile:
    """A new file at *path*, as a context: without `keep` it is removed at the end.

    Raises:
        Usage: another program made it meanwhile, or the folder cannot be written to.
        NotNow: the disk cannot take it.
    """

    def __init__(self, path: Path, content: str) -> None:
        check(path)
        self._path = path
        self._content = content
        self._part: Path | None = None
        self._claimed = False

    def __enter__(self) -> Self:
        try:
            self._write()
        except FileExistsError as problem:
            self._leave()
            raise Usage(f"--out {self._path}: {THERE}") from problem
        except PermissionError as problem:
            self._leave()
            raise Usage(
                f"--out {self._path}: cannot be written there ({problem.strerror})"
            ) from problem
        except OSError as problem:
            self._leave()
            raise NotNow(
                f"--out {self._path}: cannot be written ({problem.strerror}); nothing is left of it"
            ) from problem
        return self

    def _write(self) -> None:
        handle, name = tempfile.mkstemp(
            prefix=f".{self._path.name[:100]}.", suffix=".part", dir=self._path.parent
        )
        self._part = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(self._content)
            file.flush()
            os.fsync(file.fileno())
        # Claim the name now, so that no other file is there when this one is moved to it.
        os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        self._claimed = True

    def keep(self) -> None:
        """Move the whole file to its place."""
        assert self._part is not None
        self._part.replace(self._path)
        self._part, self._claimed = None, False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        for path in (self._part, self._path if self._claimed else None):
            if path is not None:
                with suppress(FileNotFoundError):
                    path.unlink()
        self._part, self._claimed = None, False
