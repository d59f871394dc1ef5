"""The shared Sheet: two reads a pass, one atomic write batch, RAW values only.

gspread's own back-off client is not used: it never gives up and repeats requests that are not
idempotent. Time-outs, retries and the meaning of failures are in `connectors.http`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import google.auth
import gspread
import msgspec
import requests
from google.auth import exceptions as google_errors
from google.auth.credentials import AnonymousCredentials
from google.oauth2 import service_account

from connectors.clock import Clock, SystemClock
from connectors.errors import Incomplete, NotSent, Rejected, Unauthorized
from connectors.googlesheets import protection, wire
from connectors.googlesheets.reports import requests_for
from connectors.googlesheets.rows import Rows
from connectors.http import TIMEOUTS, Exchange, whole
from connectors.ports import Report, RowEdit
from policies.world.memory import PROTECTION
from policies.world.sheet import Tab, Workbook
from policies.world.tabs import (
    APPROVALS,
    BY_NAME,
    MEMORY,
    SUPPRESSION,
    TABS,
    TabSpec,
)

SERVICE = "Google Sheets"
SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
HOST = "https://sheets.googleapis.com"
_READING = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "SERIAL_NUMBER"}
_METADATA = {"includeGridData": "false"}
Json = dict[str, Any]
Grid = list[list[Any]]


def credentials(kind: Literal["service-account", "anonymous", "default"], secret: str) -> Any:
    """Google credentials of *kind*; *secret* is the JSON key of a service account.

    Raises Unauthorized if there are no such credentials.
    """
    if kind == "anonymous":
        # google-auth types only part of itself
        return AnonymousCredentials()  # type: ignore[no-untyped-call]
    try:
        if kind == "default":
            return google.auth.default(scopes=list(SCOPES))[0]
        from_info = service_account.Credentials.from_service_account_info
        return from_info(  # type: ignore[no-untyped-call]
            json.loads(secret), scopes=list(SCOPES)
        )
    except google_errors.DefaultCredentialsError as problem:
        raise Unauthorized(
            SERVICE, 'sheet.credentials = "default" finds no credentials on this machine'
        ) from problem
    except (ValueError, AttributeError, google_errors.GoogleAuthError) as problem:
        raise Unauthorized(
            SERVICE, "the service-account key is not one (expected the JSON file Google gave you)"
        ) from problem


class SteadyClient(gspread.HTTPClient):
    """gspread's HTTP client with a base URL, time-outs and our own idea of failure."""

    def __init__(self, auth: Any, base_url: str, exchange: Exchange, clock: Clock) -> None:
        super().__init__(auth)
        self._clock = clock
        self._base = base_url.rstrip("/")
        self._exchange = exchange
        self.session.trust_env = not self._base.startswith("http://")

    def request(
        self,
        method: str,
        endpoint: str,
        params: Any = None,
        data: Any = None,
        json: Any = None,  # gspread's signature
        files: Any = None,
        headers: Any = None,
    ) -> requests.Response:
        """Send to the configured server; a GET is retried, every other method is sent once."""
        url = endpoint.replace(HOST, self._base, 1)
        what = f"{method.upper()} {_call(url)}"

        def send() -> requests.Response:
            try:
                return whole(
                    self.session.request(
                        method=method,
                        url=url,
                        params=params,
                        json=json,
                        data=data,
                        files=files,
                        headers=headers,
                        timeout=TIMEOUTS,
                        stream=True,
                    ),
                    self._clock,
                )
            except google_errors.GoogleAuthError as problem:
                # These come from fetching a token, before the request itself is sent.
                if isinstance(problem, google_errors.TransportError) or getattr(
                    problem, "retryable", False
                ):
                    raise NotSent(SERVICE, "Google's token service is in trouble") from problem
                raise Unauthorized(
                    SERVICE, "the credentials are not accepted; is the key revoked?"
                ) from problem

        answer: list[requests.Response] = []

        def kept() -> requests.Response:
            answer[:] = [send()]
            return answer[0]

        if method.lower() == "get":
            self._exchange.read(what, kept, msgspec.json.decode)
        else:
            self._exchange.write(what, kept, msgspec.json.decode, fresh=self.session.close)
        return answer[0]


def _call(url: str) -> str:
    """The call without the spreadsheet's id, like ``values:batchGet`` or ``spreadsheet``."""
    last = url.rpartition("/")[2]
    return last if last.startswith("values:") else last.partition(":")[2] or "spreadsheet"


