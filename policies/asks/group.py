"""One decision about many contacts: a group of rows in a report tab, bound by a digest of exactly
those contacts (rule 12).

The agent decides about exactly the rows that are in the tab. With `ONE_BY_ONE` the contacts come
up as rows of their own instead, a few a week.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from policies.asks import approvals
from policies.asks.approvals import ONE_BY_ONE
from policies.asks.drafts import digest
from policies.asks.followup import last_word
from policies.asks.pace import Waiting, few_questions
from policies.asks.question import SHOWN, Question, ask_once
from policies.asks.wants import Finding, WantRow
from policies.world.model import Contact, Key
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Member:
    """One line of a group: its row in the tab, the contact as it is now, and what the question says
    of it.
    """

    row: Row
    contact: Contact
    says: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of one group in one period: every Ref, and the members who are in the CRM still,
    both in order.
    """

    refs: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()

    def __str__(self) -> str:
        """The lines of the list, and the digest that binds a decision to these contacts and to
        nobody else.
        """
        lines = [
            f"{m.contact.name} (contact {m.contact.id}): {m.says}" for m in self.members[:SHOWN]
        ]
        more = (
            [f"… and {len(self.refs) - len(lines)} more, all in the tab"]
            if len(self.refs) > len(lines)
            else []
        )
        return "\n".join((*lines, *more, f"{len(self.refs)} in all; {self.bound}"))

    @property
    def bound(self) -> str:
        """The words that name exactly this list."""
        return f"this list is {digest('|'.join(self.refs))}"


def listings(
    s: Snapshot,
    tab: str,
    rule: str,
    period: str,
    says: Callable[[Row], str],
    new: Sequence[Finding],
) -> Mapping[str, Listing]:
    """The rows of one period in *tab*, by the group they name, together with the *new* rows that
    this pass puts there.
    """
    coming = [
        Row(f.want.ref, {**f.want.first, **f.want.keep}) for f in new if isinstance(f.want, WantRow)
    ]
    found: dict[str, list[tuple[Key, Row]]] = {}
    for row in (*(row for row in s.workbook.rows(tab) if s.workbook.row(tab, row.ref)), *coming):
        key = Key.parse(row.ref)
        if key and key.rule == rule and key.episode == period:
            found.setdefault(row.text("Group"), []).append((key, row))
    return {
        group: Listing(
            tuple(row.ref for _, row in sorted(rows, key=_by_subject)),
            tuple(
                Member(row, contact, says(row))
                for key, row in sorted(rows, key=_by_subject)
                if (contact := s.contact_by(key.subject))
            ),
        )
        for group, rows in found.items()
    }


def _by_subject(pair: tuple[Key, Row]) -> tuple[int, str]:
    return len(pair[0].subject), pair[0].subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows that are decided together: the group's question, and one about each member.

    With `single_only` the members are never decided at once: the matter is too delicate. A
    `revocable` decision can be taken back after it was acted on.
    """

    question: Question
    listing: Listing
    singles: Mapping[int, Question] = field(default_factory=dict)
    single_only: bool = False
    revocable: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """The agent's decisions about a group. `choices` gives, by contact id, the choice and whether
    it is new; `taken_back` names the contacts about whom the agent changed the answer.
    """

    choices: Mapping[int, tuple[str, bool]]
    rows: tuple[Finding, ...]
    taken_back: frozenset[int] = frozenset()


def decide(s: Snapshot, group: Group, *, not_ready: str = "") -> Decided:
    """Ask about the group, or about each of its members where that was chosen, and weigh the
    answers.
    """
    rows: list[Finding] = []
    taken_back: set[int] = set()
    if not group.single_only:
        answer = ask_once(
            s,
            group.question,
            not_ready=not_ready,
            revocable=group.revocable,
            bound=group.listing.bound,
        )
        rows += [answer.row] if answer.row else []
        if answer.choice != ONE_BY_ONE:
            everyone = (
                {m.contact.id: (answer.choice, not answer.acted) for m in group.listing.members}
                if answer.choice
                else {}
            )
            return Decided(
                everyone,
                tuple(rows),
                frozenset(m.contact.id for m in group.listing.members if answer.taken_back),
            )
    found: dict[int, tuple[str, bool]] = {}
    waiting = [
        Waiting(group.singles[m.contact.id], group.question.due) for m in group.listing.members
    ]
    for question in few_questions(s, group.question.key.rule, waiting):
        answer = ask_once(s, question, not_ready=not_ready, revocable=group.revocable)
        rows += [answer.row] if answer.row else []
        if answer.choice and question.person_id:
            found[question.person_id] = (answer.choice, not answer.acted)
        if answer.taken_back and question.person_id:
            taken_back.add(question.person_id)
    return Decided(found, tuple(rows), frozenset(taken_back))


def superseded(s: Snapshot, rule: str, period: str) -> Iterator[Finding]:
    """Close the questions of earlier periods that nobody answered; what is still true is asked
    again in this one.
    """
    for key, row in approvals.open_rows(s, rule):
        if key.episode.partition("-")[0] < period and not row.acted:
            yield last_word(row, f"{approvals.DONE}: not answered; asked again with {period}")


def key(rule: str, subject: str, period: str, code: str) -> Key:
    """The key of a question: of a group (subject ``a0``), or of one contact."""
    return Key(rule, subject, f"{period}-{code}")
