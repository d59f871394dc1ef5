"""The rows of `Approvals` that ask the agent about a plan, and the agent's answer.

The text of a row is fixed when it is put up: the plan that it shows is the plan that the agent
approves. `apply --digest` answers it at the keyboard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from daemon.passes.actions import Action
from policies.asks import question as questions
from policies.asks.wants import WantRow
from policies.registry import Policy
from policies.world.sheet import Workbook
from policies.world.snapshot import Snapshot

SHOWN = 150
"""Lines of a held plan above which it is also put up as a tab: a cell shows no more at a glance."""
LONGEST_PLAN = 20_000
"""Characters of a plan that are shown in its Approvals row."""


def fresh_ref(book: Workbook, base: str) -> str:
    """The Ref under which *base* is asked now. It is a new one if an earlier answer was acted on or
    voided, or is no longer needed.
    """
    return questions.numbered(book, base, questions.once_spent)


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
    """The contact and the change, where a record is changed (DB-46)."""
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
