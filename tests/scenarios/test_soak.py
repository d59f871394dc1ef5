"""A few days of `make soak`: what must hold for a month holds for them."""

from __future__ import annotations

import pytest

from benchmarks.soak import GROWTH, soak


@pytest.mark.clause("MS-21", "MS-23", "X-58")
def test_outages_and_restarts_lose_nothing_double_nothing_and_leak_nothing() -> None:
    undisturbed = soak(4, 2, disturbed=False)
    found = soak(4, 4)

    assert found.faults >= 4
    assert len(undisturbed.tasks) > 10
    assert found.twice == []
    assert found.lacks(undisturbed) == []
    assert found.growth < GROWTH
    assert max(found.fds) <= found.fds[0] + 4
