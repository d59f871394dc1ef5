"""What one record tells of another: the activity statistics of a person, their next task, their
deal, and what mail events do.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from connectors.sandbox.followupboss.tables import Record

if TYPE_CHECKING:
    from connectors.sandbox.followupboss.state import Account

_TOUCHES: Mapping[tuple[str, bool], tuple[str, str, str]] = MappingProxyType(
    {
        ("calls", True): ("lastIncomingCall", "lastCall", "callsIncoming"),
        ("calls", False): ("lastOutgoingCall", "lastCall", "callsOutgoing"),
        ("textMessages", True): ("lastReceivedText", "lastText", "textsReceived"),
        ("textMessages", False): ("lastSentText", "lastText", "textsSent"),
        ("emails", True): ("lastReceivedEmail", "lastEmail", "emailsReceived"),
        ("emails", False): ("lastSentEmail", "lastEmail", "emailsSent"),
    }
)
_MASS = (("campaignOrigin", "lastSentBatchEmail"), ("actionPlanId", "lastSentActionPlanEmail"))
_OTHERS = frozenset({"notes", "appointments", "tasks"})
_TAGS = {"unsubscribe": "Unsubscribed", "hard-bounce": "bounced email", "bounced": "bounced email"}
_DEAL = (
    ("dealStatus", "status"),
    ("dealStage", "stageName"),
    ("dealName", "name"),
    ("dealCloseDate", "projectedCloseDate"),
    ("dealPrice", "price"),
)


def told(account: Account, record: Record) -> Record:
    """A stored person with what is derived: the next task, and what one of the deals says."""
    more: Record = {}
    table = account.tables["tasks"]
    open_ = (
        task
        for i in table.having("personId", record["id"])
        if not (task := table[i]).get("isCompleted")
    )
    if due := [task for task in open_ if task.get("dueDate") or task.get("dueDateTime")]:
        task = min(due, key=lambda t: str(t.get("dueDateTime") or t["dueDate"]))
        more = {
            "nextTask": task.get("dueDateTime") or task["dueDate"],
            "nextTaskHasTime": bool(task.get("dueDateTime")),
            "nextTaskName": task["name"],
        }
    if deals := account.tables["deals"].having("personId", record["id"]):
        deal = account.tables["deals"][
            (max if account.switches["person_deal"] == "newest" else min)(deals)
        ]
        more |= {name: deal.get(source) for name, source in _DEAL}
    if account.switches["guessed_flags"] != "recorded":
        kind = int if account.switches["guessed_flags"] == "int" else bool
        phones = [
            {**p, **{n: kind(p.get(n, 0)) for n in ("isLandline", "isOnboardingNumber")}}
            for p in record.get("phones", ())
        ]
        more |= {"delayed": kind(record.get("delayed", False)), "phones": phones}
    return {**record, **more} if more else record


def follow(account: Account, path: str, record: Record) -> None:
    """What a new record, or a completed task, does to its person. It is no edit: `updated` stays,
    unless a switch says otherwise.
    """
    if path == "appointments":
        for person_id in {i["personId"] for i in record.get("invitees", ()) if i.get("personId")}:
            _touch(account, path, record, account.tables["people"][person_id])
    elif person := account.tables["people"].get(record.get("personId") or 0):
        _touch(account, path, record, person)


def _touch(account: Account, path: str, record: Record, person: Record) -> None:
    incoming = bool(record.get("isIncoming")) or record.get("status") == "Received"
    moment = record.get("completed") or record.get("occurred") or record["created"]
    changes: Record = {}
    if path == "emEvents":
        changes = _em_event(account, record, person, moment)
    elif mass := [stat for field, stat in _MASS if record.get(field)]:
        changes = {
            stat: _later(person, stat, moment) for stat in mass
        }  # mail to many is no communication
    elif path in {"calls", "textMessages", "emails"}:
        changes = _communication(path, record, person, incoming, moment)
    elif (
        path in _OTHERS
        and account.switches["other_touches"] == "yes"
        and record.get("completed", moment)
    ):
        changes = {"lastCommunication": _later(person, "lastCommunication", moment)}
    if changes and account.switches["touch_moves_updated"] == "yes":
        changes["updated"] = account.stamp()
    if changes:
        account.tables["people"][person["id"]] = {**person, **changes}


def _communication(
    path: str, record: Record, person: Record, incoming: bool, moment: str
) -> Record:
    way, any_way, count = _TOUCHES[path, incoming]
    changes: Record = {
        count: person.get(count, 0) + 1,
        "lastCommunication": _later(person, "lastCommunication", moment),
    }
    for stat in (way, any_way):
        if moment >= (person.get(stat) or ""):
            changes |= {stat: moment, f"{stat}Id": record["id"]}
    if path == "calls":
        changes["callsDuration"] = person.get("callsDuration", 0) + record["duration"]
        changes["firstCall"] = min(moment, person.get("firstCall") or moment)
    if incoming:
        changes |= {
            stat: _later(person, stat, moment) for stat in ("lastActivity", "lastLeadActivity")
        }
    if record.get("outcome") in {"Interested", "Not Interested"} or (incoming and path != "calls"):
        changes["contacted"] = 1  # the legacy flag: a reply, or a call that reached them
    return changes


def _em_event(account: Account, record: Record, person: Record, moment: str) -> Record:
    changes: Record = {"lastEmEventActivity": moment, "lastEmEventActivityId": record["id"]}
    if tag := _TAGS.get(record["type"]):
        status = account.switches[
            "unsubscribed_status" if record["type"] == "unsubscribe" else "bounced_status"
        ]
        address = record["recipient"].casefold()
        emails = [
            {**e, "status": status} if e["value"].casefold() == address else e
            for e in person.get("emails", ())
        ]
        changes |= {
            "tags": list(dict.fromkeys([*person.get("tags", ()), tag])),
            "emails": emails,
            "updated": account.stamp(),
            "updatedById": -1,
        }
    return changes


def _later(person: Record, stat: str, moment: str) -> str:
    return max(moment, person.get(stat) or "")
