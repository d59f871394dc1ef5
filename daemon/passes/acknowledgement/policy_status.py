"""Rule 13 and X-92: which policies may act, and how far, by what the agent acknowledged.

Memory keeps, of every acknowledged policy, a fingerprint of its version and of the options that
change what it does, those options, and the rights that it had then. A policy that fits its
fingerprint acts. One that is new waits for the agent. One that has
changed since waits too, but the work that was begun under the earlier version runs on: with the
options and within the rights of that version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources

from daemon.passes import ask_policies, forecast
from daemon.passes.acknowledgement.fingerprints import (
    changes,
    fingerprint,
    first_fingerprint,
    practice_then,
    written_options,
)
from daemon.passes.acknowledgement.policy_approval import fresh_ref
from daemon.passes.actions import Action, Plan, remember
from daemon.passes.acts.kinds import act_of
from daemon.passes.ask_policies import Defect
from daemon.passes.plan import make
from policies.asks.wants import Finding, Want
from policies.facts.permission_answers import is_about_permission
from policies.registry import Policy
from policies.versions import Known, Released, parse, read, written
from policies.world import memory
from policies.world.memory import ACTIVATION, OPTIONS, POLICY, RIGHTS
from policies.world.model import Key
from policies.world.practice import Practice
from policies.world.sheet import Workbook
from policies.world.snapshot import Snapshot

Thread = tuple[str, str, str]
"""One affair of a procedure: its letters, whom it is about, and the day or period if it has one."""


@lru_cache(maxsize=1)
def known_versions() -> Mapping[str, Known]:
    """`policies/versions.toml`, by policy."""
    return parse((resources.files("policies") / "versions.toml").read_text(encoding="utf-8"))


# -- what may act ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Earlier:
    """A policy as it was acknowledged before it changed: its rights, and the practice with the
    options it had.
    """

    rights: frozenset[str]
    practice: Practice


@dataclass(frozen=True, slots=True)
class PolicyStatus:
    """The policies that act, and those that wait for the agent.

    `earlier` are those of the waiting ones that were acknowledged before they changed. `renewed`
    are acknowledged in a form of an earlier version, which has to be written down as it is now.
    `set_digest` is what the waiting ones are called together, `ref` the row that asks for them.
    """

    acknowledged: tuple[Policy, ...]
    pending: tuple[Policy, ...]
    set_digest: str
    ref: str
    earlier: Mapping[str, Earlier] = field(default_factory=dict)
    renewed: tuple[Policy, ...] = ()

    def changed(self, practice: Practice) -> Iterator[str]:
        """The waiting policies for people, each with the options that changed (DB-05)."""
        for policy in self.pending:
            then = self.earlier.get(policy.name)
            told = changes(policy, then.practice, practice) if then else ""
            yield f"{policy.name} ({told})" if told else policy.name

    def acting(self, acknowledged: Sequence[Policy]) -> tuple[Policy, ...]:
        """These policies, and those whose earlier version runs on."""
        running = (p for p in self.pending if p.name in self.earlier and p not in acknowledged)
        return (*acknowledged, *running)


def status_of(policies: Sequence[Policy], practice: Practice, book: Workbook) -> PolicyStatus:
    """Compare the policies with what Memory says was acknowledged."""
    acknowledged, pending, renewed = [], [], []
    earlier: dict[str, Earlier] = {}
    for policy in policies:
        agreed = POLICY.value(book, policy.name)
        was = _released(policy)
        if agreed == fingerprint(policy, practice):
            acknowledged.append(policy)
            if not _keeps_options(policy, practice, book):
                renewed.append(policy)
        elif was and policy.version == was.version and _is_first(agreed, policy, practice, was):
            acknowledged.append(policy)
            renewed.append(policy)
        else:
            pending.append(policy)
            if agreed:
                then = practice_then(policy, practice, book, agreed, was)
                earlier[policy.name] = Earlier(_rights_then(book, policy, was), then)
    names = ",".join(f"{p.name}={fingerprint(p, practice)}" for p in pending)
    called = hashlib.sha256(names.encode()).hexdigest()[:12]
    ref = fresh_ref(book, f"ACK {called}")
    return PolicyStatus(tuple(acknowledged), tuple(pending), called, ref, earlier, tuple(renewed))


def _released(policy: Policy) -> Released | None:
    known = known_versions().get(policy.name)
    return known.released if known else None


def _keeps_options(policy: Policy, practice: Practice, book: Workbook) -> bool:
    row = OPTIONS.row(book, policy.name)
    if row is None:  # a row that people copied is left to them
        return not policy.options or OPTIONS.stands(book, policy.name)
    return row.text("What") == written_options(policy, practice)


def _is_first(agreed: str | None, policy: Policy, practice: Practice, was: Released) -> bool:
    return agreed == first_fingerprint(policy, practice, was)


def _rights_then(book: Workbook, policy: Policy, was: Released | None) -> frozenset[str]:
    """The rights that came with an acknowledgement; version 0.1 kept none, so they are those it was
    released with.
    """
    row = RIGHTS.value(book, policy.name)
    if row is not None:
        return read(row)
    return was.may if was else frozenset()


# -- the rows of Memory ----------------------------------------------------------------------------


def memory_actions(s: Snapshot, pending: Sequence[Policy]) -> list[Action]:
    """The rows of Memory once *pending* are acknowledged; the first time with the activation."""
    tab = s.workbook.tabs.get(memory.TAB)
    moment = s.now.isoformat(timespec="minutes")
    first = [] if s.activated else [remember(ACTIVATION.ref(), moment, s.stamp, tab)]
    return [*first, *beginnings(s, pending).actions, *acknowledgements(s, pending)]


def acknowledgements(s: Snapshot, policies: Iterable[Policy]) -> Iterator[Action]:
    """The rows that say that these policies are acknowledged, as they are now."""
    tab = s.workbook.tabs.get(memory.TAB)
    for policy in policies:
        known = known_versions().get(policy.name)
        may = written(known.may if known else frozenset())
        yield remember(POLICY.ref(policy.name), fingerprint(policy, s.practice), s.stamp, tab)
        yield remember(RIGHTS.ref(policy.name), may, s.stamp, tab)
        if policy.options:
            options = written_options(policy, s.practice)
            yield remember(OPTIONS.ref(policy.name), options, s.stamp, tab)


def beginnings(s: Snapshot, pending: Sequence[Policy]) -> Plan:
    """Where the procedures of *pending* start from, as rows of Memory that are not there yet."""
    return make(s, [finding for p in pending if p.begins for finding in p.begins(s)])


def forecast_of(s: Snapshot, pending: Sequence[Policy]) -> Snapshot:
    """*s* with what Memory will say of *pending* once they are acknowledged: so a plan shows what
    would follow at once.
    """
    return forecast.after(s, beginnings(s, pending))


# -- the work of an earlier version ----------------------------------------------------------------


def lawful(
    s: Snapshot,
    policies: Sequence[Policy],
    findings: Mapping[str, Sequence[Finding]],
    earlier: Mapping[str, Earlier],
) -> tuple[dict[str, list[Finding]], tuple[Defect, ...]]:
    """The findings of the *policies* that need no word from the agent, by policy. The second value
    names the policies that raised.

    *findings* are what they ask for with the options of today. A policy with *earlier* options is
    asked once more, with those.
    """
    said = dict(findings)
    defects: list[Defect] = []
    for policy in policies:
        then = earlier.get(policy.name)
        if then and then.practice != s.practice:
            again, raised = ask_policies.ask([policy], replace(s, practice=then.practice))
            said[policy.name] = again.get(policy.name, [])
            defects += raised
    return permitted(s, said, earlier), tuple(defects)


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
        found[name] = [
            finding
            for finding in said
            if then is None or _runs_on(s, finding.want, then.rights, under_way)
        ]
    return found


def _runs_on(s: Snapshot, want: Want, rights: frozenset[str], under_way: frozenset[Thread]) -> bool:
    right = act_of(want).right(want, s.practice)
    key = getattr(want, "key", None) or _key_in(getattr(want, "ref", ""))
    # The question that ends a hold only keeps something from going out, so nobody has to agree.
    if not right or is_about_permission(getattr(want, "ref", "")):
        return True
    return right in rights and key is not None and thread(key) in under_way


def begun(s: Snapshot) -> frozenset[Thread]:
    """The affairs of which a task of Steward's, a note or a row is there."""
    found = {thread(task.key) for tasks in s.own_tasks.values() for task in tasks if task.key}
    refs = {ref for name, tab in s.workbook.tabs.items() if name != memory.TAB for ref in tab.refs}
    found |= {thread(key) for ref in (*refs, *s.written) if (key := Key.parse(ref))}
    return frozenset(found)


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
