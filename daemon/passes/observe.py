"""One look at the world: the Sheet and its brake first, then the CRM, sources side by side. Returns
a value.

A source that failed or shrank is left out whole, and the policies that need it are not asked
(architecture rule 2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import Incomplete, Rejected, Unauthorized, Unavailable
from connectors.ports import Account as CrmAccount
from connectors.ports import Progress, silent
from daemon.account.ledger import Intent
from daemon.account.wiring import Account
from daemon.errors import ConfigurationError
from daemon.passes import personal_notes, safety_signs, unreadable
from daemon.passes.absence import deleted_records
from daemon.passes.absence.deleted_records import ABSENT, Absent
from daemon.passes.safety_signs import Feed
from policies.facts.same_person import merges
from policies.facts.signs import remembered_signs
from policies.world import memory
from policies.world.memory import DELETED, DELETED_NOTE, SIZE
from policies.world.model import (
    Contact,
    Identity,
    Key,
    Note,
    Source,
    Task,
    User,
)
from policies.world.practice import Practice
from policies.world.sheet import Workbook
from policies.world.snapshot import Snapshot

WINDOW = timedelta(days=100)
"""Tasks due this far to either side of today are read, and our notes of this long ago."""
REMEMBERED = timedelta(days=95)
"""How long a task of ours that is not in that window is looked up by id: longer than any chain,
shorter than the window, so that only tasks a person moved or deleted cost a request.
"""


ONCE = frozenset({"note", "field", "tag", "stage", "person"})
"""Kinds of things that are written once and not again, whatever people made of them since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A snapshot and how it came about.

    `troubles` says for each source that is not complete why. `gone` and `gone_notes` are tasks and
    notes of ours that a person deleted since. `absent` are the records that must be missing once
    more before they count as gone; only a pass that may write keeps them. `brake` is what somebody
    typed into the pause cell, "" if nobody did. `succession` says why the VA's tasks go to the
    agent, "" while the VA is there.
    """

    snapshot: Snapshot
    account: CrmAccount
    troubles: Mapping[Source, str] = field(default_factory=dict)
    gone: tuple[Key, ...] = ()
    gone_notes: tuple[str, ...] = ()
    absent: Absent = field(default_factory=dict)
    brake: str = ""
    succession: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)


def look(account: Account, now: datetime, progress: Progress = silent) -> Observation:
    """Read everything a pass needs.

    Raises:
        Unauthorized: the key or the credentials are not accepted. Unavailable: not even the account
            could be read. ConfigurationError: the agent is nobody in the CRM.
    """
    troubles: dict[Source, str] = {}
    try:
        book = account.sheet.read()
    except (Unavailable, Rejected) as problem:
        book, troubles[Source.SHEET] = Workbook(), str(problem)
    crm_account = account.crm.account()
    account.ledger.bind(crm_account.identity.account)
    practice = practice_of(account, crm_account)
    read, feed = _read_crm(account, crm_account, now, progress, troubles)
    _believe(account, book, read, troubles)
    if Source.PEOPLE in troubles:
        account.people.forget()
    people = {c.id: c for c in read[Source.PEOPLE]}
    buried = _deleted(book)
    tasks: tuple[Task, ...] = ()
    gone: tuple[Key, ...] = ()
    gone_notes = (
        ()
        if Source.NOTES in troubles
        else _gone_notes(account, read[Source.NOTES], book, people, now)
    )
    if Source.TASKS not in troubles:
        tasks, gone = _own_tasks(account, read[Source.TASKS], people, buried, now)
    written_on = personal_notes.kept(
        account, read[Source.PERSONAL_NOTES], people, troubles, now.date()
    )
    snapshot = Snapshot(
        now=now,
        practice=practice,
        contacts=people,
        deals={d.id: d for d in merges.repointed(people, read[Source.DEALS])},
        tasks=tasks,
        notes=tuple(read[Source.NOTES]),
        mail=tuple(read[Source.MAIL]),
        workbook=book,
        complete=frozenset(Source) - troubles.keys(),
        noted=written_on,
        activated=memory.day_activated(book),
        last_good=account.ledger.last_good(),
        written=_written(account, book),
        deleted=buried | {key.base for key in gone},
        remembered=account.ledger.signs(),
        suppressed_before=safety_signs.suppressions(account),
        mail_refused_since=safety_signs.refused_since(account, book, feed, now) if feed else None,
    )
    absent, records_gone = _absent_records(account, snapshot, now)
    if records_gone:
        snapshot = replace(snapshot, gone=records_gone)
    account.ledger.keep_signs(remembered_signs.news(snapshot))
    return Observation(
        snapshot=snapshot,
        account=crm_account,
        troubles=troubles,
        gone=gone,
        gone_notes=gone_notes,
        absent=absent,
        brake=brake(book, troubles),
        succession=va_of(account, crm_account)[1],
        sizes={
            source.value: len(found) for source, found in read.items() if source not in troubles
        },
    )


def _read_crm(
    account: Account,
    seen: CrmAccount,
    now: datetime,
    progress: Progress,
    troubles: dict[Source, str],
) -> tuple[dict[Source, list[Any]], Feed | None]:
    """Every source of the CRM, side by side, and the feed of email events unless it failed."""
    today, unread = now.date(), personal_notes.unread(account, now)
    jobs: dict[Source, Callable[[], Any]] = {
        Source.PEOPLE: lambda: account.people.read(account.crm, seen, now, progress),
        Source.DEALS: lambda: account.crm.deals(progress),
        Source.TASKS: lambda: account.crm.tasks(today - WINDOW, today + WINDOW, progress),
        Source.NOTES: lambda: account.crm.notes(now - WINDOW),
        Source.PERSONAL_NOTES: lambda: account.crm.personal_notes(unread),
        Source.MAIL: lambda: safety_signs.read_feed(account, now),
    }
    with ThreadPoolExecutor(len(jobs), thread_name_prefix="read") as pool:
        futures: dict[Source, Future[Any]] = {
            source: pool.submit(job) for source, job in jobs.items()
        }
    found: dict[Source, list[Any]] = {}
    feed = None
    for source, future in futures.items():
        try:
            answer = future.result()
        except Unauthorized:
            raise
        except (Unavailable, Rejected) as problem:
            found[source], troubles[source] = [], str(problem)
            continue
        if isinstance(answer, Feed):
            feed, answer = answer, answer.events
        found[source] = list(answer)
    return found, feed


def _believe(
    account: Account, book: Workbook, read: Mapping[Source, list[Any]], troubles: dict[Source, str]
) -> None:
    """Leave out a source that is much smaller than last time, because an empty answer is not a
    fact; and the people, where the safety signs of many of them cannot be read (X-65).
    """
    if Source.PEOPLE not in troubles and (why := unreadable.failed(read[Source.PEOPLE])):
        troubles[Source.PEOPLE] = why
    share = account.settings.guard.minimum_snapshot_share
    for source in (Source.PEOPLE, Source.DEALS):
        last = max(_count(account.ledger.recall(SIZE.ref(source))), SIZE.value(book, source) or 0)
        if source not in troubles and len(read[source]) < share * last:
            troubles[source] = (
                f"only {len(read[source])} {source} where there were {last} last time, below"
                f" guard.minimum_snapshot_share = {share}: not believed. If so many really went,"
                " run `steward setup --apply --accept-size`"
            )


def _count(text: str) -> int:
    """A size as it was written down; what a person made of the cell otherwise is no size."""
    return int(text) if text.isdigit() else 0


def _own_tasks(
    account: Account,
    tasks: list[Task],
    people: Mapping[int, Contact],
    buried: frozenset[Key],
    now: datetime,
) -> tuple[tuple[Task, ...], tuple[Key, ...]]:
    """Recognize Steward's own tasks by id as well as by mark (architecture rule 4).

    Returns every task that can be seen, and the keys of tasks that a person deleted.
    """
    _learn_marks(account, tasks, now)
    visible = {task.id: task for task in tasks}
    gone = []
    for key, intent in _looked_up(account, people, buried, now):
        found = visible.get(intent.remote_id) or account.crm.task(intent.remote_id)
        if found is not None:
            # A person may have reworded it, mark and all, or moved it out of the window: it stays
            # ours by its id.
            visible[found.id] = found if found.key else replace(found, key=key)
        elif _is_there(account, intent.person_id):
            gone.append(key)
    return tuple(visible.values()), tuple(gone)


def _learn_marks(account: Account, tasks: Sequence[Task], now: datetime) -> None:
    """Keep the ids of tasks that carry Steward's mark, so that a later deletion is noticed."""
    ledger = account.ledger
    known = {intent.mark for intent in ledger.intents("done", "task")}
    for task in tasks:
        if task.key is None:
            continue
        mark = str(task.key)
        if task.withdrawn and mark in known:
            # A person who tidies it up later has deleted nothing that counts.
            ledger.settle(mark, "task", "withdrawn")
        elif not task.withdrawn and mark not in known:
            ledger.adopt(mark, "task", now.timestamp(), remote_id=task.id, person_id=task.person_id)


