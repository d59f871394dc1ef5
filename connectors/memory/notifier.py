"""The agent's channels in memory."""

from __future__ import annotations

from connectors.errors import Rejected, Unavailable
from policies.asks.notices import Channel, Notice


class MemoryNotifier:
    """Channels in memory; a channel in `away` takes nothing."""

    def __init__(self, *channels: Channel) -> None:
        self.channels = frozenset(channels)
        self.sent: list[tuple[Channel, Notice]] = []
        self.away: set[Channel] = set()

    def send(self, channel: Channel, notice: Notice) -> None:
        """Keep the notice."""
        if channel not in self.channels:
            raise Rejected("memory notifier", f"the {channel} channel has no address", 0)
        if channel in self.away:
            raise Unavailable("memory notifier", f"the {channel} channel took no notice")
        self.sent.append((channel, notice))
