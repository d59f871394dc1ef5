"""The collections of the API: the fields of each that are read, written and filtered.

`rules` holds how a write changes a record.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from connectors.sandbox.followupboss.kinds import kinds
from connectors.sandbox.followupboss.schema import (
    BY_PERSON,
    EMAIL_SCOPE,
    PERSON,
    STAMPS,
    TEXT_SCOPE,
    Resource,
    blank,
    filters_by,
    words,
)

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
    day="""
        projectedCloseDate earnestMoneyDueDate mutualAcceptanceDate dueDiligenceDate
        finalWalkThroughDate possessionDate
        """,
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
                filters=filters_by(
                    like="name firstName lastName",
                    text="email=_emails",
                    phone="phone=_phones",
                    among="tags",
                    true="contacted",
                    equals="""
                        stage source assignedTo assignedUserId assignedPondId assignedLenderName
                        assignedLenderId
                        """,
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
                    """
                    id created updated completed createdById updatedById createdBy updatedBy
                    personId AssignedTo assignedUserId name type isCompleted dueDate dueDateTime
                    externalTaskLink externalCalendarId remindSecondsBefore
                    """,
                    name="",
                    type="Follow Up",
                    isCompleted=0,
                ),
                filters=filters_by(
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
                filters=filters_by(among="personId createdById"),
                blank=blank(
                    """
                    id created updated createdById updatedById createdBy updatedBy personId
                    showContent subject body type isHtml actionPlanId isExternal systemId
                    automationId systemName
                    """,
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
                filters=filters_by(among="personId userId", equals=_CALL_NUMBERS),
                blank=blank(
                    """
                    id relationshipId created updated createdById updatedById personId name
                    firstName lastName userId userName phone fromNumber toNumber forwardNumber
                    note outcome isIncoming duration ringDuration startedAt recordingUrl
                    sharedInboxId conferenceCallId systemId
                    """,
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
                filters=filters_by(
                    among="personId threadId sharedInboxId groupTextId",
                    equals="phone=_number toNumber fromNumber participants",
                ),
                scope=(
                    words(
                        """
                        personId threadId phone toNumber fromNumber sharedInboxId groupTextId
                        participants id ids
                        """
                    ),
                    TEXT_SCOPE,
                ),
                blank=blank(
                    """
                    id created updated personId userId isIncoming status deliveryStatus message
                    fromNumber toNumber sent archived read sharedInboxId actionPlanId groupTextId
                    isExternal externalUrl externalLabel media participants systemName
                    """,
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
                filters=filters_by(among="personId threadId inboxThreadId"),
                scope=(words("id ids inboxThreadId personId"), EMAIL_SCOPE),
                blank=blank(
                    """
                    id created updated personId userId emailAccountId status date subject body
                    threadId inboxThreadId campaignOrigin emailTemplateId actionPlanId
                    """
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
                filters=filters_by(among="type personId"),
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
                filters=filters_by(
                    among="personId=_invited userId=_hosts typeId outcomeId createdById",
                    after="start=end",
                    before="end=start",
                ),
                blank=blank(
                    STAMPS
                    + """
                    title description start end timezone allDay originFub location invitees
                    typeId type outcomeId outcome isEditable isDeletable detailsVisible
                    externalEventLink externalCalendarId
                    """,
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
                filters=filters_by(among="pipelineId status personId=_people userId=_users"),
                hidden=(
                    ("includeDeleted", "status", "Deleted"),
                    ("includeArchived", "status", "Archived"),
                ),
                blank=blank(
                    """
                    id name type status price createdAt orderWeight description projectedCloseDate
                    pipelineId pipelineName stageId stageName enteredStageAt commissionValue
                    agentCommission teamCommission timeToClose earnestMoneyDueDate
                    mutualAcceptanceDate dueDiligenceDate finalWalkThroughDate possessionDate
                    people users
                    """,
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
                filters=filters_by(equals="email role status"),
                blank=blank(
                    STAMPS
                    + """
                    name firstName lastName email phone role status timezone isOwner picture
                    groups teamIds teamLeaderOf leadEmailAddress pauseLeadDistribution
                    """,
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
    """
    events webhooks webhookEvents emCampaigns appointmentTypes appointmentOutcomes ponds teams
    groups timeframes smartLists actionPlans actionPlansPeople automations automationsPeople
    templates textMessageTemplates personAttachments dealAttachments peopleRelationships
    inboxApps reactions threadedReplies oauthApps rateLimit me people/unclaimed people/claim
    people/ignoreUnclaimed
    """
)
"""Collections and routes the real service has and the sandbox does not: they answer 501."""
