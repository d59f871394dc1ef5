"""A merge as the CRM's page does it (facts, section 4.7): the winner keeps what it says, and the
loser goes to Trash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sandbox.followupboss.configuration import stage_id
from connectors.sandbox.followupboss.errors import Refusal
from connectors.sandbox.followupboss.resources import RESOURCES
from connectors.sandbox.followupboss.tables import Record

if TYPE_CHECKING:
    from connectors.sandbox.followupboss.state import Account

REACHES = ("emails", "phones", "addresses")
LEFT_OVER = ("name", "source", "stage", "assignedTo", "price", "background")


def merge(account: Account, winner_id: int, loser_ids: list[int], user_id: int) -> Record:
    """Merge, and answer with the winner. Nothing in the account points from a loser to it; there is
    no way back.
    """
    if (
        not 1 <= len(set(loser_ids)) <= 9
        or winner_id in loser_ids
        or len(set(loser_ids)) != len(loser_ids)
    ):
        raise Refusal(400, "A merge takes a winner and one to nine other contacts.")
    winner = dict(account.get("people", winner_id, user_id))
    losers = [account.get("people", number, user_id) for number in loser_ids]
    facts = [line for loser in losers for line in _join(account, winner, loser)]
    winner |= {"updated": account.stamp(), "updatedById": user_id}
    account.put("people", winner)
    moved: Record = {name: [] for name in REACHES if account.switches["merged_loser"] == "emptied"}
    trashed = {
        "stage": "Trash",
        "stageId": stage_id(account, "Trash"),
        "updated": account.stamp(),
        "updatedById": user_id,
    }
    for loser in losers:
        account.put("people", {**loser, **moved, **trashed})
        if account.switches["merge_repoints"] == "all":
            _repoint(account, loser["id"], winner)
    account.create(
        "notes",
        {"personId": winner_id, "subject": "Merged contact", "body": "\n".join(facts)},
        user_id,
    )
    return account.tables["people"][winner_id]


def _join(account: Account, winner: Record, loser: Record) -> list[str]:
    """Give the winner what it lacks of the loser's, and tell what is left over."""
    for name in REACHES:
        have = {_essence(item) for item in winner.get(name, ())}
        new = [
            {**item, "isPrimary": 0} if "isPrimary" in item else item
            for item in loser.get(name, ())
            if _essence(item) not in have
        ]
        winner[name] = [*winner.get(name, ()), *new]
        if name != "addresses" and winner[name]:
            winner[name][0] = {**winner[name][0], "isPrimary": 1}
    if account.switches["merge_tags"] == "joined":
        winner["tags"] = list(dict.fromkeys([*winner.get("tags", ()), *loser.get("tags", ())]))
    custom = {f["name"]: f["label"] for f in account.custom("people")}
    for name in custom:
        if winner.get(name) in (None, "") and loser.get(name) not in (None, ""):
            winner[name] = loser[name]
    told = [
        (custom.get(name, name), loser[name])
        for name in (*LEFT_OVER, *custom)
        if loser.get(name) not in (None, "", winner.get(name))
    ]
    return [f"{label}: {value}" for label, value in told]


def _essence(item: Record) -> str:
    return str(item.get("normalized") or item.get("value") or item.get("street")).casefold()


def _repoint(account: Account, loser_id: int, winner: Record) -> None:
    for path, resource in RESOURCES.items():
        table = account.tables[path]
        for number in (
            sorted(table.having("personId", loser_id)) if "personId" in resource.indexes else ()
        ):
            record = table[number]
            if path != "deals":
                table[number] = {**record, "personId": winner["id"]}
                continue
            people = [p for p in record["people"] if p["id"] not in {loser_id, winner["id"]}]
            table[number] = {
                **record,
                "people": [{"id": winner["id"], "name": winner["name"], "avatar": None}, *people],
            }
