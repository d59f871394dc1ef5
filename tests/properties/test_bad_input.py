"""Whatever is sent to the Sheets service, it is answered in Google's words and never half done.

Bodies and requests are generated from the sandbox's own table of messages, so that most are almost right: that is
where a server breaks. The table itself is held to Google's Discovery document in tests/strangers.
"""

from __future__ import annotations

import copy
import json
import re
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox.brokerage import AGENT_MAIL, SPREADSHEET, VA_MAIL, brokerage
from connectors.sandbox.server import Sandbox
from connectors.sandbox.sheets.batch.kinds import KINDS
from connectors.sandbox.sheets.by_hand import VERBS, WORDS
from connectors.sandbox.sheets.calls import CALLS
from connectors.sandbox.sheets.messages import MESSAGES, UNSERVED

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 30), st.sampled_from([2**31, -(2**31) - 1, 10**30, 1e308, "NaN", "1", "", "Sheet1"]),
                    st.text(max_size=6), st.floats(allow_nan=False, allow_infinity=False))
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=6)
TEXTS = st.sampled_from(["Sheet1", "Sheet1!A1", "Sheet1!A1:B2", "'Referral Log'!A2:C", "A1:1", "B2:A1", "ZZZ999999999", "Sheet1!", "!", "'", "''!A1", "=1+1", "ref",
                         "x" * 50_001, "../../etc/passwd", "\x00", "🎉", AGENT_MAIL]) | st.text(max_size=6)
INDEXES = st.integers(0, 4) | st.sampled_from([9, 10, 25, 26, 999, 1000, 2**31 - 1])


@cache
def of(kind: str, depth: int = 4) -> st.SearchStrategy[Any]:
    """Values of a type of the table: mostly right, now and then anything."""
    kind = kind.rstrip("!")
    right: st.SearchStrategy[Any]
    if kind == "[[*]]":
        right = st.lists(st.lists(SCALARS | TEXTS, max_size=3), max_size=3)
    elif kind.startswith("["):
        right = st.lists(of(kind[1:-1], depth - 1), max_size=2) if depth else st.just([])
    elif kind.startswith("@"):
        right = st.sampled_from(["*", *MESSAGES[kind[1:]]]) | TEXTS
    elif "|" in kind:
        right = st.sampled_from(kind.split("|"))
    elif kind == "Request":
        right = st.sampled_from(sorted(KINDS)).flatmap(lambda name: of(name, depth).map(lambda arguments: {name: arguments}))
    elif kind in MESSAGES:
        right = of_message(kind, depth)
    else:
        right = {"i": INDEXES | st.integers(), "u": INDEXES, "n": st.floats(-2, 2), "b": st.booleans(), "s": TEXTS}.get(kind, ANYTHING)
    return st.integers(0, 24).flatmap(lambda chance: ANYTHING if not chance else right)


def of_message(name: str, depth: int) -> st.SearchStrategy[Any]:
    fields = MESSAGES[name] if depth else {}
    needed = {field: of(kind, depth - 1) for field, kind in fields.items() if kind.endswith("!") or kind.startswith("@")}
    return st.fixed_dictionaries(needed, optional={field: of(kind, depth - 1) for field, kind in fields.items() if field not in needed})


@pytest.fixture(scope="module")
def box() -> Any:
    with Sandbox(brokerage(date(2026, 12, 4), people=5), rate_limit=False) as running:
        yield running


def essence(box: Sandbox) -> Any:
    return copy.deepcopy(box.world.books)


def send(box: Sandbox, method: str, path: str, body: Any, user: str = AGENT_MAIL, **params: Any) -> requests.Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with requests.Session() as session:
        asked = requests.Request(method, box.url, params=params, data=raw, headers={"Authorization": f"Bearer {user}"})
        prepared = session.prepare_request(asked)
        query = prepared.path_url.partition("?")
        prepared.url = f"{box.url}{path}{query[1]}{query[2]}"  # as it is: requests would tidy dots and slashes away
        return session.send(prepared, timeout=20)


