"""Acts of a person at the CRM's own pages, as verbs: most of them cannot be done over the API.

`GET /person/crm` lists the verbs. A verb takes one JSON object: the record's id, the changes, and
in `as` the user who acts, by email or id (by default the owner).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from connectors.sandbox.followupboss.account import Account
from connectors.sandbox.followupboss.errors import NO_ACCESS, Refusal, invalid, unknown_field
from connectors.sandbox.followupboss.kinds import KINDS, kinds, stamp
from connectors.sandbox.followupboss.merging import merge
from connectors.sandbox.followupboss.resources import RESOURCES
from connectors.sandbox.followupboss.routes import parsed, reply
from connectors.sandbox.followupboss.tables import Record

Act = Callable[[Account, Record, int], Record]


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing a person can do; *act* returns the record as it is afterwards.

    *needs* and *may* are the required and the optional arguments, each with its kind.
    """

    about: str
    act: Act
    needs: Mapping[str, str]
    may: Mapping[str, str]


def do(account: Account, verb: str, given: Record) -> Record:
    """Do what *verb* names.

    Raises Refusal for an unknown verb, user, record or argument; then nothing is changed.
    """
    if verb not in VERBS:
        raise Refusal(
            404, f"A person at the CRM cannot {verb[:80]!r}; they can {', '.join(VERBS)}."
        )
    arguments = dict(given)
    user_id = _acting_user(account, arguments.pop("as", None))
    known = {**VERBS[verb].needs, **VERBS[verb].may}
    for name, value in arguments.items():
        if name in known and not KINDS[known[name]](value):
            raise invalid(name)
        if name not in known and not (verb == "edit-person" and name.startswith("custom")):
            raise unknown_field(name)
    for name in VERBS[verb].needs:
        if arguments.get(name) in (None, ""):
            raise Refusal(400, f"Missing required field '{name}'.")
    return VERBS[verb].act(account, arguments, user_id)


def _acting_user(account: Account, name: Any) -> int:
    for user in account.tables["users"].values():
        if name is None and user.get("isOwner"):
            return int(user["id"])
        if name is not None and name in (user.get("email"), user["id"]):
            return int(user["id"])
    raise Refusal(400, "'as' must be the e-mail or the id of a user.")


class Desk:
    """The verbs over HTTP. They are outside /v1, because the service has none of them."""

    def __init__(self, account: Account) -> None:
        self.account = account

    async def answer(self, request: Request) -> Response:
        """Answer GET with the list of verbs, and POST /person/crm/{verb} by doing one.

        A refusal is a 4xx with one sentence.
        """
        verb = request.url.path.removeprefix("/person/crm").strip("/")
        if request.method == "GET" and not verb:
            return reply(200, {"verbs": {name: _described(v) for name, v in VERBS.items()}})
        try:
            if request.method != "POST":
                raise Refusal(405, "A person's verb is a POST.")
            return reply(200, do(self.account, verb, parsed(await request.body())))
        except Refusal as refusal:
            return reply(refusal.status, {"errorMessage": refusal.message})


def _described(verb: Verb) -> Record:
    return {"about": verb.about, "needs": dict(verb.needs), "may": {"as": "user", **verb.may}}


# -- the verbs -------------------------------------------------------------------------------------


def _change(path: str, key: str, **fixed: Any) -> Act:
    def act(account: Account, arguments: Record, user_id: int) -> Record:
        return account.render(
            path, account.update(path, arguments.pop(key), arguments | fixed, user_id)
        )

    return act


def _delete(path: str, key: str) -> Act:
    def act(account: Account, arguments: Record, user_id: int) -> Record:
        record = account.get(path, arguments[key], user_id)
        del account.tables[path][record["id"]]
        return {"deleted": record["id"]}

    return act


def _edit_person(account: Account, arguments: Record, user_id: int) -> Record:
    removed, added = set(arguments.pop("removeTags", ())), arguments.pop("addTags", [])
    if removed or added:
        if "tags" in arguments:
            tags = arguments["tags"]
        else:
            tags = account.get("people", arguments["personId"], user_id).get("tags", [])
        arguments["tags"] = [tag for tag in [*tags, *added] if tag not in removed]
    return _change("people", "personId")(account, arguments, user_id)


def _restage_deal(account: Account, arguments: Record, user_id: int) -> Record:
    deal = account.get("deals", arguments["dealId"], user_id)
    name = arguments.pop("stage")
    stages = account.tables["pipelines"][deal["pipelineId"]]["stages"]
    arguments["stageId"] = next((s["id"] for s in stages if s["name"] == name), 0)
    return _change("deals", "dealId")(account, arguments, user_id)


def _put_away(status: str) -> Act:
    def act(account: Account, arguments: Record, user_id: int) -> Record:
        deal = account.get("deals", arguments["dealId"], user_id)
        return account.render("deals", account.put("deals", {**deal, "status": status}))

    return act


def _unclaim(account: Account, arguments: Record, user_id: int) -> Record:
    person = account.get("people", arguments["personId"], user_id)
    changed = {**person, "claimed": False, "updated": account.stamp(), "updatedById": user_id}
    return account.render("people", account.put("people", changed))


