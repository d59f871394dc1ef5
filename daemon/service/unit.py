"""Messages to the service manager: ready, alive, stopping, and a line for `systemctl status`."""

from __future__ import annotations

import os

import sdnotify


class Unit:
    """The unit this daemon runs as; without `$NOTIFY_SOCKET` it is none, and nothing is sent."""

    @property
    def is_one(self) -> bool:
        """Whether this process belongs to a unit."""
        return bool(os.environ.get("NOTIFY_SOCKET"))

    def ready(self) -> None:
        """Report that the daemon has its lock and works from now on."""
        self._tell("READY=1")

    def alive(self) -> None:
        """Feed the watchdog: passes are completing."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """Report that the daemon stops."""
        self._tell("STOPPING=1")

    def says(self, line: str) -> None:
        """Send one line about the state of the daemon; it has no personal data."""
        self._tell(f"STATUS={line}")

    def _tell(self, state: str) -> None:
        if self.is_one:
            notifier = sdnotify.SystemdNotifier()
            notifier.notify(state)
            if notifier.socket:
                notifier.socket.close()  # it has no method for that
