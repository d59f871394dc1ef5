"""What the service manager is told: ready, alive, stopping, and one line for `systemctl status`;
nothing where there is none.
"""

from __future__ import annotations

import os

import sdnotify


class Unit:
    """The unit this daemon runs as, if `$NOTIFY_SOCKET` says that it runs as one."""

    @property
    def is_one(self) -> bool:
        """Whether this process is a unit's."""
        return bool(os.environ.get("NOTIFY_SOCKET"))

    def ready(self) -> None:
        """The daemon has its lock and works from now on."""
        self._tell("READY=1")

    def alive(self) -> None:
        """Passes are completing: feed the watchdog."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The daemon was asked to stop, or must."""
        self._tell("STOPPING=1")

    def says(self, line: str) -> None:
        """One line about how it is; no personal data."""
        self._tell(f"STATUS={line}")

    def _tell(self, state: str) -> None:
        if self.is_one:
            notifier = sdnotify.SystemdNotifier()
            notifier.notify(state)
            if notifier.socket:
                notifier.socket.close()  # it has no method for that
