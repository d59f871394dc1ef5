"""The sandbox's Drive and sign-in: files that are made, shared, exported, and who is asking."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.oauth2 import service_account

from connectors.sandbox.brokerage import AGENT_MAIL, ROBOT_MAIL, SPREADSHEET
from connectors.sandbox.server import Sandbox
from tests.strangers import discovery


def test_a_spreadsheet_is_made_found_copied_and_deleted_through_drive(serve: Callable[..., Sandbox]) -> None:
    url = f"{serve().url}/drive/v3/files"
    as_agent = {"Authorization": f"Bearer {AGENT_MAIL}"}
    made = requests.post(url, json={"name": "New"}, headers=as_agent, timeout=5).json()
    requests.post(f"{url}/{made['id']}/copy", json={"name": "Twin"}, headers=as_agent, timeout=5)
    listed = requests.get(url, params={"q": 'name = "Twin"'}, headers=as_agent, timeout=5).json()["files"]

    assert [f["name"] for f in listed] == ["Twin"]
    assert requests.get(f"{url}/{made['id']}", headers={"Authorization": "Bearer stranger@example.com"}, timeout=5).status_code == 404
    assert requests.delete(f"{url}/{made['id']}", headers=as_agent, timeout=5).status_code == 204
    assert requests.get(f"{url}/{made['id']}", headers=as_agent, timeout=5).status_code == 404


def test_a_file_is_created_and_laid_out_in_one_call(serve: Callable[..., Sandbox]) -> None:
    url = f"{serve().url}/v4/spreadsheets"
    made = requests.post(url, json={"properties": {"title": "New", "timeZone": "America/Chicago"}, "sheets": [
        {"properties": {"title": "One", "gridProperties": {"rowCount": 5, "columnCount": 3}}}, {"properties": {"title": "Two"}}]}, timeout=5).json()
    plain = requests.post(url, json={}, timeout=5).json()

    assert [s["properties"]["title"] for s in made["sheets"]] == ["One", "Two"]
    assert (made["properties"]["timeZone"], made["properties"]["locale"]) == ("America/Chicago", "en_US")
    assert plain["properties"]["title"] == "Untitled spreadsheet"
    assert plain["sheets"] == [{"properties": {"sheetId": 0, "title": "Sheet1", "index": 0, "sheetType": "GRID", "gridProperties": {"rowCount": 1000, "columnCount": 26}}}]
    assert requests.get(f"{url}/{made['spreadsheetId']}", timeout=5).json()["spreadsheetId"] == made["spreadsheetId"]


def test_drive_shares_exports_imports_and_counts_versions(serve: Callable[..., Sandbox]) -> None:
    box = serve()
    files = f"{box.url}/drive/v3/files/{SPREADSHEET}"
    values_ = f"{box.url}/v4/spreadsheets/{SPREADSHEET}/values/Sheet1!A1"
    agent, guest = {"Authorization": f"Bearer {AGENT_MAIL}"}, {"Authorization": "Bearer guest@example.com"}
    write: dict[str, Any] = {"params": {"valueInputOption": "RAW"}, "json": {"values": [["a,b", 'say "x"', "=1"]]}, "timeout": 5}
    before = requests.get(files, params={"fields": "version,modifiedTime"}, headers=agent, timeout=5).json()
    assert requests.put(values_, headers=agent, **write).status_code == 200
    after = requests.get(files, params={"fields": "version,modifiedTime"}, headers=agent, timeout=5).json()
    assert (int(after["version"]), after["modifiedTime"] > before["modifiedTime"]) == (int(before["version"]) + 1, True)
    assert requests.get(f"{files}/export", params={"mimeType": "text/csv"}, headers=agent, timeout=5).text == '"a,b","say ""x""",=1'

    assert requests.get(values_, headers=guest, timeout=5).status_code == 403
    requests.post(f"{files}/permissions", json={"type": "user", "role": "reader", "emailAddress": "guest@example.com"}, headers=agent, timeout=5)
    assert [requests.get(values_, headers=guest, timeout=5).status_code, requests.put(values_, headers=guest, **write).status_code] == [200, 403]
    requests.patch(f"{files}/permissions/guest@example.com", json={"role": "writer"}, headers=agent, timeout=5)
    assert requests.put(values_, headers=guest, **write).status_code == 200
    assert [p["role"] for p in requests.get(f"{files}/permissions", headers=agent, timeout=5).json()["permissions"]] == ["owner", "writer", "writer", "writer"]
    assert requests.delete(f"{files}/permissions/guest@example.com", headers=agent, timeout=5).status_code == 204
    assert requests.get(values_, headers=guest, timeout=5).status_code == 403

    requests.put(f"{box.url}/upload/drive/v2/files/{SPREADSHEET}", data="day,n\r\n2026-12-04,7\r\n", headers=agent, timeout=5)
    book = requests.get(f"{box.url}/v4/spreadsheets/{SPREADSHEET}", headers=agent, timeout=5).json()
    assert [s["properties"]["title"] for s in book["sheets"]] == [book["properties"]["title"]]


