"""The agent's answers about pairs of contacts, and the questions that are still open: one by one
while they are few, else in one row.

The agent never has more than `AT_ONCE` rows of one topic to click through: one row covers every
pair that stood in the tab `Duplicates` before it was answered (architecture rule 12). "Not the same
person" holds for twelve months and is then asked again. A household, or an address that is really
shared, is asked about once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from policies.asks import approvals
from policies.asks.approvals import ONE_BY_ONE
from policies.asks.escalation import DatabaseIssue, database_message
from policies.asks.question import Again, Question, ask, current, each_year, once_used
from policies.asks.wants import Finding
from policies.facts.same_person.pairs import Kind, Pair
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

AT_ONCE = 10
"""Questions about single pairs of one topic that stand open at once; more pairs than that are many
(DB-40, X-31).
"""
MERGE, NOT_SAME = "Merge", "Not the same person"
DIFFERENT, CORRECT, HOUSEHOLD = "Different people", "Correct the record", "One household"
_FOR_A_YEAR = (NOT_SAME, approvals.REJECT)
_WAITING = "waiting"
_UNSETTLED = frozenset({_WAITING, ONE_BY_ONE, approvals.APPROVE})
"""Answers about all pairs together that leave the single one open."""


def significant(pairs: int, contacts: int) -> bool:
    """Whether so many duplicates are found that none is merged without the agent's word: more than
    10, or than 2 % (DB-40).
    """
    return pairs > AT_ONCE or pairs * 50 > contacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A kind of question about pairs. `single` and `group` are (rule, episode) of its rows, with
    the answers offered beside Hold. `many` says of so many open pairs among so many contacts
    whether they are asked about in one row.
    """

    kinds: tuple[Kind, ...]
    single: tuple[str, str]
    group: tuple[str, str]
    choices: tuple[str, ...]
    group_choices: tuple[str, ...]
    issue: DatabaseIssue | None
    what: str
    many: Callable[[int, int], bool]


DOUBLES = Topic(
    kinds=(Kind.CERTAIN, Kind.REVIEW),
    single=("DB-23", "decide"),
    group=("DB-40", "duplicates"),
    issue=DatabaseIssue.DUPLICATES,
    choices=(MERGE, NOT_SAME, approvals.HOLD),
    group_choices=(approvals.APPROVE, ONE_BY_ONE, approvals.HOLD, approvals.REJECT),
    many=significant,
    what=(
        "Contacts that may be one person; the tab Duplicates lists them. Approve: the VA merges the"
        " certain ones, no more than 25 a week, and you are asked about each of the others. Reject:"
        " none is merged."
    ),
)
CONFLICTS = Topic(
    kinds=(Kind.CONFLICT,),
    single=("DB-44", "identity"),
    group=("DB-44", "identities"),
    issue=DatabaseIssue.IDENTITY,
    choices=(DIFFERENT, MERGE, CORRECT, approvals.HOLD),
    group_choices=(DIFFERENT, ONE_BY_ONE, approvals.HOLD),
    many=lambda pairs, _: pairs > AT_ONCE,
    what=(
        "People of different names on one e-mail or phone; the tab Duplicates lists them. Nothing"
        f" goes out to any of them until you have answered. {DIFFERENT}: they really share it."
    ),
)
HOUSEHOLDS = Topic(
    kinds=(Kind.HOUSEHOLD,),
    single=("DB-23", "household"),
    group=("DB-23", "households"),
    issue=None,
    choices=(HOUSEHOLD, MERGE, approvals.HOLD),
    group_choices=(HOUSEHOLD, ONE_BY_ONE, approvals.HOLD),
    many=lambda pairs, _: pairs > 0,
    what=(
        f"Do these share an e-mail or phone because they are one household? {ONE_BY_ONE} asks about"
        " every pair. Nothing is held."
    ),
)
TOPICS = (DOUBLES, CONFLICTS, HOUSEHOLDS)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The answer that counts for each pair, by subject; "" while it is open. `rows` ask, and
    `asked` are the Refs of every row that is a question still, or an answer that counts.
    """

    said: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Finding, ...] = ()
    asked: frozenset[str] = frozenset()


def merge_key(pair: Pair) -> Key:
    """The VA's task to merge a pair."""
    return Key("DB-23", pair.subject, "merge")


