"""The heartbeat for a dead-man's switch: an address that alerts when no GET arrives (MS-23)."""

from __future__ import annotations

import requests
from urllib3.exceptions import HTTPError

from connectors.errors import Unavailable

TIMEOUTS = (5.0, 10.0)
"""Seconds to connect and to wait for the answer: a slow switch must not delay the next pass."""


def ping(url: str) -> None:
    """Send one sign of life to *url*, which is a secret and in no message.

    Raises:
        Unavailable: the switch did not take it.
    """
    with requests.Session() as session:
        # http:// is loopback: a proxy from the environment would be in the way.
        session.trust_env = not url.startswith("http://")
        try:
            answer = session.get(url, timeout=TIMEOUTS, allow_redirects=False, stream=True)
            status = answer.status_code
        except (requests.RequestException, HTTPError) as problem:
            # Not chained: the problem's message has the address.
            raise Unavailable("heartbeat", type(problem).__name__) from None
    if status >= 300:
        raise Unavailable("heartbeat", f"answers {status}")
