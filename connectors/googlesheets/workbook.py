"""The tabs of the shared Sheet: their columns, what kind of value stands in each, and who may edit them.

The names are the public contract (interfaces, "The Sheet"). A tab added here is created by `steward setup`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "date", "number"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column found by its header; `wide` is its width in pixels, `note` the tool-tip on its header."""

    name: str
    kind: Kind = "text"
    wide: int = 120
    note: str = ""


@dataclass(frozen=True, slots=True)
class TabSpec:
    """A tab. `guarded`: only the agent and the service account may edit it, but for the columns in `open_columns`."""

    name: str
    columns: tuple[Column, ...]
    guarded: bool = False
    open_columns: tuple[str, ...] = ()
    hidden: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """The header row, in its first order."""
        return tuple(column.name for column in self.columns)


# Narrow enough on the left that the Decision is in sight without scrolling on a laptop.
APPROVALS = TabSpec("Approvals", guarded=True, open_columns=("VA Note",), columns=(
    Column("Ref", wide=90, note="Steward's name for this decision. Do not change it."),
    Column("Rule", wide=60),
    Column("Client", wide=120),
    Column("What", wide=240),
    Column("Due", "date", 90, "Decide by this day."),
    Column("Draft", wide=400, note="You may edit the text. Editing it after you approved it voids the approval."),
    Column("Decision", wide=110, note="Only the agent decides. Blank is undecided, and undecided means nothing goes out."),
    Column("Value Low", "number", 90),
    Column("Value High", "number", 90),
    Column("Change", wide=140),
    Column("Context", wide=200),
    Column("Confirmed On", "date", 100),
    Column("VA Note", wide=200, note="The VA's own column."),
    Column("Status", wide=240),
    Column("Digest", wide=90, note="Binds the decision to this exact draft."),
    Column("Decided On", wide=120),
    Column("Acted On", wide=120),
))

MISSED = TabSpec("Missed", columns=(
    Column("Ref", wide=230), Column("Rule", wide=60), Column("Client", wide=150), Column("What", wide=260),
    Column("Due", "date", 90), Column("Reason", wide=480), Column("Reported On", "date", 100)))

CHECKLISTS = TabSpec("Checklists", columns=(
    Column("Ref", wide=230), Column("Rule", wide=60), Column("Client", wide=150), Column("Checklist", wide=200),
    Column("Items", wide=620, note="Computed by Steward: ☑ done, ☐ open, – does not apply."), Column("Open", "number", 60)))

HANDOVER = TabSpec("Handover", columns=(
    Column("Ref", wide=80), Column("Due", "date", 90), Column("Who", wide=120), Column("What", wide=420), Column("Client", wide=150),
    Column("Rule", wide=60), Column("State", wide=140, note="Written by Steward on every change; blank rows are free."),
    Column("Mark", wide=230)))

MEMORY = TabSpec("Memory", guarded=True, columns=(
    Column("Ref", wide=260), Column("What", wide=420), Column("Date", wide=150)))

READ_ME = TabSpec("Read me", columns=(
    Column("Ref", wide=120), Column("Value", wide=160), Column("What it is", wide=720)))

PAUSE = "Pause"
READ_ME_ROWS = (
    (PAUSE, "", "Type anything into the cell to the left and Steward stops writing, to the CRM and to this Sheet, "
                "until it is empty again. Anyone may."),
    ("Approvals", "", "The agent's decisions, one row each: choose in the Decision column. Nothing goes to a client "
                      "without one. Steward never sends anything itself; after an approval the VA gets a task."),
    ("Missed", "", "What was due and did not happen, and why. Nothing is done late in silence."),
    ("Checklists", "", "What is done and what is still open, item by item, as the procedures list it."),
    ("Handover", "", "Everything open and time-sensitive, and what comes up within a week: what whoever takes over must know."),
    ("Memory", "", "Steward's own notes: what was acknowledged, and what people removed and want to stay removed. "
                   "Please leave it as it is."),
    ("Skip", "", "To keep Steward off one contact, give the contact the tag \"Steward: skip\" in the CRM."),
)

TABS: tuple[TabSpec, ...] = (READ_ME, APPROVALS, CHECKLISTS, MISSED, HANDOVER, MEMORY)
BY_NAME = {spec.name: spec for spec in TABS}
