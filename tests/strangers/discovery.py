"""Google's Discovery document of Sheets v4, and whether a request is one that it describes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

Json = dict[str, Any]


@cache
def document() -> Json:
    """The document as google-api-python-client ships it."""
    found: Json = json.loads((files("googleapiclient.discovery_cache.documents") / "sheets.v4.json").read_text(encoding="utf-8"))
    return found


def methods(resources: Json | None = None) -> Iterator[Json]:
    """Every method, those of nested resources too."""
    for resource in (document()["resources"] if resources is None else resources).values():
        yield from resource.get("methods", {}).values()
        yield from methods(resource.get("resources", {}))


def faults(verb: str, path: str, query: str, body: bytes) -> list[str]:
    """What is wrong with a request, in words; nothing if the document describes it."""
    method = _method(verb, path)
    if method is None:
        return [f"{verb} {path} is no method"]
    found = list(_query(method, query))
    if "request" not in method:
        return found + (["a body where there is none"] if body else [])
    try:
        return found + list(value(json.loads(body) if body else {}, method["request"], ""))
    except ValueError:
        return [*found, "the body is not JSON"]


def _method(verb: str, path: str) -> Json | None:
    """The method at *path*: of several that fit, the one with the longest fixed text."""
    fitting = []
    for method in methods():
        pattern = re.sub(r"\\{[^}]*\\}", "(?:[^/]+)", re.escape(method["path"]))
        if method["httpMethod"] == verb and re.fullmatch(pattern, path.lstrip("/")):
            fitting.append((len(re.sub(r"\{[^}]*\}", "", method["path"])), method))
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _query(method: Json, query: str) -> Iterator[str]:
    known = {**document()["parameters"], **{name: p for name, p in method.get("parameters", {}).items() if p["location"] == "query"}}
    for name, given in parse_qs(query, keep_blank_values=True).items():
        if name not in known:
            yield f"the query knows no {name}"
            continue
        if len(given) > 1 and not known[name].get("repeated"):
            yield f"{name} stands more than once in the query"
        for text in given:
            yield from (f"query: {fault}" for fault in _text(text, known[name], name))


def _text(text: str, schema: Json, at: str) -> Iterator[str]:
    if schema["type"] == "boolean" and text.casefold() not in {"true", "false"}:
        yield f"{at} is {text!r}, not a boolean"
    if schema["type"] == "integer" and not re.fullmatch(r"-?\d+", text):
        yield f"{at} is {text!r}, not an integer"
    if "enum" in schema and text not in schema["enum"]:
        yield f"{at} is {text!r}, not one of {schema['enum']}"


def value(given: Any, schema: Json, at: str) -> Iterator[str]:
    """What is wrong with *given* as a value of *schema*; a null is a field left out."""
    if given is None or schema.get("type") == "any":
        return
    if "$ref" in schema:
        yield from value(given, document()["schemas"][schema["$ref"]], at)
    elif schema["type"] == "object":
        yield from _object(given, schema, at)
    elif schema["type"] == "array":
        if not isinstance(given, list):
            yield f"{at} is not a list"
            return
        for n, item in enumerate(given):
            yield from [f"{at}[{n}] is null"] if item is None and schema["items"].get("type") != "any" else value(item, schema["items"], f"{at}[{n}]")
    else:
        yield from _scalar(given, schema, at)


def _object(given: Any, schema: Json, at: str) -> Iterator[str]:
    if not isinstance(given, dict):
        yield f"{at} is not an object"
        return
    for name, inner in given.items():
        if name in schema.get("properties", {}):
            yield from value(inner, schema["properties"][name], f"{at}.{name}")
        elif "additionalProperties" in schema:
            yield from value(inner, schema["additionalProperties"], f"{at}.{name}")
        else:
            yield f"{at} knows no {name}"


_KINDS: dict[str, tuple[type, ...]] = {"string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float)}


def _scalar(given: Any, schema: Json, at: str) -> Iterator[str]:
    fits = isinstance(given, _KINDS[schema["type"]]) and (isinstance(given, bool) == (schema["type"] == "boolean"))
    if not fits:
        yield f"{at} is {given!r}, not a {schema['type']}"
    elif schema.get("format") == "int32" and not -(2**31) <= given < 2**31:
        yield f"{at} is {given!r}, not an int32"
    elif "enum" in schema and given not in schema["enum"]:
        yield f"{at} is {given!r}, not one of {schema['enum']}"
