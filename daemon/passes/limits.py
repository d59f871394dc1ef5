"""How much of the database changes without a word from the agent (DB-41, DB-46, X-32): the guard's
limits over a rolling window.

The ledger knows the changes of the window. Where it is younger than the window, the `Hygiene Log`
counts; where that cannot be read either, the limit counts as spent. Actions that are held are
documented whole, with every record they would touch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from daemon.account.wiring import Account
from daemon.passes import guard
from daemon.passes import plan as planning
from daemon.passes.acknowledgement import policy_approval
from daemon.passes.actions import Action, Plan
from daemon.passes.observe import Observation
from policies.asks import approvals, weighing
from policies.asks.escalation import DatabaseIssue, database_message
from policies.asks.wants import Finding, WantReport
from policies.world.snapshot import Snapshot

LOG = "Hygiene Log"
_SUM = "SUM "


def limits_of(account: Account) -> guard.Limits:
    """The limits as configured."""
    g = account.settings.guard
    return guard.Limits(g.bulk_limit, g.bulk_window_days, g.withdraw_limit)


def guarded(
    account: Account,
    seen: Observation,
    actions: Sequence[Action],
    confirmed: frozenset[str] = frozenset(),
) -> tuple[guard.Verdict, list[Action]]:
    """The verdict on *actions*, and what asks the agent about those that a limit holds back."""
    limits = limits_of(account)
    spent = spent_of(account, seen.snapshot, limits)
    verdict = guard.check(actions, limits, spent, confirmed)
    if not verdict.asks:
        return verdict, _superseded(seen, "")
    held = [r.action for r in verdict.asks]
    ref = policy_approval.fresh_ref(seen.snapshot.workbook, f"ASK {Plan(tuple(held)).digest}")
    if policy_approval.approved_in_sheet(seen.snapshot, ref):
        lifted = guard.check(actions, limits, spent, confirmed | {a.fingerprint for a in held})
        return lifted, [
            stamped(seen, ref, "Confirmed", tuple(a.mark for a in held)),
            *_superseded(seen, ref),
        ]
    return verdict, [
        *question(seen.snapshot, ref, verdict.asks[0].why, held),
        *_superseded(seen, ref),
    ]


def _superseded(seen: Observation, ref: str) -> list[Action]:
    """The last word in questions about a list that is held no more, *ref* being the one that is: a
    yes there would do nothing. While something cannot be read, nobody knows what is held.
    """
    because = (
        f"the list has changed and is asked about in {ref}"
        if ref
        else "nothing of it is held any more"
    )
    return superseded(seen, "ASK ", ref, "DB-41", because)


def superseded(seen: Observation, prefix: str, ref: str, clause: str, because: str) -> list[Action]:
    """Withdraw the open questions whose Ref begins with *prefix*, but for *ref*."""
    book = seen.snapshot.workbook
    old = [row for row in approvals.every(book) if row.ref.startswith(prefix) and row.open]
    return [
        Action(
            mark=row.ref,
            clause=clause,
            verb="update",
            entity=approvals.TAB,
            person_id=None,
            reason=because,
            before={"Status": row.status},
            after=weighing.ended(f"{approvals.WITHDRAWN}: {because}"),
        )
        for row in old
        if row.ref != ref and not seen.troubles and not approvals.copied(book, row.ref)
    ]


def question(s: Snapshot, ref: str, why: str, held: Sequence[Action]) -> list[Action]:
    """The row that asks, under the procedure's message, and a tab with the whole of it where a cell
    does not hold it (DB-46).
    """
    touched = {a.person_id or a.mark for a in held if a.entity in guard.HYGIENE}
    message = database_message(
        DatabaseIssue.SCOPE,
        agent=s.practice.agent_name,
        records=len(touched),
        va=s.practice.va_name,
    )
    whole, title = policy_approval.lines_of(held), f"Held {ref.split()[1][:8]}"
    apart = len(whole) > policy_approval.SHOWN or whole[-1] not in policy_approval.described(held)
    what = f"{why}. All {len(whole)} stand in the tab {title!r}" if apart else why
    findings = [
        Finding(
            "DB-41",
            why,
            policy_approval.question(s, ref, "DB-41", what, held, message if touched else ""),
        )
    ]
    if apart:
        findings.append(Finding("DB-46", why, WantReport(title=title, lines=(why, "", *whole))))
    return list(planning.make(s, findings).actions)


def stamped(seen: Observation, ref: str, status: str, requires: Sequence[str] = ()) -> Action:
    """The last word in a row that asked the agent something: what it led to, and when, once that
    has happened.
    """
    return Action(
        mark=ref,
        clause="",
        verb="update",
        entity="Approvals",
        person_id=None,
        reason="the agent decided",
        after=weighing.stamped(status, seen.snapshot.stamp),
        requires=frozenset(requires),
    )


# -- what is spent ---------------------------------------------------------------------------------


def spent_of(account: Account, s: Snapshot, limits: guard.Limits) -> Mapping[str, int]:
    """How many contacts each kind of hygiene action has touched in the window."""
    # A pass made as of a later day looks no further ahead than the clock: what was done this week
    # was done this week.
    since = min(s.now, account.clock.now()) - timedelta(days=limits.bulk_days)
    remembered = {kind: account.ledger.touched(kind, since) for kind in guard.HYGIENE}
    if account.ledger.reaches_back_to(since):
        return remembered
    tab = s.workbook.tabs.get(LOG)
    if tab is None or tab.problems:
        return dict.fromkeys(guard.HYGIENE, limits.bulk)
    logged = _logged(s, since.date())
    return {kind: max(count, logged.get(kind, 0)) for kind, count in remembered.items()}


def _logged(s: Snapshot, since: date) -> Mapping[str, int]:
    """The sums of the log since that day, by kind; a sum that cannot be read is taken for a full
    window.
    """
    found: dict[str, int] = {}
    for row in s.workbook.rows(LOG):
        if row.ref.startswith(_SUM):
            day, _, kind = row.ref.removeprefix(_SUM).partition(" ")
            if day >= f"{since:%Y%m%d}":
                count = row.cells.get("Contacts")
                found[kind] = found.get(kind, 0) + (
                    int(count) if isinstance(count, int | float) else 1_000_000
                )
    return found


def sums(s: Snapshot, actions: Sequence[Action]) -> list[Action]:
    """One line of the log for each kind of hygiene action of today, added to the count that is
    there.
    """
    tab = s.workbook.tabs.get(LOG)
    if tab is None or tab.problems:
        return []
    found = []
    for kind in sorted(guard.HYGIENE):
        count = len({a.person_id or a.mark for a in actions if a.entity == kind})
        ref = f"{_SUM}{s.today:%Y%m%d} {kind}"
        before = tab.by_ref(ref)
        if count and before:
            total = count + (
                int(held) if isinstance(held := before.cells.get("Contacts"), int | float) else 0
            )
            found.append(_sum(ref, "update", {"Contacts": total}))
        elif count and ref not in tab.rows_by_ref:
            found.append(
                _sum(
                    ref,
                    "append",
                    {
                        "Review": f"Changes by Steward: {kind}",
                        "Run On": s.today,
                        "Contacts": count,
                        "Found": "contacts changed on this day, at the most",
                        "Status": "",
                    },
                )
            )
    return found


def _sum(ref: str, verb: str, after: Mapping[str, str | int | date]) -> Action:
    return Action(
        mark=ref,
        clause="DB-41",
        verb=verb,
        entity=LOG,
        person_id=None,
        reason="the sum of seven days",
        after=after,
    )
