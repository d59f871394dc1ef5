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

from daemon.passes import forecast
from daemon.passes.acknowledgement.fingerprints import (
    agreed_value,
    changes,
    fingerprint,
    first_fingerprint,
    settings_then,
    written_options,
)
from daemon.passes.acknowledgement.policy_approval import fresh_ref
from daemon.passes.actions import Action, Plan, remember
from daemon.passes.plan import make
from policies.registry import Policy
from policies.versions import Known, Released, parse, read, written
from policies.world import memory
from policies.world.memory import ACTIVATION, OPTIONS, POLICY, RIGHTS
from policies.world.practice import Practice
from policies.world.sheet import Workbook
from policies.world.snapshot import Snapshot


@lru_cache(maxsize=1)
def known_versions() -> Mapping[str, Known]:
    """`policies/versions.toml`, by policy."""
    return parse((resources.files("policies") / "versions.toml").read_text(encoding="utf-8"))


# -- what may act ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Earlier:
    """A policy as it was acknowledged before it changed.

    `rights` are None where the version is the same, and with it the rights. `practice` has the
    options it was acknowledged with; None where nobody can tell them any more.
    """

    rights: frozenset[str] | None
    practice: Practice | None


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
            told = _told(policy, then, practice) if then else ""
            yield f"{policy.name} ({told})" if told else policy.name

    def acting(self, acknowledged: Sequence[Policy]) -> tuple[Policy, ...]:
        """These policies, and those whose earlier version runs on."""
        running = (p for p in self.pending if p.name in self.earlier and p not in acknowledged)
        return (*acknowledged, *running)

    def after(self, acknowledged: Sequence[Policy]) -> PolicyStatus:
        """The same, once these are acknowledged."""
        pending = tuple(p for p in self.pending if p not in acknowledged)
        earlier = {p.name: self.earlier[p.name] for p in pending if p.name in self.earlier}
        return replace(self, acknowledged=tuple(acknowledged), pending=pending, earlier=earlier)


UNKNOWN = (
    "Steward cannot tell with which options you acknowledged it; until you do so again, it only"
    " withdraws what must not go out"
)
NEW_VERSION = "a new version of it came with Steward, or its row in Memory was changed"


def _told(policy: Policy, then: Earlier, now: Practice) -> str:
    """Say for people what is new in a waiting policy."""
    if then.practice is None:
        return UNKNOWN
    version = () if then.rights is None else (NEW_VERSION,)
    return "; ".join(filter(None, (*version, changes(policy, then.practice, now))))


def status_of(policies: Sequence[Policy], practice: Practice, book: Workbook) -> PolicyStatus:
    """Compare the policies with what Memory says was acknowledged."""
    acknowledged, pending, renewed = [], [], []
    earlier: dict[str, Earlier] = {}
    for policy in policies:
        agreed = agreed_value(POLICY, book, policy.name)
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
            if any(kind.stands(book, policy.name) for kind in (POLICY, RIGHTS, OPTIONS)):
                earlier[policy.name] = _earlier(policy, practice, book, agreed or "")
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


def _earlier(policy: Policy, practice: Practice, book: Workbook, agreed: str) -> Earlier:
    """The rights and options that the agent acknowledged with a policy that has changed since."""
    was = _released(policy)
    then, same_version = settings_then(policy, practice, book, agreed, was)
    return Earlier(None if same_version else _rights_then(book, policy, was), then)


def _rights_then(book: Workbook, policy: Policy, was: Released | None) -> frozenset[str]:
    """The rights that came with an acknowledgement; version 0.1 kept none, so they are those it was
    released with.
    """
    kept = agreed_value(RIGHTS, book, policy.name)
    if kept is not None:
        return read(kept)
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
