"""The collections as tables: what may be read, written and filtered, and what a record holds. The
rules are in `rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from connectors.sandbox.followupboss.kinds import kinds
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
    "personId, threadId, phone, toNumber, fromNumber, sharedInboxId, groupTextId, participants, or"
    " id list must be specified for GET /v1/textMessages."
)
EMAIL_SCOPE = (
    "id list, inboxThreadId, personId or personId and threadId arguments must be specified for GET"
    " /v1/emails."
)


def words(text: str) -> frozenset[str]:
    """The words of a line."""
    return frozenset(text.split())


def blank(order: str, **values: Any) -> Mapping[str, Any]:
    """A record's fields in recorded order, each with the value of a record that was told
    nothing.
    """
    return MappingProxyType({name: values.get(name) for name in order.split()})


def _filters(**ops: str) -> Mapping[str, tuple[str, str]]:
    """Parameter to (operation, field), from one line a kind of operation: `name`, or `name=field`
    where they differ.
    """
    words = ((op, *word.partition("=")) for op, line in ops.items() for word in line.split())
    return MappingProxyType({name: (op, other or name) for op, name, _, other in words})


COMMON = _filters(
    among="id ids=id",
    below="idLessThan=id",
    above="idGreaterThan=id",
    after="createdAfter=created updatedAfter=updated",
    before="createdBefore=created updatedBefore=updated",
)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A collection. `collection` is its key in the body, `methods` what is served, `creates` and
    `updates` the kinds of its fields.

    `hidden` are values that a list leaves out, each with the parameter that shows it; `scope` are
    parameters one of which a list demands, with what it says otherwise; `single` are fields that
    only one record by itself has.
    """

    path: str
    collection: str
    methods: str = "GET POST PUT"
    blank: Mapping[str, Any] = field(default_factory=dict)
    filters: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    indexes: Mapping[str, Values] = field(default_factory=dict)
    hidden: tuple[tuple[str, str, Any], ...] = ()
    scope: tuple[frozenset[str], str] = (frozenset(), "")
    creates: Mapping[str, str] = field(default_factory=dict)
    updates: Mapping[str, str] = field(default_factory=dict)
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
    "id created updated createdVia lastActivity name firstName lastName stage stageId type source"
    " sourceId sourceUrl leadFlowId delayed contacted price assignedLenderId assignedLenderName"
    " assignedUserId assignedPondId assignedTo tags emails phones addresses picture socialData"
    " websiteVisits timeframeId timeframeUpdated timeframeStatus timeframeDateRange claimed"
    " dealStatus dealStage dealName dealCloseDate dealPrice firstToClaimOffer collaborators"
    " teamLeaders pondMembers",
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
    "background lastCommunication lastReceivedEmail lastReceivedEmailId lastSentEmail"
    " lastSentEmailId lastEmail lastEmailId emailsReceived emailsSent lastIncomingCall"
    " lastIncomingCallId lastOutgoingCall lastOutgoingCallId lastCall lastCallId firstCall"
    " callsOutgoing callsIncoming callsDuration lastReceivedText lastReceivedTextId lastSentText"
    " lastSentTextId lastText lastTextId textsReceived textsSent lastLeadActivity"
    " lastEmEventActivity lastEmEventActivityId propertiesViewed propertiesSaved pagesViewed"
    " lastIdxVisit nextTask nextTaskHasTime nextTaskName lastSentBatchEmail lastSentActionPlanEmail"
    " lastDeliveredMarketingCampaign createdById updatedById",
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
"""What `fields=allFields` adds, besides the custom fields."""

_PERSON_PUT = kinds(
    text="firstName lastName stage assignedTo assignedLenderName background",
    flag="contacted",
    number="price",
    reaches="emails phones",
    whole="assignedUserId assignedPondId assignedLenderId timeframeId",
    addresses="addresses",
    texts="tags",
)
_DEAL = kinds(
    text="name description",
    whole="stageId pipelineId orderWeight",
    ids="peopleIds userIds",
    moment="enteredStageAt",
    number="price commissionValue agentCommission teamCommission",
    day=(
        "projectedCloseDate earnestMoneyDueDate mutualAcceptanceDate dueDiligenceDate"
        " finalWalkThroughDate possessionDate"
    ),
)
_TASK = kinds(
    text="assignedTo name type",
    whole="personId assignedUserId remindSecondsBefore",
    flag="isCompleted",
    day="dueDate",
    moment="dueDateTime",
)
_APPOINTMENT = kinds(
    text="title description location timezone",
    moment="start end",
    flag="allDay",
    whole="typeId outcomeId",
    invitees="invitees",
)
_STAGE = kinds(text="name description", whole="orderWeight")
_CALL_NUMBERS = "phone toNumber fromNumber"

