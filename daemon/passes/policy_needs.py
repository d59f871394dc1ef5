"""Whether a policy can be asked in this pass: its sources were read, its tabs are whole, and the
account has the stages, fields and pipelines it needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.ports import Account as CrmAccount
from daemon.account.settings import Settings
from daemon.account.wiring import Account
from daemon.passes.observe import Observation
from policies.registry import POLICIES, Policy
from policies.world import memory
from policies.world.model import Source, Stage


def skipped_of(
    seen: Observation, account: Account, policies: Sequence[Policy]
) -> tuple[dict[str, str], bool]:
    """Why each policy that cannot be asked is not, and whether the configuration (not an outage) is
    at fault.
    """
    found, unconfigured = {}, False
    lacks = _Lacks.of(account.settings, seen.account)
    for policy in policies:
        if off := _off(seen, policy):
            found[policy.name] = off
        elif outage := _outage(seen, policy):
            found[policy.name] = outage
        elif lacking := _lacking(seen, policy, lacks):
            found[policy.name], unconfigured = lacking, True
    return found, unconfigured


def waiting_for_people(seen: Observation, account: Account) -> Mapping[str, str]:
    """Why each policy cannot be asked, by its name, where no later pass can ask it until a person
    changes something: all of `skipped_of` but the outages.
    """
    lacks = _Lacks.of(account.settings, seen.account)
    found = {}
    for policy in POLICIES:
        why = _off(seen, policy)
        if not why and not _outage(seen, policy):
            why = _lacking(seen, policy, lacks)
        if why:
            found[policy.name] = why
    return found


def _off(seen: Observation, policy: Policy) -> str:
    return seen.snapshot.practice.database_off if policy.procedure == "database" else ""


def _outage(seen: Observation, policy: Policy) -> str:
    return "; ".join(why for source, why in seen.troubles.items() if source in policy.needs)


def _lacking(seen: Observation, policy: Policy, lacks: _Lacks) -> str:
    return "; ".join((*_broken_tabs(seen, policy), *lacks.what(policy)))


def _broken_tabs(seen: Observation, policy: Policy) -> list[str]:
    tabs = seen.snapshot.workbook.tabs
    return [
        problem
        for name in (*policy.tabs, memory.TAB)
        if name in tabs
        for problem in tabs[name].problems
    ]


@dataclass(frozen=True, slots=True)
class _Lacks:
    """The things that policies need, and which of them the account lacks.

    `there` are the labels of the account's stages in lower case, and `stages` those that Steward
    looks for. `fields` says why a custom field cannot be used, "" where it can; `pipelines` says
    what is wrong with the pipelines.
    """

    there: frozenset[str]
    stages: Mapping[Stage, Sequence[str]]
    fields: Mapping[str, str]
    pipelines: Sequence[str]

    @classmethod
    def of(cls, settings: Settings, crm: CrmAccount) -> _Lacks:
        return cls(
            frozenset(label.casefold() for label in crm.stages),
            settings.crm.stage_labels(),
            _field_problems(settings, crm),
            tuple(pipeline_problems(settings, crm)),
        )

    def what(self, policy: Policy) -> Iterator[str]:
        """Yield what *policy* needs and the account does not have.

        Raises:
            KeyError: the policy names a field that Steward does not know.
        """
        labels = [label for stage in policy.any_stage for label in self.stages[stage]]
        if policy.any_stage and not any(label.casefold() in self.there for label in labels):
            names = " or ".join(map(repr, labels))
            yield (
                f"the CRM has no stage {names}: name yours in [crm.stages], or run `steward setup"
                " --apply`"
            )
        yield from filter(None, (self.fields[name] for name in policy.fields))
        if Source.DEALS in policy.needs:
            yield from self.pipelines


def _field_problems(settings: Settings, crm: CrmAccount) -> Mapping[str, str]:
    """Why each custom field cannot be used, by Steward's name for it; "" where it can."""
    there = {field.label.strip().casefold() for field in crm.fields}
    return {
        name: "" if label.strip().casefold() in there else _no_field(label)
        for name, label in settings.crm.field_labels().items()
    }


def _no_field(label: str) -> str:
    return (
        f"the CRM has no custom field {label!r}: name yours in [crm.fields], or run `steward setup"
        " --apply`"
    )


def pipeline_problems(settings: Settings, crm: CrmAccount) -> Iterator[str]:
    """The faults of the configured pipelines: without pipelines no deal has a side, and none counts
    as closed.
    """
    present, closing = (
        {name.casefold() for name in names} for names in (crm.pipelines, crm.closing_pipelines)
    )
    for side in ("buyer", "seller"):
        for name in getattr(settings.crm.pipelines, side):
            if name.casefold() not in present:
                yield (
                    f"crm.pipelines.{side}: the CRM has no pipeline {name!r}; it has"
                    f" {', '.join(crm.pipelines) or 'none'}"
                )
            elif name.casefold() not in closing:
                yield f"crm.pipelines.{side}: the pipeline {name!r} has no closed stage in the CRM"
