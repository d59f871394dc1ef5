"""The reviews as people see them: log lines, checklists, and reviews that never ran.

The line in the `Hygiene Log` has the findings of its day. The checklist, in the procedure's words,
is computed again in every pass until the next review of its kind (DB-13, DB-39).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policies.asks.checklist import DONE, OPEN, Item
from policies.asks.pace import ROWS_A_PASS
from policies.asks.wants import Finding, WantRow, WantTask
from policies.database.reviews import (
    cold,
    cold_ended,
    cold_leads,
    contact_info,
    minimum_fields,
    open_house,
    purge,
    review_calendar,
)
from policies.database.reviews.removal import candidates
from policies.database.reviews.review_calendar import Kind, Run
from policies.database.reviews.stage_accuracy import unsettled
from policies.facts.closing_answer import Mismatch
from policies.facts.contact_permission import Way, refusal
from policies.facts.ownership import added, kept
from policies.facts.same_person import pairs
from policies.facts.same_person.conflicts import suspicions
from policies.facts.same_person.pair_answers import MERGE
from policies.world.calendar import DAY, american
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

CHECKLIST = "DB-39"
MONTHLY_CHECKS = ("DB-24", "DB-25", "DB-26")


def decide(s: Snapshot) -> Iterator[Finding]:
    """Want the log, the checklists, the VA's monthly task, and a line for each missed review."""
    for kind in review_calendar.RULES:
        for review in review_calendar.never_ran(s, kind):
            yield Finding(
                "DB-13",
                f"{review.name} was due on {american(review.runs)} and never ran; the next one"
                " covers its time",
                WantRow(
                    tab="Missed",
                    ref=str(review.key),
                    first={
                        "Rule": review.key.rule,
                        "What": review.name,
                        "Due": review.runs,
                        "Reported On": s.today,
                        "Reason": (
                            "it never ran: Steward was off or could not read the CRM; the next"
                            " review covers its time"
                        ),
                    },
                ),
            )
        if run := review_calendar.latest(s, kind):
            yield from _review(s, kind, run)


def _review(s: Snapshot, kind: Kind, run: Run) -> Iterator[Finding]:
    found = list(_items(s, kind, run))
    yield _logged(s, kind, run, found)
    yield _checklist(kind, run, found)
    if kind == "monthly":
        yield from _monthly_task(s, run)
    if kind == "purge":
        yield from _removals(run, *purge.removed(s, run.review.period)[:2])


def _logged(s: Snapshot, kind: Kind, run: Run, found: Sequence[Item]) -> Finding:
    late = review_calendar.lateness(run)
    return Finding(
        run.review.key.rule,
        f"{run.review.name} runs{f', {late}' if late else ''}",
        WantRow(
            tab=review_calendar.TAB,
            ref=str(run.review.key),
            first={
                "Review": run.review.name,
                "Run On": run.on,
                "Since": run.since,
                "Contacts": len(_looked_at(s, kind, run)),
                "Found": "\n".join(
                    f"{item.words}: {item.detail or 'nothing open'}" for item in found
                ),
                "Status": late or "on time",
            },
        ),
    )


def _checklist(kind: Kind, run: Run, found: Sequence[Item]) -> Finding:
    return Finding(
        CHECKLIST,
        f"{run.review.name}, item by item",
        WantRow(
            tab="Checklists",
            ref=str(Key(CHECKLIST, "a0", f"{run.review.period}-{kind}")),
            first={"Rule": CHECKLIST, "Client": "", "Checklist": run.review.name},
            keep={
                "Items": "\n".join(map(str, found)),
                "Open": sum(item.mark == OPEN for item in found),
            },
        ),
    )


def _monthly_task(s: Snapshot, run: Run) -> Iterator[Finding]:
    """Want the VA's task; the CRM needs a contact to put it on, so it is the first of them."""
    holder = next((c for c in kept(s) if not refusal(s, c, Way.TOUCH)), None)
    if holder:
        yield Finding(
            "DB-21",
            f"{run.review.name} is due",
            WantTask(
                key=run.review.key,
                person_id=holder.id,
                assignee=s.practice.va_id,
                kind="Follow Up",
                due=s.business.after(run.on, 3),
                name=(
                    f"{run.review.name}: type sign-ins into the tab {open_house.TAB},"
                    f" then see Checklists and {minimum_fields.TAB}"
                ),
                useful_until=run.review.closes + 14 * DAY,
            ),
        )


def _removals(run: Run, gone: int, approved: int) -> Iterator[Finding]:
    if approved:
        yield Finding(
            "DB-35",
            f"{gone} of {approved} approved removals are executed",
            WantRow(
                tab=review_calendar.TAB,
                ref=str(Key("DB-35", "a0", run.review.period)),
                first={"Review": f"Removals, {run.review.period}", "Run On": run.on},
                keep={
                    "Contacts": gone,
                    "Found": f"{gone} of {approved} approved removals are executed",
                },
            ),
        )


