"""The procedures' checklists: items in their exact words, each done, open, or not applicable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policies.asks.wants import WantRow
from policies.world.model import Key
from policies.world.sheet import Cell, Row

TAB = "Checklists"
OPEN, DONE, NOT_APPLICABLE = "☐", "☑", "–"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a checklist: its mark, the procedure's words, and what is known or missing."""

    mark: str
    words: str
    detail: str = ""
    after: tuple[Key, ...] = ()
    """Wants of this pass that must be done before the item is."""

    def __str__(self) -> str:
        return f"{self.mark} {self.words}" + (f": {self.detail}" if self.detail else "")


def row(
    ref: str, items: Sequence[Item], first: dict[str, Cell], person_id: int | None, *, create: bool
) -> WantRow:
    """Want the row of one checklist in the tab `Checklists`.

    It is written after everything that its items say is done in this pass.
    """
    return WantRow(
        tab=TAB,
        ref=ref,
        person_id=person_id,
        create=create,
        requires=tuple(key for item in items for key in item.after),
        first=first,
        keep={
            "Items": "\n".join(map(str, items)),
            "Open": sum(item.mark == OPEN for item in items),
        },
    )


def ended(kept: Row | None, because: str) -> WantRow | None:
    """Want no open items in the row *kept* of a checklist whose ground is gone (X-81); None where
    it has none, or there is no row.
    """
    lines = kept.text("Items").splitlines() if kept else []
    if kept is None or not any(line.startswith(OPEN) for line in lines):
        return None
    closed = [
        f"{NOT_APPLICABLE}{line.removeprefix(OPEN)} ({because})" if line.startswith(OPEN) else line
        for line in lines
    ]
    keep: dict[str, Cell] = {"Items": "\n".join(closed), "Open": 0}
    return WantRow(tab=TAB, ref=kept.ref, create=False, keep=keep)
