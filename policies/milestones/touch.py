"""A dated touch as a value: the contact, the occasion, the reminders before it, and the words.

Each kind of touch (closing anniversary, birthday …) has a module that builds these; `chain` says
what the procedure asks for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import date
from functools import cached_property

from policies.asks import approvals
from policies.asks.episodes import ARRANGE, LATE, SEND, parsed
from policies.asks.followup import Matter
from policies.asks.lint import Lint
from policies.facts.contact_permission import Reason, Verdict, Way, reasons_against
from policies.world.calendar import DAY, Window, compact
from policies.world.model import Contact, Key, Task
from policies.world.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of touch.

    `code` tells it from other kinds of the same subject and day. `remind` and `send` are the
    clauses of its reminders and its send task. `once` means once per home, not once a year. `grace`
    is the number of days after the occasion on which it may still go out.
    """

    name: str
    lint: Lint
    code: str = ""
    remind: str = "MS-04"
    send: str = "MS-42"
    once: bool = False
    grace: int = 0
    rules: frozenset[str] = field(init=False)
    """Every rule that tasks and rows of this kind are keyed by."""

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "rules", frozenset({self.remind, self.send, "MS-09", "MS-45", "MS-48"})
        )

    def closes(self, day: date) -> date:
        """The last day on which the touch of the occasion on *day* may go out."""
        return day + self.grace * DAY

    def key(self, rule: str, subject: str, day: date, step: str) -> Key:
        """The key of one step of the touch of *subject* on *day*."""
        return Key(rule, subject, f"{compact(day)}-{self.code + '-' if self.code else ''}{step}")


@dataclass(frozen=True, slots=True)
class Step:
    """A reminder: its name in the key, when it is open, who gets it, and what its task says.

    The draft is in Approvals from the first step that `drafts`.
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
    """The parts of a draft: a template by name and text, its merge fields, and a subject line.

    There is no draft while there are `questions` about the client, or while the agent has yet to
    word or set up something (`unworded`). Both name the clause that requires an answer.
    """

    template: str = ""
    text: str = ""
    subject: str = ""
    questions: tuple[str, ...] = ()
    unworded: tuple[str, ...] = ()
    merge: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Instead:
    """The medium that was chosen and may not reach the person, whatever the agent answers, and
    why: another one is used.
    """

    of: str
    because: Reason


@dataclass(frozen=True, kw_only=True)
class Touch:
    """One occasion of one subject. Days are local dates.

    `day` is the occasion and its identity. The escalation counts back from `target`, and nothing
    goes out after `closes`. `send_due` is when a send task made today is due, `send_on` the day the
    text would go out. `words` is called only when a draft is due. `unready` names what must be
    settled before anything can be approved, even a text of the agent's own. `opted_out` are others
    of the household, about whom the agent is asked as well. `choices` are the words the agent may
    choose from: Approve, Hold and Reject are always among them, and any other word
    ends the touch.
    """

    kind: Kind
    subject: str
    contact: Contact
    day: date
    target: date
    steps: tuple[Step, ...]
    title: str
    occasion: str
    facts: str
    medium: str
    instead: Instead | None = None
    send_due: date
    send_on: date
    send_when: str
    words: Callable[[], Wording]
    ask: str = ""
    unready: str = ""
    opted_out: tuple[Contact, ...] = ()
    choices: tuple[str, ...] = (*approvals.CHOICES, approvals.PERSONAL)

    @property
    def closes(self) -> date:
        """The last day on which it may go out."""
        return self.kind.closes(self.day)

    def key(self, rule: str, step: str) -> Key:
        """The key of one of its steps."""
        return self.kind.key(rule, self.subject, self.day, step)

    @cached_property
    def draft_key(self) -> Key:
        """The key of its row in Approvals."""
        return self.key("MS-09", "draft")

    @cached_property
    def send_key(self) -> Key:
        """The key of the VA's task to send it."""
        return self.key(self.kind.send, SEND)

    @property
    def late_key(self) -> Key:
        """The key of the agent's task about an approved touch that was missed (X-81)."""
        return self.key(self.kind.send, LATE)

    @cached_property
    def personal_key(self) -> Key:
        """The key of the task to arrange what the agent wants done instead."""
        return self.key(self.kind.send, ARRANGE)


def belongs(key: Key | None, kind: Kind) -> date | None:
    """Return the occasion's day if *key* is a step of a touch of *kind*, else None."""
    if key is None or key.rule not in kind.rules:
        return None
    episode = parsed(key.episode)
    return episode[0] if episode and episode[1] == kind.code else None


def tasks_of(s: Snapshot, kind: Kind, subject: str, day: date | None = None) -> Iterator[Task]:
    """Yield our tasks for the subject's touches of *kind*, for those on *day* if it is given."""
    for task in s.own_tasks.get(subject, ()):
        then = belongs(task.key, kind)
        if then is not None and (day is None or then == day):
            yield task


def asked_of(s: Snapshot, kind: Kind, subject: str, day: date) -> Matter:
    """Gather everything that was asked about the touch on *day*: its tasks and its row."""
    row = approvals.read(s.workbook, kind.key("MS-09", subject, day, "draft"))
    return Matter(tuple(tasks_of(s, kind, subject, day)), (row,) if row else ())


def not_begun(s: Snapshot, kind: Kind, subject: str, day: date, opens: date) -> bool:
    """Tell whether this touch needs nothing yet.

    Its first reminder *opens* later, the subject has no task of ours, and there is no draft.
    """
    if s.today >= opens or subject in s.own_tasks:
        return False
    return not s.workbook.holds("Approvals", str(kind.key("MS-09", subject, day, "draft")))


WAYS = {"e-mail": Way.EMAIL, "card": Way.CARD, "text": Way.TEXT}


def medium_of(s: Snapshot, contact: Contact, chosen: str) -> tuple[str, Instead | None]:
    """Return the medium of a touch to *contact*: a card where the *chosen* one may never reach them
    and a card may (X-64, X-66).
    """
    reason = next((r for r in holds(s, contact, chosen) if r.kind is not Verdict.HOLD), None)
    if reason is None or any(r.sign == reason.sign for r in holds(s, contact, "card")):
        return chosen, None
    return "card", Instead(chosen, reason)


def why_instead(instead: Instead | None) -> str:
    """Tell the agent why it is a card; "" where the chosen medium is used."""
    if instead is None:
        return ""
    return f"A card, because {_SAID[instead.of]} may not reach them: {instead.because.text}."


_SAID = {"e-mail": "an email", "text": "a text"}


def holds(s: Snapshot, contact: Contact, medium: str) -> tuple[Reason, ...]:
    """Return what keeps a touch in this medium from going out to *contact* (X-64)."""
    return reasons_against(s, contact, WAYS.get(medium, Way.TOUCH))


def first_lines(*lines: Iterable[str]) -> tuple[str, ...]:
    """Return the lines from several places, each once, in order."""
    return tuple(dict.fromkeys(line for some in lines for line in some))
