"""Faults planned over HTTP: a bad one is refused in one sentence and nobody meets it, a good one is met as often as it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.conformance.wire import Wire

STATUS = {"kind": "status", "path": "/v1/identity"}


@pytest.fixture(autouse=True)
def _none_left(crm: Wire) -> Iterator[None]:
    yield
    crm.box.faults.pending.clear()


def plan(crm: Wire, **fault: Any) -> requests.Response:
    return requests.post(f"{crm.box.url}/sandbox/faults", json=fault, timeout=5)


@pytest.mark.parametrize("wrong", [
    {"times": "x"}, {"times": 0}, {"skip": "x"}, {"skip": -1}, {"path": 5}, {"method": None}, {"seconds": "x"}, {"seconds": -0.1}, {"seconds": 60.1},
    {"status": "abc"}, {"status": 199}, {"status": 600}, {"headers": [1]}, {"headers": {"X": 1}}, {"headers": {"X": "a\r\nb"}}, {"headers": {"X": "a\n"}},
    {"headers": {"a b": "c"}}, {"headers": {"Content-Length": "9"}}, {"body": 5}, {"kind": "nope"}, {"kind": None}, {"colour": "red"}])
def test_a_bad_fault_is_refused_and_nobody_meets_it(crm: Wire, wrong: dict[str, Any]) -> None:
    refused = plan(crm, **STATUS | wrong)

    assert (refused.status_code, list(refused.json())) == (400, ["error"])
    assert crm("GET", "identity").status_code == 200


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"kind": NaN}', b'{"path": "/v1"}', b'{"kind": ' + b"[" * 100_000])
def test_what_is_no_fault_is_refused(crm: Wire, content: bytes) -> None:
    refused = requests.post(f"{crm.box.url}/sandbox/faults", data=content, timeout=5)

    assert (refused.status_code, list(refused.json())) == (400, ["error"])
    assert crm("GET", "identity").status_code == 200


def test_a_fault_is_met_as_often_as_it_says(crm: Wire) -> None:
    assert plan(crm, **STATUS, skip=1, times=2, status=599).json() == {"pending": 1}
    assert [crm("GET", "identity").status_code for _ in range(4)] == [200, 599, 599, 200]


@pytest.mark.parametrize(("status", "body", "kind"), [
    (200, "{}", "application/json"), (599, "<html>", "text/html; charset=utf-8"), (204, "gone", "text/html; charset=utf-8"), (503, "", "text/html; charset=utf-8")])
def test_its_answer_says_what_it_is(crm: Wire, status: int, body: str, kind: str) -> None:
    plan(crm, **STATUS, status=status, body=body, headers={"Retry-After": "7"}, seconds=0)
    answer = crm("GET", "identity")

    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (status, "" if status == 204 else body, "7")
    assert answer.headers["Content-Type"] == kind


def test_a_test_that_plans_a_bad_fault_is_told(crm: Wire) -> None:
    for wrong in ({"kind": "status", "times": "x"}, {"kind": "status", "colour": "red"}, {}):
        with pytest.raises(ValueError, match=r"times|colour|kind"):
            crm.box.faults.add(**wrong)
    assert crm.box.faults.pending == []
