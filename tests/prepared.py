"""A world that was set up once is copied, not set up again: the CRM, the Sheet, the ledger and the log of requests.

Most stories begin with the same sixty requests and two passes. The first story in a process lives them; a later one that
begins with an equal world, equal settings and an equal clock gets a copy of what came of it. A story that is not plain
(over the wire, a fault or a rate limit waiting, a ledger with a past) always lives its own beginning.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import FunctionType, MappingProxyType
from typing import Any, Final

from pydantic import SecretStr

from connectors.clock import SystemClock
from connectors.notify import Apprise
from connectors.sandbox.server import Logged
from daemon.account.wiring import Account
from tests import in_process
from tests.conftest import SteppingClock
from tests.in_process import InProcess

_FUNCTIONS: Final[dict[int, Any]] = {}
"""The functions that tables are filed by: code of a module, the same in every world."""
_PREPARED: Final[dict[bytes, Prepared]] = {}


@dataclass(frozen=True)
class Prepared:
    """The result of a beginning."""

    world: bytes
    requests: tuple[Logged, ...]
    ledger: sqlite3.Connection
    files: tuple[str, ...]
    """The locks beside the ledger, which are empty."""
    waited: tuple[float, ...]


def once(account: Account, name: str, live: Callable[[], None]) -> None:
    """Do what *live* does to the world of *account*; *name* says what that is, arguments and all."""
    box = in_process.at(account.settings.sheet.base_url)
    if box is None or not _plain(account, box):
        live()
        return
    key = _key(account, box, name)
    if (known := _PREPARED.get(key)) is None:
        begins, slept = len(box.log), len(_slept(account))
        live()
        ledger = sqlite3.connect(":memory:", check_same_thread=False)
        account.ledger._db.backup(ledger)
        _PREPARED[key] = Prepared(_world(box), tuple(box.log)[begins:], ledger, _locks(account), tuple(_slept(account)[slept:]))
        return
    _put_back(account, box, known)


def _put_back(account: Account, box: InProcess, known: Prepared) -> None:
    tables, books = _Reader(io.BytesIO(known.world)).load()
    vars(box.world.crm).update(tables)
    box.world.books.clear()
    box.world.books.update(books)
    for entry in known.requests:
        box.log.append(entry)
    known.ledger.backup(account.ledger._db)
    for name in known.files:
        (account.settings.state_dir / name).touch(0o600)
    for seconds in known.waited:
        account.clock.sleep(seconds)


def _plain(account: Account, box: InProcess) -> bool:
    return not any((box.faults.pending, box.watch, box.crm.limits.enforced, box.sheets.enforced, account.ledger.last_passes(1), account.ledger.journal(),
                    type(account.clock) not in {SystemClock, SteppingClock}, type(account.notifier) is not Apprise))


def _locks(account: Account) -> tuple[str, ...]:
    return tuple(path.name for path in account.settings.state_dir.glob("*.lock"))


def _slept(account: Account) -> list[float]:
    return account.clock.slept if isinstance(account.clock, SteppingClock) else []


# -- what a beginning depends on ----------------------------------------------------------------------------------------


def _key(account: Account, box: InProcess, name: str) -> bytes:
    settings = json.dumps(account.settings.model_dump(warnings=False), default=_said, sort_keys=True)
    for own in (box.url, str(account.settings.state_dir)):
        settings = settings.replace(own, "")
    clock = account.clock.now() if isinstance(account.clock, SteppingClock) else None
    parts = (name, settings, account.templates, account.homestead, clock, _moment(box.world.crm.now()), _moment(datetime.fromtimestamp(box.sheets.now(), UTC)))
    return hashlib.sha256(repr(parts).encode() + _world(box)).digest()


def _moment(at: datetime) -> datetime:
    """A clock that a test has set, exactly; one that runs, to the hour."""
    runs = abs(at - datetime.now(UTC)) < timedelta(minutes=1)
    return at.replace(minute=0, second=0, microsecond=0) if runs else at


def _said(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


class _Writer(pickle.Pickler):
    """Functions stay where they are; a mapping that cannot be changed is its items."""

    def persistent_id(self, obj: Any) -> int | None:
        if not isinstance(obj, FunctionType):
            return None
        _FUNCTIONS[id(obj)] = obj
        return id(obj)

    def reducer_override(self, obj: Any) -> Any:
        return (_unchangeable, (dict(obj),)) if isinstance(obj, MappingProxyType) else NotImplemented


def _unchangeable(items: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(items)


class _Reader(pickle.Unpickler):
    def persistent_load(self, pid: Any) -> Any:
        return _FUNCTIONS[pid]


def _world(box: InProcess) -> bytes:
    into = io.BytesIO()
    _Writer(into).dump(({name: value for name, value in vars(box.world.crm).items() if name != "now"}, dict(box.world.books)))
    return into.getvalue()
