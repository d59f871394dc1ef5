"""Failures on the wire, and what each means: with `responses`, because the sandbox cannot make a refused connection."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import requests
import responses

from connectors.errors import Incomplete, NotSent, Rejected, Unauthorized, Unavailable, Unknown
from connectors.followupboss import decoding, records, wire
from connectors.followupboss.api import Api
from connectors.followupboss.client import FollowUpBoss
from connectors.followupboss.mark import LONGEST, marked, unmarked
from connectors.followupboss.records import StageRecord
from connectors.http import Exchange, whole
from connectors.ports import NewTask
from policies.world.model import Address, Key
from tests.conformance.test_crm import WORDS
from tests.conftest import SteppingClock

URL = "https://crm.example.com/v1/people"
KEY = Key("MS-04", "d812", "20261218-7d")


def read(clock: SteppingClock) -> Any:
    return Exchange("CRM", clock).read(
        "GET /people", lambda: requests.get(URL, timeout=1), msgspec.json.decode
    )


def write(clock: SteppingClock) -> Any:
    return Exchange("CRM", clock).write(
        "POST /people", lambda: requests.post(URL, timeout=1), msgspec.json.decode
    )


@responses.activate
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_read_is_repeated_and_gives_up(status: int) -> None:
    responses.get(URL, body="<html>", status=status)
    with pytest.raises(Unavailable):
        read(SteppingClock())

    assert len(responses.calls) == 6


@responses.activate
@pytest.mark.parametrize(
    ("status", "error"), [(400, Rejected), (403, Rejected), (404, Rejected), (401, Unauthorized)]
)
def test_a_refusal_is_not_repeated(status: int, error: type[Exception]) -> None:
    responses.get(URL, json={"errorMessage": "No."}, status=status)
    with pytest.raises(error):
        read(SteppingClock())

    assert len(responses.calls) == 1


@responses.activate
def test_garbage_is_no_answer_to_a_read_and_leaves_a_write_open() -> None:
    responses.get(URL, body="<html>")
    responses.post(URL, body="<html>", status=201)
    with pytest.raises(Incomplete):
        read(SteppingClock())
    with pytest.raises(Unknown):
        write(SteppingClock())


@responses.activate
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, Unknown),
        (502, Unknown),
        (504, Unknown),
        (408, Unknown),
        (429, NotSent),
        (400, Rejected),
    ],
)
def test_a_write_goes_out_once_whatever_happens(status: int, error: type[Exception]) -> None:
    responses.post(URL, json={}, status=status)
    with pytest.raises(error):
        write(SteppingClock())

    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (requests.ConnectTimeout("x"), NotSent),
        (requests.ReadTimeout("x"), Unknown),
        (requests.ConnectionError("reset"), Unknown),
    ],
)
def test_only_a_connection_that_was_never_made_proves_that_nothing_happened(
    problem: Exception, error: type[Exception]
) -> None:
    responses.post(URL, body=problem)
    with pytest.raises(error) as caught:
        write(SteppingClock())

    assert type(caught.value) is error


def test_a_refused_connection_is_not_sent() -> None:
    with pytest.raises(NotSent):
        Exchange("CRM", SteppingClock()).write(
            "POST /x", lambda: requests.post("http://127.0.0.1:9/x", timeout=1), msgspec.json.decode
        )


@responses.activate
@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("Wed, 02 Dec 2026 12:00:30 GMT", 30), ("soon", 10), (None, 10)],
)
def test_retry_after_holds_every_request_of_the_service(header: str | None, seconds: float) -> None:
    responses.get(URL, status=429, headers={"Retry-After": header} if header else {})
    responses.get(URL, json={"ok": 1})
    clock = SteppingClock(datetime(2026, 12, 2, 12, tzinfo=UTC))

    assert read(clock) == {"ok": 1}
    assert sum(clock.slept) >= seconds - 0.001


@responses.activate
def test_a_retry_after_of_a_year_ends_the_pass_instead() -> None:
    responses.get(URL, status=429, headers={"Retry-After": "1000000000"})
    clock = SteppingClock()
    with pytest.raises(Unavailable):
        read(clock)

    assert sum(clock.slept) < 200


class Ticking(SteppingClock):
    """A clock on which every look takes 50 seconds."""

    def monotonic(self) -> float:
        self.sleep(50)
        return super().monotonic()


@responses.activate
def test_a_body_that_drips_is_a_time_out() -> None:
    responses.get(URL, body="x" * 300_000)
    with pytest.raises(requests.ReadTimeout):
        whole(requests.get(URL, timeout=1, stream=True), Ticking())


@pytest.mark.parametrize(
    ("odd", "kept"),
    [
        ({"tags": {}}, {"tags": ()}),
        ({"tags": None}, {"tags": ()}),
        ({"emails": {}}, {"emails": ()}),
        ({"firstName": 7}, {"first_name": "7"}),
        ({"assignedUserId": "2"}, {"assigned_user_id": 2}),
        (
            {"addresses": [{"street": "1 A St", "code": 78701}]},
            {"addresses": (Address("1 A St", code="78701"),)},
        ),
        ({"created": 5}, {"created": None}),
        ({"lastCommunication": "0001-01-01T00:00:00+14:00"}, {"last_communication": None}),
        (
            {"socialData": [], "customClosingAnniversary": 2025},
            {"fields": {"closing_anniversary": "2025"}},
        ),
    ],
)
def test_one_odd_record_does_not_take_the_account_down(
    odd: dict[str, Any], kept: dict[str, Any]
) -> None:
    names = {"closing_anniversary": "customClosingAnniversary"}
    people = [{"id": 1, "firstName": "Ana", "stage": "Lead"}, {"id": 2, "firstName": "Ben", **odd}]
    body = msgspec.json.encode(
        {"_metadata": {"collection": "people", "total": 2}, "people": people}
    )
    found = [
        wire.to_contact(p, WORDS, names)
        for p in decoding.decode_page(body, decoding.person_type(names))[1]
    ]

    assert [c.id for c in found] == [1, 2]
    assert {name: getattr(found[1], name) for name in kept} == kept


def test_a_record_without_an_id_is_no_answer_and_its_value_is_not_told() -> None:
    body = msgspec.json.encode(
        {"_metadata": {"collection": "people"}, "people": [{"id": "Ana Lopez"}]}
    )
    with pytest.raises(ValueError, match="id") as caught:
        decoding.decode_page(body, records.Person)

    assert "Ana" not in str(caught.value)


def crm() -> FollowUpBoss:
    return FollowUpBoss("https://crm.example.com/v1", "fka_secret", WORDS, clock=SteppingClock())


def api() -> Api:
    return Api(
        "https://crm.example.com/v1",
        "fka_secret",
        SteppingClock(),
        system="steward",
        system_key="",
        timeouts=(1, 1),
        share=0.8,
    )


def page(items: list[Any], total: int, **meta: Any) -> dict[str, Any]:
    return {"_metadata": {"collection": "stages", "total": total, **meta}, "stages": items}


STAGES = "https://crm.example.com/v1/stages"


@responses.activate
def test_a_repeated_cursor_is_no_answer() -> None:
    responses.get(STAGES, json=page([{"id": 1, "name": "Lead"}], 300, next="abc"))
    with pytest.raises(Incomplete, match="repeats a page cursor"):
        list(api().list("stages", StageRecord))


@responses.activate
def test_fewer_records_than_promised_are_no_answer() -> None:
    responses.get(STAGES, json=page([{"id": 1, "name": "Lead"}], 3, next=None))
    with pytest.raises(Incomplete, match="1 of 3"):
        list(api().list("stages", StageRecord))


@responses.activate
def test_messages_hold_no_key_and_no_personal_data() -> None:
    responses.post("https://crm.example.com/v1/tasks", json={"errorMessage": "No."}, status=400)
    responses.get(
        "https://crm.example.com/v1/identity", json={"account": {"id": 1}, "user": {"id": 4}}
    )
    with pytest.raises(Rejected) as caught:
        crm().create_task(
            NewTask(
                key=KEY,
                person_id=101,
                assignee=3,
                name="Ana Lopez",
                kind="Email",
                due=datetime(2026, 12, 2, tzinfo=UTC).date(),
            )
        )

    assert "Ana" not in str(caught.value)
    assert "fka_" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "Prepare: Ana Lopez",
        "",
        "A" * 500,
        "line\nbreak",
        "with [brackets] in it",
        "emoji 🏡 ümläut",
        "ends in [",
    ],
)
@pytest.mark.parametrize("withdrawn", [True, False])
def test_a_mark_survives_any_text(text: str, withdrawn: bool) -> None:
    name = marked(text, KEY, withdrawn=withdrawn)
    people, key, gone = unmarked(name)

    assert len(name) <= LONGEST
    assert (key, gone) == (KEY, withdrawn)
    assert "\n" not in people


@pytest.mark.parametrize(
    "name", ["Call Ana", "Call [Ana]", "[MS-04]", "x [MS-04 d812 20261218-7d] y", ""]
)
def test_what_does_not_end_in_a_mark_has_none(name: str) -> None:
    assert unmarked(name) == (name, None, False)
