"""Email addresses as people type them, and the words for the state of one.

Three spellings exist, each for one purpose (issue 12 says which can be united):

- `mailbox`: which mailbox is reached. Case, a ``+tag`` and Gmail's dots do not count.
- `hashed_form`: what the suppression list hashes. It is fixed for good: entries of years ago must
  still be met.
- `typed_form`: the address in any case, nothing else. By it a source is found by address.
"""

from __future__ import annotations

import re
from functools import lru_cache

from policies.values import phrases
from policies.values.names import visible
from policies.values.no_value import EMAIL_NAMES

DEAD = (
    "bounced",
    "bounce",
    "bounces",
    "bouncing",
    "hard bounce",
    "hard bounced",
    "email bounced",
    "invalid",
    "invalid email",
    "not valid",
    "bad email",
    "wrong email",
    "undeliverable",
    "not deliverable",
    "does not exist",
    "doesnt exist",
    "no longer exists",
    "no such user",
    "no such mailbox",
    "user unknown",
    "unknown user",
    "not found",
    "not in use",
    "no longer in use",
    "does not work",
    "not working",
    "delivery failed",
    "cleaned",
    "dead",
)
"""Phrases for an address that reaches nobody; "Hard Bounced", "Mailbox does not exist" and
Mailchimp's "Cleaned" are found by them.
"""
_FOR_NOW = ("soft", "softbounce", "softbounced", "temporary", "temporarily", "transient")
"""Words for a bounce after which the address still works."""
UNSUBSCRIBED = (
    "unsub",
    "optout",
    "optedout",
    "donotcontact",
    "donotemail",
    "donotmail",
    "donotsend",
    "dontemail",
    "dontcontact",
    "noemails",
    "nolongersubscribed",
    "removeme",
    "blacklisted",
    "blocklisted",
    "dnc",
    "spam",
    "complain",
)
"""How words for an address begin whose owner wants no email there, in letters alone."""
_ADDRESS = re.compile(r"[^\s<>:;,]+@[^\s<>:;,]+")
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
"""Domains where the dots of the local part mean nothing."""


@lru_cache(maxsize=1_000)
def dead(status: str) -> bool:
    """Whether *status*, the CRM's word for an address, says that it reaches nobody (MS-47). A word
    beside it ("Bounced - hard") changes nothing; a negation and a soft bounce do.
    """
    words = phrases.of_status(status)
    return phrases.says(words, DEAD) and not phrases.says(words, _FOR_NOW)


@lru_cache(maxsize=1_000)
def unsubscribed(status: str) -> bool:
    """Whether *status* says that the person wants no email at this address (X-64): "Unsubscribed",
    "Globally opted out", "Do Not Email", "Spam Complaint". A negation changes that.
    """
    return phrases.begins_a_word(phrases.of_status(status), UNSUBSCRIBED)


def mailbox(value: str) -> str:
    """The mailbox that an address reaches; "" for an address of nobody ("none@none.com")."""
    local, at, domain = value.strip().casefold().rpartition("@")
    if "+" in local:
        local = local.partition("+")[0]
    if not at or not local or "." not in domain:
        return ""
    if local in EMAIL_NAMES or domain.partition(".")[0] in EMAIL_NAMES:
        return ""
    if domain in _DOTLESS:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def typed_form(value: str) -> str:
    """The address in any case, without blanks around it."""
    return value.strip().casefold()


def hashed_form(value: str) -> str:
    """The one spelling of an address that is hashed: any case, without a ``+tag`` and without the
    text around it; "" where no address is in *value*.
    """
    found = _ADDRESS.search(visible(value).casefold())
    if not found:
        return ""
    local, _, domain = found[0].rstrip(".").rpartition("@")
    local = local.partition("+")[0] or local
    return f"{local}@{domain}" if local and domain else ""


def plainest(form: str) -> str:
    """A hashed form as Gmail's mailbox spells it: the suppression list hashes both."""
    local, _, domain = form.rpartition("@")
    return f"{local.replace('.', '') or local}@gmail.com" if domain in _DOTLESS else form
