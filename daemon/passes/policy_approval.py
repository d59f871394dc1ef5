"""Rule 13: a new or changed policy acts only after the agent has seen what it would do. Policies
that did not change go on.

What was acknowledged stands in the Sheet's `Memory` tab, one row per policy with its fingerprint:
version, options and wordings. The question stands in `Approvals` as one row with the plan; `apply
--digest` answers it at the keyboard.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from daemon.passes import forecast
from daemon.passes.actions import Action, Plan, remember
from daemon.passes.plan import make
from policies.asks import question as questions
from policies.asks.wants import WantRow
from policies.registry import Policy
from policies.world import memory
from policies.world.memory import ACTIVATION, POLICY
from policies.world.practice import Practice
from policies.world.sheet import Workbook
from policies.world.snapshot import Snapshot

SHOWN = 150
"""Lines of a held plan above which it stands in a tab of its own as well: more than a cell shows at
a glance.
"""
LONGEST_PLAN = 20_000
"""Characters of a plan that are shown in its Approvals row."""


def fingerprint(policy: Policy, practice: Practice) -> str:
    """What the agent acknowledges of a policy: 16 hex digits over its version, the options and its
    wordings.
    """
    table = getattr(practice, policy.procedure, None)
    options = {name: getattr(table, name) for name in policy.options}
    wordings = {name: practice.templates.get(name, "") for name in policy.templates}
    text = json.dumps([policy.name, policy.version, options, wordings], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fresh_ref(book: Workbook, base: str) -> str:
    """The Ref under which *base* is asked now: once more if an earlier answer was acted on, voided,
    or not waited for any more.
    """
    return questions.numbered(book, base, questions.once_spent)


@dataclass(frozen=True, slots=True)
class Standings:
    """Which policies may act, which wait for the agent, what the waiting ones are called together,
    and the row that asks.
    """

    acknowledged: tuple[Policy, ...]
    pending: tuple[Policy, ...]
    set_digest: str
    ref: str


def standings(policies: Sequence[Policy], practice: Practice, book: Workbook) -> Standings:
    """Compare the policies with what Memory says was acknowledged."""
    known = {name: row.text("What") for name, row in POLICY.rows(book)}
    pending = tuple(p for p in policies if known.get(p.name) != fingerprint(p, practice))
    names = ",".join(f"{p.name}={fingerprint(p, practice)}" for p in pending)
    called = hashlib.sha256(names.encode()).hexdigest()[:12]
    return Standings(
        tuple(p for p in policies if p not in pending),
        pending,
        called,
        fresh_ref(book, f"ACK {called}"),
    )


def memory_actions(s: Snapshot, pending: Sequence[Policy]) -> list[Action]:
    """What Memory must say once *pending* are acknowledged; the first time it is also the
    activation.
    """
    when = s.stamp
    tab = s.workbook.tabs.get(memory.TAB)
    rows = (
        []
        if s.activated
        else [remember(ACTIVATION.ref(), s.now.isoformat(timespec="minutes"), when, tab)]
    )
    return [
        *rows,
        *beginnings(s, pending).actions,
        *(remember(POLICY.ref(p.name), fingerprint(p, s.practice), when, tab) for p in pending),
    ]


def beginnings(s: Snapshot, pending: Sequence[Policy]) -> Plan:
    """Where the procedures of *pending* start from, as rows of Memory that are not there yet."""
    return make(s, [finding for p in pending if p.begins for finding in p.begins(s)])


def foreseen(s: Snapshot, pending: Sequence[Policy]) -> Snapshot:
    """*s* with what Memory will say of *pending* once they are acknowledged: so a plan shows what
    would follow at once.
    """
    return forecast.after(s, beginnings(s, pending))


def approved_in_sheet(s: Snapshot, ref: str) -> bool:
    """Whether the agent approved the row *ref* as it was shown."""
    return questions.approved(s.workbook, ref)


def question(
    s: Snapshot, ref: str, rule: str, what: str, shown: Sequence[Action], message: str = ""
) -> WantRow:
    """The Approvals row that asks the agent about *shown*, under a *message* if there is one; its
    text is fixed when it is put up.
    """
    text = f"{message}\n\n{described(shown)}".strip()
    return questions.fixed(s.workbook, ref, rule=rule, what=what, text=text, due=s.today)


def described(actions: Sequence[Action]) -> str:
    """A plan for people: counts first, then one line for every action, cut with a visible
    marker.
    """
    counts: dict[str, int] = {}
    for action in actions:
        counts[f"{action.verb} {action.entity}"] = (
            counts.get(f"{action.verb} {action.entity}", 0) + 1
        )
    lines = [
        ", ".join(f"{n} × {what}" for what, n in sorted(counts.items()))
        or "Nothing would be written today.",
        *lines_of(actions),
    ]
    text = "\n".join(lines)
    return (
        text
        if len(text) <= LONGEST_PLAN
        else text[:LONGEST_PLAN] + "\n… (cut; `steward plan` shows all of it)"
    )


def lines_of(actions: Sequence[Action]) -> list[str]:
    """One line for every action: what is done to whom, and why."""
    return [
        f"{a.clause} {a.verb} {a.entity}:"
        f" {a.after.get('name') or a.after.get('What') or a.mark}{_change(a)} – {a.reason}"
        for a in actions
    ]


def _change(action: Action) -> str:
    """Whose record becomes what, where a contact's record is changed (DB-46)."""
    if action.entity not in {"tag", "field", "stage"}:
        return ""
    changes = "; ".join(
        f"{action.before.get(name) or '(empty)'} → {value or '(empty)'}"
        for name, value in action.after.items()
    )
    return (
        f" (contact {action.person_id},"
        f" {action.after['tag'] if action.entity == 'tag' else changes})"
    )


def writes(policies: Sequence[Policy]) -> Mapping[str, tuple[str, ...]]:
    """Every tag, stage and field these policies could write: what may set off the CRM's own
    automations.
    """
    return {
        "tags": tuple(sorted({tag for p in policies for tag in p.tags})),
        "stages": tuple(sorted({stage.value for p in policies for stage in p.stages})),
        "fields": tuple(sorted({name for p in policies for name in p.sets_fields})),
    }
