"""The sandbox's CRM as a bare client sees it, and as somebody at its pages does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import requests

from connectors.sandbox.brokerage import brokerage
from connectors.sandbox.server import Sandbox

DAY = date(2026, 12, 4)
NOON = datetime(2026, 12, 4, 18, 0, tzinfo=UTC)  # noon in Chicago
LONG_AGO = "2020-01-01T00:00:00Z"
SYSTEM = {"X-System": "steward", "X-System-Key": "k"}


class Wire:
    """Requests to one sandbox, in which it is always noon; `fka_nia` is the key of an agent who has no contacts."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.account = box.world.crm
        self.account.now = lambda: NOON
        self.account.put("users", {"id": 9, "name": "Nia New", "role": "Agent"})
        self.account.keys["fka_nia"] = 9

    def __call__(self, method: str, path: str, key: str = "fka_owner", **options: Any) -> requests.Response:
        return requests.request(method, f"{self.box.url}/v1/{path}", auth=(key, ""), timeout=5, **options)

    def do(self, verb: str, **arguments: Any) -> requests.Response:
        """Somebody at the CRM's pages; `by` is who."""
        body = {"as" if name == "by" else name: value for name, value in arguments.items()}
        return requests.post(f"{self.box.url}/person/crm/{verb}", json=body, timeout=5)

    def made(self, path: str = "people", **body: Any) -> dict[str, Any]:
        """POST something that is accepted; a person by default."""
        answer = self("POST", path, json=body, headers=SYSTEM)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def left_alone(self) -> int:
        """A contact that nobody has changed since 2020."""
        return int(self.account.put("people", {"name": "Old", "created": LONG_AGO, "updated": LONG_AGO})["id"])

    def whole(self, person_id: int) -> dict[str, Any]:
        """A person with all fields."""
        return dict(self("GET", f"people/{person_id}", params={"fields": "allFields"}).json())

    def walk(self, path: str = "people", **params: Any) -> list[int]:
        """The ids of a whole list, page after page by its cursor."""
        ids, query = [], {"limit": 100, **params}
        while True:
            body = self("GET", path, params=query).json()
            ids += [p["id"] for p in body[body["_metadata"]["collection"]]]
            assert body["_metadata"]["total"] >= len(ids)
            if not body["_metadata"]["next"]:
                assert body["_metadata"]["nextLink"] is None
                return ids
            query["next"] = body["_metadata"]["next"]


def wire(**options: Any) -> Wire:
    """A bare client of a new sandbox that is not started yet."""
    return Wire(Sandbox(brokerage(DAY, people=options.pop("people", 30)), rate_limit=False, **options))
