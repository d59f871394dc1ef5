"""The table of who gets what, sign by way (X-64); `contact_permission` answers from it.

The rows of `TABLE` are the signs in order of weight, the columns the ways of reaching a person.
`docs/who-gets-what.md` is printed from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policies.facts.contact_ways import Cell, Way
from policies.facts.ownership import agents_own
from policies.facts.permission_words import Answer, Matter
from policies.facts.signs import contact_signs
from policies.facts.signs import sign_detectors as detectors
from policies.facts.signs.sign_detectors import Detector


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One row of the table: `name` stands in counts, `title` in the printed table, and `cells` give
    the verdict for each way. An `opt_out` is a person's own word, or their death. The rest
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


# -- the table -------------------------------------------------------------------------------------

DO_NOT_CONTACT, DECEASED, UNSUBSCRIBED = "Do Not Contact", "deceased", "unsubscribed"
SUPPRESSED = "suppressed: removed as Do Not Contact before"
SEEN_BEFORE = "held by an opt-out or death that was seen before"
NEAR, SAID_DECEASED = "tagged near a safety word", "said to be deceased"
SHARED = "reached through the address of a Do Not Contact"
CONFLICT = "in an identity conflict: the agent says who is who"
NO_CALLS = "not to be called or texted, by the status of the number"
EVERY_WAY = "to be left alone in every way, as the agent said"
LEFT_ALONE, OUTSIDE_PILOT = "left alone by a tag", "outside the pilot"
UNREADABLE = "not readable in this pass"
NO_EMAIL = "not to be emailed, as the agent said"
NO_PHONE = "not to be called or texted, as the agent said"
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
        seen=detectors.says(lambda _s, contact: contact.trashed, "the contact is in the Trash"),
        cells=_row(_NEVER, _NEVER, _NEVER, _NEVER, record=_NEVER),
        positive=True,
        ends_by="the contact is restored",
    ),
    Sign(
        name=DO_NOT_CONTACT,
        title="Do Not Contact by stage or tag",
        clause="X-35",
        seen=detectors.says(detectors.do_not_contact, DO_NOT_CONTACT),
        cells=_row(_NEVER, _NEVER, _NEVER, _NAMED, _NEVER),
        positive=True,
        ends_by=_AGAIN,
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
        opt_out=True,
    ),
    Sign(
        name=DO_NOT_CONTACT,
        title="Merged with a record that has a Do Not Contact tag",
        clause="X-35",
        seen=detectors.says(
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
        title="Deceased by tag, or by a stage that nobody mapped",
        clause="X-49",
        seen=detectors.says(contact_signs.deceased, "deceased"),
        cells=_row(_NEVER, _NEVER, _NEVER, _YES, _NEVER),
        positive=True,
        ends_by="the tag is taken off and the agent says that they may be contacted again",
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
        opt_out=True,
    ),
    Sign(
        name=EVERY_WAY,
        title="The agent answered: leave alone in every way, or no contact at all",
        clause="X-64",
        seen=detectors.answered(
            Answer.EVERY_WAY, "to be left alone in every way, as the agent said"
        ),
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
        seen=detectors.answered(Answer.DECEASED, DECEASED),
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
        seen=detectors.unsubscribed,
        cells=_row(_HOLD, _NEVER, _HOLD, _YES, _NEVER, email=_NEVER),
        positive=True,
        ends_by="the agent answers: leave them alone in every way, or only no email",
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
        opt_out=True,
    ),
    Sign(
        name=NO_EMAIL,
        title="The agent answered: no email",
        clause="X-66",
        seen=detectors.answered(Answer.NO_EMAIL, "no email, as the agent said"),
        cells=_row(_YES, _NEVER, _YES, _YES, email=_NEVER),
        positive=True,
        ends_by=_ANSWERED,
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
    ),
    Sign(
        name=NO_PHONE,
        title="The agent answered: no phone calls or texts",
        clause="X-66",
        seen=detectors.answered(Answer.NO_PHONE, "no phone calls or texts, as the agent said"),
        cells=_row(_YES, _YES, _YES, _NAMED, text=_NEVER),
        positive=True,
        ends_by=_ANSWERED,
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
    ),
    Sign(
        name=NO_CALLS,
        title="Every number that works is marked as not to be called",
        clause="X-64",
        seen=detectors.says(contact_signs.no_calls, "their number is marked as not to be called"),
        cells=_row(_YES, _YES, _YES, _NAMED, text=_NEVER),
        positive=True,
        ends_by="the record is corrected",
    ),
    Sign(
        name=SUPPRESSED,
        title="Suppressed: purged as Do Not Contact, back by an import",
        clause="X-34",
        seen=detectors.unless_answered(detectors.suppressed, Matter.SUPPRESSED),
        cells=_row(_HOLD, _NEVER, _NEVER, _NAMED, _NEVER),
        positive=True,
        ends_by="the agent says that they may be contacted again",
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
    ),
    Sign(
        name=SEEN_BEFORE,
        title="A safety sign that was seen before and is gone, also in a merge",
        clause="X-65",
        seen=detectors.seen_before,
        cells=_row(_HOLD, _NEVER, _NEVER, _NAMED, _NEVER),
        positive=True,
        ends_by="the agent says that they may be contacted again",
        asked_in=_APPROVALS,
        remembered=_FOR_GOOD,
        opt_out=True,
    ),
    Sign(
        name=NEAR,
        title="A tag, an unmapped stage, or an opt-out in the name, near a safety word",
        clause="X-66",
        seen=detectors.near,
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
        seen=detectors.said_deceased,
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
        seen=detectors.conflict,
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
        seen=detectors.shared,
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
        seen=detectors.says(
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
        seen=detectors.says(
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
        seen=detectors.says(
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
        seen=detectors.says(contact_signs.skipped, detectors.KEPT_OFF),
        cells=_row(_NEVER, _NEVER, _NEVER, _YES, record=_NEVER),
        positive=True,
        ends_by="the tag is taken off",
    ),
    Sign(
        name=OUTSIDE_PILOT,
        title="Outside the pilot, while there is one",
        clause="rule 17",
        seen=detectors.says(
            contact_signs.outside_pilot, "a pilot is on, and this contact is not in it"
        ),
        cells=_row(_NEVER, _NEVER, _NEVER, _NEVER, record=_NEVER),
        positive=True,
        ends_by="the pilot ends, or the contact is tagged for it",
    ),
    Sign(
        name="not the agent's own client",
        title="Not the agent's; the agent's only through a deleted deal",
        clause="X-57",
        seen=detectors.says(
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
        name=UNREADABLE,
        title="Signs unreadable in this pass",
        clause="X-65",
        seen=detectors.unreadable,
        cells=_row(_HOLD, _NEVER, _HOLD, _YES, _HOLD, _HOLD),
        positive=False,
        ends_by="the record and the Suppression list are readable again",
    ),
)
