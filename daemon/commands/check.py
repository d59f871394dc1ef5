"""`steward check` and `steward setup`: what must be there for Steward to work, what is not, and
what mends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from connectors.ports import Account as CrmAccount
from connectors.ports import CustomField, NewTask
from daemon.account.wiring import Account
from daemon.errors import ConfigurationError
from daemon.passes import observe, policy_approval
from daemon.passes.policy_needs import pipeline_problems
from policies.facts import taxonomy
from policies.facts.suppression import NO_KEY
from policies.registry import POLICIES
from policies.world.model import Key
from policies.world.practice import DatabaseOptions

Level = Literal["ok", "note", "problem"]
RECURRING = frozenset({"closing_anniversary", "move_in_anniversary", "birthday"})
KINDS: dict[str, Literal["text", "number", "date", "dropdown"]] = {
    "property_address": "text",
    "referred_by": "text",
    "referral_type": "dropdown",
    "referrals_sent": "number",
}
REFERRAL_TYPES = ("Client", "Sphere", "Agent", "Professional")


@dataclass(frozen=True, slots=True)
class Line:
    """One finding of a check. A problem makes the command end with exit status 78."""

    level: Level
    text: str


def check(account: Account) -> Iterator[Line]:
    """Everything that must be there, one line each. Raises Unauthorized and Unavailable as the
    services do.
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
    yield from _onboarding(account)
    yield from _channels(account)
    if not account.settings.suppression_key.get_secret_value():
        yield Line("note", f"X-34: {NO_KEY}; until then no purge can be approved")
    yield from _unused(account)


ONBOARDING = {
    "date_method": 'MS-24: are milestone dates kept in "custom field"s, or with "task"s only?',
    "email_platform": "MS-52: what are approved e-mails sent through?",
    "card_vendor": "MS-52: who mails cards: Handwrytten, SendOutCards, or manual?",
    "notification_channel": "MS-52: how does the agent want to hear of the 14-day alerts?",
    "state": (
        "MS-28: which state's homestead deadline holds where an address names none (two letters)?"
    ),
    "year_2_subject": "X-09: what subject does the anniversary e-mail carry from year 2 on?",
}
DATABASE_ONBOARDING = {
    "crm_access": "DB-47: what may the VA do in the CRM (role, merging, deleting)?",
    "duplicate_checker": (
        "DB-47: what do people merge duplicates with: the CRM's own tool, or Dedupely?"
    ),
    "export_format": "DB-47: what does the agent's e-mail platform take lists in (CSV for most)?",
    "geographic_areas": "DB-18: which tags name a city, a neighborhood or a county?",
    "confirmed_system_rules": (
        "DB-09: may a client move to Past Client by rule upon closing? Name the rule, the agent and"
        " the day"
    ),
}
WORDINGS = {
    "anniversary_seller": (
        "X-05: neutral words for clients who only sold, in anniversary_seller.txt"
    ),
    "homestead": "X-09: the words of a homestead reminder, in homestead.txt",
}
"""What only the agent can give, by the option or template that holds it, and the question that asks
for it.
"""


REFERRALS = {
    "handwritten_cards": (
        "RF-52: does the agent send handwritten cards for referrals (true or false)?"
    ),
    "card_vendor": "RF-52: who mails them: Handwrytten, SendOutCards, or local?",
    "gift_vendor": "RF-52: where are recognition gifts ordered?",
    "gifts_confirmed": (
        "X-56: which gifts has the agent or broker confirmed, for which referral types? Until then"
        " only a card is offered."
    ),
    "bookkeeper": "RF-52: who is told that a referral fee is due?",
}


