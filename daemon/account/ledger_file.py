"""The SQLite file of the ledger: opened, checked, migrated, with its failures as errors of ours.

It has full synchronisation, and only its owner can read it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from daemon.errors import ConfigurationError, NotNow

_STEPS = (
    """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE intents (mark TEXT, entity TEXT, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, sent_at REAL NOT NULL DEFAULT 0,
    remote_id INTEGER NOT NULL DEFAULT 0, made_at REAL NOT NULL DEFAULT 0,
    person_id INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (mark, entity)) STRICT;
CREATE TABLE journal (id INTEGER PRIMARY KEY, pass TEXT NOT NULL, at TEXT NOT NULL,
    mark TEXT NOT NULL, verb TEXT NOT NULL,
    entity TEXT NOT NULL, person_id INTEGER, clause TEXT NOT NULL, outcome TEXT NOT NULL) STRICT;
CREATE TABLE passes (id TEXT PRIMARY KEY, started TEXT NOT NULL, ended TEXT,
    outcome TEXT, counts TEXT NOT NULL DEFAULT '{}') STRICT;
CREATE TABLE plans (digest TEXT PRIMARY KEY, made TEXT NOT NULL,
    policies TEXT NOT NULL, actions TEXT NOT NULL) STRICT;
""",
    """
ALTER TABLE passes ADD COLUMN healthy INTEGER NOT NULL DEFAULT 0;
UPDATE passes SET healthy = 1 WHERE outcome IN ('fine', 'changes');
CREATE TABLE notices (key TEXT, channel TEXT, at TEXT NOT NULL, PRIMARY KEY (key, channel)) STRICT;
""",
    """
CREATE TABLE noted (person_id INTEGER PRIMARY KEY, at TEXT NOT NULL) STRICT;
""",
    """
CREATE TABLE signs (person_id INTEGER, sign TEXT, day TEXT NOT NULL,
    PRIMARY KEY (person_id, sign)) STRICT;
""",
)
"""The statements from each schema to the next; a released step is never changed."""
SCHEMA = len(_STEPS)


class LedgerFile:
    """The ledger's file in *directory*.

    Raises:
        ConfigurationError: the directory cannot be used, or a newer Steward wrote the file.
    """

    def __init__(self, directory: Path) -> None:
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = directory / "ledger.sqlite3"
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            path.chmod(0o600)
        except OSError as problem:
            raise ConfigurationError(
                [f"state_dir: {directory} cannot be used: {problem.strerror}"]
            ) from problem
        self._path = path
        with self._explained():
            self._db = sqlite3.connect(path, isolation_level=None, timeout=10)
        self.run("PRAGMA journal_mode = WAL")
        self.run("PRAGMA synchronous = FULL")
        if self.run("PRAGMA quick_check").fetchone()[0] != "ok":
            raise self._damaged("quick_check")
        self._migrate()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise NotNow for a busy file, ConfigurationError for a full disk or a damaged file."""
        try:
            yield
        except sqlite3.OperationalError as problem:
            if "locked" in str(problem) or "busy" in str(problem):
                raise NotNow(
                    f"state_dir: another program holds {self._path}; try again when it is done"
                ) from problem
            if "full" in str(problem) or "readonly" in str(problem) or "disk I/O" in str(problem):
                raise ConfigurationError(
                    [f"state_dir: {self._path} cannot be written: {problem}"]
                ) from problem
            raise self._damaged(str(problem)) from problem
        except sqlite3.DatabaseError as problem:
            raise self._damaged(str(problem)) from problem

    def _damaged(self, how: str) -> ConfigurationError:
        return ConfigurationError(
            [
                f"state_dir: {self._path} is damaged ({how}); move it away: "
                "Steward reads its marks back from the CRM"
            ]
        )

    def run(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement. Raises NotNow or ConfigurationError."""
        with self._explained():
            return self._db.execute(statement, values)

    def _migrate(self) -> None:
        if self._schema() < SCHEMA:
            # All steps or none. Another program may have taken them while this one waited.
            with self.transaction():
                for statement in ";".join(_STEPS[self._schema() :]).split(";"):
                    self.run(statement)
                self.run(f"PRAGMA user_version = {SCHEMA}")

    def _schema(self) -> int:
        version = int(self.run("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA:
            raise ConfigurationError(
                [
                    "state_dir: the ledger was written by a newer Steward "
                    f"(schema {version}, this one knows {SCHEMA}); install that version again"
                ]
            )
        return version

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all statements of the block together, or none of them."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK")
            raise
        self.run("COMMIT")
