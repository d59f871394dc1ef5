"""The agent's channels through Apprise. The address of a channel is a secret.

Apprise loads all its plugins at the first address: 26 MiB that an idle daemon does not need. So
each notice is sent by a short-lived process (this module, run as a program), which also limits how
long a service may take.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from connectors.errors import Rejected, Unavailable
from policies.asks.notices import Channel, Notice

SECONDS = 60.0
"""How long a notice may take, all addresses of its channel together."""
SERVICE = "notifications"


class Apprise:
    """The channels of one agent; a notice is sent if one address of its channel takes it."""

    def __init__(self, addresses: Mapping[Channel, Sequence[str]]) -> None:
        self._addresses = addresses

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels that have an address."""
        return frozenset(channel for channel, found in self._addresses.items() if found)

    def send(self, channel: Channel, notice: Notice) -> None:
        """Send *notice* to every address of *channel*.

        Raises:
            Unavailable: none of them took it.
            Rejected: the channel has no address, or none that Apprise understands.
        """
        if channel not in self.channels:
            raise Rejected(SERVICE, f"the {channel} channel has no address", 0)
        addresses = list(self._addresses[channel])
        work = json.dumps({"addresses": addresses, "title": notice.title, "body": notice.body})
        without_secrets = {
            name: value for name, value in os.environ.items() if not name.startswith("STEWARD_")
        }
        try:
            child = subprocess.run(
                [sys.executable, "-m", "connectors.notify"],
                input=work,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
                env=without_secrets,
            )
        except subprocess.TimeoutExpired:
            # Not chained: the message of the time-out quotes the input.
            raise Unavailable(
                SERVICE, f"the {channel} channel did not answer in {SECONDS:.0f} s"
            ) from None
        except OSError as problem:  # the process could not be started
            raise Unavailable(
                SERVICE, f"nothing can be sent to the {channel} channel ({type(problem).__name__})"
            ) from None
        if child.returncode == NOT_UNDERSTOOD:
            raise Rejected(SERVICE, f"Apprise understands no address of the {channel} channel", 0)
        if child.returncode:
            raise Unavailable(SERVICE, f"the {channel} channel took no notice")


NOT_TAKEN, NOT_UNDERSTOOD = 3, 4
"""Exit statuses of the process that sends."""


def _send(work: str) -> int:
    """Send one notice, given as JSON; return the exit status."""
    import logging  # noqa: PLC0415  # in the child only

    import apprise  # noqa: PLC0415

    logging.disable(logging.CRITICAL)  # its messages quote addresses
    asked = json.loads(work)
    understood = []
    for address in asked["addresses"]:
        service = apprise.Apprise()
        if service.add(address):
            understood.append(service)
    if not understood:
        return NOT_UNDERSTOOD
    text = apprise.NotifyFormat.TEXT
    taken = [
        service.notify(title=asked["title"], body=asked["body"], body_format=text)
        for service in understood
    ]
    return 0 if any(taken) else NOT_TAKEN


if __name__ == "__main__":
    sys.exit(_send(sys.stdin.read()))
