"""The table of who gets what, sign by way (X-64); `contact_permission` answers from it.

The rows of `TABLE` are the signs in order of weight, the columns the ways of reaching a person.
`docs/who-gets-what.md` is printed from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from policies.facts import contact_signs, permission_answers, remembered_signs, safety_words
from policies.facts.ownership import agents_own
from policies.facts.permission_answers import Answer, Matter, to_question, to_tag
from policies.facts.same_person.conflicts import held
from policies.world.model import Contact
from policies.world.snapshot import Snapshot


class Way(StrEnum):
    """A way in which something may reach a person, or their record."""

    EMAIL = "client email"
    CARD = "card"
    TEXT = "text"
    TOUCH = "personal touch"
    THANKS = "thank-you to a source"
    LIST = "campaign list"
    REACTIVATION = "reactivation"
    PROMPT = "prompt to respond"
    NEW_RECORD = "new record"
    RECORD = "tag, note or field"


class Cell(StrEnum):
    """One cell of the table. `NAMED` lets a prompt through and has it name the sign; `ELSEWHERE`
    bars the address or number and no other way.
    """

    YES = "yes"
    NAMED = "yes, with the sign"
    ELSEWHERE = "not on that address or number"
    HOLD = "hold"
    NEVER = "never"
    NOT_OURS = "not ours"


Detector = Callable[[Snapshot, Contact, Way], str]
"""What was seen of a sign, as a sentence for people; "" where it is absent or does not matter for
this way.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One row of the table: `name` stands in counts, `title` in the printed table, and `cells` say
    what the sign means for each way. An `opt_out` is a person's own word, or their death. The rest
    is as in `contact_permission.Reason`.
    """

    name: str
    title: str
    clause: str
    seen: Detector
    cells: Mapping[Way, Cell]
    positive: bool
    ends_by: str
    asked_in: str = ""
    remembered: str = ""
    opt_out: bool = False


def _says(found: Callable[[Snapshot, Contact], bool], text: str) -> Detector:
    return lambda s, contact, _way: text if found(s, contact) else ""


def _row(
    drafts: Cell,
    lists: Cell,
    reactivation: Cell,
    prompt: Cell,
    new_record: Cell = Cell.YES,
    record: Cell = Cell.YES,
    **others: Cell,
) -> Mapping[Way, Cell]:
    """The cells of a sign: one for every client draft and thank-you, and *others* that differ."""
    cells = {
        Way.EMAIL: drafts,
        Way.CARD: drafts,
        Way.TEXT: drafts,
        Way.TOUCH: drafts,
        Way.THANKS: drafts,
        Way.LIST: lists,
        Way.REACTIVATION: reactivation,
        Way.PROMPT: prompt,
        Way.NEW_RECORD: new_record,
        Way.RECORD: record,
    }
    return MappingProxyType(cells | {Way[name.upper()]: cell for name, cell in others.items()})


# -- detectors that differ by way, or that quote what they saw -------------------------------------


def _answered(answer: Answer, text: str) -> Detector:
    """Detect an answer of the agent: about this contact, or about a near tag that they carry."""

    def seen(s: Snapshot, contact: Contact, _way: Way) -> str:
        if permission_answers.about(s, contact, answer):
            return text
        tags = safety_words.near_tags(s, contact)
        return text if any(to_tag(s, tag) is answer for tag in tags) else ""

    return seen


def _unsubscribed(s: Snapshot, contact: Contact, way: Way) -> str:
    """Email and lists stay barred whatever the agent answers; the answer decides the other ways."""
    if not contact_signs.unsubscribed(s, contact):
        return ""
    if way not in {Way.EMAIL, Way.LIST} and to_question(s, contact, Matter.UNSUBSCRIBED):
        return ""
    return "they unsubscribed from email"


def _unless_answered(found: Callable[[Snapshot, Contact], str], matter: Matter) -> Detector:
    """Detect a sign that any answer of the agent ends: what was answered has a row of its own."""

    def seen(s: Snapshot, contact: Contact, _way: Way) -> str:
        text = found(s, contact)
        return "" if text and to_question(s, contact, matter) else text

    return seen


def _do_not_contact(s: Snapshot, contact: Contact) -> bool:
    """The stage of a record in the Trash is gone; `Do Not Contact Since` is not."""
    gone = contact.trashed and bool(contact.fields.get(contact_signs.SINCE))
    return gone or contact_signs.marked_do_not_contact(s, contact)


def _suppressed(s: Snapshot, contact: Contact) -> str:
    return REMOVED if contact_signs.is_suppressed(s, contact) else ""


def _seen_before(s: Snapshot, contact: Contact, _way: Way) -> str:
    return remembered_signs.seen_before(s, contact)


def _near(s: Snapshot, contact: Contact, _way: Way) -> str:
    for tag in safety_words.near_tags(s, contact):
        if to_tag(s, tag) is None:
            return f"the tag {tag!r} may mean that they are not to be contacted"
    return ""


def _conflict(s: Snapshot, contact: Contact, _way: Way) -> str:
    return s.once(held).get(contact.id, "")


def _unreadable(s: Snapshot, contact: Contact, _way: Way) -> str:
    return remembered_signs.unreadable(s, contact)


def _shared(s: Snapshot, contact: Contact, way: Way) -> str:
    """Bar an address or number that is also that of somebody who opted out, where no other of
    theirs is left for this way.
    """
    if not contact_signs.shares(s, contact):
        return ""
    every = (*contact.emails, *contact.phones)
    reaches = {Way.EMAIL: contact.emails, Way.TEXT: contact.phones}.get(way, every)
    if not reaches:
        return ""
    same = way is Way.LIST and contact_signs.same_person(s, contact)
    free = not same and [reach for reach in reaches if not contact_signs.shared(s, reach)]
    only = "reached only through the address or number of somebody who opted out"
    return "" if free else only


# -- the table -------------------------------------------------------------------------------------

DO_NOT_CONTACT, DECEASED, UNSUBSCRIBED = "Do Not Contact", "deceased", "unsubscribed"
SUPPRESSED = "suppressed: removed as Do Not Contact before"
SEEN_BEFORE = "held by an opt-out or death that was seen before"
NEAR, SAID_DECEASED = "tagged near a safety word", "said to be deceased"
REMOVED = (
    "this address or number was removed as Do Not Contact before; write only to who asked to hear"
    " from you again"
)
SHARED = "reached through the address of a Do Not Contact"
CONFLICT = "in an identity conflict: the agent says who is who"
LEFT_ALONE = "left alone by a tag"
EMAIL_DEAD, MAIL_RETURNED = "the email address does not work", "mail came back"
_APPROVALS, _FOR_GOOD = "Approvals", "for good"
_NEVER, _HOLD, _YES = Cell.NEVER, Cell.HOLD, Cell.YES
_NAMED, _ELSEWHERE = Cell.NAMED, Cell.ELSEWHERE
_ANSWERED = "the agent chooses another answer"
_AGAIN = "the tag or stage is changed and the agent says that they may be contacted again"

TABLE: tuple[Sign, ...] = (
    Sign(
        name="in the Trash",
        title="In the Trash",
        clause="X-57",
        seen=_says(lambda _s, contact: contact.trashed, "the contact is in the Trash"),
        cells=_row(_NEVER, _NEVER, _NEVER, _NEVER, record=_NEVER),
        positive=True,
        ends_by="the contact is restored",
    ),
    Sign(
        name=DO_NOT_CONTACT,
        title="Do Not Contact by stage or tag",
        clause="X-35",
        seen=_says(_do_not_contact, DO_NOT_CONTACT),
        cells=_row(_NEVER, _NEVER, _NEVER, _NAMED, _NEVER),
        positive=True,
        ends_by=_AGAIN,
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
        opt_out=True,
    ),
    Sign(
        name=DO_NOT_CONTACT,
        title="Merged with a Do Not Contact record",
        clause="X-35",
        seen=_says(
            contact_signs.merged_with_do_not_contact, "merged with a record that had opted out"
        ),
        cells=_row(_NEVER, _NEVER, _NEVER, _NAMED, _NEVER),
        positive=True,
        ends_by=_AGAIN,
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
        opt_out=True,
    ),
    Sign(
        name=DECEASED,
        title="Deceased by tag",
        clause="X-49",
        seen=_says(contact_signs.deceased, "deceased"),
        cells=_row(_NEVER, _NEVER, _NEVER, _YES, _NEVER),
        positive=True,
        ends_by="the tag is taken off and the agent says that they may be contacted again",
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
        opt_out=True,
    ),
    Sign(
        name="to be left alone in every way, as the agent said",
        title="The agent answered: leave alone in every way, or no contact at all",
        clause="X-64",
        seen=_answered(Answer.EVERY_WAY, "to be left alone in every way, as the agent said"),
        cells=_row(_NEVER, _NEVER, _NEVER, _NAMED, _NEVER),
        positive=True,
        ends_by=_ANSWERED,
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
        opt_out=True,
    ),
    Sign(
        name=DECEASED,
        title="The agent answered: deceased",
        clause="X-66",
        seen=_answered(Answer.DECEASED, DECEASED),
        cells=_row(_NEVER, _NEVER, _NEVER, _YES, _NEVER),
        positive=True,
        ends_by=_ANSWERED,
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
        opt_out=True,
    ),
    Sign(
        name=UNSUBSCRIBED,
        title="Unsubscribed: by an event, or by the status of any one address",
        clause="X-64",
        seen=_unsubscribed,
        cells=_row(_HOLD, _NEVER, _HOLD, _YES, _NEVER, email=_NEVER),
        positive=True,
        ends_by="the agent answers: leave them alone in every way, or only no email",
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
        opt_out=True,
    ),
    Sign(
        name="not to be emailed, as the agent said",
        title="The agent answered: no email",
        clause="X-66",
        seen=_answered(Answer.NO_EMAIL, "no email, as the agent said"),
        cells=_row(_YES, _NEVER, _YES, _YES, email=_NEVER),
        positive=True,
        ends_by=_ANSWERED,
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
    ),
    Sign(
        name="not to be called or texted, as the agent said",
        title="The agent answered: no phone calls or texts",
        clause="X-66",
        seen=_answered(Answer.NO_PHONE, "no phone calls or texts, as the agent said"),
        cells=_row(_YES, _YES, _YES, _NAMED, text=_NEVER),
        positive=True,
        ends_by=_ANSWERED,
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
    ),
    Sign(
        name=SUPPRESSED,
        title="Suppressed: purged as Do Not Contact, back by an import",
        clause="X-34",
        seen=_unless_answered(_suppressed, Matter.SUPPRESSED),
        cells=_row(_HOLD, _NEVER, _NEVER, _NAMED, _NEVER),
        positive=True,
        ends_by="the agent says that they may be contacted again",
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
    ),
    Sign(
        name=SEEN_BEFORE,
        title="A safety sign that was seen before and is gone",
        clause="X-65",
        seen=_seen_before,
        cells=_row(_HOLD, _NEVER, _NEVER, _NAMED, _NEVER),
        positive=True,
        ends_by="the agent says that they may be contacted again",
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
        opt_out=True,
    ),
    Sign(
        name=NEAR,
        title="A tag near a safety word",
        clause="X-66",
        seen=_near,
        cells=_row(_HOLD, _NEVER, _HOLD, _NAMED, _HOLD),
        positive=False,
        ends_by="the agent says what the tag means",
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
    ),
    Sign(
        name=SAID_DECEASED,
        title='"Deceased" in a note, the name or the background',
        clause="X-66",
        seen=_unless_answered(safety_words.said_deceased, Matter.SAID_DECEASED),
        cells=_row(_HOLD, _NEVER, _HOLD, _YES, _HOLD),
        positive=False,
        ends_by="the agent says what it means",
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
    ),
    Sign(
        name=CONFLICT,
        title="Identity conflict",
        clause="DB-44",
        seen=_conflict,
        cells=_row(_HOLD, _NEVER, _HOLD, _YES, _HOLD),
        positive=True,
        ends_by="the agent says who is who",
        asked_in=_APPROVALS,
        remembered="until either record changes",
    ),
    Sign(
        name=SHARED,
        title="The address or number is also that of somebody who opted out",
        clause="X-64",
        seen=_shared,
        cells=_row(
            _YES, Cell.ELSEWHERE, _YES, _YES, _HOLD, email=Cell.ELSEWHERE, text=Cell.ELSEWHERE
        ),
        positive=True,
        ends_by="the address or number is not shared any longer",
    ),
    Sign(
        name=EMAIL_DEAD,
        title="Email dead, by any word for it",
        clause="MS-47",
        seen=_says(
            contact_signs.undeliverable,
            "the e-mail address does not work; correct the record, or write by hand and use a card",
        ),
        cells=_row(_YES, _YES, _YES, _YES, email=_HOLD),
        positive=True,
        ends_by="the record is corrected",
        asked_in="Record Gaps",
        remembered="until it changes",
    ),
    Sign(
        name=MAIL_RETURNED,
        title="Mail to the postal address came back",
        clause="MS-47",
        seen=_says(
            contact_signs.mail_returned,
            "mail to the postal address came back; correct the record and take the tag off",
        ),
        cells=_row(_YES, _YES, _YES, _YES, card=_HOLD),
        positive=True,
        ends_by="the record is corrected and the tag taken off",
        asked_in="Record Gaps",
        remembered="until it changes",
    ),
    Sign(
        name="dissatisfied: the agent answers first",
        title="Dissatisfied",
        clause="MS-49",
        seen=_says(
            contact_signs.dissatisfied,
            "the client is dissatisfied with an earlier touch; take the tag off when that is"
            " settled",
        ),
        cells=_row(_HOLD, _NEVER, _HOLD, _YES),
        positive=True,
        ends_by="the tag is taken off",
    ),
    Sign(
        name=LEFT_ALONE,
        title="Left alone by tag",
        clause="X-64",
        seen=_says(contact_signs.skipped, "people asked Steward to leave this contact alone"),
        cells=_row(_NEVER, _NEVER, _NEVER, _YES, record=_NEVER),
        positive=False,
        ends_by="the tag is taken off",
    ),
    Sign(
        name="outside the pilot",
        title="Outside the pilot, while there is one",
        clause="rule 17",
        seen=_says(contact_signs.outside_pilot, "people asked Steward to leave this contact alone"),
        cells=_row(_NEVER, _NEVER, _NEVER, _NEVER, record=_NEVER),
        positive=False,
        ends_by="the pilot ends, or the contact is tagged for it",
    ),
    Sign(
        name="not the agent's own client",
        title="Not the agent's; the agent's only through a deleted deal",
        clause="X-57",
        seen=_says(
            lambda s, contact: not agents_own(s, contact),
            'neither the contact nor a deal of theirs is the agent\'s (scope = "assigned")',
        ),
        cells=_row(
            Cell.NOT_OURS, Cell.NOT_OURS, Cell.NOT_OURS, Cell.NOT_OURS, record=Cell.NOT_OURS
        ),
        positive=True,
        ends_by="the contact or a deal of theirs is assigned to the agent",
    ),
    Sign(
        name="not readable in this pass",
        title="Signs unreadable in this pass",
        clause="X-65",
        seen=_unreadable,
        cells=_row(_HOLD, _NEVER, _HOLD, _YES, _HOLD, _HOLD),
        positive=False,
        ends_by="the record is readable again",
    ),
)
