"""The one list of policies: what each is called, needs, and could ever write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policies.findings import Finding
from policies.milestones import closing_anniversary
from policies.model import Source, Stage
from policies.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A rule of the procedures.

    `needs` and `tabs` are the sources and Sheet tabs without which it is not asked (architecture rule 2). `any_stage`
    and `fields` are what the account must have, by Steward's own names; lacking them switches the policy off (rule 10).
    `templates` are the
    wordings it renders: they are part of what the agent acknowledges (rule 13). `version` rises with every change of
    behaviour that the agent should see a plan of first. `tags`, `stages` and `sets_fields` are what it could write,
    so that `check` can warn of the CRM's own automations.
    """

    name: str
    decide: Callable[[Snapshot], Iterator[Finding]]
    clauses: tuple[str, ...]
    version: int = 1
    needs: frozenset[Source] = frozenset({Source.PEOPLE, Source.DEALS, Source.TASKS, Source.NOTES, Source.SHEET})
    tabs: tuple[str, ...] = ("Approvals", "Missed")
    any_stage: tuple[Stage, ...] = ()
    fields: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    sets_fields: tuple[str, ...] = ()


POLICIES: tuple[Policy, ...] = (
    Policy(
        name="milestones.closing_anniversary",
        decide=closing_anniversary.decide,
        clauses=("MS-01", "MS-02", "MS-04", "MS-05", "MS-09", "MS-18", "MS-26", "MS-31", "MS-32", "MS-33", "MS-42",
                 "MS-45", "MS-50"),
        any_stage=(Stage.PAST_CLIENT_BUYER, Stage.PAST_CLIENT_SELLER),
        fields=("closing_anniversary",),
        templates=("anniversary_year_1", "anniversary_year_2_plus", "anniversary_seller"),
    ),
)
