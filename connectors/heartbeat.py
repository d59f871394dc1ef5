"""A sign of life for a dead-man's switch: one GET to an address that raises the alarm when none
comes (MS-23).
"""

from __future__ import annotations

import requests
from urllib3.exceptions import HTTPError

from connectors.errors import Unavailable

TIMEOUTS = (5.0, 10.0)
"""Seconds to connect and to wait for the answer: a slow switch must not hold the next pass up."""


def ping(url: str) -> None:
    """Say once that all is well. The address is a secret and stands in no message.

    Raises:
        Unavailable: nobody heard it.
    """
    with requests.Session() as session:
        session.trust_env = not url.startswith(
            "http://"
        )  # loopback: a proxy from the environment would be in the way
        try:
            status = session.get(
                url, timeout=TIMEOUTS, allow_redirects=False, stream=True
            ).status_code
        except (requests.RequestException, HTTPError) as problem:
            raise Unavailable(
                "heartbeat", type(problem).__name__
            ) from None  # its message names the address
    if status >= 300:
        raise Unavailable("heartbeat", f"answers {status}")
