"""The checks of `steward check`, and the steps of `steward setup` that supply what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from connectors.ports import Account as CrmAccount
from connectors.ports import CustomField, NewTask
from daemon.account.wiring import Account
from daemon.commands import check_onboarding
from daemon.commands.check_line import Line
from daemon.errors import ConfigurationError
from daemon.passes import observe, safety_signs
from daemon.passes.acknowledgement import policy_approval
from daemon.passes.policy_needs import pipeline_problems
from policies.facts import suppression
from policies.registry import POLICIES
from policies.world.model import Key
from policies.world.sheet import Workbook

RECURRING = frozenset({"closing_anniversary", "move_in_anniversary", "birthday"})
KINDS: dict[str, Literal["text", "number", "date", "dropdown"]] = {
    "property_address": "text",
    "referred_by": "text",
    "referral_type": "dropdown",
    "referrals_sent": "number",
}
REFERRAL_TYPES = ("Client", "Sphere", "Agent", "Professional")


def check(account: Account) -> Iterator[Line]:
    """One line for each thing that Steward needs.

    Raises Unauthorized and Unavailable as the services do.
    """
    crm = account.crm.account()
    yield Line(
        "ok",
        f"the CRM accepts the key: account {crm.identity.account}, user {crm.identity.user_id}, "
        f"{'owner' if crm.identity.is_owner else crm.identity.role.lower() or 'agent'}",
    )
    yield from _rights(account, crm)
    yield from _people(account, crm)
    yield from _stages_and_fields(account, crm)
    yield from _sheet(account)
    yield from _marks_survive(account)
    for kind, names in policy_approval.writes(POLICIES).items():
        yield Line("note", f"{kind} the policies could write: {', '.join(names) or 'none'}")
    yield from check_onboarding.questions(account)
    yield from check_onboarding.channels(account)
    yield from _unused(account)


def _rights(account: Account, crm: CrmAccount) -> Iterator[Line]:
    identity = crm.identity
    if account.settings.scope == "account" and not (identity.is_owner or identity.is_admin):
        yield Line(
            "problem",
            'scope = "account" needs an Owner or Admin key, this one is an Agent\'s: '
            'use scope = "assigned", or another key',
        )
    if off := observe.database_off(identity):
        yield Line("note", off)
    emails = {user.email.casefold() for user in crm.users if user.id == identity.user_id}
    if str(account.settings.agent.crm_user).casefold() in {str(identity.user_id), *emails}:
        yield Line(
            "note",
            "the key is the agent's own: tasks and notes the agent writes by hand "
            "cannot be told from Steward's by their author. "
            "A CRM user of its own for Steward is safer",
        )


def _people(account: Account, crm: CrmAccount) -> Iterator[Line]:
    try:
        practice = observe.practice_of(account, crm)
    except ConfigurationError as wrong:
        yield from (Line("problem", problem) for problem in wrong.problems)
    else:
        agent = next(u for u in crm.users if u.id == practice.agent_id)
        text = f"agent.crm_user is {agent.name} ({agent.id})"
        if agent.active:
            yield Line("ok", text)
        else:
            yield Line("problem", f"{text}, who is no longer active in the CRM")
    va, gone = observe.va_of(account, crm)
    if gone:
        yield Line("problem", f"{gone}; until that is mended, the VA's tasks go to the agent")
    elif va:
        yield Line("ok", f"va.crm_user is {va.name} ({va.id})")


def _stages_and_fields(account: Account, crm: CrmAccount) -> Iterator[Line]:
    labels = {label.casefold() for label in crm.stages}
    for stage, own in account.settings.crm.stage_labels().items():
        if not any(label.casefold() in labels for label in own):
            yield Line(
                "problem",
                f"crm.stages.{stage.value}: the CRM has no stage {own[0]!r}; name yours there, "
                "or create it (`steward setup --stages`)",
            )
    present = {f.label.strip().casefold() for f in crm.fields}
    for name, label in account.settings.crm.field_labels().items():
        if label.strip().casefold() not in present:
            yield Line(
                "problem",
                f"crm.fields.{name}: the CRM has no custom field {label!r}; name yours there, "
                "or let `steward setup` create it",
            )
    yield from (Line("problem", problem) for problem in pipeline_problems(account.settings, crm))


def _sheet(account: Account) -> Iterator[Line]:
    book = account.sheet.read()
    yield Line("ok", "the Sheet opens")
    steps = account.sheet_setup.lacking()
    for step in steps:
        if step.by_hand:
            yield Line("problem", f"the Sheet lacks {step.what}: {step.by_hand}")
    if created := [step.what for step in steps if not step.by_hand]:
        yield Line("problem", f"the Sheet lacks {', '.join(created)}: run `steward setup --apply`")
    if not steps and book.decisions_guarded:
        yield Line("problem", book.decisions_guarded)
    elif not steps:
        yield Line("ok", "only the agent and the service account can edit decisions")
    for tab in book.tabs.values():
        yield from (Line("note", warning) for warning in tab.warnings)
    yield from _suppression(account, book)
    zone = account.settings.agent.timezone
    if book.time_zone and book.time_zone != zone:
        yield Line(
            "note",
            f"the Sheet's time zone is {book.time_zone}, the agent's is {zone} "
            "(File > Settings in the Sheet)",
        )


def _suppression(account: Account, book: Workbook) -> Iterator[Line]:
    """Whether people who were removed as Do Not Contact can be told from others (X-34)."""
    key = account.settings.suppression_key.get_secret_value().encode()
    if why := suppression.unreadable(book, key, safety_signs.suppressions(account)):
        yield Line("problem", f"{safety_signs.WITHHELD}: {why}")
    elif not key:
        yield Line("note", f"X-34: {suppression.NO_KEY}; until then no purge can be approved")


def _marks_survive(account: Account) -> Iterator[Line]:
    """Whether a mark in the name of a task survives the CRM; without marks things are done twice.

    This writes one task on `crm.test_contact`, if that names a contact, and reads it back. Nothing
    else in a check writes. The task of an earlier check is enough.
    """
    person = account.settings.crm.test_contact
    if not person:
        yield Line("note", "crm.test_contact is 0: not tried whether marks survive the CRM")
        return
    key = Key("ST-00", f"p{person}", "selftest")
    earlier = any(task.key == key for task in account.crm.tasks_of(person))
    if earlier or _survives(account, person, key):
        yield Line("ok", f"marks survive on contact {person}")
    else:
        yield Line(
            "problem",
            f"marks do not survive on contact {person}: the CRM changed the task's name, "
            'or its author is not this key\'s user. Do not use mode "act"',
        )


def _survives(account: Account, person: int, key: Key) -> bool:
    """Create a task on the test contact, read it back, and withdraw it if it has its mark."""
    made = account.crm.create_task(
        NewTask(
            key=key,
            person_id=person,
            assignee=observe.practice_of(account, account.crm.account()).va_id,
            name="Steward's self-test, nothing to do",
            kind="Follow Up",
            due=account.clock.now().astimezone(account.settings.zone).date(),
        )
    )
    found = [t for t in account.crm.tasks_of(person) if t.id == made.id and t.key == key]
    if found:
        account.crm.withdraw_task(found[0], "the mark survived")
    return bool(found)


def _unused(account: Account) -> Iterator[Line]:
    if account.settings.sheet.hygiene_spreadsheet_id:
        yield Line(
            "note",
            "sheet.hygiene_spreadsheet_id is accepted and has no effect yet: "
            "that part is not in this version",
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that `setup` can supply, or that a person must."""

    what: str
    act: Callable[[], None] | None = None
    """Supplies it; None if only a person can."""
    by_hand: str = ""
    """The instructions for the person."""
    optional: bool = False
    """Whether Steward works without it; a policy that needs it says so itself."""


