"""Duplicates: contacts that are in the database more than once, and people who share details.

Every pair has a row in the tab `Duplicates` with its reason and which record to keep. The VA merges
the certain ones in the CRM, which has no merge for programs; afterwards one of the records is in
the Trash, which is the sign of a merge. Uncertain ones are asked about (DB-23, DB-40). Two people
who share an e-mail address or a phone that should be one person's are a conflict (DB-44).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.asks import approvals
from policies.asks.approvals import open_rows
from policies.asks.followup import last_word, withdrawn
from policies.asks.pace import few
from policies.asks.wants import Finding, WantRow, WantTask
from policies.database.duplicates.survivor import Proposal, propose
from policies.facts import gone_records
from policies.facts.ownership import left_alone
from policies.facts.same_person.conflicts import Suspicions, suspicions
from policies.facts.same_person.pair_answers import (
    CORRECT,
    MERGE,
    TOPICS,
    correct_key,
    merge_key,
    row_ref,
)
from policies.facts.same_person.pairs import Kind, Pair
from policies.world.calendar import DAY
from policies.world.model import Contact, Key, Task
from policies.world.sheet import Cell
from policies.world.snapshot import Snapshot

OURS = frozenset({"merge", "correct"})
QUESTIONS = frozenset({topic.single[1] for topic in TOPICS} | {topic.group[1] for topic in TOPICS})
OVER = "Over"
"""Prefix of the Status of a row in `Duplicates` whose contacts are no longer a pair."""
TICKED = (
    "The task was ticked, but both are still there: merge them, or say in the CRM what makes"
    " them two"
)
DELETED = "A person deleted the task: it is not made again"


def decide(s: Snapshot) -> Iterator[Finding]:
    """Want a row for every pair, its questions and tasks, and close those whose pair is gone."""
    seen = s.once(suspicions)
    wanted = [*_merges(s, seen)]
    tasks = list(few(s, "DB-23", wanted))
    tasks += few(s, "DB-44", _corrections(s, seen))
    coming = {str(f.want.key) for f in tasks if isinstance(f.want, WantTask)}
    yield from tasks
    for verdicts in seen.verdicts.values():
        yield from verdicts.rows
    yield from (_row(s, pair, seen.said(pair), coming) for pair in seen.pairs)
    yield from _ended(s, seen)


def silence(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Name the pairs that the contact is in, or say that it is in no pair."""
    if s.practice.database_off:
        yield s.practice.database_off
        return
    pairs = [pair for pair in s.once(suspicions).pairs if contact.id in {pair.a, pair.b}]
    yield from (
        f"{pair.kind}: {pair.reason} (contacts {pair.a} and {pair.b}; see its row in Duplicates)"
        for pair in pairs
    )
    if not pairs:
        yield "no other contact looks like the same person or shares an e-mail or phone with them"


# -- tasks -----------------------------------------------------------------------------------------


def _merges(s: Snapshot, seen: Suspicions) -> Iterator[Finding]:
    for pair in seen.pairs:
        if seen.said(pair) == MERGE:
            found = propose(s.contacts[pair.a], s.contacts[pair.b])
            yield _task(
                s,
                merge_key(pair),
                found.keep,
                pair.reason,
                f"Merge contact {found.other.id} into {found.keep.name} ({found.keep.id});"
                " what to fill in: tab Duplicates",
            )


def _corrections(s: Snapshot, seen: Suspicions) -> Iterator[Finding]:
    for pair in seen.pairs:
        if seen.said(pair) == CORRECT:
            one, other = s.contacts[pair.a], s.contacts[pair.b]
            yield _task(
                s,
                correct_key(pair),
                one,
                pair.reason,
                f"Correct what {one.name} (contact {one.id}) and {other.name} (contact {other.id})"
                " share; see Context in Approvals",
            )


def _task(s: Snapshot, key: Key, contact: Contact, reason: str, name: str) -> Finding:
    return Finding(
        key.rule,
        reason,
        WantTask(
            key=key,
            person_id=contact.id,
            assignee=s.practice.va_id,
            kind="Follow Up",
            name=name,
            due=s.business.after(s.today, 5),
            useful_until=s.today + 30 * DAY,
        ),
    )


# -- rows ------------------------------------------------------------------------------------------


def _row(s: Snapshot, pair: Pair, word: str, coming: set[str]) -> Finding:
    one, other = s.contacts[pair.a], s.contacts[pair.b]
    task = merge_key(pair) if word == MERGE else correct_key(pair)
    mergeable = pair.kind in {Kind.CERTAIN, Kind.REVIEW} or word == MERGE
    found = propose(one, other) if mergeable else None
    keep: dict[str, Cell] = {
        "Rule": pair.clause,
        "Kind": pair.kind.value,
        "Confidence": pair.confidence,
        "Contact A": _called(one),
        "Contact B": _called(other),
        "Reason": pair.reason,
        "Keep": _kept(found) if found else "",
        "Fill From The Other": "; ".join(found.fill) if found else "",
        "Status": _status(s, pair, word, task, coming),
    }
    return Finding(
        pair.clause,
        pair.reason,
        WantRow(
            tab="Duplicates",
            ref=row_ref(pair),
            person_id=pair.a,
            keep=keep,
            requires=(task,) if word in {MERGE, CORRECT} else (),
            first={"Link A": _link(s, one), "Link B": _link(s, other), "First Seen": s.stamp},
        ),
    )


