"""`steward undo PASS`: takes back what a pass did, where it still is as Steward left it, and sees
to it that it is not redone.

Open tasks are withdrawn, fields that were filled are cleared, a stage is moved back. Steward has no
right to take off a tag: each contact who got one gets a task for the VA that names it. What else it
has no right to take away (a note, a row of the Sheet), and what people changed since, is listed for
people to see to. The ledger knows no texts: which tag and which stages is in `Memory`, and that a
task was reworded is seen by comparing it with what a policy wants today, so of one that no policy
wants any more it is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from daemon.account.wiring import Account
from daemon.errors import NotNow, Usage
from daemon.passes import ask_policies, guard, housekeeping, limits, reconcile, session
from daemon.passes import plan as planning
from daemon.passes.actions import Action, remember
from daemon.passes.apply import Hands, Outcome
from daemon.passes.reconcile import Decided
from policies.asks.wants import (
    Finding,
    WantField,
    WantRaised,
    WantStage,
    WantTask,
    WantWithdrawn,
)
from policies.registry import POLICIES
from policies.world import memory
from policies.world.memory import DELETED, DELETED_NOTE, STAGE, TAG
from policies.world.model import STAGE_LABELS, Key, Task, one_line
from policies.world.snapshot import Snapshot, tagged

BECAUSE = "taken back at the keyboard"
TAKE_OFF = "ST-01"
"""The rule in the mark of a task that asks to take tags off; no procedure's."""
Tags = dict[int, dict[str, str]]
"""The tags to take off, by contact, each with the clause that had asked for it."""
SAME = 40
"""Characters of a task's name that are compared: what the CRM leaves of a long one is longer."""


@dataclass(frozen=True)
class Undo:
    """What will be done, and what is left to people, by mark with the reason."""

    seen: Decided
    actions: list[Action] = field(default_factory=list)
    by_hand: dict[str, str] = field(default_factory=dict)