def steps(account: Account, *, stages: bool = False) -> Sequence[Step]:
    """The steps for all that the CRM and the Sheet lack, in the order in which they are done.

    Without *stages*, the agent's consent, a person must create pipeline stages.
    """
    crm = account.crm.account()
    found = [*_missing_stages(account, crm, agreed=stages), *_missing_fields(account, crm)]
    lacking = account.sheet_setup.lacking()
    found += [Step(step.what, by_hand=step.by_hand) for step in lacking if step.by_hand]
    if creatable := [step.what for step in lacking if not step.by_hand]:
        found.append(Step("in the Sheet: " + ", ".join(creatable), account.sheet_setup.complete))
    return found


def _missing_stages(account: Account, crm: CrmAccount, *, agreed: bool) -> Iterator[Step]:
    labels = {label.casefold() for label in crm.stages}
    for own in account.settings.crm.stage_labels().values():
        if any(label.casefold() in labels for label in own):
            continue
        what = f"the CRM stage {own[0]!r}"
        if agreed:
            yield Step(what, _creating_stage(account, own[0]), optional=True)
        else:
            yield Step(
                what,
                optional=True,
                by_hand=(
                    "stages are the agent's to decide (DB-05): name yours in [crm.stages], "
                    "or run `steward setup --apply --stages` once agreed"
                ),
            )


def _missing_fields(account: Account, crm: CrmAccount) -> Iterator[Step]:
    present = {f.label.strip().casefold() for f in crm.fields}
    for name, label in account.settings.crm.field_labels().items():
        if label.strip().casefold() in present:
            continue
        kind = KINDS.get(name, "date")
        choices = REFERRAL_TYPES if kind == "dropdown" else ()
        custom = CustomField(label, kind, recurring=name in RECURRING, choices=choices)
        described = _described(custom)
        what = f"the CRM custom field {label!r} ({described})"
        if crm.identity.is_owner:
            yield Step(what, _creating_field(account, custom))
        else:
            yield Step(
                what,
                by_hand=(
                    "custom fields can be created with the account owner's key only: "
                    f"in the CRM, Admin > Custom Fields > Add, label {label}, type {described}"
                ),
            )


def _described(custom: CustomField) -> str:
    """The type of a custom field in words."""
    if custom.recurring:
        return f"{custom.kind}, repeating yearly"
    if custom.choices:
        return f"{custom.kind}, choices {', '.join(custom.choices)}"
    return custom.kind


def _creating_stage(account: Account, label: str) -> Callable[[], None]:
    return lambda: account.crm.create_stage(label)


def _creating_field(account: Account, custom: CustomField) -> Callable[[], None]:
    return lambda: account.crm.create_field(custom)