def _looked_up(
    account: Account, people: Mapping[int, Contact], buried: frozenset[Key], now: datetime
) -> Iterator[tuple[Key, Intent]]:
    """Yield the tasks that the ledger knows as made, unless they are old, were deleted before, or
    are about a contact that cannot be seen: nothing may be concluded of that one.
    """
    for intent in account.ledger.intents("done", "task"):
        key = Key.parse(intent.mark)
        old = now.timestamp() - intent.made_at > REMEMBERED.total_seconds()
        if key is None or old:
            continue
        if key.base not in buried and intent.person_id in people:
            yield key, intent


def _is_there(account: Account, person_id: int) -> bool:
    """Ask the CRM whether the contact still exists.

    The cached sweep can still list contacts, and their tasks, that were deleted since.
    """
    try:
        return account.crm.contact(person_id) is not None
    except Rejected:
        return False


def _absent_records(account: Account, s: Snapshot, now: datetime) -> tuple[Absent, frozenset[str]]:
    """The records that are absent now, and those of them that are gone for good (X-87)."""
    before = deleted_records.parsed(account.ledger.recall(ABSENT))
    seen_at = min(now, account.clock.now()).timestamp()  # `--as-of` a later day proves no age
    settle = account.settings.guard.settle_seconds
    return deleted_records.seen(s, before, seen_at, settle)


