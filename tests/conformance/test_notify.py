"""The channels' contract, held by memory and by Apprise, which posts to the sandbox over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from connectors.errors import Rejected, Unavailable
from connectors.memory import MemoryNotifier
from connectors.notify import Apprise
from connectors.sandbox.server import Sandbox
from policies.asks.notices import (
    BOTH,
    Channel,
    Line,
    Notice,
    Title,
)

PRIMARY, SECONDARY = BOTH
NOTICE = Notice("MS-46 d1 20261218-lead", Title.LEAD, (Line("MS-46", "Ana", "https://example.com/2/people/view/101"), Line("MS-09", "Ben")), BOTH)
LEAD = ("Steward: please call now", "MS-46 Ana https://example.com/2/people/view/101\nMS-09 Ben")


class NotifierContract:
    """A notice arrives on the channel it was sent on, as it is; what goes wrong is said without an address."""

    @pytest.fixture
    def notifier(self) -> Any:
        """Both channels, set up."""
        raise NotImplementedError

    @pytest.fixture
    def half(self) -> Any:
        """Only the primary channel."""
        raise NotImplementedError

    @pytest.fixture
    def arrived(self) -> Callable[[], list[tuple[str, str, str]]]:
        """Reads what arrived: (channel, title, body)."""
        raise NotImplementedError

    @pytest.fixture
    def leave(self) -> Callable[[Channel], None]:
        """Takes a channel away."""
        raise NotImplementedError

    def test_a_notice_arrives_on_its_channel_as_it_is(self, notifier: Any, arrived: Any) -> None:
        notifier.send(SECONDARY, NOTICE)
        assert arrived() == [("secondary", *LEAD)]

    def test_the_channels_are_those_that_were_set_up(self, notifier: Any, half: Any) -> None:
        assert (notifier.channels, half.channels) == ({PRIMARY, SECONDARY}, {PRIMARY})

    def test_a_channel_that_was_not_set_up_is_refused(self, half: Any, arrived: Any) -> None:
        with pytest.raises(Rejected, match="secondary"):
            half.send(SECONDARY, NOTICE)
        assert arrived() == []

    def test_a_channel_that_is_away_says_so_without_its_address(self, notifier: Any, leave: Any) -> None:
        leave(PRIMARY)
        with pytest.raises(Unavailable) as problem:
            notifier.send(PRIMARY, NOTICE)
        assert "primary" in str(problem.value)
        assert "127.0.0.1" not in str(problem.value)
        notifier.send(SECONDARY, NOTICE)


class TestMemory(NotifierContract):
    @pytest.fixture
    def notifier(self) -> Any:
        return MemoryNotifier(*BOTH)

    @pytest.fixture
    def half(self) -> Any:
        return MemoryNotifier(PRIMARY)

    @pytest.fixture
    def arrived(self, notifier: Any) -> Any:
        return lambda: [(str(channel), str(notice.title), notice.body) for channel, notice in notifier.sent]

    @pytest.fixture
    def leave(self, notifier: Any) -> Any:
        return notifier.away.add


class TestApprise(NotifierContract):
    @pytest.fixture
    def box(self, serve: Callable[..., Sandbox]) -> Sandbox:
        box = serve()
        box.faults.add(kind="status", status=200, method="POST", path="/hook", times=1000)
        return box

    def address(self, box: Sandbox, channel: Channel) -> str:
        return f"{box.url.replace('http', 'json')}/hook/{channel}"

    @pytest.fixture
    def notifier(self, box: Sandbox) -> Any:
        return Apprise({channel: [self.address(box, channel)] for channel in BOTH})

    @pytest.fixture
    def half(self, box: Sandbox) -> Any:
        return Apprise({PRIMARY: [self.address(box, PRIMARY)], SECONDARY: []})

    @pytest.fixture
    def arrived(self, box: Sandbox) -> Any:
        return lambda: [(entry.path.rpartition("/")[2], said["title"], said["message"]) for entry in box.log if entry.path.startswith("/hook")
                        for said in [json.loads(entry.body)]]

    @pytest.fixture
    def leave(self, box: Sandbox) -> Any:
        def take_away(channel: Channel) -> None:
            box.faults.pending.insert(0, type(box.faults.pending[0])(kind="status", status=500, path=f"/hook/{channel}", times=1000))
        return take_away

    def test_one_address_of_a_channel_is_enough(self, box: Sandbox, arrived: Any) -> None:
        Apprise({PRIMARY: ["json://127.0.0.1:9/nobody", self.address(box, PRIMARY)]}).send(PRIMARY, NOTICE)
        assert arrived() == [("primary", *LEAD)]

    def test_an_address_that_is_none_of_apprises_is_refused_without_being_quoted(self) -> None:
        with pytest.raises(Rejected) as problem:
            Apprise({PRIMARY: ["secret-scheme://token"]}).send(PRIMARY, NOTICE)
        assert "token" not in str(problem.value)
