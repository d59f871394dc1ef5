"""The version and options of a policy that the agent acknowledges, as a fingerprint and in full.

A fingerprint shows that something has changed since. Memory keeps the options as well: until the
agent agrees to the change, the policy goes on with them (X-92).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass, replace
from itertools import product
from typing import Any

from pydantic import TypeAdapter, ValidationError

from policies.registry import Policy
from policies.versions import Released
from policies.world.memory import OPTIONS
from policies.world.practice import Practice
from policies.world.sheet import Workbook

# -- fingerprints ----------------------------------------------------------------------------------


def fingerprint(policy: Policy, practice: Practice) -> str:
    """16 hex digits over what the agent acknowledges of a policy: its version, and the options that
    change what it does.
    """
    options = _options(policy, practice, policy.options)
    return _digest([policy.name, policy.version, options])


def texts_fingerprint(policy: Policy, practice: Practice) -> str:
    """16 hex digits over what people read of a policy: a change is told and stops nothing."""
    options = _options(policy, practice, policy.text_options)
    templates = {name: practice.templates.get(name, "") for name in policy.templates}
    return _digest([policy.name, policy.wording, options, templates])


def first_fingerprint(policy: Policy, practice: Practice, was: Released) -> str:
    """The fingerprint as version 0.1 made it, of all options and templates."""
    options = _options(policy, practice, was.options)
    templates = {name: practice.templates.get(name, "") for name in was.templates}
    return _digest([policy.name, was.version, options, templates])


def _options(policy: Policy, practice: Practice, names: Sequence[str]) -> Mapping[str, object]:
    table = getattr(practice, policy.procedure, None)
    return {name: getattr(table, name) for name in names}


def _digest(parts: Sequence[object]) -> str:
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# -- the options themselves ------------------------------------------------------------------------


def written_options(policy: Policy, practice: Practice) -> str:
    """The options of *policy* as a cell of Memory keeps them: JSON, by name."""
    return json.dumps(_options(policy, practice, policy.options), sort_keys=True, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def practice_then(
    policy: Policy, practice: Practice, book: Workbook, agreed: str, was: Released | None
) -> Practice:
    """*practice* with the options that *policy* had when the agent acknowledged it.

    Version 0.1 kept the fingerprint alone (*agreed*). There, an option that is not at its default
    today may have been at it then; whichever fits the fingerprint is taken. Where nothing fits, the
    options are those of today.
    """
    if not policy.options:
        return practice
    kept = OPTIONS.value(book, policy.name)
    if kept is not None:
        return _restored(policy, practice, kept) or practice
    for then in _earlier_settings(policy, practice, was):
        if agreed in _fingerprints(policy, then, was):
            return _restored(policy, practice, written_options(policy, then)) or practice
    return practice


def _restored(policy: Policy, practice: Practice, kept: str) -> Practice | None:
    """*practice* with the options in a cell; None where people made something else of the cell."""
    table = getattr(practice, policy.procedure)
    try:
        options = json.loads(kept)
        known = {name: options[name] for name in policy.options if name in options}
        whole = TypeAdapter(type(table)).validate_python(known)
    except (ValueError, TypeError, ValidationError):
        return None
    return _with_options(policy, practice, {name: getattr(whole, name) for name in known})


def _with_options(policy: Policy, practice: Practice, options: Mapping[str, Any]) -> Practice:
    table = replace(getattr(practice, policy.procedure), **options)
    return replace(practice, **{policy.procedure: table})


def _earlier_settings(
    policy: Policy, practice: Practice, was: Released | None
) -> Iterator[Practice]:
    """*practice* with each choice of its options set back to their defaults."""
    table = getattr(practice, policy.procedure)
    default = type(table)()
    names = dict.fromkeys((*policy.options, *(was.options if was else ())))
    changed = [name for name in names if getattr(table, name) != getattr(default, name)]
    for back in product((False, True), repeat=len(changed)):
        options = {
            name: getattr(default, name)
            for name, is_back in zip(changed, back, strict=True)
            if is_back
        }
        yield _with_options(policy, practice, options)


def _fingerprints(policy: Policy, then: Practice, was: Released | None) -> Iterator[str]:
    for version in range(1, policy.version + 1):
        yield fingerprint(replace(policy, version=version), then)
    if was:
        yield first_fingerprint(policy, then, was)


def changes(policy: Policy, then: Practice, now: Practice) -> str:
    """Say which options of *policy* have changed, for people: ``anniversary_channel: email, now
    card``; "" where none has.
    """
    before, today = (json.loads(written_options(policy, practice)) for practice in (then, now))
    return "; ".join(
        f"{name}: {_said(before[name])}, now {_said(today[name])}"
        for name in policy.options
        if before[name] != today[name]
    )


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value or "empty" if isinstance(value, str) else json.dumps(value)
