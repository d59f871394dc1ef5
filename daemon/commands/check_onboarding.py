"""The questions of onboarding that nobody has answered yet, and the channels (MS-52, DB-47, RF-52).

Each is a note of `steward check`; nothing waits for an answer.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from daemon.account.wiring import Account
from daemon.commands.check_line import Line
from policies.facts import taxonomy
from policies.world.practice import DatabaseOptions

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
"""Templates that only the agent can give, each with its question."""
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


def questions(account: Account) -> Iterator[Line]:
    """A note for each open question of the three procedures (MS-24, MS-52, RF-52, DB-47)."""
    referrals = account.settings.referrals
    for name, question in REFERRALS.items():
        # False is an answer.
        if getattr(referrals, name) in (None, "", {}):
            yield _unset(f"referrals.{name}", question)
    options = account.settings.milestones
    for name, question in ONBOARDING.items():
        if not getattr(options, name):
            yield _unset(f"milestones.{name}", question)
    for name, question in WORDINGS.items():
        if name not in account.templates:
            text = f"asked at onboarding: milestones.templates_dir lacks a wording. {question}"
            yield Line("note", text)
    yield from _database(account.settings.database)
    if options.birthday_channel == "text" and not options.consent_field:
        yield Line(
            "note",
            "asked at onboarding: milestones.consent_field is not set, "
            "so every birthday text becomes a card (X-10)",
        )


def _unset(name: str, question: str) -> Line:
    return Line("note", f"asked at onboarding: {name} is not set. {question}")


def channels(account: Account) -> Iterator[Line]:
    """A note for each of the agent's channels (RF-52). Only `steward notify` sends to them."""
    for channel, found in account.settings.notify.addresses().items():
        addresses = "address" if len(found) == 1 else "addresses"
        text = f"the {channel} channel has {len(found)} {addresses}; `steward notify` tries it"
        if not found:
            text = (
                f"asked at onboarding: notify.{channel} is not set, "
                "so nobody is told of anything there. "
                f"RF-52: what is the agent's {channel} contact channel?"
            )
        yield Line("note", text)
    if not account.settings.schedule.heartbeat_url.get_secret_value():
        yield Line(
            "note",
            "schedule.heartbeat_url is not set: nobody is told when this machine is down (MS-23)",
        )


def _database(options: DatabaseOptions) -> Iterator[Line]:
    """The open questions of the database procedure (DB-47), and forbidden tags (DB-18)."""
    for name, question in DATABASE_ONBOARDING.items():
        if not getattr(options, name):
            yield _unset(f"database.{name}", question)
    aliases = itertools.chain.from_iterable(options.tag_aliases.values())
    for tag in (*options.geographic_areas, *aliases):
        for problem in taxonomy.tag_problems(tag):
            yield Line("problem", f"[database]: {problem}")
    for word in options.tag_aliases:
        if not taxonomy.build({}, ()).find(word):
            yield Line("problem", f"database.tag_aliases: {word!r} is none of the procedure's tags")
