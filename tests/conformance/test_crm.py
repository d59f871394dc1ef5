"""The CRM contract, held by memory, by the real client over HTTP, and by a live account where one is given."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests
import responses

from connectors.errors import Incomplete
from connectors.followupboss.client import FollowUpBoss
from connectors.memory import MemoryCrm
from connectors.ports import Vocabulary
from connectors.sandbox.server import Sandbox
from daemon.account.settings import FIELD_LABELS
from policies.world.model import STAGE_LABELS
from tests.conformance.crm_contract import CrmContract
from tests.in_process import InProcess
from tests.scenes import account, client, purchase

WORDS = Vocabulary({stage: (label,) for stage, label in STAGE_LABELS.items()}, FIELD_LABELS)


@pytest.fixture(params=[Sandbox, InProcess], ids=["wire", "in process"])
def sandbox_kind(request: pytest.FixtureRequest) -> type[Sandbox]:
    """Stories ask the sandbox in this process: what the client does is the same either way."""
    return request.param  # type: ignore[no-any-return]


class TestMemory(CrmContract):
    @pytest.fixture
    def crm(self) -> Any:
        return MemoryCrm(account(), [client(101), client(102)], [purchase(date(2026, 12, 4), 1), purchase(date(2026, 12, 4), 2, (102,))])

    @pytest.fixture
    def person(self) -> int:
        return 101


class TestFollowUpBossOverHttp(CrmContract):
    @pytest.fixture
    def crm(self, serve: Callable[..., Sandbox]) -> Any:
        return FollowUpBoss(f"{serve().url}/v1", "fka_steward", WORDS)

    @pytest.fixture
    def person(self) -> int:
        return 101


    @pytest.mark.clause("X-29")
    def test_a_personal_note_is_what_somebody_wrote_whoever_it_was(self, serve: Callable[..., Sandbox], person: int) -> None:
        box = serve()
        before = datetime.now(UTC) - timedelta(minutes=5)
        for key, number, more in (("fka_mia", 101, {}), ("fka_steward", 102, {}), ("fka_mia", 103, {"actionPlanId": 7}), ("fka_mia", 104, {"automationId": 3})):
            made = requests.post(f"{box.url}/v1/notes", auth=(key, ""), json={"personId": number, "body": "We spoke at the market."}, timeout=5).json()
            box.world.crm.tables["notes"][made["id"]] |= more
        crm = FollowUpBoss(f"{box.url}/v1", "fka_steward", WORDS)
        found = crm.personal_notes(before)

        assert {note.person_id for note in found} == {101, 102}
        assert all(before < note.at < datetime.now(UTC) + timedelta(minutes=5) for note in found)
        assert crm.personal_notes(max(note.at for note in found) + timedelta(seconds=1)) == []

    def test_a_service_that_gives_every_note_there_ever_was_is_not_listened_to(self, wire_answers: responses.RequestsMock) -> None:
        old = {"id": 1, "personId": 101, "createdById": 3, "created": "2019-01-01T00:00:00Z", "body": "long ago"}
        wire_answers.get("https://crm.example.com/v1/notes", json={"_metadata": {"collection": "notes", "total": 60_952, "next": "x"}, "notes": [old]})

        with pytest.raises(Incomplete, match="ignores createdAfter"):
            FollowUpBoss("https://crm.example.com/v1", "k", WORDS).personal_notes(datetime(2026, 12, 1, tzinfo=UTC))


@pytest.fixture
def wire_answers() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as answers:
        yield answers


@pytest.mark.live
@pytest.mark.enable_socket
@pytest.mark.skipif("STEWARD_LIVE_CRM_KEY" not in os.environ, reason="no live CRM: set STEWARD_LIVE_CRM_KEY and STEWARD_LIVE_CRM_CONTACT")
class TestLiveAccount(CrmContract):
    @pytest.fixture
    def crm(self) -> Any:
        base = os.environ.get("STEWARD_LIVE_CRM_URL", "https://api.followupboss.com/v1")
        return FollowUpBoss(base, os.environ["STEWARD_LIVE_CRM_KEY"], WORDS)

    @pytest.fixture
    def person(self) -> int:
        return int(os.environ["STEWARD_LIVE_CRM_CONTACT"])

    test_a_new_person_is_reached_by_mail_and_by_phone_from_then_on = None  # type: ignore[assignment]  # what it makes nobody here could delete
