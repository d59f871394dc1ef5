"""What an opt-out or a death withdraws is never held back by `guard.withdraw_limit`, whatever kind of task it is (X-67)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from policies.asks.wants import WantWithdrawn
from policies.registry import POLICIES
from policies.world.model import Stage
from policies.world.practice import ReferralOptions
from policies.world.snapshot import Snapshot
from tests.passes import changed, decided, passed
from tests.referred import DAY, DRAFT, RECOGNITION, bought, lead, source, world
from tests.scenes import at, client, purchase, snapshot

CARDS = ReferralOptions(handwritten_cards=True)
ANSWERS = {DRAFT: "Text it", "RF-31 p101 text": "Approve", RECOGNITION: "Approve", "MS-09 d812 20261211-draft": "Approve"}


def agreed(s: Snapshot) -> Snapshot:
    """Two passes, and the agent says yes to everything in between."""
    s = passed(passed(s), s.now + timedelta(minutes=15))
    for ref, word in ANSWERS.items():
        if s.workbook.row("Approvals", ref):
            s = decided(s, ref, word)
    return passed(passed(s, s.now + timedelta(minutes=15)), s.now + timedelta(minutes=30))


def anniversary() -> Snapshot:
    people = [client(fields={"birthday": "1980-12-11", "closing_anniversary": "2024-12-11"}, created=at(date(2024, 1, 1)))]
    return snapshot(DAY, people, [purchase(date(2024, 12, 11))])


def just_closed() -> Snapshot:
    return snapshot(DAY, [client(stage=Stage.UNDER_CONTRACT, stage_label="Under Contract")], [purchase(date(2026, 12, 2))], activated=date(2026, 6, 1))


WORLDS: dict[str, tuple[Callable[[], Snapshot], int]] = {
    "thanks": (lambda: world(options=CARDS), 50),
    "recognition": (lambda: world(source(), lead(), deals=[bought(DAY)], options=CARDS), 50),
    "several": (lambda: world(source(), lead(), lead(102, "Omar Haddad")), 50),
    "anniversary": (anniversary, 101),
    "stage": (just_closed, 101),
    "stage of a lead": (lambda: world(source(), lead(), deals=[bought(DAY)]), 101),
}
SIGNS: dict[str, dict[str, Any]] = {
    "tag": {"tags": ("DNC",)}, "stage": {"stage": Stage.DO_NOT_CONTACT, "stage_label": "Do Not Contact"}, "death": {"tags": ("Deceased",)}}


@pytest.mark.clause("X-67", "RF-48", "MS-01")
@pytest.mark.parametrize("sign", list(SIGNS))
@pytest.mark.parametrize("name", list(WORLDS))
def test_what_a_sign_withdraws_is_never_held_back(name: str, sign: str) -> None:
    made, person = WORLDS[name]
    s = changed(agreed(made()), person, **SIGNS[sign])
    s = replace(s, now=s.now + timedelta(minutes=15))

    ended = [f.want for policy in POLICIES for f in policy.decide(s) if isinstance(f.want, WantWithdrawn)]
    assert ended
    assert [str(want.key) for want in ended if not want.safety] == []
