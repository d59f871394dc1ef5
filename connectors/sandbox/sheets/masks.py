"""Field masks: ``fields=sheets(properties/sheetId,data.rowData)`` as a tree, applied to a body."""

from __future__ import annotations

import re
from typing import Any

from connectors.sandbox.sheets.errors import ApiError

Mask = dict[str, Any]
_TOKEN = re.compile(r"[A-Za-z0-9_*]+|[(),./]")


def parse(text: str) -> Mask:
    """The tree of a mask; an empty tree keeps everything below it."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", ""):
        raise ApiError(400, f"Invalid field selection {text}")
    tree, rest = _group(tokens)
    if rest:
        raise ApiError(400, f"Invalid field selection {text}")
    return tree


def _group(tokens: list[str]) -> tuple[Mask, list[str]]:
    tree: Mask = {}
    node = tree
    while tokens:
        token = tokens.pop(0)
        if token == ")":
            tokens.insert(0, token)
            break
        if token == ",":
            node = tree
        elif token == "(":
            inner, tokens = _group(tokens)
            if not tokens or tokens.pop(0) != ")":
                raise ApiError(400, "Invalid field selection")
            _merge(node, inner)
        elif token not in "./":
            node = node.setdefault(token, {})
    return tree, tokens


def _merge(node: Mask, more: Mask) -> None:
    for name, inner in more.items():
        _merge(node.setdefault(name, {}), inner)


def cut(body: Any, mask: Mask) -> Any:
    """*body* with only what *mask* names."""
    if not mask or "*" in mask:
        return body
    if isinstance(body, list):
        return [cut(item, mask) for item in body]
    if isinstance(body, dict):
        return {name: cut(value, mask[name]) for name, value in body.items() if name in mask}
    return body


def paths(text: str) -> list[tuple[str, ...]]:
    """The leaf paths of a mask: the fields that an update request says it sets."""
    found: list[tuple[str, ...]] = []

    def walk(tree: Mask, at: tuple[str, ...]) -> None:
        if not tree and at:
            found.append(at)
        for name, inner in tree.items():
            walk(inner, (*at, name))

    walk(parse(text), ())
    return found


def reaches(mask: Mask, *path: str) -> bool:
    """Whether *mask* names something at, above or below *path*."""
    for name in path:
        if not mask or "*" in mask:
            return True
        if name not in mask:
            return False
        mask = mask[name]
    return True
