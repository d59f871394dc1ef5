"""Everybody in the CRM, for one daemon: read whole at a sweep, and between two sweeps what changed
since the last, laid over it.

A pass is given the whole either way, and decides the same as after a sweep (architecture rule 20).
That somebody was deleted, or is not shown to this key any more, is never concluded from a poll:
there are then fewer than the CRM counts, and that leads to a sweep at once. What a poll cannot see,
and the next sweep does: a field that changes without moving `updated` and is no touch; a message
that is logged long after it was sent, or taken back; all of it, while this machine's clock is ahead
of the CRM's by more than `OVERLAP`; and somebody who is gone while as many others came into view
without having been edited.
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
"""How much further back than the sweep a poll looks: the CRM's clock is another one, and its lists
may lag behind.
"""


@dataclass(frozen=True, slots=True)
class _Sweep:
    """What a sweep found, packed: a tenth of the memory, for a tenth of a second a poll on 10,000
    contacts.
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
    """Reads everybody. A sweep stands for as long as *lasts*, and not beyond its day: what the
    calendar makes due comes with a day.

    Without *lasts* every look is a sweep, as a command at the keyboard needs it.
    """

    def __init__(self, lasts: timedelta = timedelta()) -> None:
        self._lasts = lasts
        self._sweep: _Sweep | None = None

    def read(
        self, crm: CrmReader, account: CrmAccount, now: datetime, progress: Progress = silent
    ) -> Sequence[Contact]:
        """Everyone whom the key can see in *account*, Trash included, *now* (aware, in the agent's
        zone). Raises as *crm* does.
        """
        held, self._sweep = self._sweep, None  # while it is read anew, the old one need not be kept
        if (
            held
            and held.account == account
            and held.at.date() == now.date()
            and timedelta() <= now - held.at < self._lasts
        ):
            laid = _laid_over(held, crm)
            if laid is not None:
                self._sweep = held
                return laid
        held = None
        found = crm.contacts(progress)
        self._sweep = _Sweep.of(found, account, now) if self._lasts else None
        return found

    def forget(self) -> None:
        """Let the next look be a sweep: what it decides needs the whole, or the last sweep is not
        believed.
        """
        self._sweep = None


def _laid_over(sweep: _Sweep, crm: CrmReader) -> Sequence[Contact] | None:
    """The sweep with what changed since; None where that is not everybody, or the CRM does not
    answer so that it can be told.
    """
    try:
        changed = crm.contacts_since(sweep.at - OVERLAP)
    except (Incomplete, Rejected):
        return None
    laid = {contact.id: contact for contact in (*sweep.contacts(), *changed.contacts)}
    return list(laid.values()) if len(laid) == changed.total else None