class GoogleSheet:
    """Both halves of the Sheet port, and its set-up."""

    def __init__(
        self,
        base_url: str,
        spreadsheet_id: str,
        auth: Any,
        *,
        agent: str,
        service_account_email: str = "",
        clock: Clock | None = None,
    ) -> None:
        clock = clock or SystemClock()
        self.exchange = Exchange(SERVICE, clock, default_hold=15.0)
        self._http = SteadyClient(auth, base_url, self.exchange, clock)
        self._id = spreadsheet_id
        self._agent = agent
        self._own = service_account_email or str(getattr(auth, "service_account_email", "") or "")
        self._sheet_ids: dict[str, int] = {}

    # -- the reading half --------------------------------------------------------------------------

    def read(self) -> Workbook:
        """Read the metadata, then every known tab in one values:batchGet.

        Raises:
            Unauthorized: the Sheet is not shared with these credentials, or there is no such Sheet.
        """
        book = self.metadata()
        sheets = {sheet["properties"]["title"]: sheet for sheet in book.get("sheets", ())}
        known = [spec for spec in TABS if spec.name in sheets]
        grids = dict(zip((spec.name for spec in known), self._values(known), strict=True))
        tabs = {}
        for spec in TABS:
            present = spec.name in grids
            tabs[spec.name] = wire.to_tab(spec, grids[spec.name]) if present else _absent(spec)
        memory = self._openness(MEMORY, sheets)
        return Workbook(
            tabs,
            decisions_guarded=memory or self._weakness(sheets, grids, tabs),
            memory_guarded=memory,
            suppression_guarded=self._openness(SUPPRESSION, sheets),
            time_zone=book.get("properties", {}).get("timeZone", ""),
            headless=frozenset(name for name, grid in grids.items() if not any(map(any, grid))),
            titles=frozenset(sheets),
        )

    def metadata(self) -> dict[str, Any]:
        """The spreadsheet without its cells: tabs, ids, protections."""
        try:
            answer = self._http.fetch_sheet_metadata(self._id, params=dict(_METADATA))
        except Rejected as refused:
            if refused.status in {403, 404}:
                who = self._own or "the service account"
                raise Unauthorized(
                    SERVICE,
                    f"cannot open the spreadsheet ({refused.status}): "
                    f"is sheet.spreadsheet_id right, and is it shared with {who} as an editor?",
                ) from refused
            raise
        if not isinstance(answer, dict) or "sheets" not in answer:
            raise Incomplete(SERVICE, "the spreadsheet was answered without its tabs")
        book: dict[str, Any] = answer
        self._sheet_ids = {
            s["properties"]["title"]: s["properties"].get("sheetId", 0)
            for s in book.get("sheets", ())
        }
        return book

    def header(self, spec: TabSpec) -> list[Any]:
        """The header row of a tab; empty for an empty tab."""
        grid = self._values([spec])[0]
        return grid[0] if grid else []

    def _values(self, specs: Sequence[TabSpec]) -> list[Grid]:
        if not specs:
            return []
        ranges = ["'" + spec.name.replace("'", "''") + "'" for spec in specs]
        answer = self._http.values_batch_get(self._id, ranges, dict(_READING))
        found = answer.get("valueRanges", []) if isinstance(answer, dict) else []
        if len(found) != len(specs):
            raise Incomplete(SERVICE, f"values:batchGet returned {len(found)} of {len(specs)} tabs")
        return [part.get("values", []) for part in found]

    def _openness(self, spec: TabSpec, sheets: Mapping[str, Any]) -> str:
        """Why a guarded tab cannot be relied on, or ""; an absent one is reported elsewhere."""
        if spec.name not in sheets:
            return ""
        return protection.openness(spec, sheets[spec.name], self._agent, self._own)

    def _weakness(
        self, sheets: Mapping[str, Any], grids: Mapping[str, Grid], tabs: Mapping[str, Tab]
    ) -> str:
        """Why decisions in Approvals do not count, or ""."""
        if problems := tabs[APPROVALS.name].problems:
            return "; ".join(problems)
        row = tabs[MEMORY.name].by_ref(PROTECTION.ref())
        where, _ = wire.columns_of(
            APPROVALS, grids[APPROVALS.name][0] if grids[APPROVALS.name] else ()
        )
        return protection.weakness(
            APPROVALS,
            sheets[APPROVALS.name],
            where,
            row.text("What") if row else "",
            self._agent,
            self._own,
        )

    # -- the writing half --------------------------------------------------------------------------

    def write(self, edits: Sequence[RowEdit], reports: Sequence[Report] = ()) -> None:
        """Find every row by its Ref again, then write all cells and new tabs in one batchUpdate.

        Raises:
            Rejected: a tab or column is missing, or two rows have one Ref; nothing was written.
        """
        specs = [BY_NAME[name] for name in dict.fromkeys(edit.tab for edit in edits)]
        if not self._sheet_ids:
            self.metadata()
        if lost := [spec.name for spec in specs if spec.name not in self._sheet_ids]:
            raise Rejected(SERVICE, f"there is no tab {lost[0]!r}: run `steward setup --apply`", 0)
        grids = dict(zip((spec.name for spec in specs), self._values(specs), strict=True))
        new = [report for report in reports if report.title not in self._sheet_ids]
        free = max(self._sheet_ids.values(), default=0) + 1
        requests_ = Rows(grids, self._sheet_ids).requests_for(edits)
        for sheet_id, report in enumerate(new, free):
            requests_ += requests_for(report, sheet_id)
        if new:
            # Looked up again before the next write, whether or not this one succeeds.
            self._sheet_ids = {}
        self.batch(requests_)

    def batch(self, requests_: Sequence[Json]) -> list[Json]:
        """Send one atomic batchUpdate and return its replies; without requests send nothing."""
        if not requests_:
            return []
        replies: list[Json] = self._http.batch_update(self._id, {"requests": list(requests_)}).get(
            "replies", []
        )
        return replies


def _absent(spec: TabSpec) -> Tab:
    return Tab(spec.name, (), (f"there is no tab {spec.name!r}: run `steward setup --apply`",))
