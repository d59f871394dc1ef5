"""The meaning of a policy's numbers (X-92): `version` for its rights, `wording` for its texts.

`versions.toml` is written by `make digests`, from about 200 generated worlds. For each
policy it keeps the numbers and digests of the last release, and the rights of today. They show what
is new to an agent who acknowledged an earlier version. Pure.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JOINT = "; "
"""Between two rights in one cell of Memory."""


@dataclass(frozen=True, slots=True)
class Released:
    """A policy in the last release: its numbers, the digests under them, and its rights.

    `options` and `templates` are those that the fingerprint of version 0.1 was made of; both are
    empty for a policy that is younger.
    """

    version: int
    rights: str
    wording: int
    texts: str
    may: frozenset[str]
    options: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """One policy: the rights it has now, and its last release, if it was in one."""

    may: frozenset[str]
    released: Released | None = None


def parse(text: str) -> Mapping[str, Known]:
    """`versions.toml`, by policy."""
    return {name: _known(entry) for name, entry in tomllib.loads(text).items()}


def _known(entry: Mapping[str, Any]) -> Known:
    found = entry.get("released")
    if found is None:
        return Known(frozenset(entry["may"]))
    released = Released(
        found["version"],
        found["rights"],
        found["wording"],
        found["texts"],
        frozenset(found["may"]),
        tuple(found.get("options", ())),
        tuple(found.get("templates", ())),
    )
    return Known(frozenset(entry["may"]), released)


def written(may: frozenset[str]) -> str:
    """Rights as they stand in one cell."""
    return JOINT.join(sorted(may))


def read(text: str) -> frozenset[str]:
    """The rights in a cell."""
    return frozenset(filter(None, (right.strip() for right in text.split(JOINT.strip()))))
