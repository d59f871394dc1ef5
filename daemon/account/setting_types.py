"""Types of configuration values: lists from text, plain keys, safe addresses, time zones."""

from __future__ import annotations

import ipaddress
import json
from datetime import time
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr


def as_list(value: Any) -> Any:
    """A list; a text becomes one, as JSON or as items between commas."""
    if not isinstance(value, str):
        return value
    if value.strip().startswith("["):
        return json.loads(value)
    return [item.strip() for item in value.split(",") if item.strip()]


def as_lists(value: Any) -> Any:
    """A table with all its values as lists."""
    if isinstance(value, dict):
        return {name: as_list(item) for name, item in value.items()}
    return value


def as_years(value: Any) -> Any:
    """A table with its `years_required` as whole numbers."""
    if isinstance(value, dict) and "years_required" in value:
        return {**value, "years_required": [int(year) for year in as_list(value["years_required"])]}
    return value


def as_referrals(value: Any) -> Any:
    """The referrals table with its gifts as lists by type."""
    if not isinstance(value, dict):
        return value
    found = dict(value)
    if "agent_tags" in value:
        found["agent_tags"] = as_list(value["agent_tags"])
    if "gifts_confirmed" in value:
        found["gifts_confirmed"] = as_lists(as_table(value["gifts_confirmed"]))
    return found


def as_table(value: Any) -> Any:
    """A table or list; a text becomes one, as JSON."""
    if isinstance(value, str) and value.strip().startswith(("{", "[")):
        return json.loads(value)
    return value


def as_options(value: Any) -> Any:
    """The `[database]` table with its lists and tables, which the environment gives as texts."""
    if not isinstance(value, dict):
        return value
    found = dict(value)
    for name in ("portal_sources", "geographic_areas"):
        if name in value:
            found[name] = as_list(value[name])
    for name in ("confirmed_system_rules", "tag_aliases"):
        if name in value:
            found[name] = as_table(value[name])
    return found


def _plain(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().isascii():
        raise ValueError("has a character that no key has (a typographic quote from copying?)")
    return value


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{value!r} is not an http(s) address")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(
            "http:// is accepted for this machine only (127.0.0.1, localhost, [::1]); "
            f"use https://{parts.netloc}"
        )
    return value.rstrip("/")


def _secret_url(value: SecretStr) -> SecretStr:
    if value.get_secret_value():
        try:
            _url(value.get_secret_value())
        except ValueError:
            # Not chained: the other message has the address, which is a secret.
            raise ValueError(
                "is not an address beginning with https:// (http:// for this machine only)"
            ) from None
    return value


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as problem:
        raise ValueError(f"{value!r} is no time zone; write it like America/Chicago") from problem
    return value


def _as_time(value: Any) -> Any:
    """A number would be seconds after midnight, which nobody means."""
    if isinstance(value, int | float):
        raise ValueError(f'{value!r} is no time of day; write it like "06:00", in quotes')
    return value


def _local(value: time) -> time:
    if value.tzinfo:
        raise ValueError(
            'is a time of the agent\'s own zone: write it like "06:00", without a zone'
        )
    return value


LocalTime = Annotated[time, BeforeValidator(_as_time), AfterValidator(_local)]
"""A time of day in the agent's zone."""
Url = Annotated[str, AfterValidator(_url)]
Zone = Annotated[str, AfterValidator(_zone)]
Labels = Annotated[tuple[str, ...], BeforeValidator(as_list), Field(min_length=1)]
Text = Annotated[str, Field(min_length=1)]
SecretUrl = Annotated[SecretStr, AfterValidator(_secret_url)]
"""An address that must stay secret, or ""."""
Key = Annotated[SecretStr, AfterValidator(_plain)]
