"""What a configuration value may be: lists from text, keys without typographic quotes, safe
addresses, known time zones.
"""

from __future__ import annotations

import ipaddress
import json
from datetime import time
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr


def as_list(value: Any) -> Any:
    """A list, also where the environment or the file gives one text: JSON, or items between
    commas.
    """
    if not isinstance(value, str):
        return value
    if value.strip().startswith("["):
        return json.loads(value)
    return [item.strip() for item in value.split(",") if item.strip()]


def as_lists(value: Any) -> Any:
    """A table whose values are all lists."""
    return (
        {name: as_list(item) for name, item in value.items()} if isinstance(value, dict) else value
    )


def as_years(value: Any) -> Any:
    """A table whose `years_required` are whole numbers."""
    if isinstance(value, dict) and "years_required" in value:
        return {**value, "years_required": [int(year) for year in as_list(value["years_required"])]}
    return value


def as_referrals(value: Any) -> Any:
    """The referrals table, whose gifts are lists by type."""
    if not isinstance(value, dict):
        return value
    found = (
        {**value, "agent_tags": as_list(value["agent_tags"])}
        if "agent_tags" in value
        else dict(value)
    )
    if "gifts_confirmed" in value:
        found["gifts_confirmed"] = as_lists(as_table(value["gifts_confirmed"]))
    return found


def as_table(value: Any) -> Any:
    """A table or list, also where the environment gives it as JSON."""
    return (
        json.loads(value)
        if isinstance(value, str) and value.strip().startswith(("{", "["))
        else value
    )


def as_options(value: Any) -> Any:
    """The `[database]` table, its lists and tables also where the environment gives one as text."""
    if not isinstance(value, dict):
        return value
    tables = ("confirmed_system_rules", "tag_aliases")
    lists = {
        name: as_list(value[name])
        for name in ("portal_sources", "geographic_areas")
        if name in value
    }
    return {**value, **lists, **{name: _as_table(value[name]) for name in tables if name in value}}


def _as_table(value: Any) -> Any:
    return (
        json.loads(value)
        if isinstance(value, str) and value.strip().startswith(("{", "["))
        else value
    )


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
            "http:// is accepted for this machine only (127.0.0.1, localhost, [::1]); use"
            f" https://{parts.netloc}"
        )
    return value.rstrip("/")


def _secret_url(value: SecretStr) -> SecretStr:
    if value.get_secret_value():
        try:
            _url(value.get_secret_value())
        except ValueError:
            raise ValueError(
                "is not an address beginning with https:// (http:// for this machine only)"
            ) from None  # which is a secret
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
"""An address that opens something to whoever knows it, or ""."""
Key = Annotated[SecretStr, AfterValidator(_plain)]
