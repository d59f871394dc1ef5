"""Which signs of an opt-out or a death are to be remembered after this pass, in `Memory` and in the
ledger (X-65). A remembered sign is forgotten by nothing; the agent's answer lifts it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from policies.facts.signs import (
    inherited_signs,
    near_carriers,
)
from policies.facts.signs.gone_signs import lifted_now
from policies.facts.signs.shown_signs import MARKED, OPT_OUTS, seen
from policies.facts.signs.sign_memory import (
    LIFTED,
    Seen,
    in_memory,
    remembered,
    united,
)
from policies.values.dates import iso_date
from policies.world.calendar import DAY
from policies.world.memory import SIGNS_BEGUN, Signs
from policies.world.model import MailFate
from policies.world.snapshot import Snapshot

BLOCK = 500
"""Contact ids whose signs stand in one row of `Memory`: at 70 characters each they fit a cell."""


def news(s: Snapshot) -> Signs:
    """Return the signs of this pass that are to be remembered: new ones, and those that came back
    after the agent had lifted them. Those of the lifting day have the day after it.
    """
    return s.once(_news)


def _news(s: Snapshot) -> Signs:
    known, showing, found = remembered(s), seen(s), dict[int, Mapping[str, date]]()
    dropped = near_carriers.configured_carriers(s)
    merged = inherited_signs.to_remember(s)
    for contact in {*showing, *merged, *dropped}:
        days = known.get(contact, {})
        lifted = max(d.get(LIFTED, date.min) for d in (days, lifted_now(s).get(contact, {})))
        day = s.today if lifted < s.today else lifted + DAY
        new = [sign for sign in showing.get(contact, ()) if _is_new(s, contact, sign, days)]
        others = (*merged.get(contact, ()), *dropped.get(contact, ()))
        once = (sign for sign in others if sign not in days)
        if new_or_once := {str(sign): day for sign in (*new, *once)}:
            found[contact] = new_or_once
    return found


def _is_new(s: Snapshot, contact: int, sign: Seen, days: Mapping[str, date]) -> bool:
    if sign not in days:
        return True
    lifted = days.get(LIFTED, date.min)
    if days[sign] > lifted:
        return False
    # The feed goes on showing an old event; any other sign that shows was set, or still stands.
    return sign is not Seen.EVENT or contact in _unsubscribed_after(s, lifted)


def _unsubscribed_after(s: Snapshot, day: date) -> frozenset[int]:
    return frozenset(
        event.person_id
        for event in s.mail
        if event.fate is MailFate.UNSUBSCRIBED and event.at and event.at.date() > day
    )


def blocks(s: Snapshot) -> Iterator[tuple[int, Signs]]:
    """Yield each block of `Memory` that should read otherwise after this pass, with what it should
    hold.
    """
    after = united([remembered(s), news(s), lifted_now(s)])
    before = in_memory(s)
    changed = {contact // BLOCK for contact in after if after[contact] != before.get(contact)}
    for block in sorted(changed):
        yield block, {c: days for c, days in after.items() if c // BLOCK == block}


def new_opt_outs(s: Snapshot) -> Mapping[int, frozenset[Seen]]:
    """Return who opted out since the last pass that wrote, or earlier today, with the signs.

    Nobody is new where nothing was remembered yet: everybody would be.
    """
    return s.once(_new_opt_outs)


def _new_opt_outs(s: Snapshot) -> Mapping[int, frozenset[Seen]]:
    begun = SIGNS_BEGUN.row(s.workbook)
    if begun is None:
        return {}
    before, found = in_memory(s), {}
    first_day = begun.text("What") == s.today.isoformat()
    for contact, days in united([remembered(s), news(s)]).items():
        known = before.get(contact, {})
        new = {
            Seen(sign)
            for sign, day in days.items()
            if sign in OPT_OUTS and (known.get(sign) != day or (day == s.today and not first_day))
        }
        if new and contact in s.contacts:
            found[contact] = frozenset(new)
    return found


def marked_since_begun(s: Snapshot) -> frozenset[int]:
    """Return who became Do Not Contact by stage or tag after the day on which signs began to be
    remembered; nobody where nothing was remembered yet.
    """
    return s.once(_marked_since_begun)


def _marked_since_begun(s: Snapshot) -> frozenset[int]:
    row = SIGNS_BEGUN.row(s.workbook)
    begun = iso_date(row.text("What")) if row else None
    if begun is None:
        return frozenset()
    found = set()
    for contact, days in united([remembered(s), news(s)]).items():
        lifted = days.get(LIFTED, date.min)
        marked = [days[sign] for sign in MARKED if sign in days and days[sign] > lifted]
        if marked and min(marked) > begun:
            found.add(contact)
    return frozenset(found)