def judge(answer: requests.Response, before: Any, box: Sandbox) -> None:
    """An answer in Google's words; and what is refused changed nothing."""
    assert answer.status_code in {200, 204, 400, 403, 404, 501} | ({405} if path_of(answer) == "/person" else set()), answer.text
    if answer.status_code >= 400:
        said = answer.json()
        if path_of(answer) == "/person":
            assert said.keys() == {"errorMessage"}
        elif isinstance(said["error"], str):  # OAuth's own shape
            assert (path_of(answer), bool(said["error_description"])) == ("/token", True)
        else:
            assert said["error"]["code"] == answer.status_code
            assert said["error"]["message"]
        assert "Traceback" not in answer.text
        assert box.world.books == before
        return
    assert answer.status_code == 204 or answer.content
    box.world.books.clear()
    box.world.books.update(before)


def path_of(answer: requests.Response) -> str:
    return re.sub(r"^https?://[^/]+(/\w*).*", r"\1", answer.url)


def spreadsheets(rest: str = "") -> str:
    return f"/v4/spreadsheets/{SPREADSHEET}{rest}"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_request(box: Sandbox, kind: str) -> None:
    @settings(max_examples=25)
    @given(of(kind), st.sampled_from([AGENT_MAIL, VA_MAIL]))
    def thrown(arguments: Any, user: str) -> None:
        before = essence(box)
        answer = send(box, "POST", spreadsheets(":batchUpdate"), {"requests": [{kind: arguments}], "includeSpreadsheetInResponse": True}, user)
        judge(answer, before, box)

    thrown()


@settings(max_examples=100)
@given(st.lists(of("Request"), min_size=2, max_size=5))
def test_a_run_of_requests_leaves_a_book_that_can_be_read(box: Sandbox, requests_: list[Any]) -> None:
    before = essence(box)
    done = send(box, "POST", spreadsheets(":batchUpdate"), {"requests": requests_})
    if done.status_code == 200:
        shown = send(box, "GET", spreadsheets(), b"", includeGridData="true")
        assert shown.status_code == 200
        for sheet in shown.json()["sheets"]:
            title = sheet["properties"]["title"].replace("'", "''")
            assert send(box, "GET", spreadsheets("/values:batchGet"), b"", ranges=f"'{title}'").status_code == 200
    judge(done, before, box)


@pytest.mark.parametrize("call", [c for c in CALLS if c.message], ids=lambda c: f"{c.method} {c.path.pattern}")
def test_every_body_at_every_route(box: Sandbox, call: Any) -> None:
    @settings(max_examples=25)
    @given(of(call.message) | ANYTHING, TEXTS, st.dictionaries(st.sampled_from(sorted(call.query)) | TEXTS, TEXTS, max_size=2), st.booleans())
    def thrown(body: Any, where: str, query: dict[str, str], sound: bool) -> None:
        before = essence(box)
        path = spreadsheets(call.path.pattern.replace("(.+)", quote(where, safe="") or "A1"))
        params = {"valueInputOption": "USER_ENTERED"} if sound and "valueInputOption" in call.query else {} if sound else query
        judge(send(box, call.method, path, body, **params), before, box)

    thrown()


@settings(max_examples=100)
@given(st.sampled_from(["/v4/spreadsheets", "/v4/spreadsheets/", spreadsheets("/"), spreadsheets("/values/"), spreadsheets("/developerMetadata/"), spreadsheets("/sheets/"),
                        "/drive/v3/files", f"/drive/v3/files/{SPREADSHEET}/", "/upload/drive/v2/files/", "/token", "/person/sheet/"]),
       st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]), TEXTS, ANYTHING | st.binary(max_size=20))
