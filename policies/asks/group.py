"""One decision about many contacts: a group of rows in a report tab (rule 12).

The agent decides about exactly the rows that are in the tab: a digest of them binds the answer.
With `ONE_BY_ONE` the contacts come up as rows of their own instead, a few a week.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

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
    """One line of a group: its row in the tab, the contact today, and the question's words."""

    row: Row
    contact: Contact
    says: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of one group in one period, in order.

    `refs` are those of all rows; `members` are the contacts who are still in the CRM.
    """

    refs: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()

    def __str__(self) -> str:
        """The lines of the list, and the digest that binds a decision to exactly these contacts."""
        lines = [
            f"{m.contact.name} (contact {m.contact.id}): {m.says}" for m in self.members[:SHOWN]
        ]
        if len(self.refs) > len(lines):
            lines.append(f"… and {len(self.refs) - len(lines)} more, all in the tab")
        return "\n".join((*lines, f"{len(self.refs)} in all; {self.bound}"))

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
    """Return the rows of one period in *tab*, with the *new* ones of this pass, by their group.

    *says* gives the words that the question has for a row.
    """
    found: dict[str, list[tuple[Key, Row]]] = {}
    for row in (*_unique_rows(s, tab), *_coming(new)):
        key = Key.parse(row.ref)
        if key and key.rule == rule and key.episode == period:
            found.setdefault(row.text("Group"), []).append((key, row))
    return {group: _listing(s, rows, says) for group, rows in found.items()}


def _unique_rows(s: Snapshot, tab: str) -> Iterator[Row]:
    """Yield the rows whose Ref is in the tab once; a copied row counts for nothing."""
    return (row for row in s.workbook.rows(tab) if s.workbook.row(tab, row.ref))


def _coming(new: Sequence[Finding]) -> Iterator[Row]:
    """Yield the rows of *new* as they will read."""
    for finding in new:
        if isinstance(finding.want, WantRow):
            yield Row(finding.want.ref, {**finding.want.first, **finding.want.keep})


def _listing(s: Snapshot, rows: list[tuple[Key, Row]], says: Callable[[Row], str]) -> Listing:
    refs, members = [], []
    for key, row in sorted(rows, key=_by_subject):
        refs.append(row.ref)
        if contact := s.contact_by(key.subject):
            members.append(Member(row, contact, says(row)))
    return Listing(tuple(refs), tuple(members))


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
    """The agent's decisions about a group.

    `choices` gives, by contact id, the choice and whether it is new. `taken_back` has the
    contacts about whom the agent changed the answer.
    """

    choices: Mapping[int, tuple[str, bool]]
    rows: tuple[Finding, ...]
    taken_back: frozenset[int] = frozenset()


def decide(s: Snapshot, group: Group, *, not_ready: str = "") -> Decided:
    """Ask about the group, or about each of its members if the agent chose that."""
    if group.single_only:
        return _each(s, group, not_ready)
    answer = ask_once(
        s,
        group.question,
        not_ready=not_ready,
        revocable=group.revocable,
        bound=group.listing.bound,
    )
    rows = (answer.row,) if answer.row else ()
    if answer.choice == ONE_BY_ONE:
        each = _each(s, group, not_ready)
        return replace(each, rows=(*rows, *each.rows))
    everyone = [member.contact.id for member in group.listing.members]
    choices = dict.fromkeys(everyone, (answer.choice, not answer.acted)) if answer.choice else {}
    return Decided(choices, rows, frozenset(everyone if answer.taken_back else ()))


def _each(s: Snapshot, group: Group, not_ready: str) -> Decided:
    """Ask about each member, a few a week."""
    rows: list[Finding] = []
    choices: dict[int, tuple[str, bool]] = {}
    taken_back: set[int] = set()
    due = group.question.due
    waiting = [Waiting(group.singles[m.contact.id], due) for m in group.listing.members]
    for question in few_questions(s, group.question.key.rule, waiting):
        answer = ask_once(s, question, not_ready=not_ready, revocable=group.revocable)
        rows += [answer.row] if answer.row else []
        assert question.person_id is not None  # it is about a contact
        if answer.choice:
            choices[question.person_id] = (answer.choice, not answer.acted)
        if answer.taken_back:
            taken_back.add(question.person_id)
    return Decided(choices, tuple(rows), frozenset(taken_back))


def superseded(s: Snapshot, rule: str, period: str) -> Iterator[Finding]:
    """Close the unanswered questions of earlier periods; the current one asks again."""
    for key, row in approvals.open_rows(s, rule):
        if key.episode.partition("-")[0] < period and not row.acted:
            yield last_word(row, f"{approvals.DONE}: not answered; asked again with {period}")


def key(rule: str, subject: str, period: str, code: str) -> Key:
    """Return the key of a question about a group (subject ``a0``) or about one contact."""
    return Key(rule, subject, f"{period}-{code}")