def correct_key(pair: Pair) -> Key:
    """The VA's task to correct what two people share."""
    return Key("DB-44", pair.subject, "correct")


def row_ref(pair: Pair) -> str:
    """The Ref of a pair's row in the tab `Duplicates`."""
    return str(Key("DB-23", pair.subject, "pair"))


def weigh(s: Snapshot, topic: Topic, pairs: Sequence[Pair], contacts: int) -> Verdicts:
    """The verdicts on *pairs*, which are all of the topic's, in a database of so many
    *contacts*.
    """
    weighing = _Weighing(s, topic)
    for pair in pairs:
        weighing.heard(pair)
    open_ = [
        pair for pair in pairs if not weighing.said[pair.subject] and not weighing.has_row(pair)
    ]
    if topic.many(len(open_), contacts):
        weighing.ask_together(open_)
    for pair in pairs:
        weighing.settle(pair)
    said = {subject: "" if word in _UNSETTLED else word for subject, word in weighing.said.items()}
    return Verdicts(said, tuple(weighing.rows), frozenset(weighing.asked))


@dataclass
class _Weighing:
    s: Snapshot
    topic: Topic
    said: dict[str, str] = field(default_factory=dict)
    rows: list[Finding] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    unanswered: int = 0

    def __post_init__(self) -> None:
        answered = [
            row
            for key, row in approvals.keyed(self.s)
            if row.acted and (key.rule, key.base.episode) == self.topic.group
        ]
        self.groups = sorted(answered, key=lambda row: row.decided_on)  # people may sort the tab

    def heard(self, pair: Pair) -> None:
        """Note the answer about this pair alone, else the one about all pairs while it was among
        them, or one given before it was a conflict. A pair that the VA already merges needs none.
        """
        self.said[pair.subject] = ""
        if self.has_row(pair):
            self._ask(pair)
        else:
            self.said[pair.subject] = self._covered(pair) or self._told_apart(pair)
        if (
            pair.kind is Kind.CERTAIN
            and not self.said[pair.subject]
            and not self.has_row(pair)
            and with_the_va(self.s, merge_key(pair))
        ):
            self.said[pair.subject] = MERGE

    def has_row(self, pair: Pair) -> bool:
        """Whether this pair was asked about by itself."""
        return self.s.workbook.holds("Approvals", str(self._key(pair)))

    def _key(self, pair: Pair) -> Key:
        rule, episode = self.topic.single
        return current(self.s.workbook, Key(rule, pair.subject, episode), self._again)

    @cached_property
    def _again(self) -> Again:
        """How long an answer holds: that two are not one for twelve months, any other for good."""
        return each_year(self.s.today, _FOR_A_YEAR)

    def _covered(self, pair: Pair) -> str:
        seen = self.s.workbook.row("Duplicates", row_ref(pair))
        if seen is None or not seen.text("First Seen"):
            return ""
        since = max(seen.text("First Seen"), self._born(pair))
        after = (row for row in reversed(self.groups) if since <= row.decided_on)
        answers = (row.answer for row in after if not self._again(row))
        return next(filter(None, answers), "")

    def _told_apart(self, pair: Pair) -> str:
        """Different people, where the agent has said so of a conflict before it looked like one: in
        the question about a household, or about a double. The agent is asked this once (X-61).
        """
        if self.topic is not CONFLICTS:
            return ""
        apart = any(asked.answered(pair) == word for asked, word in self._before)
        return DIFFERENT if apart else ""

    @cached_property
    def _before(self) -> Sequence[tuple[_Weighing, str]]:
        """The other questions about a pair, and the answer of each that tells the two apart."""
        return (_Weighing(self.s, HOUSEHOLDS), HOUSEHOLD), (_Weighing(self.s, DOUBLES), NOT_SAME)

    def answered(self, pair: Pair) -> str:
        """The answer about this pair that was acted on, alone or with all others; "" for none."""
        if not self.has_row(pair):
            return self._covered(pair)
        row = approvals.read(self.s.workbook, self._key(pair), self.topic.choices)
        return row.answer if row and row.acted else ""

    def _born(self, pair: Pair) -> str:
        """The minute the younger of the two came into the CRM: an answer from before it was not
        about them.
        """
        born = [c.created for c in (self.s.contacts[pair.a], self.s.contacts[pair.b]) if c.created]
        return f"{max(born).astimezone(self.s.now.tzinfo):%Y-%m-%d %H:%M}" if born else ""

    def ask_together(self, pairs: Sequence[Pair]) -> None:
        """One row about all of them; its answer counts for those that stood in the tab when it was
        given.
        """
        rule, episode = self.topic.group
        key = current(self.s.workbook, Key(rule, pairs[0].subject, episode), once_used)
        records = len({i for pair in pairs for i in (pair.a, pair.b)})
        text = (
            _message(self.s, self.topic.issue, records)
            if self.topic.issue
            else _listed(self.s, pairs)
        )
        answer = ask(
            self.s,
            Question(
                key=key,
                clause=rule,
                reason=f"{len(pairs)} pairs of contacts that nothing is known of yet",
                what=self.topic.what,
                text=text,
                due=self.s.business.after(self.s.today, 5),
                choices=self.topic.group_choices,
            ),
        )
        self.asked.add(str(key))
        self.rows += [answer.row] if answer.row else []
        for pair in pairs:
            there = self.s.workbook.holds("Duplicates", row_ref(pair))
            self.said[pair.subject] = answer.choice if answer.choice and there else _WAITING

    def settle(self, pair: Pair) -> None:
        """Settle a pair without an answer of its own: a certain one is merged, any other is asked
        about by itself.
        """
        word = self.said[pair.subject]
        if pair.kind is Kind.CERTAIN and word in {"", approvals.APPROVE} and not self.has_row(pair):
            self.said[pair.subject] = MERGE
        elif (
            word in {"", approvals.APPROVE, ONE_BY_ONE}
            and not self.has_row(pair)
            and self.unanswered < AT_ONCE
        ):
            self._ask(pair)

    def _ask(self, pair: Pair) -> None:
        key, (one, other), conflict = (
            self._key(pair),
            (self.s.contacts[pair.a], self.s.contacts[pair.b]),
            self.topic is CONFLICTS,
        )
        who = f"{_called(one)} and {_called(other)}: {pair.reason}"
        text = (
            _message(self.s, self.topic.issue, 2)
            if conflict
            else f"{who}. The tab Duplicates has their links and which to keep."
        )
        answer = ask(
            self.s,
            Question(
                key=key,
                lasting=True,
                clause=key.rule,
                reason=who,
                client=f"{one.name} / {other.name}",
                person_id=one.id,
                choices=self.topic.choices,
                text=text,
                what=(
                    f"{who}. Nothing goes out to either until you say who is who."
                    if conflict
                    else f"{who}. Are they one person?"
                ),
                due=self.s.business.after(self.s.today, 1 if conflict else 5),
                then={MERGE: (merge_key(pair),), CORRECT: (correct_key(pair),)},
            ),
        )
        self.asked.add(str(key))
        self.rows += [answer.row] if answer.row else []
        self.unanswered += not answer.choice
        self.said[pair.subject] = answer.choice


def with_the_va(s: Snapshot, key: Key) -> bool:
    """Whether the VA has, or had, this task; one that a person deleted counts, one that was
    withdrawn does not.
    """
    return key in s.deleted or any(not task.withdrawn for task in s.lives(key))


def _message(s: Snapshot, issue: DatabaseIssue | None, records: int) -> str:
    assert issue is not None
    return database_message(
        issue, agent=s.practice.agent_name, records=records, va=s.practice.va_name
    )


def _listed(s: Snapshot, pairs: Sequence[Pair], shown: int = 250) -> str:
    lines = [
        f"{_called(s.contacts[pair.a])} and {_called(s.contacts[pair.b])}: {pair.reason}"
        for pair in pairs
    ]
    more = [f"… and {len(lines) - shown} more, in the tab Duplicates"] if len(lines) > shown else []
    return "\n".join([*lines[:shown], *more])


def _called(contact: Contact) -> str:
    return f"{contact.name} (contact {contact.id})"
