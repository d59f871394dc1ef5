"""The collections as tables: what may be written, what is required, what can be filtered. The rules are in `state`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

Record = dict[str, Any]
Test = Callable[[Record, str], bool]

TASK_TYPES = ("Follow Up", "Call", "Text", "Email", "Appointment", "Showing", "Closing", "Open House", "Thank You")
CALL_OUTCOMES = ("Interested", "Not Interested", "Left Message", "No Answer", "Busy", "Bad Number")


def equals(name: str) -> Test:
    """The field is this value, or one of a comma list of them."""
    return lambda record, text: str(record.get(name)) in text.split(",")


def contains(name: str) -> Test:
    """The field holds the text somewhere, whatever the case ("drew" finds Andrew)."""
    return lambda record, text: text.casefold() in str(record.get(name) or "").casefold()


def from_(name: str) -> Test:
    """The field is this day or later."""
    return lambda record, text: bool(record.get(name)) and str(record[name])[:len(text)] >= text


def until(name: str) -> Test:
    """The field is this day or earlier."""
    return lambda record, text: bool(record.get(name)) and str(record[name])[:len(text)] <= text


def truth(name: str) -> Test:
    """The field is set or not, as 1/0 or true/false."""
    return lambda record, text: bool(record.get(name)) == (text.casefold() in {"1", "true"})


def person_in_people(record: Record, text: str) -> bool:
    """The deal names this person."""
    return any(str(person["id"]) == text for person in record.get("people", ()))


def user_in_users(record: Record, text: str) -> bool:
    """The deal names this user."""
    return any(str(user["id"]) == text for user in record.get("users", ()))


COMMON: Mapping[str, Test] = MappingProxyType({
    "id": equals("id"),
    "idLessThan": lambda record, text: record["id"] < int(text),
    "idGreaterThan": lambda record, text: record["id"] > int(text),
    "createdAfter": from_("created"), "createdBefore": until("created"),
    "updatedAfter": from_("updated"), "updatedBefore": until("updated"),
})


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A collection. `collection` is its key in the body; `creates` and `updates` the body fields it knows."""

    path: str
    collection: str
    filters: Mapping[str, Test] = field(default_factory=dict)
    creates: frozenset[str] = frozenset()
    updates: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    configuration: bool = False
    owner_only: bool = False


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


PERSON_WRITES = _names(
    "firstName lastName name stage contacted price assignedTo assignedUserId assignedPondId assignedLenderName "
    "assignedLenderId emails phones addresses tags background timeframeId")
DEAL_WRITES = _names(
    "name stageId pipelineId price description projectedCloseDate peopleIds userIds commissionValue agentCommission "
    "teamCommission orderWeight earnestMoneyDueDate mutualAcceptanceDate dueDiligenceDate finalWalkThroughDate "
    "possessionDate enteredStageAt")
TASK_WRITES = _names("personId assignedUserId assignedTo name type isCompleted dueDate dueDateTime remindSecondsBefore")