def of(account: Account, pass_id: str, now: datetime) -> Undo:
    """What taking back *pass_id* means now.

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
    decided = reconcile.decide(account, now)
    if decided.seen.troubles:
        raise NotNow("; ".join(decided.seen.troubles.values()))
    found = Undo(decided)
    wants = _Wants.of(
        decided.seen.snapshot, frozenset(e["person_id"] for e in entries if e["entity"] == "field")
    )
    tags: Tags = {}
    for entry in entries:
        why = _take_back(decided.seen.snapshot, entry, wants, found.actions, tags)
        if why:
            found.by_hand[f"{entry['verb']} {entry['entity']} {entry['mark']}"] = why
    findings = [
        _to_take_off(decided.seen.snapshot, pass_id, person_id, named)
        for person_id, named in tags.items()
    ]
    found.actions.extend(planning.make(decided.seen.snapshot, findings).actions)
    return found


@dataclass(frozen=True)
class _Wants:
    """What the policies want now, by mark, and with which words before its name a task may have
    been raised since it was made.
    """

    by_mark: Mapping[str, WantTask | WantField]
    louder: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, s: Snapshot, filled: frozenset[int]) -> _Wants:
        """Of the world as it is, and of the one in which nothing was written into the fields of
        *filled*.
        """
        own = {name for policy in POLICIES for name in policy.sets_fields}
        bare = {
            i: replace(c, fields={n: v for n, v in c.fields.items() if n not in own})
            for i, c in s.contacts.items()
            if i in filled
        }
        worlds = (replace(s, contacts={**s.contacts, **bare}), s)
        said = [
            finding.want
            for world in worlds
            for found in ask_policies.ask(POLICIES, world)[0].values()
            for finding in found
        ]
        return cls(
            {str(want.key): want for want in said if isinstance(want, WantTask | WantField)},
            {
                str(want.key.base): (want.prefix, *want.after)
                for want in said
                if isinstance(want, WantRaised)
            },
        )

    def same(self, want: WantTask, task: Task) -> bool:
        """Whether *task* is as Steward left it."""
        names = one_line(want.name), task.name
        for prefix in self.louder.get(str(want.key.base), ()):
            names = names[0].removeprefix(prefix), names[1].removeprefix(prefix)
        return names[0][:SAME] == names[1][:SAME] and want.assignee == task.assigned_user_id


def _take_back(
    s: Snapshot, entry: Mapping[str, Any], wants: _Wants, actions: list[Action], tags: Tags
) -> str:
    """Add what takes *entry* back to *actions*, or to the *tags* that somebody must take off; or
    say why people must see to it.
    """
    mark, key = entry["mark"], Key.parse(entry["mark"])
    want = wants.by_mark.get(str(key.base) if key else mark)
    if entry["entity"] == "task" and entry["verb"] == "create" and key:
        return _task(s, key, wants, actions)
    if entry["entity"] == "field" and entry["verb"] == "fill":
        contact = s.contacts.get(entry["person_id"])
        if (
            not isinstance(want, WantField)
            or contact is None
            or contact.fields.get(want.field) != want.value
        ):
            return (
                "it does not hold what Steward wrote any more, or nobody knows what that was: look"
                " at it"
            )
        clear = Action(
            mark=mark,
            clause=key.rule if key else "",
            verb="clear",
            entity="field",
            person_id=contact.id,
            reason=BECAUSE,
            before={want.field: want.value},
            after={want.field: None},
            want=replace(want, value="", replaces=want.value),
        )
        if why := guard.forbidden(clear):
            return f"{why}: undo it by hand"
        actions += [
            clear,
            remember(DELETED_NOTE.ref(mark), BECAUSE, s.stamp, s.workbook.tabs[memory.TAB]),
        ]
        return ""
    if entry["entity"] == "stage" and key:
        return _stage(s, key, entry["person_id"], actions)
    if entry["entity"] == "tag":
        return _tag(s, entry, tags)
    return "Steward has no right to take this back: undo it by hand"


def _stage(s: Snapshot, key: Key, person_id: int, actions: list[Action]) -> str:
    """Move a contact back who still stands where the pass moved it. That it was moved once is in
    `Memory`, so that no pass repeats it.
    """
    contact, row = s.contacts.get(person_id), STAGE.value(s.workbook, key)
    moved, left = (row.to, row.left) if row else ("", "")
    if contact is None or contact.stage is None or STAGE_LABELS[contact.stage] != moved:
        return (
            "the contact does not stand where Steward moved it any more, or nobody knows where that"
            " was: look at it"
        )
    back = next(
        (
            stage
            for stage, labels in s.practice.stages.items()
            if labels[0].casefold() == left.casefold()
        ),
        None,
    )
    if back is None:
        return (
            f"Steward cannot move a contact to {left!r}: do it by hand"
            if left
            else "nobody knows from which stage it came: look at it"
        )
    actions.append(
        Action(
            mark=str(key),
            clause=key.rule,
            verb="move",
            entity="stage",
            person_id=person_id,
            reason=BECAUSE,
            before={"stage": contact.stage_label},
            after={"stage": STAGE_LABELS[back]},
            want=WantStage(key=key, person_id=person_id, stage=back, leaves=contact.stage),
        )
    )
    return ""


def _tag(s: Snapshot, entry: Mapping[str, Any], tags: Tags) -> str:
    """Note a tag that the contact still carries. That it was set once is in `Memory`, so that no
    pass repeats it.
    """
    contact, row = (
        s.contacts.get(entry["person_id"]),
        TAG.row(s.workbook, entry["mark"]),
    )
    if contact is None or row is None:
        return "the contact is not seen, or nobody knows which tag it was: look at it"
    if not tagged(contact, (row.text("What"),)):
        return "a person took it off"
    tags.setdefault(contact.id, {})[row.text("What")] = entry["clause"]
    return ""


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


def _task(s: Snapshot, key: Key, wants: _Wants, actions: list[Action]) -> str:
    want = wants.by_mark.get(str(key.base))
    task = next((t for t in s.lives(key) if t.key == key), None)
    if task is None or task.completed or task.withdrawn:
        return "it is done, withdrawn or gone"
    if isinstance(want, WantTask) and not wants.same(want, task):
        return "a person changed it"
    actions += planning.make(s, _withdrawn(key, task)).actions
    if not DELETED.stands(s.workbook, key.base):
        actions.append(
            remember(DELETED.ref(key.base), BECAUSE, s.stamp, s.workbook.tabs[memory.TAB])
        )
    return ""


def _withdrawn(key: Key, task: Task) -> Iterator[Finding]:
    yield Finding(
        key.rule,
        BECAUSE,
        WantWithdrawn(key=key, task_id=task.id, person_id=task.person_id, because=BECAUSE),
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
        if held := reconcile.held(account, found.seen.seen, BECAUSE):
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