def _onboarding(account: Account) -> Iterator[Line]:
    """The facts of onboarding that nobody has given yet, each as its question (MS-24, MS-52,
    RF-52).
    """
    referrals = account.settings.referrals
    yield from (
        Line("note", f"asked at onboarding: referrals.{name} is not set. {question}")
        for name, question in REFERRALS.items()
        if getattr(referrals, name) in (None, "") or getattr(referrals, name) == {}
    )
    options = account.settings.milestones
    yield from (
        Line("note", f"asked at onboarding: milestones.{name} is not set. {question}")
        for name, question in ONBOARDING.items()
        if not getattr(options, name)
    )
    yield from (
        Line("note", f"asked at onboarding: milestones.templates_dir lacks a wording. {question}")
        for name, question in WORDINGS.items()
        if name not in account.templates
    )
    yield from _database(account.settings.database)
    if options.birthday_channel == "text" and not options.consent_field:
        yield Line(
            "note",
            "asked at onboarding: milestones.consent_field is not set, so every birthday text"
            " becomes a card (X-10)",
        )


def _channels(account: Account) -> Iterator[Line]:
    """The agent's own channels (RF-52). Nothing is sent: `steward notify` does that."""
    for channel, found in account.settings.notify.addresses().items():
        said = (
            f"the {channel} channel has {len(found)} address{'' if len(found) == 1 else 'es'};"
            " `steward notify` tries it"
        )
        yield Line(
            "note",
            (
                said
                if found
                else (
                    f"asked at onboarding: notify.{channel} is not set, so nobody is told of"
                    f" anything there. RF-52: what is the agent's {channel} contact channel?"
                )
            ),
        )
    if not account.settings.schedule.heartbeat_url.get_secret_value():
        yield Line(
            "note",
            "schedule.heartbeat_url is not set: nobody is told when this machine is down (MS-23)",
        )


def _database(options: DatabaseOptions) -> Iterator[Line]:
    """What the database procedure was not told yet (DB-47), and tags in its table that must not be
    tags (DB-18, fair housing).
    """
    yield from (
        Line("note", f"asked at onboarding: database.{name} is not set. {question}")
        for name, question in DATABASE_ONBOARDING.items()
        if not getattr(options, name)
    )
    for tag in (
        *options.geographic_areas,
        *(tag for tags in options.tag_aliases.values() for tag in tags),
    ):
        yield from (
            Line("problem", f"[database]: {problem}") for problem in taxonomy.tag_problems(tag)
        )
    for word in options.tag_aliases:
        if not taxonomy.build({}, ()).find(word):
            yield Line("problem", f"database.tag_aliases: {word!r} is none of the procedure's tags")


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
    own_names = {
        str(identity.user_id),
        *(u.email.casefold() for u in crm.users if u.id == identity.user_id),
    }
    if str(account.settings.agent.crm_user).casefold() in own_names:
        yield Line(
            "note",
            "the key is the agent's own: tasks and notes the agent writes by hand cannot be told"
            " from Steward's by their author. A CRM user of its own for Steward is safer",
        )


def _people(account: Account, crm: CrmAccount) -> Iterator[Line]:
    try:
        practice = observe.practice_of(account, crm)
    except ConfigurationError as wrong:
        yield from (Line("problem", problem) for problem in wrong.problems)
    else:
        agent = next(u for u in crm.users if u.id == practice.agent_id)
        yield Line(
            "ok" if agent.active else "problem",
            f"agent.crm_user is {agent.name} ({agent.id})"
            + ("" if agent.active else ", who is no longer active in the CRM"),
        )
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
    yield from (
        Line("problem", f"the Sheet lacks {step.what}: {step.by_hand}")
        for step in steps
        if step.by_hand
    )
    if created := [step.what for step in steps if not step.by_hand]:
        yield Line("problem", f"the Sheet lacks {', '.join(created)}: run `steward setup --apply`")
    if not steps and book.decisions_guarded:
        yield Line("problem", book.decisions_guarded)
    elif not steps:
        yield Line("ok", "only the agent and the service account can edit decisions")
    for tab in book.tabs.values():
        yield from (Line("note", warning) for warning in tab.warnings)
    if book.time_zone and book.time_zone != account.settings.agent.timezone:
        yield Line(
            "note",
            f"the Sheet's time zone is {book.time_zone}, the agent's is"
            f" {account.settings.agent.timezone} (File > Settings in the Sheet)",
        )


