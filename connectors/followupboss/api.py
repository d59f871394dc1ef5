"""Requests to Follow Up Boss: one session with its key, its rate limits and its lists.

Lists are walked by the opaque `next` cursor in id order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import requests

from connectors.clock import Clock
from connectors.errors import Incomplete
from connectors.followupboss import decoding
from connectors.followupboss.pace import Pace
from connectors.followupboss.records import Metadata
from connectors.http import Exchange, whole
from connectors.ports import Progress, silent

T = TypeVar("T")
SERVICE = "Follow Up Boss"
PAGE = 100


class Api:
    """One session, one gate and one pace, shared by all threads of a pass.

    *api_key* is the Basic user name; *system* and *system_key* go out as `X-System` headers on
    every request. *share* is the part of the rate limit to use.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        clock: Clock,
        *,
        system: str,
        system_key: str,
        timeouts: tuple[float, float],
        share: float,
    ) -> None:
        self._clock = clock
        self._base = base_url.rstrip("/")
        self._timeouts = timeouts
        self._session = requests.Session()
        self._session.auth = (api_key, "")
        self._session.headers.update({"Accept": "application/json", "X-System": system})
        if system_key:
            self._session.headers["X-System-Key"] = system_key
        # http:// is loopback: a proxy from the environment would be in the way.
        self._session.trust_env = not self._base.startswith("http://")
        self.exchange = Exchange(SERVICE, clock)
        self._pace = Pace(clock, share)

    def list(
        self,
        path: str,
        kind: type[T],
        params: Mapping[str, str] | None = None,
        progress: Progress = silent,
    ) -> Iterator[T]:
        """Every record of a collection, each once, by cursor in id order.

        A collection without cursors (configuration) is walked by offset. Raises Incomplete if the
        service did not return all records; that may be after the last one.
        """
        query = {"limit": str(PAGE), "sort": "-id", **(params or {})}
        seen: set[object] = set()
        cursors: set[str] = set()
        totals: list[int] = []
        following: Mapping[str, str] | None = {}
        while following is not None:
            query |= following
            meta, page = self.get(path, query, lambda body: decoding.decode_page(body, kind))
            if meta.total is not None:
                totals.append(meta.total)
            before = len(seen)
            for record in page:
                mark = decoding.mark_of(record)
                if mark not in seen:
                    seen.add(mark)
                    yield record
            progress(path, len(seen), meta.total or len(seen))
            following = _following(path, meta, cursors, len(page), len(seen), len(seen) - before)
        if totals and len(seen) < min(totals[0], totals[-1]):
            raise Incomplete(SERVICE, f"GET /{path} returned {len(seen)} of {totals[-1]}")

    def latest(
        self,
        path: str,
        kind: type[T],
        params: Mapping[str, str],
        at: Callable[[T], datetime | None],
        since: datetime,
    ) -> tuple[Sequence[T], int]:
        """The records with a moment *at* since *since*, and the number of all records.

        The order in *params* must be latest first. Raises Incomplete if an earlier record comes
        before a later one, because more of the later ones might follow.
        """
        query = {"limit": str(PAGE), **params}
        found: list[T] = []
        cursors: set[object] = {None, msgspec.UNSET, ""}
        last = datetime.max.replace(tzinfo=UTC)
        while True:
            meta, page = self.get(path, query, lambda body: decoding.decode_page(body, kind))
            for record in page:
                now = at(record)
                if now is None or now < since:
                    return found, meta.total or 0
                if now > last:
                    raise Incomplete(
                        SERVICE, f"GET /{path} is not in the order of {params['sort']!r}"
                    )
                last = now
                found.append(record)
            if meta.next in cursors:
                return found, meta.total or 0
            cursors.add(meta.next)
            query["next"] = str(meta.next)

    def get(self, path: str, params: Mapping[str, str], decode: Callable[[bytes], T]) -> T:
        """GET *path*, with retries, and decode the answer. Raises as `Exchange.read` does."""
        return self.exchange.read(
            f"GET /{_route(path)}", lambda: self._request("GET", path, params, None), decode
        )

    def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any],
        kind: type[T],
        params: Mapping[str, str] | None = None,
    ) -> T:
        """Send a request that changes something, once, and decode the answer as *kind*.

        Raises as `Exchange.write` does.
        """
        return self.exchange.write(
            f"{method} /{_route(path)}",
            lambda: self._request(method, path, params or {}, body),
            lambda answer: decoding.decode(answer, kind),
            fresh=self._session.close,
        )

    def _request(
        self, method: str, path: str, params: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> requests.Response:
        route = f"{method} {_route(path)}"
        place = self._pace.wait(route)
        response = whole(
            self._session.request(
                method,
                f"{self._base}/{path}",
                params=params,
                json=body,
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
            ),
            self._clock,
        )
        self._pace.heard(route, response.headers, place)
        return response


def _following(
    path: str, meta: Metadata, cursors: set[str], size: int, seen: int, new: int
) -> dict[str, str] | None:
    """The parameters of the page after one with *size* records, *new* of them not seen before.

    None after the last page. *cursors* are those met so far. Raises Incomplete if one is repeated.
    """
    if isinstance(meta.next, str) and meta.next:
        if meta.next in cursors:
            raise Incomplete(SERVICE, f"GET /{path} repeats a page cursor")
        cursors.add(meta.next)
        return {"next": meta.next}
    more_expected = size >= PAGE or seen < (meta.total or 0)
    if meta.next is msgspec.UNSET and new and more_expected:
        return {"offset": str(seen)}
    return None


def _route(path: str) -> str:
    """*path* without ids: safe in a message, and the name of a rate context."""
    return path.partition("/")[0]
