"""Restore a recorded season: the CRM, Sheet, ledger and configuration of an earlier version.

This is the only module of these tests that imports product modules and reads the recording, so a
rename of the product needs an edit here and nowhere else. The recording is data: it is never
changed to suit a newer version.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from connectors.sandbox.brokerage import SPREADSHEET, World
from connectors.sandbox.followupboss.account import Account as CrmAccount
from connectors.sandbox.server import Sandbox
from connectors.sandbox.sheets.grid.book import Book, Sheet
from daemon.account import wiring
from daemon.account.config_file import load
from daemon.account.wiring import Account
from daemon.passes import session
from tests.conftest import SteppingClock

RECORDED = Path(__file__).parent / "recorded"
NO_CHANGES: Mapping[str, str] = MappingProxyType({})
URL, STATE_DIR = "@URL@", "@STATE_DIR@"
"""Placeholders in the recorded configuration: the sandbox's address, the ledger's directory."""
KEY = "fka_steward"
SUPPRESSION_KEY = "a long text that was made up for this test"
ENVIRONMENT = {"STEWARD_CRM__API_KEY": KEY, "STEWARD_SUPPRESSION_KEY": SUPPRESSION_KEY}
"""What the recorded installation has in its environment."""


@dataclass(frozen=True)
class Season:
    """The restored installation: its services, its account and its clock."""

    box: Sandbox
    account: Account
    clock: SteppingClock

    def run_pass(self, moment: datetime) -> str:
        """Run one pass at *moment*, as the daemon would; return why it was held back, or ""."""
        self.clock.instant = moment
        return session.apply(self.account, moment, patient=False).held

    def close(self) -> None:
        """Close the ledger."""
        self.account.ledger.close()


def served() -> Sandbox:
    """Build the recorded CRM and Sheet, ready to be served."""
    return Sandbox(_world(), rate_limit=False)


def _world() -> World:
    return World(_crm(_json("crm.json")), {SPREADSHEET: _book(_json("sheet.json"))})


def restore(
    box: Sandbox, folder: Path, *, with_ledger: bool = True, changes: Mapping[str, str] = NO_CHANGES
) -> Season:
    """Restore ledger and configuration into *folder*; *box* is what `served` built.

    Without *with_ledger* the state directory is empty, as after a move to another machine. With
    *changes* people change the configuration at the upgrade, text by text.
    """
    state = folder / "state"
    state.mkdir(mode=0o700)
    if with_ledger:
        ledger = sqlite3.connect(state / "ledger.sqlite3")
        ledger.executescript((RECORDED / "ledger.sql").read_text(encoding="utf-8"))
        ledger.close()
    path = folder / "config.toml"
    text = configuration(box.url, state)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    clock = SteppingClock(stopped())
    box.world.crm.now = clock.now
    return Season(box, wiring.build(load(path), clock), clock)


def configuration(url: str, state: Path) -> str:
    """Fill the placeholders of the recorded configuration."""
    text = (RECORDED / "config.toml").read_text(encoding="utf-8")
    return text.replace(URL, url).replace(STATE_DIR, str(state))


def read_configuration(path: Path) -> Any:
    """Read and validate a configuration file as Steward does."""
    return load(path)


def stopped() -> datetime:
    """Return the moment at which the recorded version was stopped."""
    return datetime.fromisoformat(facts()["stopped"])


def facts() -> Mapping[str, Any]:
    """Return the recording's own facts: version, commit, moment, ids by part, late decisions."""
    return _json("facts.json")


def _json(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDED / name).read_text(encoding="utf-8"))
    return found


def _crm(recorded: dict[str, Any]) -> CrmAccount:
    crm = CrmAccount(
        account_id=recorded["id"], domain=recorded["domain"], switches=recorded["switches"]
    )
    crm.keys = recorded["keys"]
    crm._sources = recorded["sources"]
    for path, records in recorded["tables"].items():
        for record in records:
            crm.put(path, record)
    crm._next |= recorded["next"]
    return crm


def _book(recorded: dict[str, Any]) -> Book:
    """Unpack the workbook: a cell is (number of its look, value), equal rows stand once."""
    looks, sheets = recorded.pop("looks"), []

    def cell(look: int, value: dict[str, Any] | str) -> dict[str, Any]:
        entered = {"stringValue": value} if isinstance(value, str) else value
        return {**({"userEnteredValue": entered} if entered else {}), **looks[look]}

    for tab in recorded["sheets"]:
        lines = []
        for times, row in tab.pop("lines"):
            line = {int(column): cell(*packed) for column, packed in row.items()}
            lines += [dict(line) for _ in range(times)]
        for name in ("row_sizes", "column_sizes"):
            tab[name] = {int(number): size for number, size in tab[name].items()}
        sheets.append(Sheet(**tab, lines=lines))
    people = {name: set(recorded[name]) for name in ("editors", "viewers")}
    return Book(**{**recorded, **people, "sheets": sheets})
