"""Fields of a person that come from other records: statistics, next task, deal, email status."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from connectors.sandbox.followupboss.storage import Storage
from connectors.sandbox.followupboss.tables import Record

_STATISTICS: Mapping[tuple[str, bool], tuple[str, str, str]] = MappingProxyType(
    {
        ("calls", True): ("lastIncomingCall", "lastCall", "callsIncoming"),
        ("calls", False): ("lastOutgoingCall", "lastCall", "callsOutgoing"),
        ("textMessages", True): ("lastReceivedText", "lastText", "textsReceived"),
        ("textMessages", False): ("lastSentText", "lastText", "textsSent"),
        ("emails", True): ("lastReceivedEmail", "lastEmail", "emailsReceived"),
        ("emails", False): ("lastSentEmail", "lastEmail", "emailsSent"),
    }
)
"""By collection and "is incoming": the last one that way, the last one either way, the count."""
_MASS = (("campaignOrigin", "lastSentBatchEmail"), ("actionPlanId", "lastSentActionPlanEmail"))
"""The field that marks an email as sent to many, and the statistic it moves."""
_OTHERS = frozenset({"notes", "appointments", "tasks"})
_TAGS = {"unsubscribe": "Unsubscribed", "hard-bounce": "bounced email", "bounced": "bounced email"}
_DEAL = (
    ("dealStatus", "status"),
    ("dealStage", "stageName"),
    ("dealName", "name"),
    ("dealCloseDate", "projectedCloseDate"),
    ("dealPrice", "price"),
)


# -- derived when a person is read -----------------------------------------------------------------


def with_derived(account: Storage, record: Record) -> Record:
    """A stored person with the derived fields: the next task, and those of one of the deals."""
    more: Record = _next_task(account, record)
    if deals := account.tables["deals"].having("personId", record["id"]):
        newest = account.switches["person_deal"] == "newest"
        deal = account.tables["deals"][max(deals) if newest else min(deals)]
        more |= {name: deal.get(source) for name, source in _DEAL}
    if account.switches["guessed_flags"] != "recorded":
        more |= _guessed_flags(record, int if account.switches["guessed_flags"] == "int" else bool)
    return {**record, **more} if more else record


def _next_task(account: Storage, person: Record) -> Record:
    """The fields about the open task that is due first; empty if no open task has a due date."""
    table = account.tables["tasks"]
    due: list[tuple[str, Record]] = []
    for number in table.having("personId", person["id"]):
        task = table[number]
        when = task.get("dueDateTime") or task.get("dueDate")
        if when and not task.get("isCompleted"):
            due.append((str(when), task))
    if not due:
        return {}
    when, task = min(due, key=lambda pair: pair[0])
    return {
        "nextTask": when,
        "nextTaskHasTime": bool(task.get("dueDateTime")),
        "nextTaskName": task["name"],
    }


def _guessed_flags(person: Record, kind: type[int]) -> Record:
    phones = []
    for phone in person.get("phones", ()):
        flags = {name: kind(phone.get(name, 0)) for name in ("isLandline", "isOnboardingNumber")}
        phones.append({**phone, **flags})
    return {"delayed": kind(person.get("delayed", False)), "phones": phones}


# -- written when another record is ----------------------------------------------------------------


def touch_people(account: Storage, path: str, record: Record) -> None:
    """Apply a new record, or a task just completed, to the statistics of its people.

    This is no edit: `updated` stays, unless a switch says otherwise.
    """
    if path == "appointments":
        for person_id in {i["personId"] for i in record.get("invitees", ()) if i.get("personId")}:
            _touch(account, path, record, account.tables["people"][person_id])
    elif person := account.tables["people"].get(record.get("personId") or 0):
        _touch(account, path, record, person)


def _touch(account: Storage, path: str, record: Record, person: Record) -> None:
    changes = _changes(account, path, record, person)
    if not changes:
        return
    if account.switches["touch_moves_updated"] == "yes":
        changes["updated"] = account.stamp()
    account.tables["people"][person["id"]] = {**person, **changes}


def _changes(account: Storage, path: str, record: Record, person: Record) -> Record:
    """The fields of *person* that *record* changes."""
    moment = record.get("completed") or record.get("occurred") or record["created"]
    if path == "emEvents":
        return _em_event(account, record, person, moment)
    # Email to many is no communication with one person.
    if mass := [statistic for field, statistic in _MASS if record.get(field)]:
        return {statistic: _later(person, statistic, moment) for statistic in mass}
    if path in {"calls", "textMessages", "emails"}:
        return _communication(path, record, person, moment)
    reopened = not record.get("completed", moment)
    if path in _OTHERS and account.switches["other_touches"] == "yes" and not reopened:
        return {"lastCommunication": _later(person, "lastCommunication", moment)}
    return {}


def _communication(path: str, record: Record, person: Record, moment: str) -> Record:
    incoming = bool(record.get("isIncoming")) or record.get("status") == "Received"
    way, any_way, count = _STATISTICS[path, incoming]
    changes: Record = {
        count: person.get(count, 0) + 1,
        "lastCommunication": _later(person, "lastCommunication", moment),
    }
    for statistic in (way, any_way):
        if moment >= (person.get(statistic) or ""):
            changes |= {statistic: moment, f"{statistic}Id": record["id"]}
    if path == "calls":
        changes["callsDuration"] = person.get("callsDuration", 0) + record["duration"]
        changes["firstCall"] = min(moment, person.get("firstCall") or moment)
    if incoming:
        for statistic in ("lastActivity", "lastLeadActivity"):
            changes[statistic] = _later(person, statistic, moment)
    if _reached(path, record, incoming):
        changes["contacted"] = 1
    return changes


def _reached(path: str, record: Record, incoming: bool) -> bool:
    """Whether this sets the legacy flag `contacted`: a reply, or a call that reached the person."""
    replied = incoming and path != "calls"
    return replied or record.get("outcome") in {"Interested", "Not Interested"}


def _em_event(account: Storage, record: Record, person: Record, moment: str) -> Record:
    changes: Record = {"lastEmEventActivity": moment, "lastEmEventActivityId": record["id"]}
    tag = _TAGS.get(record["type"])
    if not tag:
        return changes
    opted_out = record["type"] == "unsubscribe"
    status = account.switches["unsubscribed_status" if opted_out else "bounced_status"]
    address = record["recipient"].casefold()
    emails = [
        {**email, "status": status} if email["value"].casefold() == address else email
        for email in person.get("emails", ())
    ]
    return changes | {
        "tags": list(dict.fromkeys([*person.get("tags", ()), tag])),
        "emails": emails,
        "updated": account.stamp(),
        "updatedById": -1,  # the service itself, and no user
    }


def _later(person: Record, statistic: str, moment: str) -> str:
    return max(moment, person.get(statistic) or "")
