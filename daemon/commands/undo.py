"""`steward undo PASS`: takes back what a pass did, where it still is as Steward left it, and sees
to it that it is not redone.

Open tasks are withdrawn, fields that were filled are cleared, a stage is moved back. Steward has no
right to take off a tag: each contact who got one gets a task for the VA that names it. Steward may
not take away a note or a row of the Sheet either: they are listed for people, and so is everything
that people changed since. The ledger holds no texts. `Memory` names the tags and stages. A task
that a person reworded is recognized by what a policy wants today; if no policy wants it any
longer, the change is not noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from daemon.account.wiring import Account
from daemon.errors import NotNow, Usage
from daemon.passes import ask_policies, guard, housekeeping, limits, reconcile, session
from daemon.passes import plan as planning
from daemon.passes.actions import Action, Outcome
from daemon.passes.acts.act import NO_RIGHT, Entry, Undone, Wanted
from daemon.passes.acts.kinds import UNDONE
from daemon.passes.acts.tasks import TAKEN_BACK
from daemon.passes.apply import Hands
from daemon.passes.decided import Decided, decide
from policies.asks.wants import (
    Finding,
    WantTask,
)
from policies.registry import POLICIES
from policies.world import memory
from policies.world.model import Key
from policies.world.snapshot import Snapshot

TAKE_OFF = "ST-01"
"""The rule in the mark of a task that asks to take tags off; no procedure's."""
Tags = dict[int, dict[str, str]]
"""The tags to take off, by contact, each with the clause that had asked for it."""


@dataclass(frozen=True, slots=True)
class Undo:
    """The actions that take a pass back, and by mark the reason why the rest is left to people."""

    seen: Decided
    actions: list[Action] = field(default_factory=list)
    by_hand: dict[str, str] = field(default_factory=dict)


def of(account: Account, pass_id: str, now: datetime) -> Undo:
    """Work out how *pass_id* would be taken back now.

    Raises:
        Usage: no pass of that id did anything here. NotNow: not everything could be seen.
    """
    entries = [
        e
        for e in account.ledger.journal()
        if e["pass"] == pass_id and e["outcome"] == "done" and e["entity"] != memory.TAB
    ]
    if not entries:
        raise Usage(f"no pass {pass_id!r} did anything here; `steward journal` lists them")
    decided = decide(account, now)
    if decided.seen.troubles:
        raise NotNow("; ".join(decided.seen.troubles.values()))
    found, s = Undo(decided), decided.seen.snapshot
    wanted = _wanted_now(s, frozenset(e["person_id"] for e in entries if e["entity"] == "field"))
    tags: Tags = {}
    for line in entries:
        entry = Entry(*(line[name] for name in ("mark", "verb", "entity", "clause", "person_id")))
        undone = _undone(s, entry, wanted)
        found.actions.extend(undone.actions)
        if undone.tag and entry.person_id:
            tags.setdefault(entry.person_id, {})[undone.tag] = entry.clause
        if undone.by_hand:
            found.by_hand[f"{entry.verb} {entry.entity} {entry.mark}"] = undone.by_hand
    findings = [_to_take_off(s, pass_id, person_id, named) for person_id, named in tags.items()]
    found.actions.extend(planning.make(s, findings).actions)
    return found


def _wanted_now(s: Snapshot, filled: frozenset[int]) -> Wanted:
    """The wants of the world as it is, and before them those of the one in which nothing was
    written into the fields of the contacts *filled*.
    """
    own = {name for policy in POLICIES for name in policy.sets_fields}
    bare = {
        i: replace(c, fields={n: v for n, v in c.fields.items() if n not in own})
        for i, c in s.contacts.items()
        if i in filled
    }
    findings: list[Finding] = []
    for world in (replace(s, contacts={**s.contacts, **bare}), s):
        findings += chain.from_iterable(ask_policies.ask(POLICIES, world)[0].values())
    return Wanted(tuple(finding.want for finding in findings))


def _undone(s: Snapshot, entry: Entry, wanted: Wanted) -> Undone:
    """How one line of the journal is taken back, within Steward's rights."""
    act = UNDONE.get((entry.entity, entry.verb))
    undone = act.undo(s, entry, wanted) if act else NO_RIGHT
    for action in undone.actions:
        if why := guard.forbidden(action):
            return Undone(by_hand=f"{why}: undo it by hand")
    return undone


def _to_take_off(s: Snapshot, pass_id: str, person_id: int, named: Mapping[str, str]) -> Finding:
    """One task for each contact and pass, on the contact: whoever does it has the tags before
    them.
    """
    said = f"the tag{'s' if len(named) > 1 else ''} {', '.join(map(repr, named))}"
    due = s.business.after(s.today, 1)
    return Finding(
        next(iter(named.values())),
        f"Steward set {said}, and that is taken back",
        WantTask(
            key=Key(TAKE_OFF, f"p{person_id}", "".join(c for c in pass_id if c.isalnum())),
            person_id=person_id,
            assignee=s.practice.va_id,
            kind="Follow Up",
            name=f"Take off by hand: {said}",
            due=due,
            useful_until=due,
        ),
    )


def carry_out(
    account: Account, pass_id: str, now: datetime, tell: Callable[[Outcome], None]
) -> Sequence[Outcome]:
    """Take the pass back, under the pass lock and through the guard.

    Raises:
        Usage, NotNow: as `of` does; NotNow also while another pass runs or people have paused
            Steward.
    """
    with session.recorded(account) as own_id:
        found = of(account, pass_id, now)
        if held := reconcile.held(account, found.seen.seen, TAKEN_BACK):
            raise NotNow(held)
        # A person at the keyboard has seen the list: that lifts the limits on how much, and never
        # the allow-list.
        verdict = guard.check(
            found.actions,
            limits.limits_of(account),
            confirmed=frozenset(a.fingerprint for a in found.actions),
        )
        outcomes = Hands(
            account, patient=True, tell=housekeeping.recording(account, own_id, tell)
        ).carry_out(verdict.allowed)
        account.ledger.end_pass(
            own_id, account.clock.now(), "undo", {"done": sum(o.happened for o in outcomes)}
        )
        return outcomes
