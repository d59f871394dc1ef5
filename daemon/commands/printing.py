"""Print plans and outcomes, for people and as JSON documents.

Answers go to standard output, progress to standard error.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.console import Console

from daemon.commands.explain import Explained
from daemon.passes import unreadable
from daemon.passes.actions import Action, Outcome
from daemon.passes.decided import Decided
from daemon.passes.forecast import Ahead
from daemon.passes.reconcile import Pass
from policies.world.snapshot import Snapshot

SHOWN_TEXT = 400


def document(decided: Decided) -> dict[str, Any]:
    """The plan as a JSON document, which is a public contract."""
    return {
        "digest": decided.plan.digest,
        "actions": [action.json() for action in decided.plan.actions],
        "refused": [
            {**refused.action.json(), "why": refused.why} for refused in decided.verdict.refused
        ],
        "skipped_policies": [
            {"policy": name, "reason": reason} for name, reason in decided.skipped.items()
        ],
        "missed": [
            {
                "mark": str(f.want.key),
                "person_id": f.want.person_id,
                "client": f.want.client,
                "what": f.want.what,
                "due": f.want.due.isoformat(),
                "reason": f.reason,
            }
            for f in decided.plan.missed
        ],
        "unacknowledged_policies": [policy.name for policy in decided.policy_status.pending],
        "withheld": decided.withheld,
        "decisions_not_counted": decided.seen.snapshot.workbook.decisions_guarded,
        "paused": decided.seen.brake,
    }


def outcome_document(done: Pass) -> dict[str, Any]:
    """The document of the plan, with the outcome of each action."""
    return {
        **document(done.decided),
        "held": done.held,
        "outcomes": [
            {
                "mark": o.action.mark,
                "verb": o.action.verb,
                "entity": o.action.entity,
                "result": o.result,
                "detail": o.detail,
            }
            for o in done.outcomes
        ],
    }


def show_plan(decided: Decided, out: Console) -> None:
    """Print the plan: each action with its clause, its reason, before and after."""
    s = decided.seen.snapshot
    out.print(
        f"[bold]Plan for {s.now:%A, %Y-%m-%d %H:%M}[/bold] ({len(s.contacts)} contacts,"
        f" {len(s.deals)} deals)"
    )
    for action in decided.plan.actions:
        contact = s.contacts.get(action.person_id or 0)
        out.print(
            f"\n[bold]{action.clause or 'own'}[/bold] {action.verb} {action.entity} "
            f" {_plain(contact.name) if contact else ''}"
        )
        out.print(f"    why             {_plain(action.reason)}")
        for name, value in action.after.items():
            if value in (None, ""):
                continue
            before = action.before.get(name)
            was = f"  (was: {_plain(str(before))[:80]})" if before not in (None, "", False) else ""
            out.print(f"    {name:<15} {_indented(str(value))}{was}")
        out.print(f"    mark            {_plain(action.mark)}", style="dim")
    if decided.withheld:
        out.print(f"\n[red]withheld[/red] {_plain(decided.withheld)}")
    _show_rest(decided, out)
    out.print(
        f"\n{len(decided.plan.actions)} changes, {len(decided.plan.missed)} missed. Digest"
        f" {decided.plan.digest}"
        if decided.plan.actions
        else "\nNothing to do."
    )


def _show_rest(decided: Decided, out: Console) -> None:
    for refused in decided.verdict.refused:
        out.print(
            f"\n[red]refused[/red] {refused.action.verb} {refused.action.entity}"
            f" {_plain(refused.action.mark)}: {_plain(refused.why)}"
        )
    for name, reason in decided.skipped.items():
        out.print(f"\n[yellow]not asked[/yellow] {name}: {_plain(reason)}")
    for person_id, what in unreadable.named(decided.seen.snapshot).items():
        out.print(
            f"\n[yellow]left alone in this pass[/yellow] contact {person_id}: the CRM's {what}"
            " cannot be read"
        )
    if decided.seen.succession:
        out.print(
            f"\n[yellow]the VA's tasks go to the agent[/yellow]: {_plain(decided.seen.succession)}"
        )
    for finding in decided.plan.missed:
        out.print(f"\n[yellow]missed[/yellow] {_plain(finding.reason)}")
    if guarded := decided.seen.snapshot.workbook.decisions_guarded:
        out.print(f"\n[yellow]no decision counts[/yellow]: {_plain(guarded)}")
    for tab in decided.seen.snapshot.workbook.tabs.values():
        for warning in tab.warnings:
            out.print(f"\n[yellow]Sheet[/yellow] {_plain(warning)}")
    if decided.policy_status.pending:
        names = ", ".join(p.name for p in decided.policy_status.pending)
        out.print(
            f"\n[yellow]not acknowledged yet[/yellow]: {names}. The agent approves in Approvals, or"
            f" `steward apply --digest {decided.plan.digest}` does it here"
        )


def show_outcome(outcome: Outcome, out: Console) -> None:
    """Print one line for one action."""
    a = outcome.action
    detail = f" – {_plain(outcome.detail)}" if outcome.detail else ""
    out.print(f"{outcome.result:<13} {a.verb} {a.entity}  {_plain(a.mark)}{detail}")


def _plain(text: str) -> str:
    """*text* with the brackets of rich's markup escaped, and without control characters."""
    return "".join(c for c in text if c.isprintable() or c == "\n").replace("[", "\\[")


