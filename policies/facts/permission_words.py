"""The words of the questions about contacting somebody, of their answers, and of their keys (X-64,
X-65, X-66).

A question is about one contact and one sign, or about one near tag and everybody who carries it.
`permission_questions` puts it, `permission_answers` reads what was answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from policies.asks.approvals import Decision
from policies.facts.signs import near_carriers
from policies.facts.signs.sign_memory import LIFTED, remembered
from policies.values.names import folded
from policies.world.calendar import compact
from policies.world.memory import PERMISSION
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

RULE = near_carriers.RULE
"""The clause of these questions: an opt-out is the agent's to judge."""


class Answer(StrEnum):
    """What an answer means, whatever its words; the value stands in `Memory`."""

    EVERY_WAY = "leave alone in every way"
    NO_EMAIL = "only no email"
    NO_PHONE = "no phone calls or texts"
    DECEASED = "deceased"
    AGAIN = "may be contacted again"
    OTHER = "means something else"


ONE_WAY = frozenset({Answer.NO_EMAIL, Answer.NO_PHONE})
BARRING = ONE_WAY | {Answer.EVERY_WAY, Answer.DECEASED}
"""The answers that keep something back, by one way or by all."""


class Matter(StrEnum):
    """What a question is about; the value is the episode of its key."""

    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"
    SEEN_BEFORE = "again"
    NEAR_TAG = near_carriers.EPISODE
    SAID_DECEASED = "died"


ALONE = " alone in every way"
CONTACT_AGAIN = " may be contacted again"
_WORDS: Mapping[str, Answer] = MappingProxyType(
    {
        "only no email": Answer.NO_EMAIL,
        "no email": Answer.NO_EMAIL,
        "no contact at all": Answer.EVERY_WAY,
        "no phone calls or texts": Answer.NO_PHONE,
        "deceased": Answer.DECEASED,
        "means something else": Answer.OTHER,
    }
)
_MEANINGS = (
    "No contact at all",
    "No phone calls or texts",
    "No email",
    "Deceased",
    "Means something else",
)


def meaning(choice: str) -> Answer | None:
    """Return what a choice means, whatever name stands in it; None for any other word."""
    word = folded(choice)
    if word.startswith("leave ") and word.endswith(ALONE):
        return Answer.EVERY_WAY
    return Answer.AGAIN if word.endswith(CONTACT_AGAIN) else _WORDS.get(word)


def choices(matter: Matter, called: str, row: Decision | None = None) -> tuple[str, ...]:
    """Return the words to answer with; *called* is the contact's first name. Of a *row* that was
    answered, the words that were chosen stay: somebody may have been renamed since.
    """
    offered: tuple[str, ...] = _MEANINGS
    if matter is Matter.UNSUBSCRIBED:
        offered = (f"Leave {called}{ALONE}", "Only no email")
    elif matter in {Matter.SUPPRESSED, Matter.SEEN_BEFORE}:
        offered = (f"{called}{CONTACT_AGAIN}", f"Leave {called}{ALONE}")
    chosen = row.typed if row else ""
    return tuple(chosen if chosen and meaning(chosen) is meaning(c) else c for c in offered)


def contact_key(s: Snapshot, contact: Contact, matter: Matter) -> Key:
    """Return the key of the question about one contact. Once the agent has lifted what was seen,
    the next opt-out is another question: its episode names the day of the last answer.
    """
    lifted = remembered(s).get(contact.id, {}).get(LIFTED)
    again = matter is Matter.SEEN_BEFORE and lifted
    return Key(RULE, f"p{contact.id}", f"{matter}-{compact(again)}" if again else matter)


def matter_of(key: Key | None) -> Matter | None:
    """Return what the question with this key is about; None for any other key."""
    if key is None or key.rule != RULE:
        return None
    word = key.base.episode.partition("-")[0]
    return next((matter for matter in Matter if word == matter), None)


def is_about_permission(ref: str) -> bool:
    """Tell whether a Ref is that of such a question, or of its answer in `Memory`. Both only keep
    something back, so they are no right that anybody has to agree to (X-92).
    """
    return matter_of(Key.parse(ref.removeprefix(f"{PERMISSION.name} "))) is not None
