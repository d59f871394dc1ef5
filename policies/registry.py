"""The one list of policies: the name of each, its needs, and everything it could ever write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policies.asks.wants import Finding
from policies.database.duplicates import duplicates
from policies.database.lists import lists_tab
from policies.database.reviews import (
    cold_leads,
    contact_info,
    minimum_fields,
    onboarding_audit,
    open_house,
    opt_outs,
    opted_out_since,
    purge,
    reviews,
    speed_to_lead,
    stage_accuracy,
)
from policies.database.reviews import why_silent as database_silence
from policies.facts.permission_questions import following
from policies.milestones import (
    birthday,
    checklist,
    closing_anniversary,
    home_value,
    homestead,
    replies,
    setup_at_closing,
    why_silent,
)
from policies.referrals import (
    baseline,
    checklists,
    fees,
    inquiries,
    intake,
    monthly_audit,
    outcome,
    quarterly_report,
    recognition,
    sources,
    thanks,
)
from policies.referrals.why_silent import silence as referral_silence
from policies.world.model import Contact, Source, Stage
from policies.world.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A rule of the procedures, with everything that deciding by it needs and could write.

    `why_silent` says for `steward explain` why it asks nothing about a contact. Without the sources
    in `needs` and the Sheet tabs in `tabs` it is not asked (architecture rule 2). It is off if the
    account has none of the stages in `any_stage`, or lacks one of `fields`, by Steward's own names
    (rule 10). `begins` yields rows of Memory that are written with the acknowledgement, before
    anything is done in its name: where the procedure starts from. `tags`, `stages` and
    `sets_fields` are everything it could write, so that `check` can warn of the CRM's automations.

    `version` rises with every change of its rights: who is asked, which verb, entity and field,
    which choices. The agent acknowledges it together with `options`, the keys of its configuration
    table that change its actions (rule 13). `wording` rises with every other change of the texts
    that people read. The agent is told of it, as of a change in `text_options` or in the
    `templates` it renders, and nothing waits (X-92). The generated worlds of `make digests` check
    both.
    """

    name: str
    decide: Callable[[Snapshot], Iterator[Finding]]
    why_silent: Callable[[Snapshot, Contact], Iterator[str]]
    clauses: tuple[str, ...]
    begins: Callable[[Snapshot], Iterator[Finding]] | None = None
    version: int = 1
    wording: int = 1
    needs: frozenset[Source] = frozenset(Source) - {Source.PERSONAL_NOTES}
    tabs: tuple[str, ...] = ("Approvals", "Missed")
    any_stage: tuple[Stage, ...] = ()
    fields: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    text_options: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    sets_fields: tuple[str, ...] = ()

    @property
    def procedure(self) -> str:
        """The procedure it belongs to, which is the configuration table of its options."""
        return self.name.partition(".")[0]


RECORDS = frozenset({Source.PEOPLE, Source.DEALS, Source.TASKS, Source.MAIL, Source.SHEET})
"""The sources of the database procedure: everything but notes."""
TOUCHPOINTS = RECORDS | {Source.PERSONAL_NOTES}
"""The sources of rules that count the days since the last touchpoint (X-29)."""
PAST_CLIENT_STAGES = (Stage.PAST_CLIENT_BUYER, Stage.PAST_CLIENT_SELLER)

