"""The table of acts: each kind of want has one.

A new kind of want is its class in `policies/asks/wants.py`, its act, a line here, and the line in
`guard.ALLOWED` that gives Steward the right.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from daemon.passes.actions import Action
from daemon.passes.acts import records, rows, tasks
from daemon.passes.acts.act import Act, Change, Creation, SheetWrite
from policies.asks.wants import (
    Missed,
    Want,
    WantAssigned,
    WantField,
    WantNote,
    WantPerson,
    WantRaised,
    WantReport,
    WantRow,
    WantStage,
    WantTag,
    WantTask,
    WantWithdrawn,
)

CrmAct = Change[Any] | Creation[Any]
ON_RECORDS: Mapping[type[Want], CrmAct] = MappingProxyType(
    {
        WantTask: tasks.TaskMade(),
        WantRaised: tasks.TaskRaised(),
        WantAssigned: tasks.TaskAssigned(),
        WantWithdrawn: tasks.TaskWithdrawn(),
        WantNote: records.NoteMade(),
        WantTag: records.TagAdded(),
        WantField: records.FieldSet(),
        WantStage: records.StageMoved(),
        WantPerson: records.PersonMade(),
    }
)
ROW = rows.RowWritten()
"""Also the act of Steward's own rows, which no policy wants."""
ON_THE_SHEET: Mapping[type[Want], SheetWrite[Any]] = MappingProxyType(
    {WantRow: ROW, WantReport: rows.ReportPublished(), Missed: rows.MissedReported()}
)
UNDONE: Mapping[tuple[str, str], CrmAct] = MappingProxyType(
    {(act.entity, act.verb): act for act in ON_RECORDS.values()}
)
"""The acts by what the journal says of their actions: entity and verb."""


def act_of(want: Want | None) -> Act[Any]:
    """The act for a want; without one it is a row of Steward's own."""
    if want is None:
        return ROW
    return ON_RECORDS.get(type(want)) or ON_THE_SHEET[type(want)]


def on_record(action: Action) -> CrmAct:
    """The act of an action that writes to the CRM."""
    assert action.want is not None
    return ON_RECORDS[type(action.want)]


def on_the_sheet(action: Action) -> SheetWrite[Any]:
    """The act of an action that writes to the Sheet."""
    return ON_THE_SHEET[type(action.want)] if action.want else ROW
