"""Whatever is sent to the sandbox: a refusal in one sentence and a log line, never a traceback, never a changed world."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from select import select
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import requests
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox.followupboss.by_hand import VERBS
from connectors.sandbox.followupboss.resources import NOT_SERVED, RESOURCES
from connectors.sandbox.server import Sandbox
from tests.conformance.wire import SYSTEM, Wire, wire

AUTH = ("fka_owner", "")
WRONG: dict[str, list[Any]] = {
    "text": [1, True, [], {}, "a\0b"], "whole": ["1", 1.5, True, [], 2**31], "number": ["1", True, [], 1e12], "flag": ["yes", None, 2, []],
    "day": ["2026-02-30", "soon", "20260101", 1, []], "moment": ["2026-13-01T00:00:00Z", "noon", 1, []], "ids": [1, ["1"], [None], None],
    "texts": ["x", [1], [None], None], "reaches": ["x", [1], [{"value": 1}], [{"colour": "x"}], None], "addresses": [[{"street": 1}], {}],
    "invitees": [[{"personId": "1"}], [{"age": 3}]]}
LEAST: dict[str, dict[str, Any]] = {
    "people": {}, "tasks": {"personId": 101, "assignedUserId": 3}, "notes": {"personId": 101}, "deals": {"name": "d", "stageId": 1}, "stages": {"name": "s"},
    "calls": {"personId": 101, "phone": "1", "isIncoming": True}, "customFields": {"label": "l", "type": "text"},
    "textMessages": {"personId": 101, "message": "m", "toNumber": "1", "fromNumber": "2"}, "dealCustomFields": {"label": "l", "type": "text"},
    "appointments": {"title": "t", "start": "2026-12-05", "end": "2026-12-06"}}
DEEP = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def world(crm: Wire) -> str:
    return json.dumps({name: list(table.values()) for name, table in crm.account.tables.items()})


@pytest.fixture
def unchanged(crm: Wire) -> Iterator[None]:
    before = world(crm)
    yield
    assert world(crm) == before


@pytest.fixture
def short() -> Iterator[Sandbox]:
    """A sandbox that waits one second for a request."""
    client = wire(patience=1)
    with client.box as box:
        yield box


def refused(answer: requests.Response, status: int) -> None:
    assert (answer.status_code, list(answer.json())) == (status, ["errorMessage"]), answer.text
    assert "Traceback" not in answer.text


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("path", "field", "value"), [
    (path, field, value) for path, least in LEAST.items() for field, kind in RESOURCES[path].creates.items() for value in WRONG[kind]])
def test_a_value_of_the_wrong_type_is_refused(crm: Wire, path: str, field: str, value: Any) -> None:
    refused(crm("POST", path, json={**LEAST[path], field: value}, headers=SYSTEM), 400)


@pytest.mark.parametrize("path", LEAST)
def test_without_it_the_same_body_is_accepted(crm: Wire, path: str) -> None:
    crm.made(path, **LEAST[path])


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("content", [
    b"", b"{", b"[]", b"null", b'"x"', b'{"firstName": NaN}', b'{"firstName": "\\ud800"}', b'{"firstName": "\xff"}', b'{"firstName": "a\\u0000"}', DEEP,
    b'{"price": 1e999}', b'{"price": ' + b"9" * 5000 + b"}"])
def test_what_is_no_json_object_is_refused(crm: Wire, content: bytes) -> None:
    refused(crm("POST", "people", data=content), 400)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("number", "status"), [
    ("0", 404), ("-1", 404), ("9" * 5000, 404), ("2147483648", 404), ("101/notes", 404), ("../identity", 404), ("..%2f..%2fetc%2fpasswd", 404), ("%00", 200),
    ("%ff%fe", 200), ("²", 200), ("1e3", 200), (quote("{7*7}"), 200)])
def test_an_id_is_a_number_or_the_list(crm: Wire, number: str, status: int) -> None:
    answer = crm_raw(crm.box, f"GET /v1/people/{quote(number, safe='%/.-')} HTTP/1.1")

    assert answer[0] == status
    assert list(answer[1]) == (["errorMessage"] if status == 404 else ["_metadata", "people"])


def crm_raw(box: Sandbox, line: str, rest: bytes = b"Authorization: Basic ZmthX293bmVyOg==\r\n\r\n") -> tuple[int, Any]:
    """A request as it stands, no client having tidied its path."""
    where = urlsplit(box.url)
    with closing(socket.create_connection((where.hostname or "", where.port or 0), timeout=5)) as wired:
        wired.sendall(f"{line}\r\nHost: {where.netloc}\r\nConnection: close\r\n".encode() + rest)
        head, _, body = b"".join(iter(lambda: wired.recv(65536), b"")).partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body) if b"json" in head else body


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("query", [
    "limit=x", "limit=²", "offset=" + "9" * 5000, "next=%%%", "next=eyJvZmZzZXQiOi0xfQ==", "next=eyJvZmZzZXQiOjk5OTk5OTk5OTk5OTk5OTk5OTk5fQ==", "next=W10=",
    "idLessThan=x", "createdAfter=tomorrow", "createdAfter=2026-02-30", "priceAbove=x", "personId=1&id=a",
    "customBirthday=soon", "customBirthday=,soon", "customBirthday=2026-01-01,2026-02-30", "customBirthday=2026-01-01,2026-01-02,x"])
def test_a_broken_parameter_is_refused(crm: Wire, query: str) -> None:
    refused(crm("GET", f"people?{query}"), 400)


@pytest.mark.parametrize(("value", "status"), [("soon", 400), ("2026-02-30", 400), ("2026-12-04,2026-12-05", 400), ("2026-12-04", 200), ("2026-12-04T10:00:00Z", 200)])
def test_a_due_date_is_a_date(crm: Wire, value: str, status: int) -> None:
    assert [crm("GET", "tasks", params={name: value}).status_code for name in ("dueStart", "dueEnd")] == [status] * 2


def test_a_parameter_sent_twice_counts_once(crm: Wire) -> None:
    assert crm("GET", "people?limit=3&limit=5").json()["_metadata"]["limit"] == 5
    assert crm("GET", "people?limit=0&name=%ff").json()["_metadata"]["limit"] == 1


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("path", "size", "status"), [("/v1/people", 2**20, 400), ("/v1/people", 2**20 + 1, 413), ("/v4/spreadsheets/x:batchUpdate", 11 * 2**20 + 1, 413)])
def test_a_body_has_a_largest_size(crm: Wire, path: str, size: int, status: int) -> None:
    for content in (b"x" * size, iter([b"x" * (size - 1), b"x"])):  # told beforehand, or in chunks
        answer = requests.post(crm.box.url + path, data=content, auth=AUTH, timeout=10)
        assert (answer.status_code, len(answer.json())) == (status, 1)


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
                                     b"POST /v1/people HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", b"A" * 100_000])
def test_what_is_no_http_is_refused(crm: Wire, garbage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    where = urlsplit(crm.box.url)
    with closing(socket.create_connection((where.hostname or "", where.port or 0), timeout=5)) as wired:
        wired.sendall(garbage + b"\r\n\r\n")
        assert wired.recv(65536).startswith(b"HTTP/1.1 400 ")
    assert "Invalid HTTP request received." in caplog.text


def test_garbage_behind_a_request_leaves_its_answer_alone(crm: Wire) -> None:
    status, said = crm_raw(crm.box, "GET /v1/identity HTTP/1.1", b"Authorization: Basic ZmthX293bmVyOg==\r\n\r\nnonsense\r\n\r\n")
    assert status == 200
    assert b"account" in said if isinstance(said, bytes) else said["account"]


@pytest.mark.parametrize(("sent", "said"), [
    (b"", b""), (b"GET /v1/ide", b""), (b"POST /v1/people HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{", b"HTTP/1.1 408 ")])
def test_a_slow_client_is_let_go_and_keeps_nobody_waiting(short: Sandbox, sent: bytes, said: bytes) -> None:
    where = urlsplit(short.url)
    with closing(socket.create_connection((where.hostname or "", where.port or 0), timeout=5)) as wired:
        wired.sendall(sent)
        assert requests.get(f"{short.url}/v1/identity", auth=AUTH, timeout=5).status_code == 200
        assert select([wired], [], [], 0) == ([], [], [])  # the slow one is still being waited for
        assert wired.recv(65536).startswith(said)  # and then its connection ends


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "10.0.0.1", "8.8.8.8", "fe80::1", "localhost", "example.com", ""])
def test_it_listens_on_loopback_addresses_only(host: str) -> None:
    with pytest.raises(ValueError, match=r"loopback|IPv4 or IPv6 address"):
        wire(host=host)


def test_it_listens_on_the_other_loopback_too() -> None:
    client = wire(host="::1")
    with client.box:
        assert client("GET", "identity").status_code == 200


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("headers", "status"), [
    ({}, 200), ({"Host": "localhost:80"}, 200), ({"Host": "127.0.0.2"}, 200), ({"Host": "[::1]:8"}, 200), ({"Host": "sandbox.example.com"}, 400),
    ({"Host": "127.0.0.1.example.com"}, 400), ({"Host": "192.168.0.1"}, 400), ({"Host": "["}, 400), ({"Host": ""}, 400),
    ({"Origin": "http://127.0.0.1:8765"}, 200), ({"Origin": "https://evil.example.com"}, 400), ({"Origin": "null"}, 400)])
def test_it_answers_to_names_of_this_machine_only(crm: Wire, headers: dict[str, str], status: int) -> None:
    assert crm("GET", "identity", headers=headers).status_code == status
    assert requests.get(f"{crm.box.url}/person/crm", headers=headers, timeout=5).status_code == status


def test_a_refusal_leaves_a_line_without_outside_text(crm: Wire) -> None:
    with structlog.testing.capture_logs() as lines:
        crm("GET", "people/999999/<script>Ana")
        crm("GET", "identity")

    assert lines == [{"event": "refused", "log_level": "info", "verb": "GET", "entity": "/v1/people/999999", "outcome": 404}]


# -- anything, anywhere ------------------------------------------------------------------------------------------------


NAMES = sorted({name for r in RESOURCES.values() for name in {**r.creates, **r.updates}} | {"emEvents", "customBirthday", "as", "winner", "losers", "nickname"})
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-5, 300), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=8),
                   st.sampled_from(["101", "2026-12-05", "2026-12-05T10:00:00+14:00", "text", "Lead", "open", "Sent", "Interested"]))
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*NAMES, "value"]), inner, max_size=3),
                      max_leaves=6)
ROUTES = st.sampled_from(sorted([f"/v1/{name}{rest}" for name in [*RESOURCES, *NOT_SERVED, "identity", "people/checkDuplicate", "widgets"]
                                 for rest in ("", "/1", "/101", "/x", "/101/notes")] + [f"/person/crm/{verb}" for verb in [*VERBS, "fly"]]))


def bodies(route: str) -> st.SearchStrategy[Any]:
    """Anything, and often enough something that is nearly right."""
    least = LEAST.get(route.split("/")[2], {}) | ({"personId": 101, "taskId": 1, "dealId": 1} if "person/crm" in route else {})
    return st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3).map(lambda more: least | more) | VALUES


QUERIES = st.dictionaries(st.sampled_from(["limit", "offset", "sort", "next", "fields", "id", "personId", "tags", "due", "mergeTags", "deduplicate", "includeTrash",
                                           "createdAfter", "customBirthday", "email", "start", "end"]), st.text(max_size=10), max_size=3)


@settings(max_examples=300)
@given(method=st.sampled_from(["GET", "POST", "POST", "PUT", "PUT", "PATCH", "DELETE"]), query=QUERIES,
       sent=ROUTES.flatmap(lambda route: st.tuples(st.just(route), bodies(route))))
def test_anything_at_any_route_is_answered_or_refused(crm: Wire, method: str, query: dict[str, str], sent: tuple[str, Any]) -> None:
    route, body = sent
    before = world(crm)
    answer = requests.request(method, crm.box.url + route, params=query, json=body, auth=AUTH, headers=SYSTEM, timeout=5)

    assert answer.status_code < 500 or answer.status_code == 501
    if answer.status_code >= 400:
        assert list(answer.json()) == ["errorMessage"]
        assert world(crm) == before