def _gone_notes(
    account: Account,
    notes: list[Note],
    book: Workbook,
    people: Mapping[int, Contact],
    now: datetime,
) -> tuple[str, ...]:
    """The marks of our notes that a person deleted; notes seen for the first time are learnt on the
    way.
    """
    seen = {str(note.key): note for note in notes if note.key}
    known = {i.mark: i for i in account.ledger.intents("done", "note")}
    for mark in seen.keys() - known.keys():
        account.ledger.adopt(
            mark, "note", now.timestamp(), remote_id=seen[mark].id, person_id=seen[mark].person_id
        )
    return tuple(
        mark
        for mark, intent in known.items()
        if mark not in seen
        and intent.person_id in people
        and now.timestamp() - intent.made_at < REMEMBERED.total_seconds()
        and not DELETED_NOTE.row(book, mark)
        and _is_there(account, intent.person_id)
    )


def _written(account: Account, book: Workbook) -> frozenset[str]:
    """The marks of what was written once before, by the ledger and, for notes people deleted, by
    Memory.
    """
    buried = (mark for mark, _ in DELETED_NOTE.rows(book))
    return frozenset(
        i.mark for i in account.ledger.intents("done") if i.entity in ONCE
    ) | frozenset(buried)


def _deleted(book: Workbook) -> frozenset[Key]:
    found = (Key.parse(mark) for mark, _ in DELETED.rows(book))
    return frozenset(key.base for key in found if key)


