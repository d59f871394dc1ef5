"""All contacts of the CRM for one daemon: a sweep of everything, then the changes since it.

A pass gets all contacts either way, and decides as after a sweep (architecture rule 20). A poll
never concludes that a contact was deleted or is hidden from this key: the CRM's count then differs,
and that leads to a sweep at once. A poll misses the following, and the next sweep finds it:
- a field that changes without moving `updated` and is no touch;
- a message that is logged long after it was sent, or deleted;
- all changes, while this machine's clock is ahead of the CRM's by more than `OVERLAP`;
- a contact that is gone while another one came into view without an edit.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from connectors.errors import Incomplete, Rejected
from connectors.ports import Account as CrmAccount
from connectors.ports import CrmReader, Progress, silent
from policies.world.model import Contact

OVERLAP = timedelta(minutes=10)
"""How far before the sweep a poll looks: the CRM's clock may differ, and its lists may lag."""


@dataclass(frozen=True, slots=True)
class _Sweep:
    """The contacts of a sweep, compressed.

    Compressed they take a tenth of the memory, and cost 0.1 seconds a poll on 10,000 contacts.
    """

    at: datetime
    account: CrmAccount
    packed: bytes

    @classmethod
    def of(cls, contacts: Sequence[Contact], account: CrmAccount, at: datetime) -> _Sweep:
        return cls(at, account, zlib.compress(msgspec.msgpack.encode(contacts, enc_hook=dict), 1))

    def contacts(self) -> list[Contact]:
        return msgspec.msgpack.decode(zlib.decompress(self.packed), type=list[Contact])


class People:
    """Reads all contacts. A sweep is used for as long as *lasts*, and not on the next day.

    Without *lasts* every read is a sweep, as a command at the keyboard needs it.
    """

    def __init__(self, lasts: timedelta = timedelta()) -> None:
        self._lasts = lasts
        self._sweep: _Sweep | None = None

    def read(
        self, crm: CrmReader, account: CrmAccount, now: datetime, progress: Progress = silent
    ) -> Sequence[Contact]:
        """All contacts that the key can see in *account*, Trash included.

        *now* is aware, in the agent's zone. Raises as *crm* does.
        """
        held, self._sweep = self._sweep, None
        if held and held.account == account and self._is_fresh(held, now):
            updated = _updated(held, crm)
            if updated is not None:
                self._sweep = held
                return updated
        held = None  # its memory is free while everything is read again
        found = crm.contacts(progress)
        self._sweep = _Sweep.of(found, account, now) if self._lasts else None
        return found

    def forget(self) -> None:
        """Make the next read a sweep."""
        self._sweep = None

    def _is_fresh(self, sweep: _Sweep, now: datetime) -> bool:
        return sweep.at.date() == now.date() and timedelta() <= now - sweep.at < self._lasts


def _updated(sweep: _Sweep, crm: CrmReader) -> Sequence[Contact] | None:
    """The contacts of the sweep with the changes since; None if those are not all contacts.

    Also None if the CRM does not answer in a way that shows it.
    """
    try:
        changed = crm.contacts_since(sweep.at - OVERLAP)
    except (Incomplete, Rejected):
        return None
    found = {contact.id: contact for contact in (*sweep.contacts(), *changed.contacts)}
    return list(found.values()) if len(found) == changed.total else None
