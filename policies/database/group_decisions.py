"""One decision about many contacts: a group of rows in a report tab, bound by a digest of exactly those contacts (rule 12).

The rows are the list: what the agent decides about is what stands in the tab. Whoever wants to look at each takes `ONE_BY_ONE`, and the
contacts come up as rows of their own, a few a week.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from policies import approvals
from policies.database.pace import Waiting, few_questions
from policies.drafts import digest
from policies.findings import Finding
from policies.model import Contact, Key
from policies.questions import Answer, Question, ask, closed, open_rows
from policies.snapshot import Snapshot
from policies.workbook import Row

ONE_BY_ONE = "One by one"
SHOWN = 250
"""Lines of the list that the question shows; the tab shows all of them."""


@dataclass(frozen=True, slots=True)
class Member:
    """One line of a group: its row in the tab, the contact as it is now, and what the question says of it."""

    row: Row
    contact: Contact
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows that are decided together. `question` is the group's, without its list; `single` makes the one about a member.

    `single_only` is for what is too delicate to be decided at once.
    """

    question: Question
    members: Sequence[Member]
    singles: Mapping[int, Question] = field(default_factory=dict)
    single_only: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """What the agent decided about a group: by contact id the choice, new where it was not acted on before; the rows to write."""

    choices: Mapping[int, tuple[str, bool]]
    rows: tuple[Finding, ...]


def listed(members: Sequence[Member]) -> str:
    """The lines of a group and the digest that binds a decision to them, and to nobody else."""
    lines = [f"{m.contact.name} (contact {m.contact.id}): {m.says}" for m in members[:SHOWN]]
    more = [f"… and {len(members) - SHOWN} more, all in the tab"] if len(members) > SHOWN else []
    return "\n".join((*lines, *more, f"{len(members)} in all; this list is {digest('|'.join(m.row.ref for m in members))}"))


def decide(s: Snapshot, group: Group, *, not_ready: str = "") -> Decided:
    """Ask about the group, or about each of its members where that was chosen, and weigh the answers."""
    rows: list[Finding] = []
    if not group.single_only:
        answer = _asked(s, group.question, not_ready)
        rows += [answer.row] if answer.row else []
        if answer.choice != ONE_BY_ONE:
            everyone = {m.contact.id: (answer.choice, not answer.acted) for m in group.members} if answer.choice else {}
            return Decided(everyone, tuple(rows))
    found: dict[int, tuple[str, bool]] = {}
    waiting = [Waiting(group.singles[m.contact.id], group.question.due) for m in group.members]
    for question in few_questions(s, group.question.key.rule, waiting):
        answer = _asked(s, question, not_ready)
        rows += [answer.row] if answer.row else []
        if answer.choice and question.person_id:
            found[question.person_id] = (answer.choice, not answer.acted)
    return Decided(found, tuple(rows))


def _asked(s: Snapshot, question: Question, not_ready: str) -> Answer:
    """As `ask`; but a decision about many is consumed once and for all, whatever becomes of the list later (rule 9)."""
    row = s.workbook.row("Approvals", str(question.key))
    if row and row.text("Acted On") and row.text("Status").startswith(approvals.ANSWERED):
        said = row.text("Status").removeprefix(f"{approvals.ANSWERED}: ")
        if said in question.choices:
            return Answer(said, None, acted=True)
    return ask(s, question, not_ready=not_ready)


def asked_already(s: Snapshot, question: Question) -> bool:
    """Whether the group is before the agent: from then on nobody is added to it."""
    return s.workbook.holds("Approvals", str(question.key))


def superseded(s: Snapshot, rule: str, period: str) -> Iterator[Finding]:
    """The questions of earlier periods that nobody answered: they are closed, and what is still so is asked anew."""
    for key, row in open_rows(s, rule):
        if key.episode.partition("-")[0] < period and not row.text("Acted On"):
            yield closed(row, f"{approvals.DONE}: not answered; asked again with {period}")


def key(rule: str, subject: str, period: str, code: str) -> Key:
    """The key of a question: of a group (subject ``a0``), or of one contact."""
    return Key(rule, subject, f"{period}-{code}")
