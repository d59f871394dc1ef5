"""A differential replay: gspread's recordings of the real service, sent again to the sandbox and compared reply by reply."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")
AUTHOR = "telegram-budgeter@telegram-budgeter.iam.gserviceaccount.com"
PRIVATE = "1jIKzPs8LsiZZdLdeMEP-5ZIHw6RkjiOmj1LrJN706Yc"
"""The spreadsheet that gspread's suite expects to be refused: it belongs to somebody else."""
IGNORED = frozenset({"createdTime", "modifiedTime", "spreadsheetUrl"})
IDS = frozenset({"id", "spreadsheetId", "sheetId", "protectedRangeId", "namedRangeId"})
OTHERS_FILES = ("ClientTest.test_openall", "ClientTest.test_open_all_has_metadata")
"""Recordings that list whatever else the author had in his Drive."""
UNSERVED = ("PUT upload/drive/v2/files",)
"""Routes whose reply (a Drive v2 file) the sandbox does not imitate; the upload itself is applied."""


@dataclass
class Outcome:
    """How many replies were the same, by call; and the name of every one that was not."""

    same: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    apart: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Identical replies on served routes, of 1."""
        return self.same.total() / max(1, self.sent.total())


def replay(cassettes: Path, base: str) -> Outcome:
    """Send every recording in *cassettes* to the sandbox at *base*."""
    outcome = Outcome()
    for path in sorted(cassettes.glob("*.json")):
        _Cassette(path, base, outcome).play()
    return outcome


class _Cassette:
    """One recording, with what its replies taught about ids: the real service's against the sandbox's."""

    def __init__(self, path: Path, base: str, outcome: Outcome) -> None:
        self.name = path.stem
        self.interactions = json.loads(path.read_text(encoding="utf-8"))["interactions"]
        self.base = base
        self.outcome = outcome
        self.ids: dict[Any, Any] = {AUTHOR: f"{path.stem}@example.com"}
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {self.ids[AUTHOR]}"  # a Drive of its own for every recording

    def play(self) -> None:
        """Send all requests in order and note what comes back."""
        for n, interaction in enumerate(self.interactions):
            asked, recorded = interaction["request"], interaction["response"]
            call = _call(asked["method"], asked["uri"])
            answer = self.session.request(asked["method"], self._uri(asked["uri"]), data=self._body(asked["body"]), timeout=30,
                                          headers={"Content-Type": _header(asked, "Content-Type")})
            theirs, ours = _json(recorded["body"]["string"]), _json(answer.text)
            self._learn(theirs, ours)
            if call in UNSERVED or self.name in OTHERS_FILES:
                self.outcome.apart[call if call in UNSERVED else self.name] += 1
                continue
            self.outcome.sent[call] += 1
            if answer.status_code == recorded["status"]["code"] and self._mapped(theirs) == _plain(ours):
                self.outcome.same[call] += 1
            else:
                where = _first_difference(self._mapped(theirs), _plain(ours))
                self.outcome.differences.append(f"{self.name} #{n} {call} {answer.status_code}: {where}")

    def _uri(self, uri: str) -> str:
        for host in HOSTS:
            uri = uri.replace(host, self.base)
        for theirs, ours in self.ids.items():
            if isinstance(theirs, str):
                uri = uri.replace(theirs, ours)
        return uri

    def _body(self, body: str | None) -> bytes | None:
        if body is None:
            return None
        found = _json(body)
        return (body if isinstance(found, str) else json.dumps(self._mapped(found))).encode()

    def _mapped(self, value: Any) -> Any:
        """A recorded value with the sandbox's ids in the place of the real ones."""
        if isinstance(value, dict):
            return {k: self._mapped(v) for k, v in value.items() if k not in IGNORED}
        if isinstance(value, list):
            return [self._mapped(v) for v in value]
        return self.ids.get(value, value) if isinstance(value, str | int) and not isinstance(value, bool) else value

    def _learn(self, theirs: Any, ours: Any) -> None:
        if isinstance(theirs, dict) and isinstance(ours, dict):
            for name in theirs.keys() & ours.keys():
                if name in IDS and theirs[name] not in {0, ours[name]}:
                    self.ids.setdefault(theirs[name], ours[name])
                self._learn(theirs[name], ours[name])
        elif isinstance(theirs, list) and isinstance(ours, list):
            for one, other in zip(theirs, ours, strict=False):
                self._learn(one, other)


def _header(asked: dict[str, Any], name: str) -> str:
    return next((v[0] for k, v in asked["headers"].items() if k.casefold() == name.casefold()), "application/json")


def _json(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if k not in IGNORED}
    return [_plain(v) for v in value] if isinstance(value, list) else value


def _call(method: str, uri: str) -> str:
    """The call without ids and ranges: ``POST v4/spreadsheets/values:append``."""
    path = re.sub(r"^https://[^/]+/|\?.*$", "", uri)
    path = re.sub(r"(spreadsheets|files)/[^/:]+", r"\1", path)
    return f"{method} " + re.sub(r"/values/.*?(:append|:clear|$)", r"/values\1", path)


def _first_difference(theirs: Any, ours: Any, at: str = "") -> str:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in sorted(theirs.keys() | ours.keys()):
            if theirs.get(name) != ours.get(name):
                return _first_difference(theirs.get(name), ours.get(name), f"{at}.{name}")
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for n, (one, other) in enumerate(zip(theirs, ours, strict=True)):
            if one != other:
                return _first_difference(one, other, f"{at}[{n}]")
    return f"{at or 'the whole'}: real {str(theirs)[:90]!r}, here {str(ours)[:90]!r}"
