"""The quarterly referral report: a tab of its own with the procedure's text, charts beside it, and
a task that says so (RF-41).

`Memory` keeps what was reported as a revision and a digest of the text, written in the same batch
as the tab. A text that differs from it is a correction: it gets a tab of its own, and no tab
is ever written to again (X-22).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from policies.asks.checklist import DONE, OPEN, Item
from policies.asks.drafts import digest
from policies.asks.followup import Matter, close, of_rule
from policies.asks.wants import (
    Figures,
    Finding,
    WantReport,
    WantRow,
    WantTask,
)
from policies.facts import fees
from policies.facts.referral_log import (
    AGENT,
    CLIENT,
    PROFESSIONAL,
    SPHERE,
    Entry,
)
from policies.referrals.about_nobody import contact_for
from policies.referrals.log.log_after_pass import entries
from policies.referrals.report.quarter import (
    UNTYPED,
    Activity,
    Fees,
    Quarter,
    activity,
    received_by_quarter,
)
from policies.world import memory
from policies.world.calendar import american
from policies.world.memory import REPORT, ReportSent
from policies.world.model import Contact, Key
from policies.world.sheet import Cell
from policies.world.snapshot import Snapshot

KINDS = ((CLIENT, "Past client"), (SPHERE, "SOI"), (AGENT, "Agent"), (PROFESSIONAL, "Professional"))
"""The four types in the report's order and words."""
TOP = 3
CHARTED_SOURCES, CHARTED_QUARTERS = 10, 5


def decide(s: Snapshot) -> Iterator[Finding]:
    """The report of the latest quarter that is over, from the first business day after it on; none
    of a log nobody ever kept.
    """
    quarter = Quarter.of(s.today).last
    if entries(s) and s.starts <= quarter.end and quarter.filing_day(s.business) <= s.today:
        yield from report_of(s, quarter)


def report_of(s: Snapshot, quarter: Quarter, *, asked: bool = False) -> Iterator[Finding]:
    """The tab for the report of *quarter*, the memory of it, the agent's task and the checklist.

    With *asked* a person wants it now: a tab that was deleted is put up again, and a correction
    does not wait for another day.
    """
    told = Told.of(s, quarter)
    if told is None:
        return
    found = activity(entries(s), s.workbook.rows(fees.TAB), quarter)
    bound = digest("\n".join(text(found)))
    corrected = bound != told.digest and (asked or told.on != s.today)
    revision = _free(s, quarter, told.revision + 1) if corrected else told.revision
    title = titled(quarter, revision)
    if corrected or (asked and title not in s.workbook.titles):
        yield Finding(
            "RF-41",
            _why(s, quarter, told, title, asked),
            WantReport(
                title=title,
                lines=(*text(found), *remarks(found)),
                figures=figures(entries(s), found),
            ),
        )
    if corrected:
        yield Finding(
            "RF-41",
            f"what {title} said",
            WantRow(
                tab=memory.TAB,
                ref=REPORT.ref(quarter),
                keep=REPORT.cells(ReportSent(revision, bound), s.stamp),
            ),
        )
    yield from _told_to_the_agent(s, quarter, revision)


# -- the text --------------------------------------------------------------------------------------


def text(found: Activity) -> tuple[str, ...]:
    """The report in the procedure's words, line by line; then the amounts, and what has no type yet
    (RF-41, X-21).
    """
    return (
        f"Referral Activity — {found.quarter}",
        f"Referrals received: {found.received}",
        "By source type:",
        *(f"- {words} referrals: {found.by_type[kind]}" for kind, words in KINDS),
        "Outcomes:",
        f"- Active / in progress: {found.active}",
        f"- Closed this quarter: {found.closed}",
        f"- Lost (did not engage or went elsewhere): {found.lost}",
        "Top referral sources this quarter:",
        *(
            f"{n}. {name} — {count} referrals"
            for n, (name, count) in enumerate(found.sources[:TOP], 1)
        ),
        f"Referral fees pending: {found.pending.count} | Paid: {found.paid.count}",
        f"Amounts pending: {_amount(found.pending)} | Paid: {_amount(found.paid)}",
        *(
            (f"Referrals received without a type in the log: {n}",)
            if (n := found.by_type[UNTYPED])
            else ()
        ),
    )


def remarks(found: Activity) -> tuple[str, ...]:
    """Rows that no number includes. They are not in the report's text: a row that lacks its date
    belongs to no quarter yet.
    """
    lines = (
        ("Rows of the log without a date, counted in no quarter", found.undated),
        ("Fees with an amount paid and no date, counted nowhere", found.paid_undated),
    )
    return tuple(f"{what}: {count}" for what, count in lines if count)


def _amount(fees: Fees) -> str:
    return f"${fees.dollars:,.2f}" + (
        f" ({fees.unknown} without an amount)" if fees.unknown else ""
    )


