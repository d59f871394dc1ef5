"""The version and options of a policy that the agent acknowledges, as a fingerprint and in full.

A fingerprint shows that something has changed since. Memory keeps the options as well: until the
agent agrees to the change, the policy goes on with them (X-92).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass, replace
from datetime import time
from itertools import product
from typing import Any

from pydantic import TypeAdapter, ValidationError

from daemon.account import templates
from policies.registry import Policy
from policies.versions import Released
from policies.world.calendar import american
from policies.world.memory import OPTIONS, Kind
from policies.world.practice import ConfirmedRule, Practice
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
    texts = {name: practice.templates.get(name, "") for name in policy.templates}
    return _digest([policy.name, policy.wording, options, texts])


def first_fingerprint(policy: Policy, practice: Practice, was: Released) -> str:
    """The fingerprint as version 0.1 made it, of all options and templates."""
    options = _options(policy, practice, was.options)
    texts = {name: practice.templates.get(name, "") for name in was.templates}
    return _digest([policy.name, was.version, options, texts])


def _options(policy: Policy, practice: Practice, names: Sequence[str]) -> Mapping[str, object]:
    table = getattr(practice, policy.procedure, None)
    return {name: getattr(table, name) for name in names}


def _digest(parts: Sequence[object]) -> str:
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# -- the options themselves ------------------------------------------------------------------------


_SUM = " #"
"""Between the options in a cell and the digits over them."""


def written_options(policy: Policy, practice: Practice) -> str:
    """The options of *policy* as a cell of Memory keeps them: JSON, by name, and 16 hex digits over
    it, by which a cell that people changed is known.
    """
    options = _options(policy, practice, policy.options)
    text = json.dumps(options, sort_keys=True, default=_plain)
    return f"{text}{_SUM}{_digest([text])}"


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def agreed_value(kind: Kind[str], book: Workbook, name: str) -> str | None:
    """The value of Memory's row about the policy *name*; None without a row.

    Where people copied the row, the one that was written last counts. The value is "" where
    several of those differ.
    """
    rows = kind.copies(book, name)
    last = max((row.text("Date") for row in rows), default="")
    found = {row.text("What") for row in rows if row.text("Date") == last}
    if not found:
        return None
    return found.pop() if len(found) == 1 else ""


def settings_then(
    policy: Policy, practice: Practice, book: Workbook, agreed: str, was: Released | None
) -> tuple[Practice | None, bool]:
    """*practice* with the options of *policy* that go with the fingerprint *agreed*, and whether
    the policy has the same version still; None where nobody can tell the options.

    Memory keeps the options. Version 0.1 kept the fingerprint alone. There, an option or a text
    that is not at its default today may have been at it then; whichever fits is taken.
    """
    kept = _restored(policy, practice, agreed_value(OPTIONS, book, policy.name))
    if kept:
        return kept, agreed == fingerprint(policy, kept)
    for then in _earlier_settings(policy, practice, was):
        if agreed == fingerprint(policy, then):
            return then, True
        if was and agreed == first_fingerprint(policy, then, was):
            return then, was.version == policy.version
        if any(agreed == fingerprint(older, then) for older in _older(policy)):
            return then, False
    return None if policy.options else practice, False


def _older(policy: Policy) -> Iterator[Policy]:
    return (replace(policy, version=version) for version in range(1, policy.version))


def _restored(policy: Policy, practice: Practice, kept: str | None) -> Practice | None:
    """*practice* with the options in a cell; None where people made something else of the cell."""
    text, _, known_sum = (kept or "").rpartition(_SUM)
    if known_sum != _digest([text]):
        return None
    table = getattr(practice, policy.procedure)
    default = type(table)()
    try:
        options = json.loads(text)
        known = {name: options[name] for name in policy.options if name in options}
        whole = TypeAdapter(type(table)).validate_python(known)
    except (ValueError, TypeError, ValidationError):
        return None
    values = {name: getattr(whole, name) for name in known}
    # A default is taken as it stands: its fingerprint is made of the very object.
    values |= {n: getattr(default, n) for n in known if getattr(default, n) == values[n]}
    return with_options(practice, policy.procedure, values)


def with_options(practice: Practice, procedure: str, options: Mapping[str, Any]) -> Practice:
    """*practice* with other *options* in the table of a procedure."""
    table = replace(getattr(practice, procedure), **options)
    return replace(practice, **{procedure: table})


def _earlier_settings(
    policy: Policy, practice: Practice, was: Released | None
) -> Iterator[Practice]:
    """*practice* with each choice of its options, and its templates, set back to their defaults."""
    table = getattr(practice, policy.procedure, None)
    texts = [practice]
    if was and was.templates:
        texts.append(replace(practice, templates=templates.load("")))
    default = type(table)() if table else None
    names = dict.fromkeys((*policy.options, *(was.options if was else ())))
    changed = [name for name in names if getattr(table, name) != getattr(default, name)]
    for then, back in product(texts, product((False, True), repeat=len(changed))):
        names_back = [name for name, is_back in zip(changed, back, strict=True) if is_back]
        options = {name: getattr(default, name) for name in names_back}
        yield with_options(then, policy.procedure, options) if options else then


def changes(policy: Policy, then: Practice, now: Practice) -> str:
    """Say for people what of *policy* has changed: ``anniversary_channel: email, now card``; ""
    where nothing has.
    """
    before, today = (getattr(practice, policy.procedure) for practice in (then, now))
    told = [
        f"{name}: {_said(getattr(before, name))}, now {_said(getattr(today, name))}"
        for name in (*policy.options, *policy.text_options)
        if getattr(before, name) != getattr(today, name)
    ]
    if any(then.templates.get(name) != now.templates.get(name) for name in policy.templates):
        told.append("other words in its templates")
    return "; ".join(told)


def _said(value: object) -> str:
    """An option as people write it."""
    if value is None or value in ("", (), {}):
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, ConfirmedRule):
        return f"{value.rule} ({value.agent}, {american(value.date)})"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_said(found)}" for name, found in value.items())
    if isinstance(value, tuple):
        return ", ".join(map(_said, value))
    return str(value)
