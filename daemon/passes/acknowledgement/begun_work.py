"""Lets the work go on that was begun under the acknowledged version of a policy, until the agent
agrees to the changed one (X-92). Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from daemon.passes import ask_policies
from daemon.passes.acknowledgement.fingerprints import with_options
from daemon.passes.acknowledgement.policy_status import Earlier, PolicyStatus
from daemon.passes.acts.kinds import act_of
from daemon.passes.ask_policies import Defect
from policies.asks.wants import Finding, Want, WantRow, WantTask, WantWithdrawn
from policies.facts.permission_words import is_about_permission
from policies.registry import Policy
from policies.world import memory
from policies.world.model import Key
from policies.world.practice import Practice
from policies.world.snapshot import Snapshot

Thread = tuple[str, str, str]
"""One affair of a procedure: its letters, whom it is about, and the day or period if it has one."""


def lawful(
    s: Snapshot,
    policies: Sequence[Policy],
    findings: Mapping[str, Sequence[Finding]],
    status: PolicyStatus,
) -> tuple[dict[str, list[Finding]], tuple[Defect, ...]]:
    """The findings of the *policies* that need no word from the agent, by policy. The second value
    names the policies that raised.

    *findings* are what they ask for with the options of today. A policy that reads an option which
    waits for the agent is asked once more, with the option as it was acknowledged.
    """
    said = dict(findings)
    defects: list[Defect] = []
    for policy in policies:
        then = _practice_of(policy, s.practice, status)
        if then != s.practice:
            again, raised = ask_policies.ask([policy], replace(s, practice=then))
            said[policy.name] = again.get(policy.name, [])
            defects += raised
    return permitted(s, said, status.earlier), tuple(defects)


def _practice_of(policy: Policy, today: Practice, status: PolicyStatus) -> Practice:
    """The practice to ask *policy* with: every option as the agent last agreed to it."""
    earlier = status.earlier.get(policy.name)
    then = (earlier.practice if earlier else None) or today
    reads = {(policy.procedure, name) for name in policy.text_options}
    reads |= {(table, name) for table, _, name in (o.partition(".") for o in policy.goes_by)}
    for table, name, value in _waiting_options(status, today):
        if (table, name) in reads:
            then = with_options(then, table, {name: value})
    return then


def _waiting_options(status: PolicyStatus, today: Practice) -> Iterator[tuple[str, str, object]]:
    """The options that changed and wait for the agent: table, name, and the acknowledged value."""
    for policy in status.pending:
        earlier = status.earlier.get(policy.name)
        if earlier is None or earlier.practice is None:
            continue
        then = getattr(earlier.practice, policy.procedure)
        now = getattr(today, policy.procedure)
        for name in policy.options:
            if getattr(then, name) != getattr(now, name):
                yield policy.procedure, name, getattr(then, name)


# -- what runs on ----------------------------------------------------------------------------------


def permitted(
    s: Snapshot, findings: Mapping[str, Sequence[Finding]], earlier: Mapping[str, Earlier]
) -> dict[str, list[Finding]]:
    """The findings by policy, for acting on. A policy that was acknowledged in an *earlier* version
    keeps those within its rights of then, in affairs that were begun.
    """
    under_way = begun(s) if earlier else frozenset()
    found = {}
    for name, said in findings.items():
        then = earlier.get(name)
        found[name] = list(said) if then is None else _running(s, said, then, under_way)
    return found


def _running(
    s: Snapshot, said: Sequence[Finding], then: Earlier, under_way: frozenset[Thread]
) -> list[Finding]:
    if then.practice is None:
        return _protecting(said)
    kept = [f for f in said if _runs_on(s, f.want, then, under_way)]
    wants = {id(finding) for finding in kept}
    waiting = {
        str(f.want.key.base) for f in said if isinstance(f.want, WantTask) and id(f) not in wants
    }
    # A row that says what a task does is written with the task, or not at all.
    return [f for f in kept if waiting.isdisjoint(_required(f.want))]


def _required(want: Want) -> frozenset[str]:
    keys = want.requires if isinstance(want, WantRow) else ()
    return frozenset(str(key.base) for key in keys)


def _protecting(said: Sequence[Finding]) -> list[Finding]:
    """The findings that protect somebody from being contacted, and the rows that say so.

    Nothing else goes on where nobody knows with which options a policy was acknowledged.
    """
    kept = [f for f in said if isinstance(f.want, WantWithdrawn) and f.want.safety]
    ends = {str(f.want.key.base) for f in kept if isinstance(f.want, WantWithdrawn)}
    kept += [f for f in said if is_about_permission(getattr(f.want, "ref", ""))]
    kept += [f for f in said if (needs := _required(f.want)) and needs <= ends]
    return kept


def _runs_on(s: Snapshot, want: Want, then: Earlier, under_way: frozenset[Thread]) -> bool:
    right = act_of(want).right(want, s.practice)
    # The question that ends a hold only keeps something from going out, so nobody has to agree.
    if not right or is_about_permission(getattr(want, "ref", "")):
        return True
    key = getattr(want, "key", None) or _key_in(getattr(want, "ref", ""))
    within = then.rights is None or right in then.rights
    return within and key is not None and thread(key) in under_way


# -- affairs ---------------------------------------------------------------------------------------


def begun(s: Snapshot) -> frozenset[Thread]:
    """The affairs of which a task of Steward's, a note or a row is there, or was."""
    found = {thread(task.key) for tasks in s.own_tasks.values() for task in tasks if task.key}
    tabs = (tab for name, tab in s.workbook.tabs.items() if name != memory.TAB)
    refs = {*s.written, *(ref for tab in tabs for ref in tab.rows_by_ref)}
    found |= {thread(key) for ref in refs if (key := Key.parse(ref))}
    return frozenset(found | {thread(key) for key in s.deleted})


def thread(key: Key) -> Thread:
    """The affair that a key belongs to: ``MS-09 d812 20261218-draft`` and
    ``MS-42 d812 20261218-send`` are of one.
    """
    head = key.episode.partition("-")[0]
    period = head if len(head) >= LEAST and head[:4].isdigit() else ""
    return key.rule.partition("-")[0], key.subject, period


LEAST = len("202611")
"""The shortest day or period in a key."""


def _key_in(ref: str) -> Key | None:
    """The key that a Ref is, or that a row of Memory is about."""
    return Key.parse(ref) or Key.parse(" ".join(ref.split(" ")[-3:]))