def drives_methods() -> list[tuple[str, str]]:
    """Every method of Drive v3 below /files, its ids filled in."""
    document = json.loads((files("googleapiclient.discovery_cache.documents") / "drive.v3.json").read_text(encoding="utf-8"))
    found = [(m["httpMethod"], m["path"].replace("{fileId}", SPREADSHEET)) for m in discovery.methods(document["resources"])]
    return [(method, re.sub(r"\{\w+\}", AGENT_MAIL, path)) for method, path in found if path.startswith("files")]


@pytest.mark.parametrize(("method", "path"), drives_methods())
def test_what_drive_has_is_served_or_501_and_named(serve: Callable[..., Sandbox], method: str, path: str) -> None:
    answer = requests.request(method, f"{serve().url}/drive/v3/{path}", headers={"Authorization": "Bearer steward@robots.example.com"}, timeout=5)
    served = {"": ("GET", "POST"), "/{id}": ("GET", "DELETE"), "/{id}/copy": ("POST",), "/{id}/comments": ("GET",), "/{id}/export": ("GET",),
              "/{id}/permissions": ("GET", "POST"), "/{id}/permissions/{it}": ("GET", "PATCH", "DELETE")}

    if method in served.get(path.removeprefix("files").replace(SPREADSHEET, "{id}").replace(AGENT_MAIL, "{it}"), ()):
        assert answer.status_code in {200, 400, 403, 501}
    else:
        assert answer.status_code == 501
        assert answer.json()["error"]["message"].startswith(f"The sandbox does not serve {method} /drive/v3/files")


@pytest.mark.parametrize(("method", "path"), [
    ("PUT", f"/drive/v3/files/{SPREADSHEET}"), ("GET", f"/drive/v3/files/{SPREADSHEET}/nowhere"), ("PUT", f"/drive/v3/files/{SPREADSHEET}/permissions"),
    ("DELETE", f"/v4/spreadsheets/{SPREADSHEET}"), ("GET", f"/v4/spreadsheets/{SPREADSHEET}/nowhere"), ("GET", "/token"), ("GET", "/upload/drive/v2/files/x")])
def test_what_the_service_does_not_have_is_404(serve: Callable[..., Sandbox], method: str, path: str) -> None:
    answer = requests.request(method, serve().url + path, headers={"Authorization": f"Bearer {AGENT_MAIL}"}, timeout=5)

    assert answer.status_code == 404
    assert answer.json()["error"]["message"].startswith(f"There is no method {method} ")


def test_a_service_account_signs_in_at_the_token_endpoint(serve: Callable[..., Sandbox]) -> None:
    box = serve()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    info = {"type": "service_account", "client_email": ROBOT_MAIL, "private_key": key, "private_key_id": "1", "token_uri": f"{box.url}/token"}
    account = service_account.Credentials.from_service_account_info(info, scopes=["https://www.googleapis.com/auth/spreadsheets"])  # type: ignore[no-untyped-call]
    grant = service_account.Credentials._make_authorization_grant_assertion(account)  # type: ignore[no-untyped-call]
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": grant.decode()}
    token = requests.post(f"{box.url}/token", data=form, timeout=5).json()
    url = f"{box.url}/v4/spreadsheets/{SPREADSHEET}"

    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3599)
    assert requests.get(url, headers={"Authorization": f"Bearer {token['access_token']}"}, timeout=5).status_code == 200
    assert requests.get(url, headers={"Authorization": "Bearer ya29.nobody"}, timeout=5).status_code == 401
    assert requests.post(f"{box.url}/token", data=form | {"assertion": "a.b.c"}, timeout=5).json()["error"] == "invalid_grant"
    assert requests.post(f"{box.url}/token", data={"grant_type": "password"}, timeout=5).json()["error"] == "unsupported_grant_type"
