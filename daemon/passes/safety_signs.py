"""Remembers opt-outs and deaths in the ledger and in `Memory`, and watches whether the feed of
email events still answers (X-65).

Contact ids, signs, days and keyed marks only: no name, no address and no text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.errors import Rejected
from daemon.account.wiring import Account
from daemon.passes.actions import Action, remember
from policies.facts import permission_answers, suppression
from policies.facts.same_person import last_reaches
from policies.facts.signs import near_carriers, remembered_signs, shown_signs
from policies.facts.signs.sign_memory import remembered
from policies.world import memory
from policies.world.memory import LAST_REACHES, MAIL_FEED, SIGNS, SIGNS_BEGUN, SUPPRESSED
from policies.world.model import MailEvent, Source
from policies.world.sheet import Workbook
from policies.world.snapshot import Snapshot

WINDOW = timedelta(days=100)
"""Bounces of this long ago are read, and every unsubscription."""
NO_FEED = frozenset({403, 404, 501})
"""The CRM's answers for email events where the plan or the key has none."""
WITHHELD = "X-34: nothing is prepared for anybody"
ANSWERED, REFUSED = "answered", "refused since "
_LEDGER = "email events"


@dataclass(frozen=True, slots=True)
class Feed:
    """An answer of the feed of email events; `refused` where the account has no feed, or has one no
    longer.
    """

    events: Sequence[MailEvent] = ()
    refused: bool = False


def read_feed(account: Account, now: datetime) -> Feed:
    """Read recent bounces and every unsubscription. Touches no ledger, so any thread may do it."""
    try:
        return Feed(account.crm.mail_events(now - WINDOW))
    except Rejected as refusal:
        if refusal.status in NO_FEED:
            return Feed(refused=True)
        raise


def refused_since(account: Account, book: Workbook, feed: Feed, now: datetime) -> datetime | None:
    """Since when a feed that answered before refuses; None while it answers, and where the account
    never had one. The ledger may have been lost, so `Memory` counts too.
    """
    if not feed.refused:
        account.ledger.remember(_LEDGER, ANSWERED)
        return None
    known = account.ledger.recall(_LEDGER) or MAIL_FEED.value(book) or ""
    if not known:
        return None
    since = _instant(known) or now
    account.ledger.remember(_LEDGER, f"{REFUSED}{since.isoformat(timespec='minutes')}")
    return since


def _instant(known: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(known.removeprefix(REFUSED))
    except ValueError:
        return None
    return found if found.tzinfo else None


def memory_rows(account: Account, s: Snapshot) -> list[Action]:
    """The rows of `Memory` that must read otherwise: they are written at once, and need no word
    from the agent, because Steward's own tab and nobody's record changes.
    """
    return [*_signs(s), *_last_reaches(s), *_feed(account, s), *_suppressed(s)]


def suppressions(account: Account) -> int:
    """How many entries of the tab `Suppression` the ledger knows as written."""
    return len(account.ledger.intents("done", f"row {suppression.TAB}"))


def withheld(s: Snapshot) -> str:
    """Why nothing goes out to anybody until the configuration or the Sheet is put right, or "". A
    Sheet that did not answer is an outage, and gives no reason here.
    """
    why = suppression.suppressed(s).unreadable if Source.SHEET in s.complete else ""
    return f"{WITHHELD}: {why}" if why else ""


def _suppressed(s: Snapshot) -> Iterator[Action]:
    if entries := suppression.to_remember(s.workbook):
        tab = s.workbook.tabs[memory.TAB]
        yield remember(SUPPRESSED.ref(), SUPPRESSED.write(entries), s.stamp, tab)


def _signs(s: Snapshot) -> Iterator[Action]:
    tab = s.workbook.tabs[memory.TAB]
    for block, signs in remembered_signs.blocks(s):
        if SIGNS.row(s.workbook, block) or not SIGNS.stands(s.workbook, block):
            yield remember(SIGNS.ref(block), SIGNS.write(signs), s.stamp, tab)


def _last_reaches(s: Snapshot) -> Iterator[Action]:
    tab = s.workbook.tabs[memory.TAB]
    seen = remembered(s).keys() | shown_signs.seen(s).keys()
    near = frozenset[int]().union(*near_carriers.now(s).values())
    known = seen | permission_answers.held_or_barred(s) | near
    for block, reaches in last_reaches.blocks(s, known):
        if LAST_REACHES.row(s.workbook, block) or not LAST_REACHES.stands(s.workbook, block):
            yield remember(LAST_REACHES.ref(block), LAST_REACHES.write(reaches), s.stamp, tab)


def _feed(account: Account, s: Snapshot) -> Iterator[Action]:
    state = account.ledger.recall(_LEDGER)
    if state and state != MAIL_FEED.value(s.workbook):
        yield remember(MAIL_FEED.ref(), state, s.stamp, s.workbook.tabs[memory.TAB])


def begun(s: Snapshot) -> list[Action]:
    """The row that says from when on a new sign is news; written along with others."""
    if SIGNS_BEGUN.stands(s.workbook):
        return []
    return [remember(SIGNS_BEGUN.ref(), s.today.isoformat(), s.stamp, s.workbook.tabs[memory.TAB])]
