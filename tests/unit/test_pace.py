"""Below the limit, whatever else uses the key: the sandbox's own counting of windows is the other side."""

from __future__ import annotations

import pytest

from connectors.followupboss.pace import Pace
from connectors.sandbox.followupboss.limits import Limits, context_of
from tests.conftest import SteppingClock


class Service:
    """Answers `requests` of ours and of a neighbour at the same key, and counts what each was refused."""

    def __init__(self, clock: SteppingClock, pace: Pace) -> None:
        self.clock, self.pace, self.limits = clock, pace, Limits(clock.monotonic)
        self.refused = self.neighbour_refused = 0

    def ours(self, method: str, path: str, seconds: float = 0.0) -> None:
        route = f"{method} {path}"
        place = self.pace.wait(route)
        self.clock.sleep(seconds / 2)
        passes, headers = self.limits.count("key", context_of(method, path), registered=False)
        self.clock.sleep(seconds / 2)
        self.refused += not passes
        self.pace.heard(route, headers, place)

    def theirs(self, method: str, path: str) -> None:
        self.neighbour_refused += not self.limits.count("key", context_of(method, path), registered=False)[0]


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
def service(clock: SteppingClock) -> Service:
    return Service(clock, Pace(clock))


@pytest.mark.parametrize("seconds", [0.0, 0.15, 2.0, 9.0])
@pytest.mark.parametrize(("calls", "share"), [
    ([("GET", "notes"), ("POST", "notes")], 0.8 * 10), ([("GET", "people")], 0.8 * 125), ([("GET", "people"), ("PUT", "people")], 0.8 * 25 * 2)])
def test_alone_no_request_is_refused_and_the_share_is_used(
        clock: SteppingClock, service: Service, calls: list[tuple[str, str]], share: float, seconds: float) -> None:
    began, count = clock.monotonic(), 0
    while clock.monotonic() - began < 100:
        for method, path in calls:
            service.ours(method, path, seconds)
            count += 1
    assert service.refused == 0
    assert count >= min(0.9 * share * 10, 0.9 * 100 / seconds if seconds else share * 10)


def test_a_neighbour_who_uses_half_of_it_is_not_refused(clock: SteppingClock, service: Service) -> None:
    for second in range(100):
        for _ in range(6):
            service.theirs("GET", "people")
        until = clock.monotonic() + 1
        while clock.monotonic() < until:
            service.ours("GET", "people", 0.05)
        assert second < 100
    assert (service.refused, service.neighbour_refused) == (0, 0)


def test_where_others_use_everything_one_request_goes_through_now_and_then(clock: SteppingClock, service: Service) -> None:
    for _ in range(20):
        for _ in range(10):
            service.theirs("GET", "notes")
        service.ours("GET", "notes")
    assert service.refused <= 20
    assert sum(clock.slept) < 20 * 11


def test_a_clock_that_is_turned_back_holds_nobody_up(clock: SteppingClock, service: Service) -> None:
    for _ in range(8):
        service.ours("GET", "notes")
    clock.sleep(-3600)
    service.ours("GET", "notes")
    assert max(clock.slept) <= 11


def test_a_service_that_counts_nothing_is_not_waited_for(clock: SteppingClock) -> None:
    pace = Pace(clock)
    for _ in range(500):
        pace.heard("GET people", {"X-RateLimit-Limit": "125", "X-RateLimit-Remaining": "125"}, pace.wait("GET people"))
    assert clock.slept == []


def test_an_answer_without_the_headers_changes_nothing(clock: SteppingClock) -> None:
    pace = Pace(clock)
    for headers in ({}, {"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "1"}):
        pace.heard("GET people", headers, pace.wait("GET people"))
        pace.wait("GET people")
    assert clock.slept == []