RESOURCES: Mapping[str, Resource] = MappingProxyType({r.path: r for r in (
    Resource(path="people", collection="people",
             filters={"name": contains("name"), "firstName": contains("firstName"), "lastName": contains("lastName"),
                      "stage": equals("stage"), "source": equals("source"), "assignedUserId": equals("assignedUserId"),
                      "assignedTo": equals("assignedTo"), "contacted": truth("contacted")},
             creates=PERSON_WRITES | _names("createdAt source sourceUrl collaborators"), updates=PERSON_WRITES),
    Resource(path="tasks", collection="tasks",
             filters={"personId": equals("personId"), "assignedUserId": equals("assignedUserId"),
                      "assignedTo": equals("AssignedTo"), "name": contains("name"), "type": equals("type"),
                      "isCompleted": truth("isCompleted"), "dueStart": from_("_due"), "dueEnd": until("_due")},
             creates=TASK_WRITES, updates=TASK_WRITES, required=("personId",)),
    Resource(path="notes", collection="notes",
             filters={"personId": equals("personId"), "createdById": equals("createdById")},
             creates=_names("personId subject body isHtml"), updates=_names("subject body isHtml"), required=("personId",)),
    Resource(path="calls", collection="calls",
             filters={"personId": equals("personId"), "phone": equals("phone"), "toNumber": equals("toNumber"),
                      "fromNumber": equals("fromNumber")},
             creates=_names("personId phone isIncoming note outcome duration toNumber fromNumber userId recordingUrl"),
             updates=_names("note outcome duration"), required=("personId", "phone", "isIncoming")),
    Resource(path="deals", collection="deals",
             filters={"pipelineId": equals("pipelineId"), "personId": person_in_people, "userId": user_in_users},
             creates=DEAL_WRITES, updates=DEAL_WRITES, required=("name", "stageId")),
    Resource(path="users", collection="users", filters={"email": equals("email")}),
    Resource(path="stages", collection="stages", creates=_names("name orderWeight description"),
             updates=_names("name orderWeight description"), required=("name",), configuration=True),
    Resource(path="pipelines", collection="pipelines", configuration=True),
    Resource(path="customFields", collection="customfields", configuration=True, owner_only=True,
             creates=_names("label type orderWeight hideIfEmpty readOnly isRecurring choices"),
             updates=_names("label orderWeight hideIfEmpty readOnly choices dropdownChoiceMap"),
             required=("label", "type")),
)})

NOT_SERVED = _names(
    "events webhooks webhookEvents textMessages emails emEvents emCampaigns appointments appointmentTypes "
    "appointmentOutcomes ponds teams groups timeframes smartLists actionPlans actionPlansPeople automations "
    "automationsPeople templates textMessageTemplates personAttachments dealAttachments peopleRelationships "
    "dealCustomFields inboxApps reactions threadedReplies oauthApps rateLimit me")
"""Collections the real service has and the sandbox does not: they answer 501."""

PERSON_DEFAULTS: Mapping[str, Any] = MappingProxyType({
    "id": 0, "created": None, "updated": None, "createdVia": "API", "lastActivity": None, "name": "", "firstName": "",
    "lastName": "", "stage": "Lead", "stageId": 0, "type": "Buyer", "source": "<unspecified>", "sourceId": 1,
    "sourceUrl": "", "leadFlowId": None, "delayed": False, "contacted": 0, "price": None, "assignedLenderId": None,
    "assignedLenderName": None, "assignedUserId": None, "assignedPondId": None, "assignedTo": None, "tags": [],
    "emails": [], "phones": [], "addresses": [], "picture": None, "socialData": [], "websiteVisits": 0,
    "timeframeId": None, "timeframeUpdated": None, "timeframeStatus": None, "timeframeDateRange": None, "claimed": True,
    "dealStatus": None, "dealStage": None, "dealName": None, "dealCloseDate": None, "dealPrice": None,
    "firstToClaimOffer": False, "collaborators": [], "teamLeaders": [], "pondMembers": [],
})
"""The default fields of a person, in recorded order; a stored person holds only what differs."""

PERSON_MORE: Mapping[str, Any] = MappingProxyType({
    "background": "", "lastCommunication": None, "lastReceivedEmail": None, "lastSentEmail": None, "lastEmail": None,
    "emailsReceived": 0, "emailsSent": 0, "lastIncomingCall": None, "lastOutgoingCall": None, "lastCall": None,
    "firstCall": None, "callsOutgoing": 0, "callsIncoming": 0, "callsDuration": 0, "lastReceivedText": None,
    "lastSentText": None, "lastText": None, "textsReceived": 0, "textsSent": 0, "lastLeadActivity": None,
    "propertiesViewed": 0, "nextTask": None, "nextTaskName": None, "createdById": None, "updatedById": None,
})
"""What `fields=allFields` adds, besides the custom fields."""
