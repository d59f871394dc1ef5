"""Finds the configuration file, reads it with its secrets, and says everything that is wrong with
it at once.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError

from daemon.account.settings import KINDS_OF_CREDENTIALS, Settings
from daemon.errors import ConfigurationError

PLACES = (Path("config.toml"), Path("/etc/steward/config.toml"))
SECRETS = {
    ("crm", "api_key"): "crm_api_key",
    ("crm", "system_key"): "crm_system_key",
    ("sheet", "secret"): "sheet_credentials",
    ("schedule", "heartbeat_url"): "heartbeat_url",
    ("notify", "primary"): "notify_primary",
    ("notify", "secondary"): "notify_secondary",
    ("", "suppression_key"): "suppression_key",
}
NOT_SETTINGS = ("STEWARD_CONFIG", "STEWARD_TRACEBACK", "STEWARD_LIVE_", "STEWARD_KILL_EVERY")
"""How the other variables of ours begin; the last two are for the tests."""
_IN_ENVIRONMENT = {
    ("crm", "api_key"): "STEWARD_CRM__API_KEY",
    ("crm", "system_key"): "STEWARD_CRM__SYSTEM_KEY",
    ("sheet", "secret"): "STEWARD_SHEET__CREDENTIALS",
    ("", "suppression_key"): "STEWARD_SUPPRESSION_KEY",
}


def find(given: Path | None) -> Path:
    """The file to read: the one given, `$STEWARD_CONFIG`, `./config.toml` or
    `/etc/steward/config.toml`.

    Raises:
        ConfigurationError: there is none; the message lists where it was looked for.
    """
    if given or os.environ.get("STEWARD_CONFIG"):
        path = given or Path(os.environ["STEWARD_CONFIG"])
        if _is_file(path):
            return path
        raise ConfigurationError([f"there is no configuration file {path}"])
    for path in PLACES:
        if _is_file(path):
            return path
    looked = ", ".join(["$STEWARD_CONFIG (not set)", *map(str, PLACES)])
    raise ConfigurationError(
        [
            f"no configuration file; looked for {looked}. Copy config.example.toml to config.toml,"
            " fill it in, and try again"
        ]
    )


def _is_file(path: Path) -> bool:
    """Whether a file is there; one that cannot even be looked at is, and `load` says why it cannot
    be read.
    """
    try:
        return path.is_file()
    except PermissionError:
        return True


def load(given: Path | None = None) -> Settings:
    """The settings of this installation.

    Raises:
        ConfigurationError: with one line for every problem, each with its dotted key.
    """
    path = find(given)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigurationError([f"{path} is not valid TOML: {problem}"]) from problem
    except OSError as problem:
        raise ConfigurationError(
            [
                f"{path} cannot be read: {problem.strerror}; whoever runs Steward must be able to: "
                f"chmod 0644 {path}, and 0755 for {path.parent} (no secret belongs in there)"
            ]
        ) from problem
    problems = [*_secrets_in_file(tables), *_unknown_variables()]
    hidden, unreadable = _secrets()
    for (section, key), value in hidden.items():
        table = tables.setdefault(section, {}) if section else tables
        if isinstance(table, dict):
            table[key] = value
    with _Environment():
        try:
            settings = Settings(**tables)
        except ValidationError as wrong:
            raise ConfigurationError([*problems, *unreadable, *_explained(wrong)]) from wrong
        except SettingsError as wrong:
            raise ConfigurationError(
                [
                    *problems,
                    *unreadable,
                    f"a STEWARD_ variable of the environment cannot be used: {wrong}",
                ]
            ) from wrong
    if problems or unreadable:
        raise ConfigurationError([*problems, *unreadable])
    return settings


class _Environment:
    """Hides `STEWARD_SHEET__CREDENTIALS` from the settings while it holds a key and not the kind of
    credentials.
    """

    name = "STEWARD_SHEET__CREDENTIALS"

    def __enter__(self) -> None:
        self._value = os.environ.get(self.name)
        if self._value is not None and self._value not in KINDS_OF_CREDENTIALS:
            del os.environ[self.name]

    def __exit__(self, *_: object) -> None:
        if self._value is not None:
            os.environ[self.name] = self._value


def _secrets() -> tuple[dict[tuple[str, str], str | list[str]], list[str]]:
    """Secrets by where they belong, from the environment or the credentials directory, and what
    could not be read.
    """
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    found: dict[tuple[str, str], str | list[str]] = {}
    problems = []
    for where, file_name in SECRETS.items():
        value = os.environ.get(_IN_ENVIRONMENT.get(where, ""), "")
        if value in KINDS_OF_CREDENTIALS:
            value = ""
        if not value and directory and (path := Path(directory) / file_name).exists():
            try:
                value = path.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as problem:
                problems.append(f"the credential {path} cannot be read: {type(problem).__name__}")
        if value:
            found[where] = (
                value.split() if where[0] == "notify" else value
            )  # an address a line; a comma may be part of one
    return found, problems


def _secrets_in_file(tables: Mapping[str, Any]) -> Iterator[str]:
    for (section, key), variable in _IN_ENVIRONMENT.items():
        table = tables.get(section) if section else tables
        if isinstance(table, dict) and table.pop(key, None) is not None:
            yield (
                f"{f'{section}.{key}'.lstrip('.')}: a secret does not belong in this file; put it"
                f" into ${variable} or the credential {SECRETS[(section, key)]}"
            )


def _unknown_variables() -> Iterator[str]:
    """Variables that set nothing: a mistyped one would go unnoticed. A key within a section is
    looked at by the settings themselves.
    """
    known = {f"STEWARD_{name}".upper() for name in Settings.model_fields}
    keys = [
        f"{name}__{key}".upper()
        for name in known
        for key in _known_keys((name.removeprefix("STEWARD_").lower(),))
    ]
    for name in os.environ:
        if (
            name.startswith(NOT_SETTINGS)
            or not name.upper().startswith("STEWARD_")
            or name.upper().partition("__")[0] in known
        ):
            continue
        close = difflib.get_close_matches(
            name.upper(), [*known, *keys, *_IN_ENVIRONMENT.values()], 1
        )
        yield f"${name}: is not a variable Steward knows" + (
            f"; did you mean ${close[0]}?" if close else ""
        )


def _explained(wrong: ValidationError) -> Iterator[str]:
    for error in wrong.errors(include_url=False, include_context=True, include_input=True):
        yield f"{'.'.join(str(part) for part in error['loc'])}: {_reason(error)}"


def _reason(error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return "is missing"
    if error["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        known = _known_keys(error["loc"][:-1])
        close = difflib.get_close_matches(str(error["loc"][-1]), known, 1)
        return "is not a key Steward knows" + (
            f"; did you mean {close[0]!r}?" if close else f"; here it knows {', '.join(known)}"
        )
    if error["type"] == "model_type" or (error["type"] == "dataclass_type"):
        return (
            "must be a table: write its keys below a ["
            + ".".join(map(str, error["loc"]))
            + "] line"
        )
    return error["msg"].removeprefix("Value error, ")


def _known_keys(loc: tuple[int | str, ...]) -> list[str]:
    """The keys of the table at *loc*."""
    model: Any = Settings
    for part in loc:
        fields = getattr(model, "model_fields", None) or getattr(model, "__dataclass_fields__", {})
        model = getattr(fields.get(str(part)), "annotation", None) or getattr(
            fields.get(str(part)), "type", None
        )
    names = (
        getattr(model, "model_fields", None) or getattr(model, "__dataclass_fields__", None) or {}
    )
    return [
        name
        for name in names
        if not (isinstance(model, type) and issubclass(model, BaseModel) and _secret(name))
    ]


def _secret(name: str) -> bool:
    return name in {"api_key", "system_key", "secret", "suppression_key"}