def _indented(text: str) -> str:
    shown = text if len(text) <= SHOWN_TEXT else text[:SHOWN_TEXT] + " …"
    return _plain(shown).replace("\n", "\n                    ")


def show_ahead(days: Iterable[Ahead], s: Snapshot, out: Console) -> None:
    """Print the calendar ahead, a line for everything that would be asked."""
    people = {s.practice.agent_id: s.practice.agent_name, s.practice.va_id: s.practice.va_name}
    tasks = rows = 0
    for ahead in days:
        if ahead.asked or ahead.missed:
            out.print(
                f"\n[bold]{ahead.day:%A, %Y-%m-%d}[/bold]"
                + ("  [yellow]a busy day[/yellow]" if ahead.busy else "")
            )
        for action in ahead.asked:
            if action.assignee is not None:
                tasks += 1
                who, said = people.get(action.assignee, "somebody"), str(action.after["name"])
            else:
                rows += 1
                who, said = f"{s.practice.agent_name} (Approvals)", _decision(action)
            out.print(f"  {_plain(who):<24} {action.clause:<6} {_plain(said)}")
        for reason in ahead.missed:
            out.print(f"  [yellow]missed[/yellow] unless decided {_plain(reason)}")
    out.print(
        f"\n{tasks} tasks and {rows} decisions ahead, if nobody decides or does anything meanwhile."
    )


def _decision(action: Action) -> str:
    """A decision in one line: the client, and the first sentence of its text."""
    what = str(action.after.get("What", "")).partition(". ")[0]
    client = str(action.after.get("Client", ""))
    return f"{client}: {what}" if client else what


def ahead_document(days: Iterable[Ahead]) -> list[dict[str, Any]]:
    """The calendar ahead as a JSON document."""
    return [
        {
            "day": ahead.day.isoformat(),
            "busy": ahead.busy,
            "asked": [a.json() for a in ahead.asked],
            "missed": list(ahead.missed),
        }
        for ahead in days
    ]


def show_explained(
    found: Sequence[Explained], silent: Sequence[tuple[str, str]], out: Console
) -> None:
    """Print each thing with its reason, then each silent rule with its reason."""
    for one in found:
        out.print(f"\n[bold]{_plain(one.mark)}[/bold]  {_plain(one.what)}")
        for name, text in (
            ("state", one.state),
            ("clause", one.clause),
            ("why", one.reason),
            ("closed by", one.closes),
        ):
            out.print(f"    {name:<10} {_plain(text)}")
    if silent:
        out.print("\n[bold]Silent today[/bold]")
    for policy, sentence in silent:
        out.print(f"    {policy:<34} {_plain(sentence)}")
    if not found and not silent:
        out.print("nothing of Steward's is about that")


class ProgressLines:
    """Progress on standard error, after two seconds, at most one line a second.

    Several threads call it; a line too many does no harm.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = self._last = clock()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Print how much of *what* has been read."""
        now = self._clock()
        if now - self._started > 2 and now - self._last > 1:
            self._last = now
            sys.stderr.write(f"reading {what}: {done:,} of {total:,}\n")
            sys.stderr.flush()
