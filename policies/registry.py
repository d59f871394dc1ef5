"""The one list of policies: what each is called, needs, and could ever write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policies.database import duplicates, lists_tab
from policies.findings import Finding
from policies.milestones import (
    birthday,
    checklist,
    closing_anniversary,
    home_value,
    homestead,
    replies,
    setup_at_closing,
    silence,
)
from policies.model import Contact, Source, Stage
from policies.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A rule of the procedures. `silence` says why it has nothing to say about somebody, for `steward explain`.

    `needs` and `tabs` are the sources and Sheet tabs without which it is not asked (architecture rule 2). `any_stage`
    and `fields` are what the account must have, by Steward's own names; lacking them switches the policy off (rule 10).
    `templates` are the wordings it renders and `options` the keys of its configuration table it goes by: both are part
    of what the agent acknowledges (rule 13). `version` rises with every change of
    behaviour that the agent should see a plan of first. `tags`, `stages` and `sets_fields` are what it could write,
    so that `check` can warn of the CRM's own automations.
    """

    name: str
    decide: Callable[[Snapshot], Iterator[Finding]]
    silence: Callable[[Snapshot, Contact], Iterator[str]]
    clauses: tuple[str, ...]
    version: int = 1
    needs: frozenset[Source] = frozenset(Source)
    tabs: tuple[str, ...] = ("Approvals", "Missed")
    any_stage: tuple[Stage, ...] = ()
    fields: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    sets_fields: tuple[str, ...] = ()

    @property
    def procedure(self) -> str:
        """Which of the procedures it belongs to: the table of its options."""
        return self.name.partition(".")[0]


PAST_CLIENT_STAGES = (Stage.PAST_CLIENT_BUYER, Stage.PAST_CLIENT_SELLER)

POLICIES: tuple[Policy, ...] = (
    Policy(
        name="milestones.setup_at_closing", decide=setup_at_closing.decide, silence=silence.closings,
        any_stage=PAST_CLIENT_STAGES,
        clauses=("MS-01", "MS-03", "MS-25", "MS-40"), fields=("closing_anniversary",), sets_fields=("closing_anniversary",),
        options=("date_method",)),
    Policy(
        name="milestones.checklist", decide=checklist.decide, silence=silence.closings,
        any_stage=PAST_CLIENT_STAGES, tabs=("Approvals", "Missed", "Checklists"),
        clauses=("MS-29", "MS-41"), fields=("closing_anniversary", "birthday", "homestead_deadline"), options=("state",)),
    Policy(
        name="milestones.closing_anniversary", decide=closing_anniversary.decide, silence=silence.anniversaries,
        version=2, any_stage=PAST_CLIENT_STAGES,
        clauses=("MS-01", "MS-02", "MS-04", "MS-05", "MS-07", "MS-09", "MS-11", "MS-12", "MS-16", "MS-18", "MS-20", "MS-26", "MS-31",
                 "MS-32", "MS-33", "MS-38", "MS-39", "MS-42", "MS-45", "MS-48", "MS-50"),
        fields=("closing_anniversary",), templates=("anniversary_year_1", "anniversary_year_2_plus", "anniversary_seller", "referral_ask"),
        options=("years_required", "every_year", "anniversary_channel", "year_2_subject", "referral_ask", "referral_ask_later")),
    Policy(
        name="milestones.move_in", decide=closing_anniversary.decide_move_in, silence=silence.move_in,
        any_stage=PAST_CLIENT_STAGES, clauses=("MS-27",),
        fields=(), templates=("move_in_anniversary",), options=("move_in_anniversary", "move_in_subject", "anniversary_channel")),
    Policy(
        name="milestones.birthday", decide=birthday.decide, silence=silence.birthdays,
        any_stage=PAST_CLIENT_STAGES, clauses=("MS-29", "MS-34", "MS-43"),
        fields=("birthday",), templates=("birthday",),
        options=("birthday_channel", "birthday_subject", "birthday_14_days", "consent_field")),
    Policy(
        name="milestones.homestead", decide=homestead.decide, silence=silence.homesteads,
        any_stage=PAST_CLIENT_STAGES, tabs=("Approvals", "Missed", "Memory"),
        clauses=("MS-03", "MS-14", "MS-28", "MS-30"), fields=("homestead_deadline",), sets_fields=("homestead_deadline",),
        templates=("homestead",), options=("state", "date_method")),
    Policy(
        name="milestones.home_value", decide=home_value.decide, silence=silence.home_values,
        any_stage=PAST_CLIENT_STAGES, templates=("home_value",),
        clauses=("MS-08", "MS-10", "MS-17", "MS-35", "MS-36", "MS-37", "MS-44"), fields=("closing_anniversary",),
        options=("combine_home_value",)),
    Policy(
        name="milestones.replies", decide=replies.decide, silence=silence.replies,
        clauses=("MS-46", "MS-47", "MS-49", "MS-51")),
    Policy(
        name="database.duplicates", decide=duplicates.decide, silence=duplicates.silence, tabs=("Approvals", "Duplicates"),
        needs=frozenset({Source.PEOPLE, Source.DEALS, Source.TASKS, Source.MAIL, Source.SHEET}),
        clauses=("DB-23", "DB-40", "DB-44", "DB-45"), options=("agent_owned_duplication",)),
    Policy(
        name="database.lists", decide=lists_tab.decide, silence=lists_tab.silence,
        needs=frozenset({Source.PEOPLE, Source.DEALS, Source.MAIL, Source.SHEET}),
        tabs=("Approvals", "Lists", "Export Log", "Checklists", "Suppression"),
        clauses=("DB-02", "DB-10", "DB-36", "DB-37", "DB-38", "DB-39", "DB-43")),
)
