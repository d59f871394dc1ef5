"""The row of `Approvals` that asks the agent to acknowledge new and changed policies (rule 13).

Its Digest keeps the fingerprint of every policy that it asks about. A yes therefore counts for
each of them that is still the same, even if others have changed before a pass saw the yes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from daemon.passes.acknowledgement.begun_work import Thread, begun, thread
from daemon.passes.acknowledgement.fingerprints import fingerprint
from daemon.passes.acknowledgement.policy_approval import described, writes
from daemon.passes.acknowledgement.policy_status import PolicyStatus
from daemon.passes.actions import Action
from policies.asks import approvals
from policies.asks import question as questions
from policies.asks.wants import Finding
from policies.registry import Policy
from policies.world.calendar import american
from policies.world.model import Key
from policies.world.practice import Practice
from policies.world.sheet import Workbook
from policies.world.snapshot import Snapshot

PREFIX = "ACK "
"""How the Ref of such a row begins."""
SOON = timedelta(days=7)
"""The time within which a touch that waits for the agent is named (X-92)."""
STATUSES = {
    "": approvals.WAITING,
    approvals.HOLD: "On hold: nothing new begins; what was begun goes on as before",
    approvals.REJECT: "You chose Reject: nothing new begins; what was begun goes on as before",
}
"""The Status of the row by the choice in it. It stays open: an Approve counts at any time."""
NAMED = 20
"""Touches that are named; of the rest only the number is."""


# -- what is asked ---------------------------------------------------------------------------------


def row(
    s: Snapshot, status: PolicyStatus, shown: Sequence[Action], touches: Sequence[str]
) -> Finding:
    """Want the row for the policies that wait: beside it the plan *shown*, and in its Status the
    *touches* that are held back meanwhile.
    """
    what = _what(s, status)
    held_back = f". {_named(touches)}" if touches else ""
    statuses = {choice: f"{said}{held_back}" for choice, said in STATUSES.items()}
    want = questions.fixed(
        s.workbook,
        status.ref,
        rule="DB-05",
        what=f"{what} {_named(touches)}" if touches else what,
        text=described(shown),
        due=s.today,
        covers=_written(status.pending, s.practice),
        statuses=statuses,
    )
    return Finding("DB-05", what, want)


def _what(s: Snapshot, status: PolicyStatus) -> str:
    found = writes(status.pending)
    could = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in found.items() if names)
    return (
        f"{'Changed' if s.activated else 'First activation'}:"
        f" {', '.join(status.changed(s.practice))}. Approve to let it act; the plan of today is"
        f" beside. It could write {could or 'no tag, stage or field'}, besides tasks, notes and"
        " rows."
    )


def _named(touches: Sequence[str]) -> str:
    rest = len(touches) - NAMED
    more = f"; and {rest} more" if rest > 0 else ""
    said = "; ".join(touches[:NAMED])
    return f"Held back until you approve, and due within {SOON.days} days: {said}{more}."


def touches(
    s: Snapshot, wanted: Sequence[Action], coming: Sequence[Action], running: Sequence[Action]
) -> Sequence[str]:
    """Name the touches that people would be asked about within the next days and that wait. One
    that was begun, or is in *running*, goes on without a word from the agent.

    *wanted* are the actions of today. *coming* are those of a plan at the end of that time: what
    fell due before has no exact day there, so that only the occasion in its name is given.
    """
    goes_on = begun(s) | {_thread(action) for action in running}
    found: dict[Thread, str] = {}
    for action, exact in (*((a, True) for a in wanted), *((a, False) for a in coming)):
        due = action.after.get("dueDate") or action.after.get("Due")
        if not action.asks or not isinstance(due, date) or due > s.today + SOON:
            continue
        if (of := _thread(action)) not in goes_on:
            called = _called(action)
            found.setdefault(of, f"{called} ({american(due)})" if exact else called)
    return tuple(found.values())


def _thread(action: Action) -> Thread:
    key = Key.parse(action.mark)
    return thread(key) if key else ("", action.mark, "")


def _called(action: Action) -> str:
    """A task by its name, a row by its client and the first sentence of its question."""
    if name := action.after.get("name"):
        return str(name)
    client, what = action.after.get("Client"), str(action.after.get("What"))
    return ": ".join(map(str, filter(None, (client, what.partition(". ")[0]))))


# -- what a yes is about ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Yes:
    """The policies that the agent acknowledged in the Sheet, and the rows that did it."""

    policies: tuple[Policy, ...] = ()
    refs: tuple[str, ...] = ()


def yes_in_sheet(book: Workbook, status: PolicyStatus, practice: Practice) -> Yes:
    """The policies that the agent has approved since the last pass, each as it was shown."""
    agreed: set[str] = set()
    refs = []
    for decision in approvals.every(book):
        if not decision.ref.startswith(PREFIX) or not questions.approved(book, decision.ref):
            continue
        if covered := _covered(
            decision.facts, status, practice, same_set=decision.ref == status.ref
        ):
            agreed |= covered
            refs.append(decision.ref)
    return Yes(tuple(p for p in status.pending if p.name in agreed), tuple(refs))


def _covered(
    covers: str, status: PolicyStatus, practice: Practice, *, same_set: bool
) -> frozenset[str]:
    """The waiting policies that a row asked about as they are now.

    A row that keeps no fingerprints is named after the whole set of them.
    """
    if not covers:
        return frozenset(p.name for p in status.pending) if same_set else frozenset()
    shown = _read(covers)
    return frozenset(
        p.name for p in status.pending if shown.get(p.name) == fingerprint(p, practice)
    )


def _written(pending: Sequence[Policy], practice: Practice) -> str:
    return "+".join(f"{p.name}={fingerprint(p, practice)}" for p in pending)


def _read(covers: str) -> Mapping[str, str]:
    pairs = (pair.partition("=") for pair in covers.split("+"))
    return {name: shown for name, _, shown in pairs}