def brake(book: Workbook, troubles: Mapping[Source, str]) -> str:
    """Why nothing may be written: the words in the pause cell, or that it cannot be read
    (architecture rule 17).
    """
    if Source.SHEET in troubles:
        return "the Sheet with its pause cell cannot be read"
    if problems := book.tabs["Read me"].problems:
        return "; ".join(problems)
    row = book.row("Read me", "Pause")
    if row is None:
        return "the tab 'Read me' has no Pause row: run `steward setup --apply`"
    typed = row.cells.get("Value")
    # Anything at all stops it, "off" and "no" too; only an unticked checkbox reads as empty.
    return (
        ""
        if typed is False or not row.text("Value")
        else f"paused by a person: {row.text('Value')[:80]!r} in 'Read me'"
    )


def practice_of(own: Account, account: CrmAccount) -> Practice:
    """The onboarding facts, resolved against the account. Raises ConfigurationError if the agent is
    nobody there.
    """
    settings = own.settings
    if not account.users:  # not even whose key this is: an empty answer is not a fact
        raise Incomplete("CRM", "its list of users is empty")
    agent = _user(account, settings.agent.crm_user)
    if agent is None:
        raise ConfigurationError(
            [
                f"agent.crm_user: {settings.agent.crm_user!r} is no user of the CRM; known are"
                f" {_known(account)}"
            ]
        )
    va, gone = va_of(own, account)
    va = agent if va is None or gone else va
    suppression_key = settings.suppression_key.get_secret_value().encode()
    return Practice(
        agent_name=settings.agent.name,
        va_name=settings.va.name,
        agent_id=agent.id,
        va_id=va.id,
        agent_phone=settings.agent.phone,
        city=settings.agent.city,
        assigned_only=settings.scope == "assigned",
        own_contact=settings.crm.test_contact,
        pilot_tag=settings.guard.pilot_tag,
        closures=frozenset(settings.schedule.closures),
        tags=settings.crm.tags,
        milestones=settings.milestones,
        referrals=settings.referrals,
        database=settings.database,
        database_off=database_off(account.identity),
        crm_domain=account.identity.domain,
        templates=own.templates,
        homestead=own.homestead,
        account_stages=account.stages,
        stages=settings.crm.stage_labels(),
        suppression_key=suppression_key,
        memory_key=suppression_key or own.ledger.own_key(),
    )


def database_off(identity: Identity) -> str:
    """Why the database procedure is off, "" where it is on: an Agent's key does not see the whole
    database (X-57).
    """
    if identity.is_owner or identity.is_admin:
        return ""
    return (
        "the database procedure is off: this key is an Agent's and does not see the whole database;"
        " with an Owner's or Admin's key it is on (X-57)"
    )


def va_of(own: Account, account: CrmAccount) -> tuple[User | None, str]:
    """The VA as a user of the CRM, if there is one; and, if the VA cannot be given tasks, why they
    go to the agent.
    """
    who = own.settings.va.crm_user
    va = _user(account, who)
    if va is None:
        return None, f"va.crm_user: {who!r} is no user of the CRM; known are {_known(account)}"
    return va, (
        "" if va.active else f"va.crm_user: {va.name} ({va.id}) is no longer active in the CRM"
    )


def _user(account: CrmAccount, who: str | int) -> User | None:
    text = str(who).strip().casefold()
    return next((u for u in account.users if text in {str(u.id), u.email.casefold()}), None)


def _known(account: CrmAccount) -> str:
    return ", ".join(f"{u.name} ({u.id})" for u in account.users[:8]) or "none"
