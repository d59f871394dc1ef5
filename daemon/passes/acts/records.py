"""The acts on contacts: a note, a tag, a field, a stage, a new record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from connectors.ports import Crm, NewPerson
from daemon.passes.actions import Action, Outcome, remember
from daemon.passes.acts.act import (
    NO_RIGHT,
    Change,
    Creation,
    Entry,
    Record,
    Undone,
    View,
    Wanted,
    World,
)
from daemon.passes.acts.tasks import TAKEN_BACK
from policies.asks.wants import Finding, WantField, WantNote, WantPerson, WantStage, WantTag
from policies.world import memory
from policies.world.memory import DELETED_NOTE, STAGE, TAG, StageMove
from policies.world.model import STAGE_LABELS, Contact, Key, Note, Reach, Stage
from policies.world.practice import Practice
from policies.world.sheet import Cell
from policies.world.snapshot import Snapshot, tagged

NOBODY = 10**14
"""Above every id the CRM could give."""
GONE = "the contact is not there any more"


class NoteMade(Creation[WantNote]):
    """A note is written once; a person who deletes it is right."""

    entity = "note"

    def needed(self, view: View, finding: Finding, want: WantNote) -> Iterator[Action]:
        """The note, unless it is there or was written before."""
        key = str(want.key)
        if key not in view.notes and key not in view.s.written:
            cells = {"subject": key, "body": want.body}
            yield self.action(finding, want.key, want.person_id, after=cells)

    def right(self, want: WantNote, practice: Practice) -> str:
        """One right for every note."""
        return "note"

    def after(self, world: World, action: Action, want: WantNote) -> None:
        """One more note."""
        world.notes.append(
            Note(
                id=world.number,
                person_id=want.person_id,
                key=want.key,
                subject=str(want.key),
                body=want.body,
            )
        )

    def find(self, crm: Crm, action: Action, want: WantNote) -> int:
        """A note with this key on the contact."""
        return next((n.id for n in crm.notes_of(want.person_id) if n.key == want.key), 0)

    def send(self, crm: Crm, action: Action, want: WantNote) -> int:
        """Write it."""
        return crm.create_note(want.person_id, want.key, want.body).id


class TagAdded(Change[WantTag]):
    """A tag is set once; a person who takes it off is right (rule 9)."""

    entity = "tag"
    verb = "add"

    def needed(self, view: View, finding: Finding, want: WantTag) -> Iterator[Action]:
        """The tag, unless the contact has it or it was set before."""
        contact = view.s.contacts.get(want.person_id)
        if contact is None or tagged(contact, (want.tag,)):
            return
        if str(want.key) not in view.s.written and not TAG.row(view.s.workbook, want.key):
            yield self.action(finding, want.key, want.person_id, after={"tag": want.tag})

    def remembered(self, view: View, want: WantTag) -> Iterator[Action]:
        """The row that says so, once the tag is there, whatever becomes of the ledger."""
        contact = view.s.contacts.get(want.person_id)
        there = bool(contact and tagged(contact, (want.tag,)))
        requires = _of_this_plan(view, want.key)
        if (there or requires) and not TAG.row(view.s.workbook, want.key):
            row = remember(TAG.ref(want.key), want.tag, view.s.stamp, None)
            yield replace(row, requires=requires)

    def right(self, want: WantTag, practice: Practice) -> str:
        """The tag, or the part of its name that is the same for every address and day."""
        return f"tag {want.tag.partition(' — ')[0]}"

    def after(self, world: World, action: Action, want: WantTag) -> None:
        """The contact with one tag more."""
        contact = world.contact(want.person_id)
        world.contacts[contact.id] = replace(contact, tags=(*contact.tags, want.tag))

    def perform(self, crm: Crm, record: Record, action: Action, want: WantTag) -> Outcome:
        """Add it to what is there."""
        crm.add_tag(want.person_id, want.tag)
        record.keep()
        return Outcome(action, "done")

    def undo(self, s: Snapshot, entry: Entry, wanted: Wanted) -> Undone:
        """Name a tag that the contact still carries: Steward has no right to take it off. The row
        of Memory stays, so that no pass sets it again.
        """
        contact, row = s.contacts.get(entry.person_id or 0), TAG.row(s.workbook, entry.mark)
        if contact is None or row is None:
            return Undone(
                by_hand="the contact is not seen, or nobody knows which tag it was: look at it"
            )
        if not tagged(contact, (row.text("What"),)):
            return Undone(by_hand="a person took it off")
        return Undone(tag=row.text("What"))


class FieldSet(Change[WantField]):
    """A custom field that is empty is filled; one that holds Steward's own value is replaced or
    cleared.
    """

    entity = "field"
    verb = "fill"

    def needed(self, view: View, finding: Finding, want: WantField) -> Iterator[Action]:
        """The change, where no person filled or cleared the field."""
        contact = view.s.contacts.get(want.person_id)
        if contact is None:
            return
        held = contact.fields.get(want.field, "")
        if not held and want.value and str(want.key) not in view.s.written:
            verb = "fill"
        elif held and held == want.replaces and held != want.value:
            verb = "replace" if want.value else "clear"
        else:
            return
        yield self.action(
            finding,
            want.key,
            want.person_id,
            before={want.field: held or None},
            after={want.field: want.value or None},
            verb=verb,
        )

    def right(self, want: WantField, practice: Practice) -> str:
        """The field."""
        return f"field {want.field}"

    def after(self, world: World, action: Action, want: WantField) -> None:
        """The contact with the field filled, or without it."""
        contact = world.contact(want.person_id)
        fields = {name: value for name, value in contact.fields.items() if name != want.field}
        if want.value:
            fields[want.field] = want.value
        world.contacts[contact.id] = replace(contact, fields=MappingProxyType(fields))

    def perform(self, crm: Crm, record: Record, action: Action, want: WantField) -> Outcome:
        """Write a field that is still empty or still holds what Steward wrote."""
        contact = crm.contact(want.person_id)
        if contact is None:
            return Outcome(action, "refused", GONE)
        held = contact.fields.get(want.field, "")
        if held == want.value or (held and held != want.replaces):
            record.keep()
            return Outcome(action, "already there")
        crm.set_field(want.person_id, want.field, want.value or None)
        record.keep()
        return Outcome(action, "done")

    def undo(self, s: Snapshot, entry: Entry, wanted: Wanted) -> Undone:
        """Clear a field that holds what Steward wrote, and remember not to fill it again."""
        contact = s.contacts.get(entry.person_id or 0)
        want = wanted.one(WantField, entry.key) if entry.key else None
        if want is None or contact is None or contact.fields.get(want.field) != want.value:
            return Undone(
                by_hand="it does not hold what Steward wrote any more, or nobody knows what that"
                " was: look at it"
            )
        empty = replace(want, value="", replaces=want.value)
        finding = Finding(want.key.rule, TAKEN_BACK, empty)
        tab = s.workbook.tabs[memory.TAB]
        return Undone(
            actions=(
                *self.needed(View(s), finding, empty),
                remember(DELETED_NOTE.ref(entry.mark), TAKEN_BACK, s.stamp, tab),
            )
        )


class StageMoved(Change[WantStage]):
    """A contact moves to another stage once; a person who moves them back is right (DB-09)."""

    entity = "stage"
    verb = "move"

    def needed(self, view: View, finding: Finding, want: WantStage) -> Iterator[Action]:
        """The move, where the contact is in the stage they should leave and never moved before."""
        contact = view.s.contacts.get(want.person_id)
        if contact is None or contact.stage is not want.leaves or str(want.key) in view.s.written:
            return
        if not STAGE.row(view.s.workbook, want.key):
            yield self.action(
                finding,
                want.key,
                want.person_id,
                before={"stage": contact.stage_label},
                after={"stage": STAGE_LABELS[want.stage]},
            )

    def remembered(self, view: View, want: WantStage) -> Iterator[Action]:
        """The row with both stages, whatever becomes of the ledger."""
        contact, requires = view.s.contacts.get(want.person_id), _of_this_plan(view, want.key)
        if requires and not STAGE.row(view.s.workbook, want.key):
            move = StageMove(STAGE_LABELS[want.stage], contact.stage_label if contact else "")
            row = remember(STAGE.ref(want.key), STAGE.write(move), view.s.stamp, None)
            yield replace(row, requires=requires)

    def right(self, want: WantStage, practice: Practice) -> str:
        """The stage that the contact moves to."""
        return f"stage {want.stage.value}"

    def after(self, world: World, action: Action, want: WantStage) -> None:
        """The contact in the other stage."""
        contact = world.contact(want.person_id)
        world.contacts[contact.id] = replace(
            contact, stage=want.stage, stage_label=STAGE_LABELS[want.stage]
        )

    def perform(self, crm: Crm, record: Record, action: Action, want: WantStage) -> Outcome:
        """Move a contact who is still where they were seen."""
        contact = crm.contact(want.person_id)
        if contact is None:
            return Outcome(action, "refused", GONE)
        if contact.stage is want.stage:
            record.keep()
            return Outcome(action, "already there")
        if contact.stage is not want.leaves:
            return Outcome(
                action,
                "refused",
                f"a person moved the contact to {contact.stage_label!r} meanwhile",
            )
        crm.set_stage(want.person_id, want.stage)
        record.keep()
        return Outcome(action, "done")

    def undo(self, s: Snapshot, entry: Entry, wanted: Wanted) -> Undone:
        """Move a contact back who is still where the pass moved them. The row of Memory stays, so
        that no pass repeats the move.
        """
        key, contact = entry.key, s.contacts.get(entry.person_id or 0)
        if key is None:
            return NO_RIGHT
        move = STAGE.value(s.workbook, key) or StageMove("", "")
        if contact is None or contact.stage is None or STAGE_LABELS[contact.stage] != move.to:
            return Undone(
                by_hand="the contact does not stand where Steward moved it any more, or nobody"
                " knows where that was: look at it"
            )
        back = _stage_called(s, move.left)
        if back is None:
            why = f"Steward cannot move a contact to {move.left!r}: do it by hand"
            return Undone(
                by_hand=why if move.left else "nobody knows from which stage it came: look at it"
            )
        want = WantStage(key=key, person_id=contact.id, stage=back, leaves=contact.stage)
        action = self.action(
            Finding(key.rule, TAKEN_BACK, want),
            key,
            contact.id,
            before={"stage": contact.stage_label},
            after={"stage": STAGE_LABELS[back]},
        )
        return Undone(actions=(action,))


class PersonMade(Creation[WantPerson]):
    """A contact is made once, and never beside one who can be reached in the same way."""

    entity = "person"

    def needed(self, view: View, finding: Finding, want: WantPerson) -> Iterator[Action]:
        """The contact, unless it was made before."""
        if str(want.key) in view.s.written:
            return
        cells: dict[str, Cell] = {
            "firstName": want.first_name,
            "lastName": want.last_name,
            "emails": want.email,
            "phones": want.phone,
            "source": want.source,
            "tags": want.tag,
            "background": want.background,
            "assignedUserId": want.assignee,
        }
        yield self.action(finding, want.key, None, after=cells)

    def right(self, want: WantPerson, practice: Practice) -> str:
        """One right for every new contact."""
        return "person"

    def after(self, world: World, action: Action, want: WantPerson) -> None:
        """One more contact."""
        number = max([NOBODY, *world.s.contacts, *world.contacts]) + 1
        world.contacts[number] = Contact(
            id=number,
            created=world.s.now,
            first_name=want.first_name,
            last_name=want.last_name,
            stage=Stage.NEW_LEAD,
            tags=(want.tag,),
            stage_label=STAGE_LABELS[Stage.NEW_LEAD],
            source=want.source,
            assigned_user_id=want.assignee,
            has_background=True,
            emails=(Reach(want.email),) if want.email else (),
            phones=(Reach(want.phone),) if want.phone else (),
        )

    def find(self, crm: Crm, action: Action, want: WantPerson) -> int:
        """Anybody with this address or number."""
        return crm.reached(want.email, want.phone)

    def send(self, crm: Crm, action: Action, want: WantPerson) -> int:
        """Make the contact."""
        person = NewPerson(
            first_name=want.first_name,
            last_name=want.last_name,
            email=want.email,
            phone=want.phone,
            source=want.source,
            tag=want.tag,
            background=want.background,
            assignee=want.assignee,
        )
        return crm.create_person(person).id


def _of_this_plan(view: View, key: Key) -> frozenset[str]:
    """The mark, where this plan makes the change."""
    return view.marks_of((key,)) & {str(key)}


def _stage_called(s: Snapshot, label: str) -> Stage | None:
    """The stage whose first label in the account this is."""
    for stage, labels in s.practice.stages.items():
        if labels[0].casefold() == label.casefold():
            return stage
    return None
