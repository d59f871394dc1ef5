"""The identity check of every decision: only the agent can have typed it (X-42).

The values API does not say who edited a cell. So a decision counts only while the whole Approvals
tab is one protected range, the very one that `setup` made, whose only editors are the agent and the
service account. The VA's own column and everything to the right of Steward's columns stay open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from policies.world.tabs import TabSpec

Json = dict[str, Any]
DESCRIPTION = "Steward: only the agent decides"


def protect(spec: TabSpec, sheet_id: int, agent: str, service_account: str) -> Json:
    """The addProtectedRange request for a guarded tab laid out in its first order."""
    editors = [account for account in (agent, service_account) if account]
    protected: Json = {
        "range": {"sheetId": sheet_id},
        "description": DESCRIPTION,
        "warningOnly": False,
        "editors": {"users": editors},
    }
    opened = [
        {"sheetId": sheet_id, "startRowIndex": 1, "startColumnIndex": n, "endColumnIndex": n + 1}
        for n, name in enumerate(spec.headers)
        if name in spec.open_columns
    ]
    if opened:
        protected["unprotectedRanges"] = [
            *opened,
            {"sheetId": sheet_id, "startColumnIndex": len(spec.headers)},
        ]
    return {"addProtectedRange": {"protectedRange": protected}}


def weakness(
    spec: TabSpec,
    sheet: Mapping[str, Any],
    where: Mapping[str, int],
    bound: str,
    agent: str,
    service_account: str,
) -> str:
    """Why decisions in *sheet* do not count, or "" if they do.

    *bound* is ``sheetId/protectedRangeId`` from Memory.
    """
    sheet_id = sheet["properties"].get("sheetId", 0)
    wanted = [
        p
        for p in sheet.get("protectedRanges", ())
        if f"{sheet_id}/{p.get('protectedRangeId')}" == bound
    ]
    if not bound or not wanted:
        return (
            f"the protection of the tab {spec.name!r} is not the one `steward setup --apply` made: "
            "run it again"
        )
    protected = wanted[0]
    if reason := _whole(spec, protected, sheet_id):
        return reason
    return _too_many_editors(spec, protected, agent, service_account) or _opened(
        spec, protected, where
    )


def openness(spec: TabSpec, sheet: Mapping[str, Any], agent: str, service_account: str) -> str:
    """Why a guarded tab without open columns cannot be relied on, or "".

    Any sound protection of the whole tab is enough.
    """
    sheet_id = sheet["properties"].get("sheetId", 0)
    reasons = []
    for protected in sheet.get("protectedRanges", ()):
        leaves_open = ""
        if protected.get("unprotectedRanges"):
            leaves_open = f"the protection of the tab {spec.name!r} leaves cells open"
        reason = _whole(spec, protected, sheet_id) or _too_many_editors(
            spec, protected, agent, service_account
        )
        reasons.append(reason or leaves_open)
    if not reasons:
        return f"the tab {spec.name!r} is not protected: run `steward setup --apply`"
    return "" if "" in reasons else reasons[0]


def _whole(spec: TabSpec, protected: Mapping[str, Any], sheet_id: int) -> str:
    area = protected.get("range", {})
    if area.keys() - {"sheetId"} or area.get("sheetId", 0) != sheet_id:
        return f"the protection of the tab {spec.name!r} no longer covers the whole tab"
    if protected.get("warningOnly"):
        return f"the protection of the tab {spec.name!r} only warns"
    return ""


def _too_many_editors(
    spec: TabSpec, protected: Mapping[str, Any], agent: str, service_account: str
) -> str:
    editors = protected.get("editors", {})
    if editors.get("groups") or editors.get("domainUsersCanEdit"):
        return f"the protection of the tab {spec.name!r} lets a group or a whole domain edit"
    users = {str(user).casefold() for user in editors.get("users", ())}
    if agent.casefold() not in users:
        return f"the protection of the tab {spec.name!r} does not name the agent ({agent})"
    others = users - {agent.casefold(), service_account.casefold()}
    # If the service account's address is not configured, the one other editor is taken for it.
    if len(others) > (0 if service_account else 1):
        return (
            f"the protection of the tab {spec.name!r} lets others edit "
            "than the agent and the service account"
        )
    return ""


def _opened(spec: TabSpec, protected: Mapping[str, Any], where: Mapping[str, int]) -> str:
    for area in protected.get("unprotectedRanges", ()):
        touched = _columns_in(area, where)
        if area.get("startRowIndex", 0) == 0 and touched:
            return f"the header row of the tab {spec.name!r} is not protected"
        if closed := [name for name in touched if name not in spec.open_columns]:
            return f"the column {closed[0]!r} of the tab {spec.name!r} is not protected"
    return ""


def _columns_in(area: Mapping[str, Any], where: Mapping[str, int]) -> Sequence[str]:
    start, end = area.get("startColumnIndex", 0), area.get("endColumnIndex", 1 << 30)
    return [name for name, n in where.items() if start <= n < end]
