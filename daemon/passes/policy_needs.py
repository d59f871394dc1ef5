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
from policies.registry import Policy
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
        if policy.procedure == "database" and seen.snapshot.practice.database_off:
            found[policy.name] = seen.snapshot.practice.database_off
        elif outages := [why for source, why in seen.troubles.items() if source in policy.needs]:
            found[policy.name] = "; ".join(outages)
        elif reasons := [*_broken_tabs(seen, policy), *lacks.what(policy)]:
            found[policy.name], unconfigured = "; ".join(reasons), True
    return found, unconfigured


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
    """What the account does not have, of all that policies may need, in words."""

    stages: frozenset[str]
    """The labels of the stages there are, in lower case."""
    wanted: Mapping[Stage, Sequence[str]]
    fields: Mapping[str, str]
    """Why a custom field cannot be used, by Steward's name for it."""
    pipelines: Sequence[str]

    @classmethod
    def of(cls, settings: Settings, crm: CrmAccount) -> _Lacks:
        there = {field.label.strip().casefold() for field in crm.fields}
        absent = {
            name: f"the CRM has no custom field {label!r}: name yours in [crm.fields], or run"
            " `steward setup --apply`"
            for name, label in settings.crm.field_labels().items()
            if label.strip().casefold() not in there
        }
        stages = frozenset(label.casefold() for label in crm.stages)
        pipelines = tuple(pipeline_problems(settings, crm))
        return cls(stages, settings.crm.stage_labels(), absent, pipelines)

    def what(self, policy: Policy) -> Iterator[str]:
        """Yield what *policy* needs and the account does not have."""
        labels = [label for stage in policy.any_stage for label in self.wanted[stage]]
        if policy.any_stage and not any(label.casefold() in self.stages for label in labels):
            names = " or ".join(map(repr, labels))
            yield (
                f"the CRM has no stage {names}: name yours in [crm.stages], or run `steward setup"
                " --apply`"
            )
        yield from (self.fields[name] for name in policy.fields if name in self.fields)
        if Source.DEALS in policy.needs:
            yield from self.pipelines


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