LOG = ("Approvals", "Missed", "Referral Log")
REFERRAL_FIELDS = ("referred_by", "referral_type", "referrals_sent")
POLICIES: tuple[Policy, ...] = (
    Policy(
        name="milestones.setup_at_closing",
        decide=setup_at_closing.decide,
        why_silent=why_silent.closings,
        any_stage=PAST_CLIENT_STAGES,
        clauses=("MS-01", "MS-03", "MS-25", "MS-40"),
        fields=("closing_anniversary",),
        sets_fields=("closing_anniversary",),
        options=("date_method",),
    ),
    Policy(
        name="milestones.checklist",
        decide=checklist.decide,
        why_silent=why_silent.closings,
        any_stage=PAST_CLIENT_STAGES,
        tabs=("Approvals", "Missed", "Checklists"),
        clauses=("MS-29", "MS-41"),
        fields=("closing_anniversary", "birthday", "homestead_deadline"),
        options=("state",),
    ),
    Policy(
        name="milestones.closing_anniversary",
        wording=2,
        decide=following(closing_anniversary.decide),
        why_silent=why_silent.anniversaries,
        version=2,
        any_stage=PAST_CLIENT_STAGES,
        clauses=(
            "MS-01",
            "MS-02",
            "MS-04",
            "MS-05",
            "MS-07",
            "MS-09",
            "MS-11",
            "MS-12",
            "MS-16",
            "MS-18",
            "MS-20",
            "MS-26",
            "MS-31",
            "MS-32",
            "MS-33",
            "MS-38",
            "MS-39",
            "MS-42",
            "MS-45",
            "MS-48",
            "MS-50",
        ),
        fields=("closing_anniversary",),
        templates=(
            "anniversary_year_1",
            "anniversary_year_2_plus",
            "anniversary_seller",
            "referral_ask",
        ),
        options=("years_required", "every_year", "anniversary_channel"),
        text_options=(
            "year_2_subject",
            "referral_ask",
            "referral_ask_later",
            "email_platform",
            "card_vendor",
        ),
    ),
    Policy(
        name="milestones.move_in",
        wording=2,
        decide=following(closing_anniversary.decide_move_in),
        why_silent=why_silent.move_in,
        any_stage=PAST_CLIENT_STAGES,
        clauses=("MS-27",),
        fields=(),
        templates=("move_in_anniversary",),
        options=("move_in_anniversary", "anniversary_channel"),
        text_options=("move_in_subject", "email_platform", "card_vendor"),
    ),
    Policy(
        name="milestones.birthday",
        wording=2,
        decide=following(birthday.decide),
        why_silent=why_silent.birthdays,
        any_stage=PAST_CLIENT_STAGES,
        clauses=("MS-29", "MS-34", "MS-43"),
        fields=("birthday",),
        templates=("birthday",),
        options=("birthday_channel", "birthday_14_days", "consent_field"),
        text_options=("birthday_subject", "email_platform", "card_vendor"),
    ),
    Policy(
        name="milestones.homestead",
        wording=2,
        decide=following(homestead.decide),
        why_silent=why_silent.homesteads,
        any_stage=PAST_CLIENT_STAGES,
        tabs=("Approvals", "Missed", "Memory"),
        clauses=("MS-03", "MS-14", "MS-28", "MS-30"),
        fields=("homestead_deadline",),
        sets_fields=("homestead_deadline",),
        templates=("homestead",),
        options=("state", "date_method"),
        text_options=("email_platform", "card_vendor"),
    ),
    Policy(
        name="milestones.home_value",
        wording=2,
        decide=following(home_value.decide),
        why_silent=why_silent.home_values,
        any_stage=PAST_CLIENT_STAGES,
        templates=("home_value",),
        clauses=("MS-08", "MS-10", "MS-17", "MS-35", "MS-36", "MS-37", "MS-44"),
        fields=("closing_anniversary",),
        options=("combine_home_value",),
        text_options=("email_platform", "card_vendor"),
    ),
    Policy(
        name="milestones.replies",
        decide=replies.decide,
        why_silent=why_silent.replies,
        clauses=("MS-46", "MS-47", "MS-49", "MS-51"),
    ),
    Policy(
        name="referrals.intake",
        decide=intake.decide,
        why_silent=referral_silence,
        begins=baseline.remember,
        tabs=LOG,
        fields=REFERRAL_FIELDS,
        clauses=(
            "RF-01",
            "RF-04",
            "RF-06",
            "RF-07",
            "RF-10",
            "RF-22",
            "RF-24",
            "RF-25",
            "RF-26",
            "RF-27",
            "RF-33",
            "RF-34",
        ),
        options=("agent_tags", "track_counts"),
        tags=(intake.LEAD_TAG, intake.SOURCE_TAG),
        sets_fields=REFERRAL_FIELDS,
    ),
    Policy(
        name="referrals.acknowledgement",
        wording=2,
        decide=following(thanks.decide),
        why_silent=referral_silence,
        tabs=LOG,
        clauses=(
            "RF-02",
            "RF-08",
            "RF-09",
            "RF-13",
            "RF-16",
            "RF-18",
            "RF-23",
            "RF-29",
            "RF-30",
            "RF-31",
            "RF-32",
        ),
        options=("handwritten_cards",),
        text_options=("card_vendor",),
        templates=(
            "thank_you",
            "thank_you_client",
            "thank_you_sphere",
            "thank_you_agent",
            "thank_you_professional",
            "referral_card",
        ),
    ),
    Policy(
        name="referrals.outcome",
        decide=outcome.decide,
        why_silent=referral_silence,
        tabs=LOG,
        clauses=("RF-10", "RF-34", "RF-44"),
    ),
    Policy(
        name="referrals.recognition",
        wording=2,
        decide=following(recognition.decide),
        why_silent=referral_silence,
        tabs=LOG,
        clauses=("RF-03", "RF-11", "RF-14", "RF-35", "RF-36"),
        templates=("recognition_note", "recognition_note_neutral"),
        options=("handwritten_cards", "gifts_confirmed"),
        text_options=("card_vendor", "gift_vendor", "gift_budget"),
    ),
    Policy(
        name="referrals.fees",
        wording=2,
        decide=fees.decide,
        why_silent=referral_silence,
        tabs=(*LOG, "Referral Fees"),
        clauses=(
            "RF-12",
            "RF-15",
            "RF-19",
            "RF-37",
            "RF-38",
            "RF-39",
            "RF-40",
            "RF-47",
            "RF-49",
            "RF-50",
        ),
        text_options=("bookkeeper",),
    ),
    Policy(
        name="referrals.inquiries",
        decide=inquiries.decide,
        why_silent=referral_silence,
        tabs=(*LOG, "Inquiries"),
        clauses=("RF-45", "RF-46", "RF-48", "RF-50", "RF-51"),
    ),
    Policy(
        name="referrals.checklists",
        wording=2,
        decide=checklists.decide,
        why_silent=referral_silence,
        tabs=(*LOG, "Referral Fees", "Checklists"),
        clauses=("RF-43",),
    ),
    Policy(
        name="referrals.audit",
        decide=monthly_audit.decide,
        why_silent=referral_silence,
        tabs=(*LOG, "Checklists"),
        clauses=("RF-20",),
    ),
    Policy(
        name="referrals.quarterly_report",
        decide=quarterly_report.decide,
        why_silent=quarterly_report.silence,
        tabs=("Referral Log", "Referral Fees", "Checklists", "Memory"),
        clauses=("RF-21", "RF-41", "RF-42"),
    ),
    Policy(
        name="referrals.sources",
        decide=sources.decide,
        why_silent=sources.silence,
        tabs=("Referral Log", "Sources"),
        clauses=("RF-05", "RF-28"),
    ),
    Policy(
        name="database.lists",
        wording=2,
        decide=lists_tab.decide,
        why_silent=lists_tab.silence,
        needs=frozenset({Source.PEOPLE, Source.DEALS, Source.MAIL, Source.SHEET}),
        tabs=("Approvals", "Lists", "Export Log", "Checklists", "Suppression"),
        clauses=("DB-02", "DB-10", "DB-36", "DB-37", "DB-38", "DB-39", "DB-43"),
    ),
    Policy(
        name="database.onboarding_audit",
        decide=onboarding_audit.decide,
        why_silent=database_silence.reviews,
        needs=TOUCHPOINTS,
        tabs=("Hygiene Log", "Checklists"),
        options=("tag_aliases", "geographic_areas"),
        clauses=(
            "DB-01",
            "DB-03",
            "DB-05",
            "DB-11",
            "DB-12",
            "DB-14",
            "DB-15",
            "DB-16",
            "DB-18",
            "DB-39",
        ),
    ),
    Policy(
        name="database.minimum_fields",
        decide=minimum_fields.decide,
        why_silent=database_silence.fields,
        needs=TOUCHPOINTS,
        tabs=("Record Gaps",),
        clauses=("DB-01", "DB-03", "DB-19", "DB-20", "DB-22"),
        options=("tag_aliases", "geographic_areas"),
    ),
    Policy(
        name="database.speed_to_lead",
        decide=speed_to_lead.decide,
        why_silent=database_silence.portal,
        needs=RECORDS | {Source.NOTES},
        tabs=(),
        clauses=("DB-17",),
        options=("portal_sources", "day_end", "tag_aliases"),
    ),
    Policy(
        name="database.stage_accuracy",
        wording=2,
        decide=stage_accuracy.decide,
        why_silent=database_silence.stage,
        needs=TOUCHPOINTS,
        tabs=("Approvals", "Hygiene Log"),
        any_stage=PAST_CLIENT_STAGES,
        options=("confirmed_system_rules",),
        clauses=("DB-09", "DB-15", "DB-24", "DB-25", "DB-26", "DB-32"),
        stages=(
            *PAST_CLIENT_STAGES,
            Stage.ATTEMPTING_CONTACT,
            Stage.ACTIVE_BUYER,
            Stage.ACTIVE_SELLER,
            Stage.LONG_TERM_NURTURE,
            Stage.DO_NOT_CONTACT,
        ),
    ),
    Policy(
        name="database.cold_leads",
        wording=2,
        decide=cold_leads.decide,
        why_silent=database_silence.cold,
        needs=TOUCHPOINTS,
        tabs=("Approvals", "Hygiene Log", "Cold Leads"),
        any_stage=(Stage.LONG_TERM_NURTURE,),
        stages=(Stage.LONG_TERM_NURTURE,),
        clauses=("DB-29", "DB-30"),
    ),
    Policy(
        name="database.contact_info",
        decide=contact_info.decide,
        why_silent=database_silence.details,
        needs=RECORDS,
        tabs=("Hygiene Log", "Record Gaps"),
        clauses=("DB-31",),
    ),
    Policy(
        name="database.opted_out_since",
        wording=2,
        version=2,
        decide=opted_out_since.decide,
        why_silent=database_silence.opted_out,
        needs=RECORDS,
        tabs=("Approvals",),
        fields=("do_not_contact_since",),
        sets_fields=("do_not_contact_since",),
        clauses=("DB-34",),
    ),
    Policy(
        name="database.purge",
        decide=purge.decide,
        why_silent=database_silence.removal,
        needs=RECORDS,
        tabs=("Approvals", "Hygiene Log", "Purge", "Suppression", "Referral Log"),
        fields=("do_not_contact_since",),
        clauses=("DB-04", "DB-06", "DB-08", "DB-33", "DB-34", "DB-35"),
    ),
    Policy(
        name="database.open_house",
        decide=open_house.decide,
        why_silent=database_silence.sign_ins,
        needs=RECORDS,
        tabs=("Open House", "Suppression"),
        tags=("Open House — [Address] — [Date]",),
        clauses=("DB-27",),
    ),
    Policy(
        name="database.opt_outs",
        decide=opt_outs.decide,
        why_silent=database_silence.opt_outs,
        needs=RECORDS | {Source.NOTES},
        tabs=(),
        clauses=("DB-42", "DB-45"),
    ),
    Policy(
        name="database.reviews",
        decide=reviews.decide,
        why_silent=database_silence.reviews,
        needs=RECORDS,
        tabs=(
            "Missed",
            "Hygiene Log",
            "Checklists",
            "Approvals",
            "Record Gaps",
            "Cold Leads",
            "Purge",
            "Open House",
            "Duplicates",
        ),
        clauses=("DB-03", "DB-13", "DB-21", "DB-22", "DB-27", "DB-28", "DB-39"),
    ),
    Policy(
        name="database.duplicates",
        decide=duplicates.decide,
        why_silent=duplicates.silence,
        tabs=("Approvals", "Duplicates"),
        needs=frozenset({Source.PEOPLE, Source.DEALS, Source.TASKS, Source.MAIL, Source.SHEET}),
        clauses=("DB-23", "DB-40", "DB-44", "DB-45"),
        options=("agent_owned_duplication",),
    ),
)
