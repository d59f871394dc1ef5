"""Whether a policy can be asked in this pass: its sources were read, its tabs are whole, and the
account has the stages, fields and pipelines it needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.ports import Account as CrmAccount
from daemon.account.settings import Settings
from daemon.account.wiring import Account
from daemon.passes.observe import Observation
from policies.registry import Policy
from policies.world import memory
from policies.world.model import Source


def skipped_of(
    seen: Observation, account: Account, policies: Sequence[Policy]
) -> tuple[dict[str, str], bool]:
    """Why each policy that cannot be asked is not, and whether the configuration (not an outage) is
    at fault.
    """
    found, unconfigured = {}, False
    for policy in policies:
        if policy.procedure == "database" and seen.snapshot.practice.database_off:
            found[policy.name] = seen.snapshot.practice.database_off
        elif outages := [why for source, why in seen.troubles.items() if source in policy.needs]:
            found[policy.name] = "; ".join(outages)
        elif reasons := [*_broken_tabs(seen, policy), *_lacking(account, policy, seen.account)]:
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


def _lacking(account: Account, policy: Policy, crm_account: CrmAccount) -> list[str]:
    labels = {label.casefold() for label in crm_account.stages}
    fields = {f.label.strip().casefold() for f in crm_account.fields}
    wanted_stages, wanted_fields = (
        account.settings.crm.stage_labels(),
        account.settings.crm.field_labels(),
    )
    reasons = []
    if policy.any_stage and not any(
        label.casefold() in labels for stage in policy.any_stage for label in wanted_stages[stage]
    ):
        names = " or ".join(
            repr(label) for stage in policy.any_stage for label in wanted_stages[stage]
        )
        reasons.append(
            f"the CRM has no stage {names}: name yours in [crm.stages], or run `steward setup"
            " --apply`"
        )
    reasons += [
        f"the CRM has no custom field {wanted_fields[name]!r}: name yours in [crm.fields], or run"
        " `steward setup --apply`"
        for name in policy.fields
        if wanted_fields[name].strip().casefold() not in fields
    ]
    if Source.DEALS in policy.needs:
        reasons += list(pipeline_problems(account.settings, crm_account))
    return reasons


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
