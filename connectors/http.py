"""Requests to a service: time-outs, bounded retries of reads, writes sent once, `Retry-After`.

Reads are repeated with full jitter; a write never is. A 429 or a refused connection proves that a
write did not happen (`NotSent`); any other failure of a write leaves it open (`Unknown`). Messages
name the service, the method and the path without its query: no headers, no bodies, no personal
data.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

import requests
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)
from urllib3.exceptions import NewConnectionError

from connectors.clock import Clock
from connectors.errors import (
    SAYS,
    Incomplete,
    NotSent,
    Rejected,
    Unauthorized,
    Unavailable,
    Unknown,
)

T = TypeVar("T")

TIMEOUTS: Final = (5.0, 60.0)
"""Seconds to connect and to wait for the next byte."""
IDLE_SECONDS: Final = 5.0
"""After this many seconds a kept-alive connection may be dead; a write is not sent on one."""
TRANSIENT: Final = frozenset({408, 500, 502, 503, 504})
PATIENCE: Final = 120.0
"""Seconds a whole answer may take: the read time-out alone starts again with every byte."""


def whole(response: requests.Response, clock: Clock) -> requests.Response:
    """*response*, requested with ``stream=True``, with its body read to the end.

    Raises requests.ReadTimeout if that takes longer than PATIENCE.
    """
    until, parts = clock.monotonic() + PATIENCE, []
    for part in response.iter_content(1 << 16):
        parts.append(part)
        if clock.monotonic() > until:
            response.close()
            raise requests.ReadTimeout("the answer drips")
    # The attribute in which requests itself keeps a body that was read.
    response._content = b"".join(parts)  # noqa: SLF001
    return response


class _Transient(Exception):
    """A failure that may be over at the next attempt; it does not leave this module."""


class Gate:
    """Holds every request to one service until the moment that the service named."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until = 0.0

    def hold(self, seconds: float) -> None:
        """Close the gate for *seconds* from now."""
        with self._lock:
            self._until = max(self._until, self._clock.monotonic() + seconds)

    def wait(self, at_most: float) -> bool:
        """Wait until the gate is open; return whether it is.

        If that is more than *at_most* seconds away, return False at once.
        """
        with self._lock:
            left = self._until - self._clock.monotonic()
        if left > at_most:
            return False
        if left > 0:
            self._clock.sleep(left)
        return True


