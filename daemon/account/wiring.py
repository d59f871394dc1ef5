"""Build an account from its settings: connectors, ledger, locks.

Only this module knows the concrete classes.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from connectors.clock import Clock, SystemClock
from connectors.followupboss.client import FollowUpBoss
from connectors.googlesheets.client import GoogleSheet, credentials
from connectors.googlesheets.setup import SheetWorkbook
from connectors.notify import Apprise
from connectors.ports import (
    Crm,
    Notifier,
    SheetReader,
    SheetSetup,
    SheetWriter,
    Vocabulary,
)
from daemon.account import templates
from daemon.account.ledger import Ledger
from daemon.account.people import People
from daemon.account.settings import Settings
from daemon.errors import ConfigurationError, NotNow
from policies.world.homestead_states import StateRule


class SharedSheet(SheetReader, SheetWriter, Protocol):
    """A Sheet with both halves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One agent's Steward as a value: nothing is process-wide, so one process can serve many."""

    settings: Settings
    crm: Crm
    sheet: SharedSheet
    sheet_setup: SheetSetup
    ledger: Ledger
    clock: Clock
    templates: Mapping[str, str]
    homestead: Mapping[str, StateRule]
    notifier: Notifier = field(default_factory=lambda: Apprise({}))
    """The agent's own channels; by default none."""
    people: People = field(default_factory=People)
    """The reader of all contacts; by default every read is a sweep."""


def build(settings: Settings, clock: Clock | None = None) -> Account:
    """The account that *settings* describe.

    Raises:
        ConfigurationError: a secret is missing, or templates or state_dir cannot be used; all
            problems are listed.
    """
    clock = clock or SystemClock()
    problems = missing_secrets(settings)
    if problems:
        raise ConfigurationError(problems)
    words = Vocabulary(
        settings.crm.stage_labels(),
        settings.fields_read(),
        settings.crm.pipelines.buyer,
        settings.crm.pipelines.seller,
    )
    crm = FollowUpBoss(
        settings.crm.base_url,
        settings.crm.api_key.get_secret_value(),
        words,
        system=settings.crm.system,
        system_key=settings.crm.system_key.get_secret_value(),
        clock=clock,
    )
    auth = credentials(settings.sheet.credentials, settings.sheet.secret.get_secret_value())
    own = settings.sheet.service_account or str(getattr(auth, "service_account_email", "") or "")
    sheet = GoogleSheet(
        settings.sheet.base_url,
        settings.sheet.spreadsheet_id,
        auth,
        agent=settings.agent.google_account,
        service_account_email=own,
        clock=clock,
    )
    return Account(
        settings=settings,
        crm=crm,
        sheet=sheet,
        clock=clock,
        ledger=Ledger(settings.state_dir),
        notifier=channels(settings),
        sheet_setup=SheetWorkbook(sheet, agent=settings.agent.google_account, service_account=own),
        templates=templates.load(settings.milestones.templates_dir),
        homestead=templates.homestead(),
    )


def channels(settings: Settings) -> Notifier:
    """The agent's own channels."""
    return Apprise(settings.notify.addresses())


def missing_secrets(settings: Settings) -> list[str]:
    """The secrets that are missing, one sentence each; nothing can be reached without them."""
    problems = []
    if not settings.crm.api_key.get_secret_value():
        problems.append(
            "crm.api_key: is missing; "
            "put the CRM's API key into $STEWARD_CRM__API_KEY or the credential crm_api_key"
        )
    sheet = settings.sheet
    if sheet.credentials == "service-account" and not sheet.secret.get_secret_value():
        problems.append(
            "sheet.credentials: the service account's key is missing; "
            "put the JSON file Google gave you into $STEWARD_SHEET__CREDENTIALS "
            "or the credential sheet_credentials"
        )
    if sheet.credentials == "anonymous" and not sheet.base_url.startswith("http://"):
        problems.append(
            'sheet.credentials: "anonymous" is for a server on this machine only '
            "(sheet.base_url = http://127.0.0.1:…)"
        )
    return problems


@contextmanager
def lock(directory: Path, name: str) -> Iterator[None]:
    """Hold one of the account's locks; it ends with the process, so no lock is ever stale.

    Raises:
        NotNow: another process holds it.
        ConfigurationError: its file cannot be opened, for example because another user made it.
    """
    path = directory / f"{name}.lock"
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as problem:
        raise ConfigurationError(
            [
                f"state_dir: {path} cannot be opened: {problem.strerror}; "
                "if another user made it, move it away, "
                "and run commands as the unit does (`steward-as-unit`)"
            ]
        ) from problem
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise NotNow(
                f"another {name} of this account is running on this machine; "
                "try again when it is done"
            ) from held
        yield
    finally:
        os.close(handle)
