"""How a collection of the API is described, and the words its fields may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from connectors.sandbox.followupboss.tables import Values

TASK_TYPES = (
    "Follow Up",
    "Call",
    "Text",
    "Email",
    "Appointment",
    "Showing",
    "Closing",
    "Open House",
    "Thank You",
)
CALL_OUTCOMES = ("Interested", "Not Interested", "Left Message", "No Answer", "Busy", "Bad Number")
EM_TYPES = (
    "delivered",
    "open",
    "click",
    "bounced",
    "soft-bounce",
    "hard-bounce",
    "unsubscribe",
    "spamreport",
    "dropped",
)
FIELD_TYPES = ("text", "number", "date", "dropdown")
TEXT_SCOPE = (
    "personId, threadId, phone, toNumber, fromNumber, sharedInboxId, groupTextId, participants, "
    "or id list must be specified for GET /v1/textMessages."
)
EMAIL_SCOPE = (
    "id list, inboxThreadId, personId or personId and threadId arguments "
    "must be specified for GET /v1/emails."
)


def words(text: str) -> frozenset[str]:
    """The words of a line."""
    return frozenset(text.split())


def blank(order: str, **values: Any) -> Mapping[str, Any]:
    """The fields of a record in recorded order, each with the value it has when none was given."""
    return MappingProxyType({name: values.get(name) for name in order.split()})


def filters_by(**ops: str) -> Mapping[str, tuple[str, str]]:
    """Parameter to (operation, field), from one line of parameters for each operation.

    A parameter is written `name`, or `name=field` if the field is called otherwise.
    """
    words = ((op, *word.partition("=")) for op, line in ops.items() for word in line.split())
    return MappingProxyType({name: (op, other or name) for op, name, _, other in words})


COMMON = filters_by(
    among="id ids=id",
    below="idLessThan=id",
    above="idGreaterThan=id",
    after="createdAfter=created updatedAfter=updated",
    before="createdBefore=created updatedBefore=updated",
)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A collection of the API."""

    path: str
    collection: str
    """Its key in the body of a list."""
    methods: str = "GET POST PUT"
    """The methods that are served."""
    blank: Mapping[str, Any] = field(default_factory=dict)
    filters: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    indexes: Mapping[str, Values] = field(default_factory=dict)
    hidden: tuple[tuple[str, str, Any], ...] = ()
    """(parameter, field, value): records with this value are listed only with the parameter."""
    scope: tuple[frozenset[str], str] = (frozenset(), "")
    """Parameters of which a list demands one, and the sentence it refuses with otherwise."""
    creates: Mapping[str, str] = field(default_factory=dict)
    """Field to kind (see `kinds`), for POST."""
    updates: Mapping[str, str] = field(default_factory=dict)
    """Field to kind, for PUT."""
    required: tuple[str, ...] = ()
    configuration: bool = False
    owner_only: bool = False
    registered_only: bool = False
    custom: str = ""


def _person(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return (record.get("personId") or 0,)


BY_PERSON: Mapping[str, Values] = MappingProxyType({"personId": _person})
STAMPS = "id created updated createdById updatedById "
PERSON = blank(
    """
    id created updated createdVia lastActivity name firstName lastName stage stageId type source
    sourceId sourceUrl leadFlowId delayed contacted price assignedLenderId assignedLenderName
    assignedUserId assignedPondId assignedTo tags emails phones addresses picture socialData
    websiteVisits timeframeId timeframeUpdated timeframeStatus timeframeDateRange claimed
    dealStatus dealStage dealName dealCloseDate dealPrice firstToClaimOffer collaborators
    teamLeaders pondMembers
    """,
    id=0,
    createdVia="API",
    name="",
    firstName="",
    lastName="",
    stage="Lead",
    stageId=0,
    type="Buyer",
    source="<unspecified>",
    sourceId=1,
    sourceUrl="",
    delayed=False,
    contacted=0,
    tags=[],
    emails=[],
    phones=[],
    addresses=[],
    socialData=[],
    websiteVisits=0,
    claimed=True,
    firstToClaimOffer=False,
    collaborators=[],
    teamLeaders=[],
    pondMembers=[],
)
"""The default fields of a person, in recorded order; a stored person holds only what differs."""
PERSON_MORE = blank(
    """
    background lastCommunication lastReceivedEmail lastReceivedEmailId lastSentEmail
    lastSentEmailId lastEmail lastEmailId emailsReceived emailsSent lastIncomingCall
    lastIncomingCallId lastOutgoingCall lastOutgoingCallId lastCall lastCallId firstCall
    callsOutgoing callsIncoming callsDuration lastReceivedText lastReceivedTextId lastSentText
    lastSentTextId lastText lastTextId textsReceived textsSent lastLeadActivity
    lastEmEventActivity lastEmEventActivityId propertiesViewed propertiesSaved pagesViewed
    lastIdxVisit nextTask nextTaskHasTime nextTaskName lastSentBatchEmail lastSentActionPlanEmail
    lastDeliveredMarketingCampaign createdById updatedById
    """,
    background="",
    emailsReceived=0,
    emailsSent=0,
    callsOutgoing=0,
    callsIncoming=0,
    callsDuration=0,
    textsReceived=0,
    textsSent=0,
    propertiesViewed=0,
    propertiesSaved=0,
    pagesViewed=0,
)
"""The fields that `fields=allFields` adds, besides the custom ones."""