def _delete_person(account: Account, arguments: Record, user_id: int) -> Record:
    """Delete a contact for good with their tasks, notes and touches, or as the switch says."""
    number = account.get("people", arguments["personId"], user_id)["id"]
    if not account.sees_all(user_id):
        raise Refusal(403, NO_ACCESS)
    if account.switches["delete_person"] == "trash":
        return _change("people", "personId", stage="Trash")(account, arguments, user_id)
    for path, resource in RESOURCES.items():
        if "personId" not in resource.indexes:
            continue
        table = account.tables[path]
        for i in list(table.having("personId", number)):
            if path == "deals":
                people = [p for p in table[i]["people"] if p["id"] != number]
                table[i] = {**table[i], "people": people}
            else:
                del table[i]
    del account.tables["people"][number]
    return {"deleted": number}


def _log(path: str) -> Act:
    """Log a touch of a contact: by default now, and with their first phone number."""

    def act(account: Account, arguments: Record, user_id: int) -> Record:
        person = account.get("people", arguments["personId"], user_id)
        number = next((p["value"] for p in person.get("phones", ())), "unknown")
        usual: dict[str, Record] = {
            "calls": {"phone": number, "isIncoming": False},
            "textMessages": {"toNumber": number, "fromNumber": number},
            "emails": {"status": "Sent"},
        }
        at = arguments.pop("at", None)
        return account.render(
            path, account.create(path, usual[path] | arguments, user_id, at=stamp(at) if at else "")
        )

    return act


def _book(account: Account, arguments: Record, user_id: int) -> Record:
    guests = [{"personId": arguments.pop("personId")}, {"userId": user_id}]
    return account.render(
        "appointments", account.create("appointments", {"invitees": guests, **arguments}, user_id)
    )


def _mail_event(kind: str) -> Act:
    def act(account: Account, arguments: Record, user_id: int) -> Record:
        person = account.get("people", arguments["personId"], user_id)
        address = arguments.get("recipient") or next(
            (e["value"] for e in person.get("emails", ())), ""
        )
        account.create(
            "emEvents", {"type": kind, "personId": person["id"], "recipient": address}, user_id
        )
        return account.render("people", account.tables["people"][person["id"]])

    return act


def _merge(account: Account, arguments: Record, user_id: int) -> Record:
    return account.render(
        "people", merge(account, arguments["winner"], arguments["losers"], user_id)
    )


def _fields(path: str, *without: str) -> Mapping[str, str]:
    return {name: kind for name, kind in RESOURCES[path].creates.items() if name not in without}


_PERSON, _TASK, _NOTE, _DEAL = (
    kinds(whole=name) for name in ("personId", "taskId", "noteId", "dealId")
)
_AT = kinds(moment="at")
VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "merge": Verb(
            "Merge up to nine losers into a winner; it cannot be undone.",
            _merge,
            kinds(whole="winner", ids="losers"),
            {},
        ),
        "trash": Verb(
            "Move a contact to the stage Trash.",
            _change("people", "personId", stage="Trash"),
            _PERSON,
            {},
        ),
        "delete-person": Verb(
            "Delete a contact: for good, or into Trash, as the switch delete_person says.",
            _delete_person,
            _PERSON,
            {},
        ),
        "unclaim": Verb("Make a contact one that nobody has claimed.", _unclaim, _PERSON, {}),
        "edit-person": Verb(
            "Edit a contact: fields (custom ones by wire name), stage, tags.",
            _edit_person,
            _PERSON,
            {**RESOURCES["people"].updates, **kinds(texts="addTags removeTags")},
        ),
        "complete-task": Verb(
            "Tick a task off.", _change("tasks", "taskId", isCompleted=True), _TASK, {}
        ),
        "reopen-task": Verb(
            "Take the tick back.", _change("tasks", "taskId", isCompleted=False), _TASK, {}
        ),
        "edit-task": Verb(
            "Rename, re-date, re-assign a task.",
            _change("tasks", "taskId"),
            _TASK,
            RESOURCES["tasks"].updates,
        ),
        "delete-task": Verb("Delete a task for good.", _delete("tasks", "taskId"), _TASK, {}),
        "edit-note": Verb(
            "Rewrite a note.", _change("notes", "noteId"), _NOTE, RESOURCES["notes"].updates
        ),
        "delete-note": Verb("Delete a note for good.", _delete("notes", "noteId"), _NOTE, {}),
        "restage-deal": Verb(
            "Move a deal to a stage of its pipeline.",
            _restage_deal,
            {**_DEAL, **kinds(text="stage")},
            kinds(day="projectedCloseDate"),
        ),
        "archive-deal": Verb(
            "Archive a deal: its status becomes Archived.", _put_away("Archived"), _DEAL, {}
        ),
        "delete-deal": Verb(
            "Delete a deal: its status becomes Deleted.", _put_away("Deleted"), _DEAL, {}
        ),
        "log-call": Verb(
            "Log a call.", _log("calls"), _PERSON, {**_fields("calls", "personId"), **_AT}
        ),
        "log-text": Verb(
            "Log a text message.",
            _log("textMessages"),
            {**_PERSON, **kinds(text="message")},
            {**_fields("textMessages", "personId", "message"), **_AT},
        ),
        "log-email": Verb(
            "Log an e-mail, Sent or Received.",
            _log("emails"),
            _PERSON,
            {**_fields("emails", "personId"), **_AT},
        ),
        "book-appointment": Verb(
            "Book an appointment with a contact.",
            _book,
            {**_PERSON, **kinds(text="title", moment="start end")},
            _fields("appointments", "title", "start", "end"),
        ),
        "bounce-mail": Verb(
            "A mail to a contact bounces for good.",
            _mail_event("hard-bounce"),
            _PERSON,
            kinds(text="recipient"),
        ),
        "opt-out": Verb(
            "A contact unsubscribes.", _mail_event("unsubscribe"), _PERSON, kinds(text="recipient")
        ),
    }
)
