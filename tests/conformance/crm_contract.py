"""What every CRM behind the port must do: inherited by memory, by the real client against the sandbox, and by a live account."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.ports import NewPerson, NewTask
from policies.world.model import Key, Stage

DUE = date(2026, 12, 11)
KEY = Key("MS-04", "d812", "20261218-7d")


class CrmContract:
    """A subclass provides `crm` (both halves) and `person`, the id of a contact that may be written to."""

    @pytest.fixture
    def crm(self) -> Any:
        raise NotImplementedError

    @pytest.fixture
    def person(self) -> int:
        raise NotImplementedError

    def new_task(self, person: int, key: Key = KEY, name: str = "Prepare: Ana Lopez", due: date = DUE, assignee: int = 3) -> NewTask:
        return NewTask(key=key, person_id=person, assignee=assignee, name=name, kind="Follow Up", due=due)

    @pytest.fixture
    def assignee(self, crm: Any) -> int:
        return int(crm.account().users[-1].id)

    def test_the_account_names_users_and_stages(self, crm: Any) -> None:
        account = crm.account()

        assert account.identity.user_id in {user.id for user in account.users}
        assert account.stages

    def test_a_task_comes_back_with_its_key_and_a_date_in_no_zone(self, crm: Any, person: int, assignee: int) -> None:
        made = crm.create_task(self.new_task(person, assignee=assignee))

        for found in (crm.task(made.id), *(t for t in crm.tasks_of(person) if t.id == made.id),
                      *(t for t in crm.tasks(DUE, DUE) if t.id == made.id)):
            assert (found.key, found.due, found.person_id, found.completed) == (KEY, DUE, person, False)
            assert (found.name, found.assigned_user_id, found.kind) == ("Prepare: Ana Lopez", assignee, "Follow Up")

    @pytest.mark.parametrize(("start", "end", "seen"), [(0, 0, True), (-1, 0, True), (0, 1, True), (1, 2, False), (-2, -1, False)])
    def test_the_window_of_due_dates_includes_both_ends(self, crm: Any, person: int, assignee: int, start: int, end: int, seen: bool) -> None:
        made = crm.create_task(self.new_task(person, assignee=assignee))
        window = crm.tasks(DUE + timedelta(days=start), DUE + timedelta(days=end))

        assert (made.id in {task.id for task in window}) is seen

    def test_a_limit_of_hours_comes_back_as_the_instant_it_was(self, crm: Any, person: int, assignee: int) -> None:
        at = datetime(2026, 12, 11, 23, 30, tzinfo=UTC)
        made = crm.create_task(replace(self.new_task(person, assignee=assignee), due_at=at))

        for found in (crm.task(made.id), *(t for t in crm.tasks(DUE, DUE) if t.id == made.id)):
            assert (found.due_at, found.due) == (at, None)

    def test_a_raised_task_has_its_new_name_and_its_old_key(self, crm: Any, person: int, assignee: int) -> None:
        made = crm.create_task(self.new_task(person, assignee=assignee))
        crm.rename_task(made, "Urgent: Prepare: Ana Lopez")
        found = crm.task(made.id)

        assert (found.name, found.key, found.completed) == ("Urgent: Prepare: Ana Lopez", KEY, False)

    def test_an_assigned_task_is_with_another_user_and_else_as_it_was(self, crm: Any, person: int, assignee: int) -> None:
        made = crm.create_task(self.new_task(person, assignee=assignee))
        other = next(user.id for user in crm.account().users if user.id != assignee)
        crm.assign_task(made, other)

        assert crm.task(made.id) == replace(made, assigned_user_id=other)
        with pytest.raises(Rejected):
            crm.assign_task(replace(made, key=None), assignee)

    def test_a_withdrawn_task_is_completed_says_why_and_keeps_its_key(self, crm: Any, person: int, assignee: int) -> None:
        made = crm.create_task(self.new_task(person, assignee=assignee))
        crm.withdraw_task(made, "Do Not Contact")
        found = crm.task(made.id)

        assert (found.key, found.withdrawn, found.completed) == (KEY, True, True)
        assert found.name.startswith("Withdrawn (Do Not Contact): Prepare")

    def test_a_long_name_is_shortened_and_its_key_is_not(self, crm: Any, person: int, assignee: int) -> None:
        made = crm.create_task(self.new_task(person, name="A" * 300 + "\nsecond line", assignee=assignee))

        assert crm.task(made.id).key == KEY

    def test_there_is_no_task_by_an_id_nobody_has(self, crm: Any) -> None:
        assert crm.task(2_000_000_000) is None

    def test_a_task_for_nobody_is_rejected(self, crm: Any, assignee: int) -> None:
        with pytest.raises(Rejected):
            crm.create_task(self.new_task(2_000_000_000, assignee=assignee))

    def test_a_note_comes_back_with_its_key(self, crm: Any, person: int) -> None:
        before = datetime.now(UTC) - timedelta(minutes=5)
        made = crm.create_note(person, KEY, "first line\nsecond line <b>not html</b>")

        for found in ([n for n in crm.notes_of(person) if n.id == made.id], [n for n in crm.notes(before) if n.id == made.id]):
            assert [(n.key, n.person_id, n.body) for n in found] == [(KEY, person, "first line\nsecond line <b>not html</b>")]

    def test_what_steward_writes_is_no_personal_note(self, crm: Any, person: int) -> None:
        before = datetime.now(UTC) - timedelta(minutes=5)
        crm.create_note(person, KEY, "ours")

        assert [note for note in crm.personal_notes(before) if note.person_id == person] == []

    def test_a_tag_is_added_to_what_is_there(self, crm: Any, person: int) -> None:
        before = _contact(crm, person).tags
        crm.add_tag(person, "Steward test")
        crm.add_tag(person, "Steward test")

        assert set(_contact(crm, person).tags) == {*before, "Steward test"}
        assert _contact(crm, person).tags.count("Steward test") == 1

    def test_contacts_are_found_by_stage_by_tag_in_any_case_and_by_id(self, crm: Any, person: int) -> None:
        crm.set_stage(person, Stage.LONG_TERM_NURTURE)
        crm.add_tag(person, "Steward test")
        label = _contact(crm, person).stage_label

        for asked in ({"stage": label}, {"tags": ["Steward test"]}, {"tags": ["nobody has this", "Steward test"]}, {"ids": [person, 2_000_000_000]},
                      {"stage": label, "tags": ["Steward test"]}):
            assert person in {c.id for c in crm.contacts_where(**asked)}, asked
        for asked in ({"stage": "no such stage"}, {"tags": ["nobody has this"]}, {"ids": [2_000_000_000]}, {"stage": label, "tags": ["nobody has this"]}):
            assert person not in {c.id for c in crm.contacts_where(**asked)}, asked
        assert {c.id for c in crm.contacts_where(ids=[person])} == {person}

    def test_the_deals_of_a_contact_are_those_of_all_that_name_them(self, crm: Any, person: int) -> None:
        assert {d.id for d in crm.deals_of(person)} == {d.id for d in crm.deals() if person in d.person_ids}

    def test_a_custom_field_is_set_and_cleared_by_stewards_name_for_it(self, crm: Any, person: int) -> None:
        crm.set_field(person, "closing_anniversary", "2025-12-18")
        assert _contact(crm, person).fields["closing_anniversary"] == "2025-12-18"

        crm.set_field(person, "closing_anniversary", None)
        assert "closing_anniversary" not in _contact(crm, person).fields

    def test_a_count_is_written_as_the_number_it_is(self, crm: Any, person: int) -> None:
        crm.set_field(person, "referrals_sent", "3")
        assert _contact(crm, person).fields["referrals_sent"] == "3"

    def test_a_new_person_is_reached_by_mail_and_by_phone_from_then_on(self, crm: Any, assignee: int) -> None:
        assert crm.reached("nina.sample@example.org", "(512) 555-0188") == 0
        made = crm.create_person(NewPerson(
            first_name="Nina", last_name="Sample", email="nina.sample@example.org", phone="(512) 555-0188", source="Open House",
            tag="Open House — 9 Oak St — 11/21/2026", background="Signed in at an open house", assignee=assignee))
        found = crm.contact(made.id)

        assert crm.reached("NINA.sample@example.org", "") == crm.reached("", "512-555-0188") == crm.reached("x@example.org", "5125550188") == made.id
        assert crm.reached("", "") == crm.reached("x@example.org", "") == 0
        assert (found.name, found.stage, found.tags, found.source) == (
            "Nina Sample", Stage.NEW_LEAD, ("Open House — 9 Oak St — 11/21/2026",), "Open House")
        assert (found.emails[0].value, len(found.phones), found.assigned_user_id, found.has_background) == (
            "nina.sample@example.org", 1, assignee, True)

    def test_who_was_edited_or_made_is_among_those_who_changed_and_all_are_counted(self, crm: Any, person: int) -> None:
        before = datetime.now(UTC) - timedelta(minutes=5)
        crm.add_tag(person, "Steward test")
        changed, everybody = crm.contacts_since(before), {c.id: c for c in crm.contacts()}

        assert person in {c.id for c in changed.contacts}
        assert all(c == everybody[c.id] for c in changed.contacts)
        assert changed.total == len(everybody)

    def test_a_stage_move_is_read_back(self, crm: Any, person: int) -> None:
        crm.set_stage(person, Stage.LONG_TERM_NURTURE)

        assert _contact(crm, person).stage is Stage.LONG_TERM_NURTURE


def _contact(crm: Any, person: int) -> Any:
    return next(c for c in crm.contacts() if c.id == person)
