"""Drafts: templates rendered from a closed set of merge fields.

Steward never sends. The texts are for the agent's approval (MS-05, MS-09), after `lint` has checked
them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Final

from jinja2 import StrictUndefined, Template, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from policies.values.names import one_line

MERGE_FIELDS: Final = frozenset(
    {
        "client_first_name",
        "address",
        "agent_name",
        "years",
        "city",
        "year",
        "phone",
        "deadline",
        "state",
        "value_low",
        "value_high",
        "value_change",
    }
)
"""Every field a message to a client may use.

A template with any other field is refused when it is loaded (MS-11).
"""

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False
)


class Unusable(ValueError):
    """A template that cannot be rendered: bad syntax, or a field outside the closed set."""


@cache
def _compiled(text: str) -> Template:
    try:
        return _ENVIRONMENT.from_string(text)
    except TemplateError as problem:
        raise Unusable(f"not a valid template: {problem}") from problem


def render(template: str, fields: Mapping[str, str]) -> str:
    """Fill the merge fields of *template*. Values are never evaluated, and stay on one line.

    Raises:
        Unusable: for bad syntax or a field outside *fields* (MS-31).
    """
    return _rendered(template, tuple(fields.items()))


@lru_cache(maxsize=10_000)
def _rendered(template: str, fields: tuple[tuple[str, str], ...]) -> str:
    try:
        return _compiled(template).render({name: one_line(value) for name, value in fields}).strip()
    except TemplateError as problem:
        raise Unusable(
            f"{problem}; here it may use only {', '.join(name for name, _ in sorted(fields))}"
        ) from problem


@cache
def fields_of(template: str) -> frozenset[str]:
    """Return the merge fields that *template* uses.

    Raises:
        Unusable: for bad syntax.
    """
    try:
        return frozenset(meta.find_undeclared_variables(_ENVIRONMENT.parse(template)))
    except TemplateError as problem:
        raise Unusable(f"not a valid template: {problem}") from problem


def check_template(template: str, fields: frozenset[str] = MERGE_FIELDS) -> None:
    """Prove that *template* renders from the closed set of *fields*, before it is ever needed.

    Raises:
        Unusable: as `render` does.
    """
    try:
        _compiled(template).render(dict.fromkeys(fields, "x"))
    except TemplateError as problem:
        raise Unusable(f"{problem}; it may use only {', '.join(sorted(fields))}") from problem


@lru_cache(maxsize=10_000)
def digest(text: str) -> str:
    """Return the 16 hex digits that bind a decision to the exact text it was about (rule 12)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


# -- the facts in a text ---------------------------------------------------------------------------

_NONE = "none"
_OF_AGENT = frozenset({"agent_name", "city", "phone"})
EMPTY = "X-69: the draft is empty"


@dataclass(frozen=True)
class Facts:
    """The facts that a text was made of: all merge `values` of today, and which of them it `used`.

    A decision is bound to them and not to the words around them: another template or subject line
    voids no approval (X-92).
    """

    values: Mapping[str, str]
    used: frozenset[str] = frozenset()

    @classmethod
    def every(cls, values: Mapping[str, str]) -> Facts:
        """All facts about the client, for a row in which the agent may write a text of her own."""
        return cls(values, frozenset(values) - _OF_AGENT)

    @classmethod
    def of(cls, values: Mapping[str, str], *templates: str) -> Facts:
        """The facts in a text that was rendered from *templates*.

        Raises:
            Unusable: for bad syntax.
        """
        used = frozenset().union(*map(fields_of, templates))
        return cls(values, used & values.keys())  # a template may ask whether a field is there

    @cached_property
    def written(self) -> str:
        """The text for them in the cell Digest: ``address=1f0c77ab+years=6b86b273``."""
        return "+".join(f"{name}={self._short(name)}" for name in sorted(self.used)) or _NONE

    def hold(self, written: str) -> bool:
        """Tell whether the facts that were *written* once are the same today."""
        if written in {_NONE, self.written}:
            return True
        known = (pair.partition("=") for pair in written.split("+"))
        return all(name in self.values and self._short(name) == was for name, _, was in known)

    def stand_in(self, text: str) -> bool:
        """Tell whether *text* has every fact about the client that Steward would use today."""
        found = [one_line(self.values[name]) for name in self.used - _OF_AGENT]
        return bool(found) and all(value and value in text for value in found)

    def _short(self, name: str) -> str:
        return _short(self.values[name])


@lru_cache(maxsize=10_000)
def _short(value: str) -> str:
    return digest(one_line(value))[:8]
