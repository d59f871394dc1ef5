"""How a stored record is answered: its fields in recorded order, with defaults and derived ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set

from connectors.sandbox.followupboss.errors import Refusal
from connectors.sandbox.followupboss.resources import RESOURCES
from connectors.sandbox.followupboss.schema import PERSON, PERSON_MORE
from connectors.sandbox.followupboss.storage import Storage
from connectors.sandbox.followupboss.tables import Record
from connectors.sandbox.followupboss.touches import with_derived

Render = Callable[[Record], Record]
NO_FIELD = {"allCustom", "relationships"}
"""Names in `fields=` that are no field of a person."""


def renderer(account: Storage, path: str, fields: str = "", *, single: bool = False) -> Render:
    """The function that renders records of this collection when these *fields* are asked for.

    Custom fields come with a deal always, with a person when asked for; a *single* task names its
    person. Raises Refusal for a name in *fields* that no person has, if the switch says so.
    """
    resource = RESOURCES[path]
    shape = {**resource.blank, **dict.fromkeys(f["name"] for f in account.custom(path))}
    if path == "people":
        wanted = {name.strip() for name in fields.split(",") if name.strip()}
        return _person_renderer(account, shape, wanted)
    if not resource.blank:
        return dict

    def plain(record: Record) -> Record:
        return {name: record.get(name, default) for name, default in shape.items()}

    if path == "tasks" and single:
        return lambda task: {**plain(task), "person": _person_of(account, task)}
    if path == "stages":
        return lambda stage: {**plain(stage), "peopleCount": _people_in(account, stage)}
    return plain


def _person_renderer(account: Storage, shape: Record, wanted: set[str]) -> Render:
    custom = shape.keys() - PERSON.keys()
    shown = _person_fields(account, shape, wanted)
    absent = custom if account.switches["unset_custom"] == "absent" else frozenset()

    def render(record: Record) -> Record:
        known = with_derived(account, record)
        return {
            name: known.get(name, default)
            for name, default in shown.items()
            if name in known or name not in absent
        }

    def render_whole(record: Record) -> Record:
        return {**shown, **with_derived(account, record)}

    every_field = "allFields" in wanted and account.switches["unset_custom"] == "null"
    return render_whole if every_field else render


def _person_fields(account: Storage, shape: Record, wanted: Set[str]) -> Mapping[str, object]:
    """The fields of a person that are shown, each with its default."""
    whole = {**PERSON, **PERSON_MORE, **shape}
    if "allFields" in wanted:
        return whole
    if not wanted:
        return PERSON
    unknown = wanted - whole.keys() - NO_FIELD
    if unknown and account.switches["unknown_name_in_fields"] == "400":
        raise Refusal(400, f"Invalid field '{min(unknown)[:80]}' in the fields parameter.")
    custom = shape.keys() - PERSON.keys()
    named = wanted | {"id"} | (custom if "allCustom" in wanted else set())
    return {name: default for name, default in whole.items() if name in named}


def _person_of(account: Storage, task: Record) -> Record:
    person = account.tables["people"].get(task.get("personId") or 0, {})
    return {"id": task.get("personId"), "name": person.get("name", "")}


def _people_in(account: Storage, stage: Record) -> int:
    return len(account.tables["people"].having("stage", stage["name"]))