def figures(log: Sequence[Entry], found: Activity) -> tuple[Figures, ...]:
    """The three small tables beside the text, each with its chart; without sources there is no
    chart of them.
    """
    quarters = [found.quarter]
    while len(quarters) < CHARTED_QUARTERS:
        quarters.insert(0, quarters[0].last)
    counts = received_by_quarter(log, quarters)
    kinds: tuple[tuple[str, str], ...] = KINDS
    if any(counted[UNTYPED] for counted in counts.values()):
        kinds = (*KINDS, (UNTYPED, "No type yet"))
    lines: tuple[tuple[Cell, ...], ...] = tuple(
        (str(q), *(counts[q][kind] for kind, _ in kinds)) for q in quarters
    )
    funnel = (
        ("Received", found.received),
        ("Engaged", found.engaged),
        ("Closed", found.ended_well),
    )
    return (
        Figures(
            "Referrals received per quarter",
            ("Quarter", *(words for _, words in kinds)),
            lines,
            "COLUMN",
            stacked=True,
        ),
        Figures(
            f"What became of those received in {found.quarter}",
            ("By its end", "Referrals"),
            funnel,
            "COLUMN",
        ),
        *(
            (
                Figures(
                    f"Top referral sources, {found.quarter}",
                    ("Source", "Referrals"),
                    found.sources[:CHARTED_SOURCES],
                    "BAR",
                ),
            )
            if found.sources
            else ()
        ),
    )


# -- what was reported before ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """The report of a quarter as Memory has it; revision 0 means that nothing was reported yet."""

    revision: int = 0
    digest: str = ""
    on: date | None = None

    @classmethod
    def of(cls, s: Snapshot, quarter: Quarter) -> Told | None:
        """As Memory has it; None where two rows claim it, and nothing can be told from either."""
        row, sent = REPORT.row(s.workbook, quarter), REPORT.value(s.workbook, quarter)
        if row is None or sent is None:
            return None if REPORT.stands(s.workbook, quarter) else cls()
        return cls(sent.revision, sent.digest, memory.day_written(row))


def titled(quarter: Quarter, revision: int) -> str:
    """The title of the tab: ``Q4 2026``, and ``Q4 2026 (rev 2)`` for a correction."""
    return str(quarter) if revision <= 1 else f"{quarter} (rev {revision})"


def _free(s: Snapshot, quarter: Quarter, revision: int) -> int:
    """The first revision from this one on whose title no tab has, Steward's or not; titles differ
    by more than case.
    """
    taken = {title.casefold() for title in s.workbook.titles}
    while titled(quarter, revision).casefold() in taken:
        revision += 1
    return revision


def _why(s: Snapshot, quarter: Quarter, told: Told, title: str, asked: bool) -> str:
    due = quarter.filing_day(s.business)
    if told.revision:
        since = f" on {american(told.on)}" if told.on else ""
        if title == titled(quarter, told.revision):
            return f"the tab {title} is not there any more, and somebody asks for it"
        return (
            f"the log or the fees no longer say what was reported{since}: the correction is {title}"
        )
    taken = (
        ""
        if title == str(quarter)
        else f"; a tab {quarter} that is not this report is left as it is"
    )
    if asked:
        return f"somebody asks for the report of {quarter}{taken}"
    late = (
        ""
        if s.today == due
        else f"; that day was missed, so it is filed late, on {american(s.today)}"
    )
    return (
        f"{quarter} is over; its report is due on the first business day after it,"
        f" {american(due)}{late}{taken}"
    )


# -- who is told -----------------------------------------------------------------------------------


def _told_to_the_agent(s: Snapshot, quarter: Quarter, revision: int) -> Iterator[Finding]:
    key, title, due = (
        _key(quarter, revision),
        titled(quarter, revision),
        quarter.filing_day(s.business),
    )
    person_id, why_not = contact_for(s, key)
    if person_id:
        yield Finding(
            "RF-42",
            f"the report of {quarter} goes to the agent",
            WantTask(
                key=key,
                person_id=person_id,
                assignee=s.practice.agent_id,
                kind="Follow Up",
                due=max(due, s.today),
                name=f"Referral report {title} is in the Sheet",
                useful_until=Quarter.of(max(due, s.today)).end,
            ),
        )
        ours = of_rule(s, key.rule, key.subject).tasks
        replaced = tuple(task for task in ours if task.key and task.key.base != key)
        yield from close(Matter(replaced), f"{title} took its place")
    item = Item(
        DONE if person_id else OPEN,
        "Referral report compiled and sent to agent",
        title if person_id else f"{title} is in the Sheet; {why_not}",
    )
    yield Finding(
        "RF-43",
        f"the quarterly checklist of {quarter}",
        WantRow(
            tab="Checklists",
            ref=str(Key("RF-43", key.subject, "checklist")),
            requires=(key,),
            first={"Rule": "RF-43", "Client": "", "Checklist": f"Quarterly, {quarter}"},
            keep={"Items": str(item), "Open": int(item.mark == OPEN)},
        ),
    )


def _key(quarter: Quarter, revision: int) -> Key:
    return Key("RF-42", f"q{quarter.code}", "report" if revision <= 1 else f"rev{revision}")


# the same of everybody
def silence(s: Snapshot, contact: Contact) -> Iterator[str]:  # noqa: ARG001
    """When the next report is filed; it is about nobody in particular."""
    quarter = Quarter.of(s.today)
    yield (
        f"it is about the whole log; {quarter} is reported on"
        f" {american(quarter.filing_day(s.business))}"
    )
