"""A merge of contacts as the CRM's page does it (facts, section 4.7)."""

from __future__ import annotations

from connectors.sandbox.followupboss.account import Account
from connectors.sandbox.followupboss.configuration import stage_id
from connectors.sandbox.followupboss.errors import Refusal
from connectors.sandbox.followupboss.resources import RESOURCES
from connectors.sandbox.followupboss.storage import Storage
from connectors.sandbox.followupboss.tables import Record

REACHES = ("emails", "phones", "addresses")
LEFT_OVER = ("name", "source", "stage", "assignedTo", "price", "background")
MOST_LOSERS = 9


def merge(account: Account, winner_id: int, loser_ids: list[int], user_id: int) -> Record:
    """Merge the losers into the winner, and return the winner. There is no way back.

    The winner keeps its own values and gains those it lacks; a note on it lists the losers' other
    values. The losers go to Trash, and nothing in the account points from them to the winner.
    Raises Refusal unless there are one to nine different losers.
    """
    distinct = len({winner_id, *loser_ids}) == len(loser_ids) + 1
    if not distinct or not 1 <= len(loser_ids) <= MOST_LOSERS:
        raise Refusal(400, "A merge takes a winner and one to nine other contacts.")
    winner = dict(account.get("people", winner_id, user_id))
    losers = [account.get("people", number, user_id) for number in loser_ids]
    left_over = [line for loser in losers for line in _join(account, winner, loser)]
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
        {"personId": winner_id, "subject": "Merged contact", "body": "\n".join(left_over)},
        user_id,
    )
    return account.tables["people"][winner_id]


def _join(account: Storage, winner: Record, loser: Record) -> list[str]:
    """Give the winner the loser's values that it lacks; return lines with the other values."""
    for name in REACHES:
        winner[name] = _joined(name, winner.get(name, []), loser.get(name, []))
    if account.switches["merge_tags"] == "joined":
        winner["tags"] = list(dict.fromkeys([*winner.get("tags", ()), *loser.get("tags", ())]))
    custom = {field["name"]: field["label"] for field in account.custom("people")}
    for name in custom:
        if winner.get(name) in (None, "") and loser.get(name) not in (None, ""):
            winner[name] = loser[name]
    return [
        f"{custom.get(name, name)}: {loser[name]}"
        for name in (*LEFT_OVER, *custom)
        if loser.get(name) not in (None, "", winner.get(name))
    ]


def _joined(name: str, kept: list[Record], offered: list[Record]) -> list[Record]:
    """The emails, phones or addresses after the merge; the winner's first one stays primary."""
    have = {_essence(item) for item in kept}
    lacking = [item for item in offered if _essence(item) not in have]
    added = [{**item, "isPrimary": 0} if "isPrimary" in item else item for item in lacking]
    joined = [*kept, *added]
    if name != "addresses" and joined:
        joined[0] = {**joined[0], "isPrimary": 1}
    return joined


def _essence(item: Record) -> str:
    return str(item.get("normalized") or item.get("value") or item.get("street")).casefold()


def _repoint(account: Storage, loser_id: int, winner: Record) -> None:
    """Make every record about the loser one about the winner."""
    for path, resource in RESOURCES.items():
        if "personId" not in resource.indexes:
            continue
        table = account.tables[path]
        for number in sorted(table.having("personId", loser_id)):
            record = table[number]
            if path != "deals":
                table[number] = {**record, "personId": winner["id"]}
                continue
            people = [p for p in record["people"] if p["id"] not in {loser_id, winner["id"]}]
            table[number] = {
                **record,
                "people": [{"id": winner["id"], "name": winner["name"], "avatar": None}, *people],
            }
