"""The database as Steward finds it: one report when it begins, and the initial checklist.

It is a report only: stages and tags are the agent's to change, and gaps in records come to people a
few a week. The clauses are DB-01, DB-05, DB-12 and DB-14 to DB-18.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from policies.asks.checklist import DONE, OPEN, Item
from policies.asks.wants import Figures, Finding, WantReport, WantRow
from policies.database.reviews import minimum_fields, review_calendar
from policies.database.reviews.minimum_fields import Gap, gaps
from policies.facts import taxonomy
from policies.facts.ownership import kept
from policies.world.calendar import american
from policies.world.model import STAGE_LABELS, Key
from policies.world.snapshot import Snapshot

RULE = "DB-12"
KEY = Key(RULE, "a0", "initial")
CHECKLIST = Key("DB-39", "a0", "initial")
TITLE = "Database audit"
SHOWN = 60
"""Tags of one kind that the report names, the most used first."""
_AUDITED = frozenset({Gap.STAGE, Gap.SOURCE, Gap.TAG})


def decide(s: Snapshot) -> Iterator[Finding]:
    """Want the report and its line in the log once, and the checklist until all of it is done."""
    if not s.workbook.holds(review_calendar.TAB, str(KEY)):
        yield from _report(s)
    row = s.workbook.row("Checklists", str(CHECKLIST))
    if row and row.cells.get("Open") == 0:
        return  # contacts added since then are part of the monthly review
    found = (_stages(s), _tags(s), _contacts(s))
    yield Finding(
        "DB-39",
        "what the set-up of the database still lacks",
        WantRow(
            tab="Checklists",
            ref=str(CHECKLIST),
            first={"Rule": "DB-39", "Client": "", "Checklist": "Initial Setup"},
            keep={
                "Items": "\n".join(map(str, found)),
                "Open": sum(item.mark == OPEN for item in found),
            },
        ),
    )


def tag_trouble(s: Snapshot) -> Sequence[str]:
    """List the tags in use that should not be tags, a sentence each, the most used first.

    They have a comma, a protected class, or a price of their own.
    """
    found = []
    for tag, count in _tags_in_use(s):
        found += [
            f"{why} ({count} contacts)"
            for why in (*taxonomy.tag_problems(tag), taxonomy.gap(tag))
            if why
        ]
    return tuple(found)


def _tags_in_use(s: Snapshot) -> Sequence[tuple[str, int]]:
    return Counter(tag for contact in kept(s) for tag in contact.tags).most_common()


def _lacking(s: Snapshot) -> str:
    return ", ".join(STAGE_LABELS[stage] for stage in s.once(taxonomy.missing_stages))


def _stages(s: Snapshot) -> Item:
    lacking = _lacking(s)
    return Item(
        OPEN if lacking else DONE,
        "Standard pipeline stages established in CRM",
        f"the account has no stage for {lacking}; the agent decides (DB-05)" if lacking else "",
    )


def _tags(s: Snapshot) -> Item:
    words = "Standard tags configured"
    if not s.practice.database.geographic_areas:
        return Item(
            OPEN, words, "database.geographic_areas names no city, neighborhood or county yet"
        )
    trouble = len(tag_trouble(s))
    return Item(
        OPEN if trouble else DONE,
        words,
        f"{trouble} tags in use should not be; see the tab {TITLE}" if trouble else "",
    )


def _contacts(s: Snapshot) -> Item:
    lacking = sum(not _AUDITED.isdisjoint(gaps(s, contact)) for contact in kept(s))
    return Item(
        OPEN if lacking else DONE,
        "All existing contacts audited, staged, and tagged",
        f"{lacking} of {len(kept(s))} have no stage, no tag or no source" if lacking else "",
    )


def _report(s: Snapshot) -> Iterator[Finding]:
    missing = Counter(gap for contact in kept(s) for gap in gaps(s, contact))
    reason = f"the database as found: {len(kept(s))} contacts"
    lines, figures = tuple(_lines(s, missing)), _figures(s, missing)
    yield Finding(RULE, reason, WantReport(title=TITLE, key=KEY, lines=lines, figures=figures))
    yield Finding(RULE, reason, _logged(s, missing))


def _lines(s: Snapshot, missing: Counter[Gap]) -> Iterator[str]:
    """Yield the text of the report."""
    people, known = kept(s), taxonomy.of(s)
    unmapped = {contact.stage_label or "(none)" for contact in people if contact.stage is None}
    others = [(tag, count) for tag, count in _tags_in_use(s) if known.find(tag) is None]
    yield (
        f"{TITLE}, {american(s.today)}: {len(people)} contacts. A report only; nothing was changed."
    )
    yield ""
    yield f"No stage in the account for: {_lacking(s) or 'none is lacking'}"
    yield (
        f"Stages that stand for none of the 13: {', '.join(sorted(unmapped)) or 'none'}."
        " Where a contact belongs is asked, never guessed."
    )
    yield ""
    yield from (f"Without {gap.value}: {missing[gap]}" for gap in Gap)
    yield ""
    yield from _some("Tags that should not be tags", tag_trouble(s))
    yield from _some(
        "Tags outside the six categories", [f"{tag}: {count} contacts" for tag, count in others]
    )
    yield f"Records with gaps come up in the tab {minimum_fields.TAB}, a few a week."


def _figures(s: Snapshot, missing: Counter[Gap]) -> tuple[Figures, ...]:
    """Return the two tables of the report, each with its chart."""
    staged = Counter(contact.stage_label or "(none)" for contact in kept(s)).most_common()
    lacking = tuple((gap.value, missing[gap]) for gap in Gap)
    return (
        Figures("Contacts by stage", ("Stage", "Contacts"), tuple(staged), "BAR"),
        Figures("What is missing", ("Field", "Contacts"), lacking, "BAR"),
    )


def _logged(s: Snapshot, missing: Counter[Gap]) -> WantRow:
    """Want the report's line in the log."""
    lacking = [f"{missing[gap]} without {gap.value}" for gap in Gap if missing[gap]]
    return WantRow(
        tab=review_calendar.TAB,
        ref=str(KEY),
        first={
            "Review": "Initial audit",
            "Run On": s.today,
            "Contacts": len(kept(s)),
            "Status": f"see the tab {TITLE}",
            "Found": ", ".join(lacking) or "nothing is missing",
        },
    )


def _some(title: str, found: Sequence[str]) -> list[str]:
    more = [f"… and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return [f"{title}: {len(found) or 'none'}", *found[:SHOWN], *more, ""]
