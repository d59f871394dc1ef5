"""Writers of the account's configuration: stages of people, custom fields (facts, 7.1 and 7.2)."""

from __future__ import annotations

import re

from connectors.sandbox.followupboss.errors import NO_ACCESS, Refusal, invalid
from connectors.sandbox.followupboss.schema import FIELD_TYPES
from connectors.sandbox.followupboss.storage import Storage
from connectors.sandbox.followupboss.tables import Record, Table


def stage_id(account: Storage, name: str) -> int | None:
    """The id of the stage of people with this name."""
    return next((s["id"] for s in account.tables["stages"].values() if s["name"] == name), None)


def write_stage(account: Storage, record: Record, body: Record, user_id: int, new: bool) -> None:
    """Write a stage of people. Renaming it renames it on its people; names are unique."""
    if not account.sees_all(user_id) and account.switches["agents_stages"] == "403":
        raise Refusal(403, NO_ACCESS)
    was: str = record.get("name", "")
    name: str = body.get("name", was)
    if name != was:
        if record.get("isProtected"):
            raise Refusal(400, "A protected stage cannot be renamed.")
        if stage_id(account, name):
            raise Refusal(400, f"A stage named '{name[:80]}' already exists.")
        if not new:
            _rename_on_people(account.tables["people"], was, name)
    record |= {"orderWeight": 1000, "isProtected": False, **record, **body}
    _renumber(account, record)


def _rename_on_people(people: Table, was: str, name: str) -> None:
    for number in list(people.having("stage", was)):
        people[number] = {**people[number], "stage": name}


def _renumber(account: Storage, record: Record) -> None:
    """Set the order weights of all stages, *record* among them, to 1000, 2000, and so on."""
    others = [s for s in account.tables["stages"].values() if s["id"] != record["id"]]
    ordered = sorted([record, *others], key=lambda s: (s["orderWeight"] or 0, s["id"]))
    for n, stage in enumerate(ordered, 1):
        stage["orderWeight"] = n * 1000


def write_contact_field(
    account: Storage, record: Record, body: Record, _user_id: int, new: bool
) -> None:
    """Write a custom field of people."""
    _field(account.tables["customFields"], record, body, new)


def write_deal_field(
    account: Storage, record: Record, body: Record, _user_id: int, new: bool
) -> None:
    """Write a custom field of deals."""
    _field(account.tables["dealCustomFields"], record, body, new)


def _field(table: Table, record: Record, body: Record, new: bool) -> None:
    """Write the field in its recorded shape.

    `isRecurring` is there on a date only, `choices` on a dropdown only.
    """
    given = {**record, **body}
    if given["type"] not in FIELD_TYPES:
        raise invalid("type")
    if custom_name(given["label"]) == custom_name(""):
        raise invalid("label")
    name = custom_name(given["label"]) if new else record["name"]
    if new and name in {f["name"] for f in table.values()}:
        raise Refusal(400, f"A custom field named '{given['label'][:80]}' already exists.")
    shape: Record = {
        "id": record["id"],
        "name": name,
        "label": given["label"],
        "type": given["type"],
        "orderWeight": given.get("orderWeight", 1000),
        **{n: bool(given.get(n)) for n in ("hideIfEmpty", "readOnly")},
    }
    if given["type"] == "date":
        shape["isRecurring"] = bool(given.get("isRecurring"))
    if given["type"] == "dropdown":
        shape["choices"] = given.get("choices", [])
    record.clear()
    record |= shape


def custom_name(label: str) -> str:
    """The wire name of a custom field: `Who's Their Sponsor` is `customWhoSTheirSponsor`."""
    words = re.split(r"[^0-9A-Za-z]+", label)
    return "custom" + "".join(word[:1].upper() + word[1:] for word in words)