RESOURCES: Mapping[str, Resource] = MappingProxyType(
    {
        r.path: r
        for r in (
            Resource(
                path="people",
                collection="people",
                custom="customFields",
                blank=PERSON,
                filters=_filters(
                    like="name firstName lastName",
                    text="email=_emails",
                    phone="phone=_phones",
                    among="tags",
                    true="contacted",
                    equals=(
                        "stage source assignedTo assignedUserId assignedPondId assignedLenderName"
                        " assignedLenderId"
                    ),
                    above="priceAbove=price",
                    below="priceBelow=price",
                    after="lastActivityAfter=lastActivity",
                    before="lastActivityBefore=lastActivity",
                ),
                indexes={
                    "stage": lambda r: (r.get("stage"),),
                    "claimed": lambda r: (r.get("claimed", True),),
                },
                hidden=(("includeTrash", "stage", "Trash"), ("includeUnclaimed", "claimed", False)),
                creates={
                    **_PERSON_PUT,
                    **kinds(text="source sourceUrl", moment="createdAt", ids="collaborators"),
                },
                updates=_PERSON_PUT,
            ),
            Resource(
                path="tasks",
                collection="tasks",
                indexes=BY_PERSON,
                creates=_TASK,
                updates=_TASK,
                required=("personId",),
                blank=blank(
                    "id created updated completed createdById updatedById createdBy updatedBy"
                    " personId AssignedTo assignedUserId name type isCompleted dueDate dueDateTime"
                    " externalTaskLink externalCalendarId remindSecondsBefore",
                    name="",
                    type="Follow Up",
                    isCompleted=0,
                ),
                filters=_filters(
                    among="personId assignedUserId type",
                    equals="assignedTo=AssignedTo",
                    like="name",
                    true="isCompleted",
                    from_="dueStart=_due",
                    until="dueEnd=_due",
                    due="due=_task",
                ),
            ),
            Resource(
                path="notes",
                collection="notes",
                indexes=BY_PERSON,
                creates=kinds(text="subject body", whole="personId", flag="isHtml"),
                updates=kinds(text="subject body", flag="isHtml"),
                required=("personId",),
                filters=_filters(among="personId createdById"),
                blank=blank(
                    "id created updated createdById updatedById createdBy updatedBy personId"
                    " showContent subject body type isHtml actionPlanId isExternal systemId"
                    " automationId systemName",
                    showContent=True,
                    subject="",
                    body="",
                    type="Note",
                    isHtml=False,
                    isExternal=False,
                ),
            ),
            Resource(
                path="calls",
                collection="calls",
                indexes=BY_PERSON,
                required=("personId", "phone", "isIncoming"),
                creates=kinds(
                    text=f"{_CALL_NUMBERS} note outcome recordingUrl",
                    whole="personId userId duration",
                    flag="isIncoming",
                ),
                updates=kinds(text="note outcome", whole="duration"),
                filters=_filters(among="personId userId", equals=_CALL_NUMBERS),
                blank=blank(
                    "id relationshipId created updated createdById updatedById personId name"
                    " firstName lastName userId userName phone fromNumber toNumber forwardNumber"
                    " note outcome isIncoming duration ringDuration startedAt recordingUrl"
                    " sharedInboxId conferenceCallId systemId",
                    personId=0,
                    note="",
                    isIncoming=False,
                    duration=0,
                ),
            ),
            Resource(
                path="textMessages",
                collection="textmessages",
                methods="GET POST",
                indexes=BY_PERSON,
                registered_only=True,
                creates=kinds(
                    text="message toNumber fromNumber externalLabel externalUrl",
                    whole="personId",
                    flag="isIncoming",
                ),
                required=("personId", "message", "toNumber", "fromNumber"),
                filters=_filters(
                    among="personId threadId sharedInboxId groupTextId",
                    equals="phone=_number toNumber fromNumber participants",
                ),
                scope=(
                    words(
                        "personId threadId phone toNumber fromNumber sharedInboxId groupTextId"
                        " participants id ids"
                    ),
                    TEXT_SCOPE,
                ),
                blank=blank(
                    "id created updated personId userId isIncoming status deliveryStatus message"
                    " fromNumber toNumber sent archived read sharedInboxId actionPlanId groupTextId"
                    " isExternal externalUrl externalLabel media participants systemName",
                    isIncoming=False,
                    archived=False,
                    read=False,
                    isExternal=True,
                    media=[],
                    participants=[],
                ),
            ),
            Resource(
                path="emails",
                collection="emails",
                methods="GET",
                indexes=BY_PERSON,
                required=("personId", "status"),
                creates=kinds(
                    text="status subject body campaignOrigin", whole="personId userId actionPlanId"
                ),
                filters=_filters(among="personId threadId inboxThreadId"),
                scope=(words("id ids inboxThreadId personId"), EMAIL_SCOPE),
                blank=blank(
                    "id created updated personId userId emailAccountId status date subject body"
                    " threadId inboxThreadId campaignOrigin emailTemplateId actionPlanId"
                ),
            ),
            Resource(
                path="emEvents",
                collection="emevents",
                methods="GET POST",
                indexes=BY_PERSON,
                required=("type", "personId"),
                creates=kinds(
                    text="type recipient url", moment="occurred", whole="personId campaignId userId"
                ),
                filters=_filters(among="type personId"),
                blank=blank(
                    "id created updated type occurred recipient personId campaignId userId url"
                ),
            ),
            Resource(
                path="appointments",
                collection="appointments",
                creates=_APPOINTMENT,
                updates=_APPOINTMENT,
                required=("title", "start", "end"),
                filters=_filters(
                    among="personId=_invited userId=_hosts typeId outcomeId createdById",
                    after="start=end",
                    before="end=start",
                ),
                blank=blank(
                    STAMPS
                    + "title description start end timezone allDay originFub location invitees"
                    " typeId type outcomeId outcome isEditable isDeletable detailsVisible"
                    " externalEventLink externalCalendarId",
                    description="",
                    allDay=False,
                    originFub=True,
                    invitees=[],
                    isEditable=True,
                    isDeletable=True,
                    detailsVisible=True,
                ),
            ),
            Resource(
                path="deals",
                collection="deals",
                custom="dealCustomFields",
                creates=_DEAL,
                updates=_DEAL,
                required=("name", "stageId"),
                indexes={
                    "personId": lambda r: [p["id"] for p in r.get("people", ())],
                    "status": lambda r: (r.get("status"),),
                },
                filters=_filters(among="pipelineId status personId=_people userId=_users"),
                hidden=(
                    ("includeDeleted", "status", "Deleted"),
                    ("includeArchived", "status", "Archived"),
                ),
                blank=blank(
                    "id name type status price createdAt orderWeight description projectedCloseDate"
                    " pipelineId pipelineName stageId stageName enteredStageAt commissionValue"
                    " agentCommission teamCommission timeToClose earnestMoneyDueDate"
                    " mutualAcceptanceDate dueDiligenceDate finalWalkThroughDate possessionDate"
                    " people users",
                    type=0,
                    status="Active",
                    price=0,
                    orderWeight=1000,
                    description="",
                    commissionValue=0,
                    agentCommission=0,
                    teamCommission=0,
                    people=[],
                    users=[],
                ),
            ),
            Resource(
                path="users",
                collection="users",
                methods="GET",
                filters=_filters(equals="email role status"),
                blank=blank(
                    STAMPS
                    + "name firstName lastName email phone role status timezone isOwner picture"
                    " groups teamIds teamLeaderOf leadEmailAddress pauseLeadDistribution",
                    isOwner=False,
                    groups=[],
                    teamIds=[],
                    teamLeaderOf=[],
                    pauseLeadDistribution=False,
                ),
            ),
            Resource(
                path="stages",
                collection="stages",
                creates=_STAGE,
                updates=_STAGE,
                required=("name",),
                configuration=True,
                blank=blank(
                    "id name orderWeight isProtected pipelineId description systems peopleCount",
                    orderWeight=1000,
                    isProtected=False,
                    description="",
                    systems=[],
                    peopleCount=0,
                ),
            ),
            Resource(path="pipelines", collection="pipelines", methods="GET", configuration=True),
            *(
                Resource(
                    path=path,
                    collection=collection,
                    configuration=True,
                    owner_only=True,
                    required=("label", "type"),
                    creates=kinds(
                        text="label type",
                        whole="orderWeight",
                        flag="hideIfEmpty readOnly isRecurring",
                        texts="choices",
                    ),
                    updates=kinds(
                        text="label",
                        whole="orderWeight",
                        flag="hideIfEmpty readOnly",
                        texts="choices",
                    ),
                )
                for path, collection in (
                    ("customFields", "customfields"),
                    ("dealCustomFields", "dealCustomfields"),
                )
            ),
        )
    }
)

NOT_SERVED = words(
    "events webhooks webhookEvents emCampaigns appointmentTypes appointmentOutcomes ponds teams"
    " groups timeframes smartLists actionPlans actionPlansPeople automations automationsPeople"
    " templates textMessageTemplates personAttachments dealAttachments peopleRelationships"
    " inboxApps reactions threadedReplies oauthApps rateLimit me people/unclaimed people/claim"
    " people/ignoreUnclaimed"
)
"""Collections and routes the real service has and the sandbox does not: they answer 501."""
