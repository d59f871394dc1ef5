"""A dated touch as a value: who hears from the agent on which occasion, the reminders before it,
and the words.

A kind of touch (closing anniversary, birthday …) is a builder of these; `chain` says what the
procedure wants of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import date

from policies.asks import approvals
from policies.asks.episodes import ARRANGE, LATE, SEND, parsed
from policies.asks.followup import Matter
from policies.asks.lint import Lint
from policies.facts.contact_permission import Reason, Way, reasons_against
from policies.world.calendar import Window, compact
from policies.world.model import Contact, Key, Task
from policies.world.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of touch. `code` keeps it apart from others of the same subject and day; the rules
    are the clauses its reminders and its send task are kept by. `once` in a lifetime, not once a
    year.
    """

    name: str
    lint: Lint
    code: str = ""
    remind: str = "MS-04"
    send: str = "MS-42"
    once: bool = False
    rules: frozenset[str] = field(init=False)
    """Every rule that tasks and rows of this kind are keyed by."""

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "rules", frozenset({self.remind, self.send, "MS-09", "MS-45", "MS-48"})
        )

    def key(self, rule: str, subject: str, day: date, step: str) -> Key:
        """The key of one step of the touch of *subject* on *day*."""
        return Key(rule, subject, f"{compact(day)}-{self.code + '-' if self.code else ''}{step}")


@dataclass(frozen=True, slots=True)
class Step:
    """A reminder: its name in the key, when it is open, who gets it, and what its task says.

    From the first step that `drafts` on, the draft is in Approvals.
    """

    name: str
    window: Window
    _: KW_ONLY
    to_agent: bool
    says: str
    why: str
    drafts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The parts of a draft: a template by name and text, its merge fields, and a subject to put
    above it.

    `questions` are what must be known or agreed before there can be a draft, each with the clause
    that wants it.
    """

    template: str = ""
    text: str = ""
    subject: str = ""
    questions: tuple[str, ...] = ()
    merge: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """One occasion of one subject. Days are local dates.

    `day` is the occasion and its identity; the escalation counts back from `target`, and nothing
    goes out after `closes`. `send_due` is when a send task made today is due, `send_on` the day the
    text would go out. `words` is asked only when a draft is due. While `unready` names something
    that must come first, nothing is approved, not even the agent's own text. `choices` are the
    words the agent may choose from: Approve, Hold and Reject are always among them, and any other
    ends the touch as it says.
    """

    kind: Kind
    subject: str
    contact: Contact
    day: date
    target: date
    closes: date
    steps: tuple[Step, ...]
    title: str
    occasion: str
    facts: str
    medium: str
    send_due: date
    send_on: date
    send_when: str
    words: Callable[[], Wording]
    ask: str = ""
    unready: str = ""
    choices: tuple[str, ...] = (*approvals.CHOICES, approvals.PERSONAL)

    def key(self, rule: str, step: str) -> Key:
        """The key of one of its steps."""
        return self.kind.key(rule, self.subject, self.day, step)

    @property
    def draft_key(self) -> Key:
        """The key of its row in Approvals."""
        return self.key("MS-09", "draft")

    @property
    def send_key(self) -> Key:
        """The key of its send task."""
        return self.key(self.kind.send, SEND)

    @property
    def late_key(self) -> Key:
        """The key of the agent's task about it, where it was approved and missed (X-81)."""
        return self.key(self.kind.send, LATE)

    @property
    def personal_key(self) -> Key:
        """The key of the task to arrange what the agent wants done instead."""
        return self.key(self.kind.send, ARRANGE)


def belongs(key: Key | None, kind: Kind) -> date | None:
    """The occasion's day if *key* is a step of a touch of *kind*."""
    if (
        key is None
        or key.rule not in kind.rules
        or (found := parsed(key.episode)) is None
        or found[1] != kind.code
    ):
        return None
    return found[0]


def tasks_of(s: Snapshot, kind: Kind, subject: str, day: date | None = None) -> Iterator[Task]:
    """Our tasks of one subject's touches of *kind*; only those of the occasion on *day*, if one is
    given.
    """
    for task in s.own_tasks.get(subject, ()):
        then = belongs(task.key, kind)
        if then is not None and (day is None or then == day):
            yield task


def asked_of(s: Snapshot, kind: Kind, subject: str, day: date) -> Matter:
    """Everything that was asked about the touch of *subject* on *day*: its tasks and its row."""
    row = approvals.read(s.workbook, kind.key("MS-09", subject, day, "draft"))
    return Matter(tuple(tasks_of(s, kind, subject, day)), (row,) if row else ())


def asleep(s: Snapshot, kind: Kind, subject: str, day: date, opens: date) -> bool:
    """Whether nothing can be asked of this touch yet: no reminder is open before *opens*, and
    nothing of it is there.
    """
    return (
        s.today < opens
        and subject not in s.own_tasks
        and (not s.workbook.holds("Approvals", str(kind.key("MS-09", subject, day, "draft"))))
    )


WAYS = {"e-mail": Way.EMAIL, "card": Way.CARD, "text": Way.TEXT}


def holds(s: Snapshot, contact: Contact, medium: str) -> tuple[Reason, ...]:
    """Return what keeps a touch in this medium from going out to *contact* (X-64)."""
    return reasons_against(s, contact, WAYS.get(medium, Way.TOUCH))


def first_lines(*lines: Iterable[str]) -> tuple[str, ...]:
    """Questions from several places, each once, in order."""
    return tuple(dict.fromkeys(line for some in lines for line in some))