class Exchange:
    """Requests to one service, one at a time or from several threads, behind one gate.

    *attempts* and *budget* (seconds) limit the retries of a read. *default_hold* is the time in
    seconds for which a 429 without a `Retry-After` holds all requests.
    """

    def __init__(
        self,
        service: str,
        clock: Clock,
        *,
        attempts: int = 6,
        budget: float = 100.0,
        default_hold: float = 10.0,
        jitter: float = 0.5,
    ) -> None:
        self.service = service
        self.gate = Gate(clock)
        self._clock = clock
        self._attempts = attempts
        self._budget = budget
        self._default_hold = default_hold
        self._jitter = jitter
        self._last = clock.monotonic()

    def read(
        self, what: str, send: Callable[[], requests.Response], decode: Callable[[bytes], T]
    ) -> T:
        """Send an idempotent request until it succeeds, and decode its body.

        Raises:
            Unavailable: after the last attempt.
            Incomplete: the body cannot be decoded.
            Rejected, Unauthorized: at once.
        """
        retrying = Retrying(
            stop=stop_after_attempt(self._attempts) | stop_after_delay(self._budget),
            wait=wait_random_exponential(multiplier=self._jitter, max=20),
            retry=retry_if_exception_type(_Transient),
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            answer: T = retrying(self._read_once, what, send, decode)
        except _Transient as problem:
            raise Unavailable(self.service, f"{what} {problem}") from problem
        return answer

    def _read_once(
        self, what: str, send: Callable[[], requests.Response], decode: Callable[[bytes], T]
    ) -> T:
        try:
            response = self._send(send)
        except requests.RequestException as problem:
            raise _Transient(_failure(problem)) from problem
        if response.status_code == 429:
            self._hold(response)
            raise _Transient("is rate-limited (429)")
        if response.status_code in TRANSIENT:
            raise _Transient(f"answers {response.status_code}")
        self._refuse(what, response)
        try:
            return decode(response.content)
        except ValueError as problem:
            raise Incomplete(
                self.service, f"{what} answered with something unreadable ({_where(problem)})"
            ) from problem

    def write(
        self,
        what: str,
        send: Callable[[], requests.Response],
        decode: Callable[[bytes], T],
        fresh: Callable[[], None] | None = None,
    ) -> T:
        """Send a request that changes something, exactly once, and decode its body.

        *fresh* closes the connection; it is called first if the connection has been idle, because a
        dead one would look like a lost answer.

        Raises:
            NotSent: it did not happen.
            Unknown: it may have happened.
            Rejected, Unauthorized: it was refused.
        """
        if fresh and self._clock.monotonic() - self._last > IDLE_SECONDS:
            fresh()
        try:
            response = self._send(send)
        except requests.RequestException as problem:
            kind = NotSent if _never_connected(problem) else Unknown
            raise kind(self.service, f"{what} {_failure(problem)}") from problem
        if response.status_code == 429:
            self._hold(response)
            raise NotSent(self.service, f"{what} is rate-limited (429)")
        if response.status_code >= 500 or response.status_code == 408:
            raise Unknown(self.service, f"{what} answered {response.status_code}")
        self._refuse(what, response)
        try:
            return decode(response.content)
        except ValueError as problem:
            raise Unknown(
                self.service, f"{what} answered {response.status_code} with something unreadable"
            ) from problem

    def _send(self, send: Callable[[], requests.Response]) -> requests.Response:
        if not self.gate.wait(self._budget):
            raise NotSent(
                self.service, "asked to be left alone for longer than a pass can wait (Retry-After)"
            )
        try:
            return send()
        finally:
            self._last = self._clock.monotonic()

    def _hold(self, response: requests.Response) -> None:
        header = response.headers.get("Retry-After", "")
        self.gate.hold(_retry_after(header, self._clock.now(), self._default_hold))

    def _refuse(self, what: str, response: requests.Response) -> None:
        status = response.status_code
        if status == 401:
            raise Unauthorized(self.service, f"{what}: the credentials are not accepted (401)")
        if status >= 300:
            sentence = _service_words(response)
            raise Rejected(self.service, f"{what} was refused with {status}{sentence}", status)


def _retry_after(header: str, now: datetime, default: float) -> float:
    """Seconds from a Retry-After header, which is a number or a date; else *default*."""
    with suppress(ValueError):
        return max(0.0, float(header))
    with suppress(ValueError, TypeError):
        when = parsedate_to_datetime(header)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return max(0.0, (when - now).total_seconds())
    return default


def _never_connected(problem: requests.RequestException) -> bool:
    reason = problem.args[0] if problem.args else None
    return isinstance(problem, requests.ConnectTimeout) or isinstance(
        getattr(reason, "reason", None), NewConnectionError
    )


def _where(problem: ValueError) -> str:
    """The kind of a decoding error and the field it is about, without the field's value."""
    message = str(problem)
    field = message.rpartition("`")[0].rpartition("`")[2] if "`$" in message else ""
    return f"{type(problem).__name__}, at {field}" if field else type(problem).__name__


def _failure(problem: requests.RequestException) -> str:
    if _never_connected(problem):
        return "cannot be connected to"
    if isinstance(problem, requests.Timeout):
        return "did not answer in time"
    return f"broke off ({type(problem).__name__})"


def _service_words(response: requests.Response) -> str:
    """The service's own error sentence, after SAYS, cut to 200 characters; or ""."""
    try:
        body = response.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    error = body.get("errorMessage") or body.get("error")
    if isinstance(error, dict):
        error = error.get("message")
    return f"{SAYS}{' '.join(error.split())[:200]}" if isinstance(error, str) else ""
