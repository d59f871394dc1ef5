"""The CRM contract, held by memory, by the real client over HTTP, and by a live account where one is given."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from connectors.followupboss.client import FollowUpBoss
from connectors.memory import MemoryCrm
from connectors.ports import Vocabulary
from connectors.sandbox.server import Sandbox
from daemon.settings import FIELD_LABELS
from policies.model import STAGE_LABELS
from tests.conformance.crm_contract import CrmContract
from tests.scenes import account, client, purchase

WORDS = Vocabulary({stage: (label,) for stage, label in STAGE_LABELS.items()}, FIELD_LABELS)


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
