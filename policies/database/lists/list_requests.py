"""A campaign list from the request to the log: the agent's question, the row's words, the log line.

The VA asks in the tab `Lists`, a person at the keyboard with `steward list pull`; both go through
`Request`. The agent confirms the definition and the digest of exactly these contacts. If either has
changed by the time of the export, the agent is asked again. The clauses are DB-36, DB-39 and DB-43.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from policies.asks import approvals
from policies.asks.approvals import Decision
from policies.asks.checklist import DONE, OPEN, Item
from policies.asks.drafts import digest
from policies.asks.escalation import DatabaseIssue, database_message
from policies.asks.followup import last_word
from policies.asks.question import Answer, Question, ask, once_used
from policies.asks.wants import Finding, WantRow
from policies.database.lists import campaigns, lists
from policies.database.lists.campaigns import Campaign
from policies.database.lists.lists import Pulled
from policies.database.lists.segments import Segment, stage_label
from policies.values.names import one_line
from policies.world.model import Key
from policies.world.snapshot import Snapshot

IN_A_TAB, IN_A_FILE = "t", "f"
"""The destination of a list, as the first letter of its subject."""
_GOES = {
    IN_A_TAB: "a tab of this workbook",
    IN_A_FILE: "a CSV file at the keyboard; Steward keeps no copy",
}
_NO_TITLE = re.compile(r"[^\w \-]+")


@dataclass(frozen=True, slots=True)
class Request:
    """A list that somebody asks for.

    `subject` and `life` make its keys. The same list asked for again is another life.
    """

    segment: Segment
    campaign: Campaign
    subject: str
    life: int = 1

    def key(self, rule: str, episode: str) -> Key:
        """Return the key of one of its questions or rows."""
        return Key(rule, self.subject, episode).life(self.life)

    @property
    def confirm(self) -> Key:
        """The key of the row in which the agent confirms it."""
        return self.key("DB-36", "confirm")

    @property
    def title(self) -> str:
        """The title of the tab that it becomes."""
        name = " ".join(_NO_TITLE.sub(" ", self.campaign.name).split())[:60]
        return f"List {name} {self.subject[1:7]}" + (f" {self.life}" if self.life > 1 else "")


def too_long(goes: str, count: int) -> str:
    """Return why a list of so many contacts cannot go there, or ""."""
    if goes == IN_A_TAB and count > lists.TALLEST:
        return (
            f"{lists.counted(count)}; a tab takes {lists.TALLEST:,}."
            " Narrow it by a stage or a tag, or have it pulled into a file (`steward list pull`)"
        )
    if count > lists.LARGEST:
        return (
            f"{lists.counted(count)} are no segment; a file takes {lists.LARGEST:,}."
            " Narrow it by a stage or a tag"
        )
    return ""


def subject_of(goes: str, *words: str) -> str:
    """Return the subject of a list from the words that define it."""
    return goes + digest("\n".join(words))[:12]


def at_keyboard(s: Snapshot, segment: Segment, campaign: Campaign) -> Request:
    """Return the request made at the keyboard now.

    It is a new one once an earlier one was acted on, because an answer is used once.
    """
    first = Request(
        segment, campaign, subject_of(IN_A_FILE, str(segment), str(campaign), str(campaign.phones))
    )
    life = approvals.life(s.workbook, first.confirm.life, once_used)
    return replace(first, life=life)


def is_of(request: Request, row: Decision) -> bool:
    """Tell whether *row* asked about this definition, even if the contacts have changed since."""
    return {*_head(request), _columns(request)} <= set(row.draft.splitlines())


def _head(request: Request) -> tuple[str, str]:
    return f"Campaign: {request.campaign}", f"Segment: {request.segment}"


def _columns(request: Request) -> str:
    return f"Columns: {', '.join(lists.WITH_PHONES if request.campaign.phones else lists.HEADER)}"


def confirmation(s: Snapshot, request: Request, pulled: Pulled, *, not_ready: str = "") -> Answer:
    """Ask the agent to confirm exactly this list, or weigh the answer.

    *not_ready* says why a yes cannot be acted on yet.
    """
    text = "\n".join(
        [
            *_head(request),
            f"Contacts: {len(pulled.members):,} (digest {pulled.digest})",
            _columns(request),
            f"Goes to: {_GOES[request.subject[0]]}",
            *campaigns.cautions(request.segment, request.campaign, lists.places(s)),
        ]
    )
    counts = Counter(stage_label(c.stage or c.stage_label) or "no stage" for c in pulled.members)
    what = (
        "Confirm this list before it is used. In it:",
        ", ".join(f"{label} {n:,}" for label, n in counts.most_common()) + ".",
        f"Left out: {pulled.out}." if pulled.out else "Nobody had to be left out.",
        lists.unchecked(s),
    )
    question = Question(
        key=request.confirm,
        clause="DB-36",
        reason="a list is confirmed by the agent before it is used",
        what=" ".join(filter(None, what)),
        text=text,
        due=s.business.after(s.today, 1),
        done=done(request),
    )
    return ask(s, question, not_ready=not_ready)


def done(request: Request) -> str:
    """Return the Status of its rows once it was exported."""
    if request.subject[0] == IN_A_TAB:
        return f"{approvals.DONE}: it is in the tab {request.title!r}"
    return f"{approvals.DONE}: written to a file"


def empty(s: Snapshot, request: Request, pulled: Pulled) -> Iterator[Finding]:
    """Ask the agent, in the procedure's words, about a segment that nobody is in (DB-43).

    Most likely something is set up wrong.
    """
    said = [
        f"{request.segment} returns nobody for {one_line(request.campaign.name)}.",
        *_ended(lists.never_seen(s, request.segment)),
        f"Left out: {pulled.out}." if pulled.out else "",
    ]
    answer = ask(
        s,
        Question(
            key=_zero(request),
            clause="DB-43",
            reason="a segment that returns nobody is checked before it is reported",
            what=" ".join(filter(None, said)),
            text=zero_message(s),
            due=s.today,
        ),
    )
    if answer.row:
        yield answer.row


def _ended(sentences: tuple[str, ...]) -> list[str]:
    return [sentence if sentence.endswith("?") else f"{sentence}." for sentence in sentences]


def zero_message(s: Snapshot) -> str:
    """Return the escalation of DB-45 for a segment that returns nobody."""
    return database_message(
        DatabaseIssue.EMPTY_SEGMENT, agent=s.practice.agent_name, records=0, va=s.practice.va_name
    )


def _zero(request: Request) -> Key:
    return request.key("DB-43", "zero")


def not_empty_any_more(s: Snapshot, request: Request, pulled: Pulled) -> Iterator[Finding]:
    """Close the row that asked why nobody was in it."""
    row = approvals.read(s.workbook, _zero(request))
    if row and row.open:
        yield last_word(row, f"{approvals.DONE}: it has {lists.counted(len(pulled.members))} now")


def checklist(request: Request, pulled: Pulled, *, confirmed: bool) -> Finding:
    """Want the checklist of a list pull: four items in the procedure's words (DB-39)."""
    mark = DONE if confirmed else OPEN
    items = (
        Item(DONE, "Target segment clearly defined before pulling", str(request.segment)),
        Item(
            DONE,
            "Do Not Contact contacts excluded from every list",
            f"{pulled.opted_out:,} left out",
        ),
        Item(
            mark,
            "List reviewed and agent-confirmed before use",
            f"{lists.counted(len(pulled.members))}, digest {pulled.digest}",
        ),
        Item(
            mark, "Export logged with date, description, campaign", one_line(request.campaign.name)
        ),
    )
    return Finding(
        "DB-39",
        "each item of a list pull can be verified",
        WantRow(
            tab="Checklists",
            ref=str(request.key("DB-39", "listpull")),
            first={
                "Rule": "DB-39",
                "Client": "",
                "Checklist": f"List pull: {one_line(request.campaign.name)}",
            },
            keep={
                "Items": "\n".join(map(str, items)),
                "Open": sum(item.mark == OPEN for item in items),
            },
        ),
    )


def logged(s: Snapshot, request: Request, pulled: Pulled) -> Finding:
    """Want the line of the export log; it has no names (DB-36)."""
    how = "a tab of the workbook" if request.subject[0] == IN_A_TAB else "a CSV file"
    phones = ", with phone numbers" if request.campaign.phones else ""
    return Finding(
        "DB-36",
        "every export is logged with date, description and campaign",
        WantRow(
            tab="Export Log",
            ref=str(request.key("DB-36", "export")),
            first={
                "Date": s.today,
                "Description": f"Campaign list as {how}{phones}",
                "Campaign": str(request.campaign),
                "Count": len(pulled.members),
                "Definition": str(request.segment),
                "Digest": pulled.digest,
            },
        ),
    )


def table(s: Snapshot, request: Request, pulled: Pulled) -> tuple[tuple[str, ...], ...]:
    """Return the list itself, its header first."""
    phones = request.campaign.phones
    return (
        lists.WITH_PHONES if phones else lists.HEADER,
        *(lists.cells(s, c, phones=phones) for c in pulled.members),
    )