def _status(s: Snapshot, pair: Pair, word: str, task: Key, coming: set[str]) -> str:
    """Return the Status of a pair's row: where its task or its question is."""
    if word in {MERGE, CORRECT}:
        return _task_status(s, task, coming)
    if word:
        return f"The agent said: {word}"
    if pair.kind is Kind.CONFLICT:
        return "Nothing goes out to either: the agent says in Approvals who is who"
    return "Waits for the agent in Approvals"


def _task_status(s: Snapshot, task: Key, coming: set[str]) -> str:
    lives = [t for t in s.lives(task) if not t.withdrawn]
    if task in s.deleted and not lives:
        return DELETED
    if lives and all(t.completed for t in lives):
        return TICKED
    if str(task) in coming:
        return "The VA has a task"
    return "The VA's task comes when this week's are done (25 a week)"


def _called(contact: Contact) -> str:
    return f"{contact.name} ({contact.id})"


def _kept(found: Proposal) -> str:
    both = zip((found.keep, found.other), found.lacks, strict=True)
    lacks = "; ".join(f"{_called(who)} lacks {', '.join(what)}" for who, what in both if what)
    return f"{_called(found.keep)}: {found.why}" + (f". {lacks}" if lacks else "")


def _link(s: Snapshot, contact: Contact) -> str:
    return f"https://{s.practice.crm_domain or 'app'}.followupboss.com/2/people/view/{contact.id}"


# -- the end ---------------------------------------------------------------------------------------


Leaving = Mapping[str, tuple[Key, ...]]
"""The keys of the tasks that are being withdrawn, by the subject of their pair."""


def _ended(s: Snapshot, seen: Suspicions) -> Iterator[Finding]:
    """Withdraw obsolete tasks, then close the rows and questions whose contacts are no pair."""
    now = {pair.subject: pair for pair in seen.pairs}
    leaving: dict[str, tuple[Key, ...]] = {}
    for key, task in _open_tasks(s):
        if because := _because(s, seen, now.get(key.subject), key):
            leaving[key.subject] = (*leaving.get(key.subject, ()), key)
            yield withdrawn(task, because)
    yield from _ended_rows(s, now, leaving)
    yield from _ended_questions(s, seen, now, leaving)


def _open_tasks(s: Snapshot) -> Iterator[tuple[Key, Task]]:
    """Yield our open tasks to merge or to correct, with their keys."""
    for tasks in s.own_tasks.values():
        for task in tasks:
            if task.key and not task.completed and task.key.base.episode in OURS:
                yield task.key, task


def _ended_rows(s: Snapshot, now: Mapping[str, Pair], leaving: Leaving) -> Iterator[Finding]:
    for row in s.workbook.rows("Duplicates"):
        own = Key.parse(row.ref)
        if own is None or own.subject in now or row.text("Status").startswith(OVER):
            continue
        if because := _gone(s, own):
            yield Finding(
                "DB-23",
                because,
                WantRow(
                    tab="Duplicates",
                    ref=row.ref,
                    create=False,
                    keep={"Status": f"{OVER}: {because}"},
                    requires=leaving.get(own.subject, ()),
                ),
            )


def _ended_questions(
    s: Snapshot, seen: Suspicions, now: Mapping[str, Pair], leaving: Leaving
) -> Iterator[Finding]:
    asked = {ref for verdicts in seen.verdicts.values() for ref in verdicts.asked}
    questions = [found for rule in ("DB-23", "DB-40", "DB-44") for found in open_rows(s, rule)]
    for key, question in questions:
        if key.base.episode not in QUESTIONS or question.ref in asked or question.acted:
            continue
        because = "it is asked otherwise now, or settled"
        if key.subject not in now:
            because = _gone(s, key)
        if because:
            after = leaving.get(key.subject, ())
            yield last_word(question, f"{approvals.DONE}: {because}", after)


def _because(s: Snapshot, seen: Suspicions, pair: Pair | None, key: Key) -> str:
    """Return the known fact that makes a task of ours obsolete, or ""."""
    if pair is None:
        return _gone(s, key)
    word = seen.said(pair)
    if word == {"merge": MERGE, "correct": CORRECT}[key.base.episode]:
        return ""
    if word:
        return f"the agent said: {word}"
    return "it is not settled any more, and the agent is asked"


def _gone(s: Snapshot, key: Key) -> str:
    """Return why the two contacts of a key are no longer a pair, or "".

    One of them who cannot be seen now proves nothing until the record is gone for good.
    """
    subject = key.subject
    ids = [int(part) for part in subject[1:].split("x") if part.isdigit()]
    people = [s.contacts[contact_id] for contact_id in ids if contact_id in s.contacts]
    if len(people) != 2:
        return gone_records.gone(s, key)
    if trashed := next((contact for contact in people if contact.trashed), None):
        return f"merged: contact {trashed.id} is in the Trash"
    if any(left_alone(s, contact) for contact in people):
        return "people asked Steward to leave one of them alone"
    return "they do not look like one person any more, and share nothing"