def test_every_path_and_method(box: Sandbox, path: str, method: str, tail: str, body: Any) -> None:
    before = essence(box)
    answer = send(box, method, path + quote(tail[:200], safe="/:!"), body)
    judge(answer, before, box)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_word_to_a_person(box: Sandbox, verb: str) -> None:
    words = {"tab": st.sampled_from(["Sheet1", "Referral Log"]) | TEXTS, "column": st.sampled_from(["Date", "Outcome"]) | TEXTS, "row": INDEXES, "count": INDEXES,
             "editors": st.lists(TEXTS, max_size=2), "as": st.sampled_from([AGENT_MAIL, VA_MAIL]) | TEXTS}

    @settings(max_examples=20)
    @given(st.fixed_dictionaries({}, optional={name: words.get(name, TEXTS) | SCALARS for name in (*WORDS, "as", "spreadsheet")}) | ANYTHING)
    def thrown(said: Any) -> None:
        before = essence(box)
        judge(send(box, "POST", f"/person/sheet/{verb}", said), before, box)

    thrown()


@pytest.mark.parametrize(("raw", "said"), [
    (b"{", "Invalid JSON payload received. Unexpected token."), (b'{"values": [[NaN]]}', "Unexpected token"), (b'{"values": [[1e999]]}', "Unexpected token"),
    (b'{"values": [["\xff"]]}', "Unexpected token"), (b'{"values": [["\\ud800"]]}', "Unexpected token"), (b"[]", "Root element must be a message"),
    (b'{"values": ' + b"[" * 99_999 + b"]" * 99_999 + b"}", ""), (b'{"values": ' + b"[" * 150 + b"]" * 150 + b"}", "Message too deep"),
    (b'{"values": [[' + b"9" * 4_400 + b"]]}", ""), (b'{"values": "X", "majorDimension": null}', "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\""),
    (b'{"values": [[{}]]}', "a cell must be"), (b'{"value": []}', "Unknown name \"value\" at 'data': Cannot find field."), (b'{"majorDimension": "X"}', "(TYPE_ENUM), \"X\"")])
def test_bodies_that_are_none(box: Sandbox, raw: bytes, said: str) -> None:
    before = essence(box)
    answer = send(box, "PUT", spreadsheets("/values/Sheet1!A1"), raw, valueInputOption="RAW")

    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]
    judge(answer, before, box)


@pytest.mark.parametrize("path", [
    "/v4/spreadsheets/../../etc/passwd", "/v4/spreadsheets/%2e%2e%2f%2e%2e%2fetc", spreadsheets("/values/..%2f..%2fA1"), spreadsheets("/values/%ff!A1"), "/v4/spreadsheets//values/A1",
    spreadsheets("/developerMetadata/-1"), spreadsheets("/developerMetadata/1e9"), spreadsheets("/nowhere"), spreadsheets(":nowhere"), "/v4/spreadsheetsabc", "/drive/v3/files/..%2f",
    spreadsheets("?nonsense=1"), spreadsheets("/values/Sheet1!A1?valueRenderOption=X"), spreadsheets("?fields=sheets("), spreadsheets("?ranges=Nowhere!A1")])
def test_paths_that_lead_nowhere(box: Sandbox, path: str) -> None:
    answer = send(box, "GET", path, b"")

    assert answer.status_code in {400, 404}
    assert answer.json()["error"]["code"] == answer.status_code


def test_a_broken_mask_is_refused_before_anything_is_done(box: Sandbox) -> None:
    before = essence(box)
    judge(send(box, "POST", spreadsheets("/values/Sheet1:clear"), {}, fields="a("), before, box)
    judge(send(box, "POST", "/drive/v3/files", {"name": "New"}, fields="a("), before, box)
    assert box.world.books == before


def test_the_table_and_the_handlers_know_the_same_kinds() -> None:
    assert set(KINDS) <= MESSAGES.keys()
    assert UNSERVED & MESSAGES.keys() == set()


def test_judge_would_notice_a_changed_world(box: Sandbox) -> None:
    before = essence(box)
    before[SPREADSHEET].title = "another"
    refused = send(box, "PUT", spreadsheets("/values/Nowhere!A1"), {}, valueInputOption="RAW")

    with pytest.raises(AssertionError):
        judge(refused, before, box)


