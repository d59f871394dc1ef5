"""The acts on the Sheet: a row is appended, taken over or updated, and a report is put up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from connectors.ports import Report, RowEdit
from daemon.passes.actions import Action, remember
from daemon.passes.acts.act import Batch, SheetWrite, View, World
from policies.asks.wants import Finding, Missed, WantReport, WantRow
from policies.world import memory, tabs
from policies.world.calendar import american
from policies.world.memory import AGAIN
from policies.world.practice import Practice
from policies.world.sheet import Cell, Row, same

PUT_UP_AGAIN = "put up again"
"""The note in Memory about a row of Approvals that a person deleted, put up once more (X-62)."""


class RowWritten(SheetWrite[WantRow]):
    """A row is appended, a row that people typed gets its Ref, or an existing one is corrected."""

    def needed(self, view: View, finding: Finding, want: WantRow) -> Iterator[Action]:
        """The write that the row needs; none where the tab is missing or unsound."""
        tab = view.s.workbook.tabs.get(want.tab)
        if tab is None or tab.problems:
            return
        row = tab.by_ref(want.ref)
        if row:
            yield from self._corrected(view, finding, want, row)
        elif want.ref in tab.rows_by_ref:
            return  # copied: of two rows with one Ref neither counts
        elif want.adopts is not None:
            typed = want.adopts.cells
            whole = {**want.first, **want.keep}
            yield replace(_action(view, finding, want, "adopt", whole), before=typed)
        elif want.create:
            yield from self._appended(view, finding, want)

    def _corrected(self, view: View, finding: Finding, want: WantRow, row: Row) -> Iterator[Action]:
        """Only the cells that differ. `unless_edited` must still read so when it is written."""
        there = row.cells
        changed = {
            name: cell for name, cell in want.keep.items() if not same(there.get(name), cell)
        }
        if changed:
            action = _action(view, finding, want, "update", changed)
            yield replace(
                action,
                before={name: there.get(name) for name in changed},
                seen={name: there.get(name) for name in want.unless_edited},
            )

    def _appended(self, view: View, finding: Finding, want: WantRow) -> Iterator[Action]:
        """A row that a person deleted is put up again once in Approvals, and in no other tab of
        people's (X-62).
        """
        again = want.ref in view.appended and want.tab != memory.TAB
        approval = want.tab == tabs.APPROVALS.name
        if again and (not approval or AGAIN.row(view.s.workbook, want.ref)):
            return
        yield _action(view, finding, want, "append", {**want.first, **want.keep})
        if again:
            yield remember(AGAIN.ref(want.ref), PUT_UP_AGAIN, view.s.stamp, None)

    def right(self, want: WantRow, practice: Practice) -> str:
        """The tab."""
        return f"row of {want.tab}"

    def after(self, world: World, action: Action, want: WantRow | None) -> None:
        """The row as written."""
        world.rows.append(action)

    def collect(self, batch: Batch, action: Action, want: WantRow | None) -> None:
        """The cells of one row, found by its Ref at the moment of writing."""
        batch.edits.append(
            RowEdit(
                tab=action.entity,
                ref=action.mark,
                cells=dict(action.after),
                create=action.verb == "append",
                seen=action.seen,
                choices=want.choices if want else (),
                adopts=want.adopts.cells if want and want.adopts else None,
            )
        )


def _action(
    view: View, finding: Finding, want: WantRow, verb: str, after: Mapping[str, Cell]
) -> Action:
    return Action(
        mark=want.ref,
        clause=finding.clause,
        verb=verb,
        entity=want.tab,
        person_id=want.person_id,
        reason=finding.reason,
        after=after,
        requires=view.marks_of(want.requires),
        want=want,
    )


class MissedReported(SheetWrite[Missed]):
    """A missed step gets its row in the tab Missed, and is never done late (MS-23, rule 16)."""

    def needed(self, view: View, finding: Finding, want: Missed) -> Iterator[Action]:
        """The row, the first time."""
        row = WantRow(
            tab=tabs.MISSED.name,
            ref=str(want.key),
            person_id=want.person_id,
            first={
                "Rule": want.key.rule,
                "Client": want.client,
                "What": f"{want.what}, {american(want.due)}",
                "Due": want.due,
                "Reason": finding.reason,
                "Reported On": view.s.today,
            },
        )
        return RowWritten().needed(view, replace(finding, want=row), row)

    def right(self, want: Missed, practice: Practice) -> str:
        """None: that something was missed is always said."""
        return ""


class ReportPublished(SheetWrite[WantReport]):
    """A tab of its own is put up once; one that exists is never written to again."""

    entity = "report"
    verb = "publish"

    def needed(self, view: View, finding: Finding, want: WantReport) -> Iterator[Action]:
        """The report, unless a tab has its title."""
        if want.title not in view.s.workbook.titles:
            cells = {"text": "\n".join(want.lines)}
            yield self.action(finding, want.key or want.title, None, after=cells)

    def right(self, want: WantReport, practice: Practice) -> str:
        """One right for every report."""
        return "report"

    def after(self, world: World, action: Action, want: WantReport) -> None:
        """One more tab."""
        world.titles.add(want.title)

    def collect(self, batch: Batch, action: Action, want: WantReport) -> None:
        """The whole tab."""
        batch.reports.append(Report(want.title, want.lines, want.figures, want.table))
