"""Read only as much of the CRM as counting a segment takes, with the CRM's own filters (DB-02)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from connectors.ports import Account as CrmAccount
from connectors.ports import Progress
from daemon.account.wiring import Account
from daemon.passes import observe, safety_signs
from daemon.passes.safety_signs import Feed
from policies.database.lists.segments import Segment, StageNames
from policies.facts import price_range
from policies.facts.signs.contact_signs import unsubscribed_by_event
from policies.facts.signs.sign_memory import remembered
from policies.world.model import Contact, Deal, Stage
from policies.world.practice import Practice
from policies.world.sheet import Workbook
from policies.world.snapshot import Snapshot

AT_ONCE = 4
_PAIR = re.compile(r"\bp(\d+)x(\d+)\b")
ONE_BY_ONE = 25
"""The deals of up to this many contacts are read one contact at a time; beyond that, all deals."""
Ask = Callable[[], Sequence[Contact]]


def narrow(account: Account, crm: CrmAccount, segment: Segment, now: datetime) -> Snapshot:
    """The contacts of *segment*, and those who keep others out of a list.

    Those are Do Not Contact, opted out, or in an identity conflict in the tab `Duplicates`. A pull
    reads all contacts, so it also finds a conflict that no pass has seen yet.
    """
    practice = observe.practice_of(account, crm)
    names = StageNames(practice.account_stages, practice.stages)
    asks: list[Ask] = [
        *_segment(account, names, segment),
        *(_in_stage(account, label) for label in names.labels_of(Stage.DO_NOT_CONTACT)),
        lambda: account.crm.contacts_where(tags=practice.tags.do_not_contact),
    ]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="count") as pool:
        book = pool.submit(account.sheet.read)
        feed = pool.submit(safety_signs.read_feed, account, now)
        people = {c.id: c for found in pool.map(lambda ask: ask(), asks) for c in found}
    s = _seen(account, practice, now, people, book.result(), feed.result())
    strangers = sorted(
        (s.once(unsubscribed_by_event) | remembered(s).keys() | _in_conflict(s.workbook))
        - people.keys()
    )
    found = account.crm.contacts_where(ids=strangers) if strangers else ()
    return replace(
        s,
        contacts=people | {c.id: c for c in found},
        deals=_deals(account, s, segment),
    )


def _seen(
    account: Account,
    practice: Practice,
    now: datetime,
    people: Mapping[int, Contact],
    book: Workbook,
    feed: Feed,
) -> Snapshot:
    return Snapshot(
        now=now,
        practice=practice,
        contacts=people,
        mail=tuple(feed.events),
        workbook=book,
        remembered=account.ledger.signs(),
        mail_refused_since=safety_signs.refused_since(account, book, feed, now),
    )


def whole(account: Account, crm: CrmAccount, now: datetime, progress: Progress) -> Snapshot:
    """All contacts and deals, to verify a segment that returns no contact (DB-43)."""
    found = {c.id: c for c in account.crm.contacts(progress)}
    deals = {d.id: d for d in account.crm.deals(progress)}
    feed = safety_signs.read_feed(account, now)
    practice = observe.practice_of(account, crm)
    return replace(_seen(account, practice, now, found, account.sheet.read(), feed), deals=deals)


def _in_conflict(book: Workbook) -> frozenset[int]:
    """The contacts of all pairs that the tab `Duplicates` calls a conflict (DB-44)."""
    found = set[int]()
    for row in book.rows("Duplicates"):
        pair = _PAIR.search(row.ref)
        if pair and row.text("Rule") == "DB-44":
            found |= {int(person) for person in pair.groups()}
    return frozenset(found)


def _segment(account: Account, names: StageNames, segment: Segment) -> list[Ask]:
    """The requests that together return all contacts of a segment, and perhaps others.

    One for each stage, or one for a group of tags, or else one for all contacts.
    """
    if segment.stages:
        return [
            _in_stage(account, label)
            for stage in segment.stages
            for label in names.labels_of(stage)
        ]
    groups = [*segment.tags]
    if segment.areas:
        groups.append(segment.areas)
    # The tag of a price range has several spellings, and the service finds only the one asked for.
    findable = [group for group in groups if not any(map(price_range.of_tag, group))]
    if findable:
        return [lambda: account.crm.contacts_where(tags=findable[0])]
    return [account.crm.contacts]


def _in_stage(account: Account, label: str) -> Ask:
    return lambda: account.crm.contacts_where(stage=label)


def _deals(account: Account, s: Snapshot, segment: Segment) -> dict[int, Deal]:
    """The deals, if a contact of the segment may be the agent's only through a deal (X-57)."""
    belongs = segment.matcher()
    if not s.practice.assigned_only:
        return {}
    doubtful = [
        c.id
        for c in s.contacts.values()
        if belongs(c) and c.assigned_user_id != s.practice.agent_id
    ]
    if len(doubtful) > ONE_BY_ONE:
        return {d.id: d for d in account.crm.deals()}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="count") as pool:
        return {d.id: d for found in pool.map(account.crm.deals_of, doubtful) for d in found}