def _marks_survive(account: Account) -> Iterator[Line]:
    """Write a task on the configured test contact and read it back: without marks nothing is safe
    from being done twice.

    The one thing a check writes, and only where `crm.test_contact` names a contact; a task of an
    earlier check will do.
    """
    person = account.settings.crm.test_contact
    if not person:
        yield Line("note", "crm.test_contact is 0: not tried whether marks survive the CRM")
        return
    key = Key("ST-00", f"p{person}", "selftest")
    found = [t for t in account.crm.tasks_of(person) if t.key == key]
    if not found:
        assignee = observe.practice_of(account, account.crm.account()).va_id
        made = account.crm.create_task(
            NewTask(
                key=key,
                person_id=person,
                assignee=assignee,
                name="Steward's self-test, nothing to do",
                kind="Follow Up",
                due=account.clock.now().astimezone(account.settings.zone).date(),
            )
        )
        found = [t for t in account.crm.tasks_of(person) if t.id == made.id and t.key == key]
        if found:
            account.crm.withdraw_task(found[0], "the mark survived")
    yield Line(
        "ok" if found else "problem",
        f"marks {'survive' if found else 'do not survive'} on contact {person}"
        + (
            ""
            if found
            else (
                ": the CRM changed the task's name, or its author is not this key's user. Do not"
                ' use mode "act"'
            )
        ),
    )


def _unused(account: Account) -> Iterator[Line]:
    settings = account.settings
    unused = ["sheet.hygiene_spreadsheet_id"] if settings.sheet.hygiene_spreadsheet_id else []
    yield from (
        Line("note", f"{name} is accepted and has no effect yet: that part is not in this version")
        for name in unused
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One thing `setup` can do: what, and how; without `act` it is for a person to do by hand.

    Nothing waits for an `optional` one: what needs it says so itself.
    """

    what: str
    act: Callable[[], None] | None = None
    by_hand: str = ""
    optional: bool = False


def steps(account: Account, *, stages: bool = False) -> Sequence[Step]:
    """What CRM and Sheet lack, in the order in which it is created; pipeline stages only where the
    agent agreed to them.
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
        if not any(label.casefold() in labels for label in own):
            yield Step(
                f"the CRM stage {own[0]!r}",
                _creating_stage(account, own[0]) if agreed else None,
                optional=True,
                by_hand=(
                    ""
                    if agreed
                    else (
                        "stages are the agent's to decide (DB-05): name yours in [crm.stages], "
                        "or run `steward setup --apply --stages` once agreed"
                    )
                ),
            )


def _missing_fields(account: Account, crm: CrmAccount) -> Iterator[Step]:
    present = {f.label.strip().casefold() for f in crm.fields}
    for name, label in account.settings.crm.field_labels().items():
        if label.strip().casefold() in present:
            continue
        kind = KINDS.get(name, "date")
        custom = CustomField(
            label,
            kind,
            recurring=name in RECURRING,
            choices=REFERRAL_TYPES if kind == "dropdown" else (),
        )
        detail = (
            "repeating yearly"
            if custom.recurring
            else f"choices {', '.join(custom.choices)}"
            if custom.choices
            else ""
        )
        what = f"the CRM custom field {label!r} ({kind}{', ' + detail if detail else ''})"
        if crm.identity.is_owner:
            yield Step(what, _creating_field(account, custom))
        else:
            yield Step(
                what,
                by_hand=(
                    "custom fields can be created with the account owner's key only: in the CRM,"
                    f" Admin > Custom Fields > Add, label {label}, type"
                    f" {kind}{', ' + detail if detail else ''}"
                ),
            )


def _creating_stage(account: Account, label: str) -> Callable[[], None]:
    return lambda: account.crm.create_stage(label)


def _creating_field(account: Account, custom: CustomField) -> Callable[[], None]:
    return lambda: account.crm.create_field(custom)