def new_contacts(s: Snapshot, run: Run) -> Sequence[Contact]:
    """Return the contacts of the monthly review (DB-22, X-28).

    They were added since the last one, and at least those of the past 30 days are in it.
    """
    found = ((contact, added(s, contact)) for contact in kept(s))
    return tuple(contact for contact, day in found if day and run.since <= day <= run.on)


def _looked_at(s: Snapshot, kind: Kind, run: Run) -> Sequence[object]:
    if kind == "monthly":
        return new_contacts(s, run)
    return kept(s) if kind == "quarterly" else candidates(s)


def _items(s: Snapshot, kind: Kind, run: Run) -> Iterator[Item]:
    if kind == "monthly":
        yield from _monthly(s, run)
    elif kind == "quarterly":
        yield from _quarterly(s, run)
    else:
        yield from _purge(s, run)


def _item(words: str, count: int, detail: str) -> Item:
    """An item that is done when nothing of it is left."""
    return Item(OPEN if count else DONE, words, detail if count else "")


def _monthly(s: Snapshot, run: Run) -> Iterator[Item]:
    yield _new_contacts(s, run)
    yield _duplicates(s)
    yield _stages(
        "Stage accuracy checked — outdated stages corrected",
        [m for m in unsettled(s) if m.key.rule in MONTHLY_CHECKS],
    )
    yield _sign_ins(s)


def _new_contacts(s: Snapshot, run: Run) -> Item:
    new = new_contacts(s, run)
    of_all = f"of {len(new)} added since {american(run.since)}"
    lacking = sum(bool(minimum_fields.gaps(s, contact)) for contact in new)
    astray = len({m.contact.id for m in unsettled(s)} & {contact.id for contact in new})
    found = []
    if lacking:
        found.append(f"{lacking} {of_all} lack something")
    if astray:
        found.append(f"{astray} {of_all} are in a stage that does not fit")
    return _item(
        "New contacts reviewed — all fields complete, correctly staged and tagged",
        lacking + astray,
        ", ".join(found),
    )


def _sign_ins(s: Snapshot) -> Item:
    every = s.workbook.rows(open_house.TAB)
    rows = [row for row in every if any(row.text(name) for name in open_house.TYPED)]
    waiting = sum(not row.text("Contact") for row in rows)
    return _item(
        "Open house / event leads added with source tag",
        waiting,
        f"{waiting} of {len(rows)} sign-ins are not in the CRM yet",
    )


def _duplicates(s: Snapshot) -> Item:
    seen = s.once(suspicions)
    doubles = (pair for pair in seen.pairs if pair.kind in {pairs.Kind.CERTAIN, pairs.Kind.REVIEW})
    waiting = sum(seen.said(pair) in {"", MERGE} for pair in doubles)
    return _item(
        "Duplicate check run — duplicates merged",
        waiting,
        f"{waiting} pairs are not merged and not answered yet",
    )


def _stages(words: str, found: Sequence[Mismatch]) -> Item:
    return _item(
        words,
        len(found),
        f"{len(found)} stages do not fit the facts; the agent is asked, a few a week",
    )


def _quarterly(s: Snapshot, run: Run) -> Iterator[Item]:
    yield _listed(
        "Cold leads (90+ days no touchpoint) identified and flagged to agent",
        len(cold_leads.unlisted(s, run)),
        _lines(s, cold.TAB, cold_ended.RULE, run.review.period),
    )
    bad = {str(contact_info.line_key(contact)) for contact, _ in contact_info.found(s)}
    there = {row.ref for row in s.workbook.rows(minimum_fields.TAB)}
    yield _listed("Outdated contact information flagged", len(bad - there), len(bad & there))
    yield _stages("Stage accuracy reviewed across full database", unsettled(s))


def _listed(words: str, coming: int, there: int) -> Item:
    """Return the item of a list; it is done if all coming lines can be written in this pass."""
    return Item(
        OPEN if coming > ROWS_A_PASS else DONE,
        words,
        f"{coming + there} found" if coming + there else "",
    )


def _lines(s: Snapshot, tab: str, rule: str, period: str) -> int:
    keys = (Key.parse(row.ref) for row in s.workbook.rows(tab))
    return sum(1 for key in keys if key and (key.rule, key.episode) == (rule, period))


def _purge(s: Snapshot, run: Run) -> Iterator[Item]:
    period = run.review.period
    gone, approved, waiting = purge.removed(s, period)
    coming, there = len(purge.unlisted(s, period)), _lines(s, purge.TAB, purge.RULE, period)
    yield _listed("Purge candidate list prepared and submitted to agent for review", coming, there)
    yield _item(
        "Agent confirmed removals",
        waiting + coming,
        f"{waiting + coming} of {coming + there} wait for the agent",
    )
    yield _item(
        "Removals executed — logged",
        approved - gone,
        f"{gone} of {approved} approved removals are executed",
    )
