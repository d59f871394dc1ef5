"""Requests to Follow Up Boss: one session with its key, its limits and its lists, whatever they are
about.

The collection's body key comes from `_metadata`; lists are walked by the opaque `next` cursor in id
order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import requests

from connectors.clock import Clock
from connectors.errors import Incomplete
from connectors.followupboss import wire
from connectors.followupboss.pace import Pace
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
        if self._base.startswith("http://"):
            self._session.trust_env = (
                False  # loopback: a proxy from the environment would be in the way
            )
        self.exchange = Exchange(SERVICE, clock)
        self._pace = Pace(clock, share)

    def list(
        self,
        path: str,
        kind: type[T],
        params: Mapping[str, str] | None = None,
        progress: Progress = silent,
    ) -> Iterator[T]:
        """Every record of a collection, once each, or Incomplete.

        Walks by cursor in id order. Where a collection has no cursors at all (configuration lists),
        by offset.
        """
        query = {"limit": str(PAGE), "sort": "-id", **(params or {})}
        seen: set[object] = set()
        cursors: set[str] = set()
        totals: list[int] = []
        while True:
            meta, page = self.get(path, query, lambda body: wire.decode_page(body, kind))
            totals += [meta.total] if meta.total is not None else []
            before = len(seen)
            for record in page:
                mark = wire.mark_of(record)
                if mark not in seen:
                    seen.add(mark)
                    yield record
            progress(path, len(seen), meta.total or len(seen))
            if isinstance(meta.next, str) and meta.next:
                if meta.next in cursors:
                    raise Incomplete(SERVICE, f"GET /{path} repeats a page cursor")
                cursors.add(meta.next)
                query["next"] = meta.next
            elif (
                meta.next is msgspec.UNSET
                and len(seen) > before
                and (len(page) >= PAGE or len(seen) < (meta.total or 0))
            ):
                query["offset"] = str(len(seen))
            else:
                break
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
        """The records down to *since* in the order asked for in *params*, latest by *at* first; and
        how many there are in all.

        Raises:
            Incomplete: a later one comes after an earlier one, so that nothing is known of what
                would follow.
        """
        query = {"limit": str(PAGE), **params}
        found: list[T] = []
        cursors: set[object] = {None, msgspec.UNSET, ""}
        last = datetime.max.replace(tzinfo=UTC)
        while True:
            meta, page = self.get(path, query, lambda body: wire.decode_page(body, kind))
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
        """GET one thing, again where that can help. Raises as `Exchange.read` does."""
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
        """Send a request that changes something, once. Raises as `Exchange.write` does."""
        return self.exchange.write(
            f"{method} /{_route(path)}",
            lambda: self._request(method, path, params or {}, body),
            lambda answer: wire.decode(answer, kind),
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


def _route(path: str) -> str:
    """*path* without ids: what a message may show and a rate context is remembered by."""
    return path.partition("/")[0]
