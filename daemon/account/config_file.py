"""Find the configuration file, read it with its secrets, and list all its problems at once."""

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
"""The beginnings of variables that are no settings; the last two are for the tests."""
_SECRET_KEYS = frozenset({"api_key", "system_key", "secret", "suppression_key"})
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
            f"no configuration file; looked for {looked}. "
            "Copy config.example.toml to config.toml, fill it in, and try again"
        ]
    )


def _is_file(path: Path) -> bool:
    """Whether there is a file; one in a closed folder counts, and `load` says why it fails."""
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
    """Hides `STEWARD_SHEET__CREDENTIALS` from the settings if it is a key, not a kind."""

    name = "STEWARD_SHEET__CREDENTIALS"

    def __enter__(self) -> None:
        self._value = os.environ.get(self.name)
        if self._value is not None and self._value not in KINDS_OF_CREDENTIALS:
            del os.environ[self.name]

    def __exit__(self, *_: object) -> None:
        if self._value is not None:
            os.environ[self.name] = self._value


def _secrets() -> tuple[dict[tuple[str, str], str | list[str]], list[str]]:
    """Secrets by section and key, and the problems with reading them.

    They come from the environment, else from the credentials directory.
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
            # One address a line: a comma may be part of an address.
            found[where] = value.split() if where[0] == "notify" else value
    return found, problems


def _secrets_in_file(tables: Mapping[str, Any]) -> Iterator[str]:
    for (section, key), variable in _IN_ENVIRONMENT.items():
        table = tables.get(section) if section else tables
        if isinstance(table, dict) and table.pop(key, None) is not None:
            name = f"{section}.{key}".lstrip(".")
            yield (
                f"{name}: a secret does not belong in this file; "
                f"put it into ${variable} or the credential {SECRETS[(section, key)]}"
            )


def _unknown_variables() -> Iterator[str]:
    """A sentence for each variable that sets nothing, because a typing error would go unnoticed.

    The settings themselves check the key within a section.
    """
    sections = {f"STEWARD_{name}".upper(): name for name in Settings.model_fields}
    known = [*sections, *_IN_ENVIRONMENT.values()]
    for variable, section in sections.items():
        known += [f"{variable}__{key}".upper() for key in _known_keys((section,))]
    for name in os.environ:
        if name.startswith(NOT_SETTINGS) or not name.upper().startswith("STEWARD_"):
            continue
        if name.upper().partition("__")[0] not in sections:
            close = difflib.get_close_matches(name.upper(), known, 1)
            hint = f"; did you mean ${close[0]}?" if close else ""
            yield f"${name}: is not a variable Steward knows{hint}"


def _explained(wrong: ValidationError) -> Iterator[str]:
    for error in wrong.errors(include_url=False, include_context=True, include_input=True):
        yield f"{'.'.join(str(part) for part in error['loc'])}: {_reason(error)}"


def _reason(error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return "is missing"
    if error["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        known = _known_keys(error["loc"][:-1])
        close = difflib.get_close_matches(str(error["loc"][-1]), known, 1)
        hint = f"did you mean {close[0]!r}?" if close else f"here it knows {', '.join(known)}"
        return f"is not a key Steward knows; {hint}"
    if error["type"] in {"model_type", "dataclass_type"}:
        table = ".".join(map(str, error["loc"]))
        return f"must be a table: write its keys below a [{table}] line"
    return error["msg"].removeprefix("Value error, ")


def _known_keys(loc: tuple[int | str, ...]) -> list[str]:
    """The keys of the table at *loc*."""
    model: Any = Settings
    for part in loc:
        field = _fields(model).get(str(part))
        model = getattr(field, "annotation", None) or getattr(field, "type", None)
    names = list(_fields(model))
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [name for name in names if name not in _SECRET_KEYS]
    return names


def _fields(model: Any) -> Mapping[str, Any]:
    """The fields of a pydantic model or a dataclass, by name; none of anything else."""
    found: Mapping[str, Any] | None = getattr(model, "model_fields", None)
    return found or getattr(model, "__dataclass_fields__", None) or {}
