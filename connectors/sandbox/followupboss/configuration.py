"""How the account's own configuration is written: the stages of people and the custom fields
(facts, sections 7.1 and 7.2).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connectors.sandbox.followupboss.errors import NO_ACCESS, Refusal, invalid
from connectors.sandbox.followupboss.resources import FIELD_TYPES
from connectors.sandbox.followupboss.tables import Record, Table

if TYPE_CHECKING:
    from connectors.sandbox.followupboss.state import Account


def stage_id(account: Account, name: str) -> int | None:
    """The id of the stage of people with this name."""
    return next((s["id"] for s in account.tables["stages"].values() if s["name"] == name), None)


def a_stage(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:
    """A stage of people: its name is its own, and its people keep to it."""
    if not account.sees_all(user_id) and account.switches["agents_stages"] == "403":
        raise Refusal(403, NO_ACCESS)
    was: str = record.get("name", "")
    name: str = body.get("name", was)
    if record.get("isProtected") and name != was:
        raise Refusal(400, "A protected stage cannot be renamed.")
    if name != was and stage_id(account, name):
        raise Refusal(400, f"A stage named '{name[:80]}' already exists.")
    people = account.tables["people"]
    for number in list(people.having("stage", was)) if name != was and not new else ():
        people[number] = {**people[number], "stage": name}
    record |= {"orderWeight": 1000, "isProtected": False, **record, **body}
    others = [s for s in account.tables["stages"].values() if s["id"] != record["id"]]
    for n, stage in enumerate(
        sorted([record, *others], key=lambda s: (s["orderWeight"] or 0, s["id"])), 1
    ):
        stage["orderWeight"] = n * 1000


def a_contact_field(
    account: Account, record: Record, body: Record, _user_id: int, new: bool
) -> None:
    """A custom field of people."""
    _field(account.tables["customFields"], record, body, new)


def a_deal_field(account: Account, record: Record, body: Record, _user_id: int, new: bool) -> None:
    """A custom field of deals."""
    _field(account.tables["dealCustomFields"], record, body, new)


def _field(table: Table, record: Record, body: Record, new: bool) -> None:
    """The recorded shape: `isRecurring` on a date only, `choices` on a dropdown only."""
    told = {**record, **body}
    if told["type"] not in FIELD_TYPES:
        raise invalid("type")
    if custom_name(told["label"]) == custom_name(""):
        raise invalid("label")
    name = custom_name(told["label"]) if new else record["name"]
    if new and name in {f["name"] for f in table.values()}:
        raise Refusal(400, f"A custom field named '{told['label'][:80]}' already exists.")
    shape: Record = {
        "id": record["id"],
        "name": name,
        "label": told["label"],
        "type": told["type"],
        "orderWeight": told.get("orderWeight", 1000),
        **{n: bool(told.get(n)) for n in ("hideIfEmpty", "readOnly")},
    }
    if told["type"] == "date":
        shape["isRecurring"] = bool(told.get("isRecurring"))
    if told["type"] == "dropdown":
        shape["choices"] = told.get("choices", [])
    record.clear()
    record |= shape


def custom_name(label: str) -> str:
    """The wire name of a custom field: `Who's Their Sponsor` is `customWhoSTheirSponsor`."""
    return "custom" + "".join(
        word[:1].upper() + word[1:] for word in re.split(r"[^0-9A-Za-z]+", label)
    )
