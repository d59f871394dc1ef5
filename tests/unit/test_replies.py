"""What comes back after a touch reaches the agent with its time, is never classified by guessing, and is never answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connectors.followupboss.mark import marked
from daemon.passes import guard
from daemon.passes import plan as planning
from daemon.passes.absence import deleted_records
from policies.asks.wants import WantNote, WantTask, WantWithdrawn
from policies.milestones.replies import decide
from policies.world.model import Communication, MailEvent, MailFate, Reach, Task
from policies.world.snapshot import Snapshot
from tests.scenes import AGENT, client, own_task, purchase, snapshot, wants

SENT = datetime(2026, 12, 18, 15, tzinfo=UTC)
TODAY = date(2026, 12, 21)
LEAD, ANGRY, BOUNCE = ("MS-46 d812 20261218-lead", "MS-49 d812 20261218-dissatisfied",
                              "MS-47 d812 20261218-undeliverable")


def world(today: date = TODAY, key: str = "MS-42 d812 20261218-send", *, mail: tuple[MailEvent, ...] = (), kind: str = "Email", **person: Any) -> Snapshot:
    s = snapshot(today, [client(**person)], [purchase(date(2025, 12, 18))], mail=mail)
    return replace(s, tasks=(own_task(key, completed=True, completed_at=SENT, kind=kind),))


@pytest.mark.clause("MS-46", "MS-51")
@pytest.mark.parametrize(("channel", "after", "seen"), [
    ("e-mail", timedelta(minutes=1), True), ("call", timedelta(hours=5), True), ("text", timedelta(days=2), True),
    ("e-mail", timedelta(0), False), ("e-mail", timedelta(days=-3), False)])
def test_an_answer_through_any_channel_reaches_the_agent_with_its_time(channel: str, after: timedelta, seen: bool) -> None:
    s = world(inbound=(Communication(channel, SENT + after),))

    key = f"MS-46 d812 20261218-reply{SENT + after:%Y%m%d}"
    assert wants(decide(s)) == ([f"task {key}", f"note {key}"] if seen else [])


@pytest.mark.clause("MS-46", "MS-51", "MS-49")
def test_it_says_when_and_does_not_say_what_it_means() -> None:
    task, note = (f.want for f in decide(world(inbound=(Communication("e-mail", SENT + timedelta(hours=1)),))))

    assert isinstance(task, WantTask)
    assert isinstance(note, WantNote)
    assert (task.assignee, task.name) == (AGENT, "Read and answer yourself: Ana Lopez wrote or called (e-mail, 12/18/2026 10:00) after the anniversary")
    assert note.body.startswith("An e-mail from Ana Lopez arrived on 12/18/2026 10:00, after: Closing anniversary, 12/18/2026.\nNobody has answered it")
    assert "Issue:" not in note.body


@pytest.mark.clause("X-64", "MS-46", "MS-49", "MS-51")
@pytest.mark.parametrize(("tags", "says"), [
    (("DNC",), "Do Not Contact: decide first. "), (("Deceased",), "Deceased: decide first. "), ((), ""),
    (("no emails please",), 'The tag "no emails please" may mean that they are not to be contacted: decide first. ')])
def test_a_sign_stands_first_where_it_is_not_cut_off_in_the_task_the_note_and_handover(tags: tuple[str, ...], says: str) -> None:
    s = world(inbound=(Communication("call", SENT + timedelta(hours=1)),), tags=(*tags, "Reply: interested"))
    reply, note, lead, _ = (f.want for f in decide(s))

    assert isinstance(reply, WantTask)
    assert isinstance(lead, WantTask)
    assert isinstance(note, WantNote)
    assert marked(reply.name, reply.key).startswith(f"{says}Read and answer yourself"[:80])
    assert marked(lead.name, lead.key).startswith(f"{says}Active lead: call Ana Lopez"[:80])
    assert note.body.startswith(f"{says}A call from Ana Lopez arrived on 12/18/2026 10:00")

    open_ = replace(s, contacts={101: replace(s.contacts[101], tags=())}, tasks=(*s.tasks, own_task(str(reply.key), 99, name="as it was")))
    signed = replace(open_, contacts={101: replace(s.contacts[101], tags=tags)})
    assert wants(decide(signed)) == [], "an open task is neither renamed nor doubled"


@pytest.mark.clause("MS-46", "MS-49", "MS-50")
@pytest.mark.parametrize(("tag", "key", "issue", "needed"), [
    ("Reply: interested", LEAD, "active lead reply", "respond to lead"),
    ("reply: dissatisfied", ANGRY, "dissatisfied client reply", "respond to client")])
def test_a_persons_tag_makes_it_the_procedures_escalation(tag: str, key: str, issue: str, needed: str) -> None:
    s = world(tags=(tag,))
    note = next(f.want for f in decide(s) if isinstance(f.want, WantNote))

    assert wants(decide(s)) == [f"task {key}", f"note {key}"]
    assert note.body == (f"Hi Dana Reyes — past client touch issue for Ana Lopez needs your input.\nIssue: {issue}\n"
                         f"Milestone: Closing anniversary, 12/18/2026\nNeeded: {needed}\nMia Cole")


@pytest.mark.clause("MS-47", "MS-50")
@pytest.mark.parametrize(("person", "mail", "seen"), [
    ({"emails": (Reach("a@example.org", "Bounced"),)}, (), True), ({"emails": (Reach("a@example.org", "Valid"),)}, (), False),
    ({"emails": (Reach("a@example.org", "Bounced"), Reach("b@example.org", "Valid"))}, (), False),
    ({"emails": (Reach("a@example.org", "Valid"),), "tags": ("bounced email",)}, (), True),
    ({"tags": ("Returned Mail",), "kind": "Thank You"}, (), True), ({"tags": ("Returned Mail",)}, (), False),  # that was no card
    ({"emails": (Reach("a@example.org", "Bounced"),), "kind": "Thank You"}, (), False),
    ({}, (MailEvent(id=1, person_id=101, fate=MailFate.BOUNCED, at=SENT),), True),
    ({}, (MailEvent(id=1, person_id=101, fate=MailFate.BOUNCED, at=SENT - timedelta(days=1)),), False),
    ({}, (MailEvent(id=1, person_id=102, fate=MailFate.BOUNCED, at=SENT),), False)])
def test_what_came_back_flags_the_record(person: dict[str, Any], mail: tuple[MailEvent, ...], seen: bool) -> None:
    assert wants(decide(world(mail=mail, **person))) == ([f"task {BOUNCE}", f"note {BOUNCE}"] if seen else [])


@pytest.mark.clause("MS-46")
@pytest.mark.parametrize(("today", "seen"), [(date(2027, 2, 1), True), (date(2027, 2, 2), False)])
def test_what_comes_45_days_later_is_no_answer_any_more(today: date, seen: bool) -> None:
    assert bool(wants(decide(world(today, inbound=(Communication("call", SENT + timedelta(days=1)),))))) is seen


@pytest.mark.clause("MS-46")
@pytest.mark.parametrize("key", ["MS-43 p101 20261218-birthday-send", "MS-30 d812 20261218-homestead-send", "MS-44 d812 20261218-value-send",
                                 "MS-42 d812 20261218-movein-send"])
def test_every_kind_of_touch_is_listened_after(key: str) -> None:
    assert len(wants(decide(world(key=key, inbound=(Communication("text", SENT + timedelta(days=1)),))))) == 2


@pytest.mark.parametrize("changes", [{"completed": False}, {"withdrawn": True}])
def test_only_what_was_sent_can_be_answered(changes: dict[str, Any]) -> None:
    s = world(inbound=(Communication("text", SENT + timedelta(days=1)),))

    assert wants(decide(replace(s, tasks=(replace(s.tasks[0], **changes),)))) == []


@pytest.mark.clause("MS-46", "X-61")
def test_the_other_of_a_couple_may_answer_and_a_second_message_is_seen_once_the_first_is_dealt_with() -> None:
    one = world(inbound=(Communication("e-mail", SENT + timedelta(days=1)),))
    couple = replace(one, contacts={101: client(), 102: client(102, first_name="Luis", inbound=(Communication("call", SENT + timedelta(days=1)),))},
                     deals={812: purchase(date(2025, 12, 18), people=(101, 102))})
    first = own_task("MS-46 d812 20261218-reply20261219", 2, due=date(2026, 12, 21))
    again = replace(one, contacts={101: client(inbound=(Communication("e-mail", SENT + timedelta(days=3)),))})
    done = replace(first, completed=True, completed_at=SENT + timedelta(days=2))

    assert wants(decide(couple))[0] == "task MS-46 d812 20261218-reply20261219p102"
    assert wants(decide(replace(again, tasks=(*one.tasks, first)))) == []
    assert wants(decide(replace(again, tasks=(*one.tasks, done))))[0] == "task MS-46 d812 20261218-reply20261221"
    assert wants(decide(replace(one, tasks=(*one.tasks, done)))) == []


def test_only_the_latest_touch_is_answered() -> None:
    s = world(inbound=(Communication("text", SENT + timedelta(days=3)),))
    later = own_task("MS-44 d812 20261218-value-send", 2, completed=True, completed_at=SENT + timedelta(days=1), kind="Email")

    assert wants(decide(replace(s, tasks=(*s.tasks, later))))[0] == "task MS-46 d812 20261218-value-reply20261221"


# -- what settles it ---------------------------------------------------------------------------------------------------------

REPLY = "MS-46 d812 20261218-reply20261219"
HEARD = Communication("e-mail", SENT + timedelta(days=1))
WROTE: dict[str, Any] = {"inbound": (HEARD,)}
TAGS = ("Reply: interested", "Reply: dissatisfied")


def ended(task: str, today: date = TODAY, kind: str = "Email", more: tuple[Task, ...] = (), mail: tuple[MailEvent, ...] = (), **person: Any) -> list[str]:
    """Why the open task *task* is withdrawn."""
    s = world(today, kind=kind, mail=mail, **person)
    s = replace(s, tasks=(*s.tasks, own_task(task, 9), *more))
    found = [f for f in decide(s) if isinstance(f.want, WantWithdrawn)]
    actions = planning.make(s, found).actions
    assert len(guard.check(actions, guard.Limits(withdraw=0)).allowed) == len(found)  # no limit holds it back
    return [f.reason for f in found]


def touched(day: date, key: str = "MS-43 p101 20261220-birthday-send") -> Task:
    return own_task(key, 3, completed=True, completed_at=datetime(day.year, day.month, day.day, 15, tzinfo=UTC), kind="Email")


@pytest.mark.clause("X-81", "MS-46")
@pytest.mark.parametrize(("outbound", "more", "because"), [
    ((), (), []),
    ((Communication("call", SENT + timedelta(days=2)),), (), ["you called or wrote to them on 12/20/2026"]),
    ((Communication("e-mail", SENT + timedelta(days=2)),), (), ["you called or wrote to them on 12/20/2026"]),
    ((Communication("call", SENT),), (), []),                                                     # before they wrote
    ((Communication("e-mail", SENT + timedelta(days=2)),), (touched(date(2026, 12, 20)),), []),   # the birthday email is no answer
    ((Communication("call", SENT + timedelta(days=2)),), (touched(date(2026, 12, 20)),), ["you called or wrote to them on 12/20/2026"]),
])
@pytest.mark.parametrize("today", [TODAY, date(2027, 4, 20)])
def test_a_reply_ends_when_the_client_was_answered_and_not_with_time(
        outbound: tuple[Communication, ...], more: tuple[Task, ...], because: list[str], today: date) -> None:
    assert ended(REPLY, today, more=more, outbound=outbound, **WROTE) == because


@pytest.mark.clause("X-81", "X-65")
def test_a_message_after_our_answer_is_another_and_nothing_is_made_of_one_that_was_answered() -> None:
    called = (Communication("call", SENT + timedelta(days=2)),)
    again = (Communication("text", SENT + timedelta(days=3)),)

    assert wants(decide(world(inbound=(HEARD,), outbound=called))) == []
    assert wants(decide(world(inbound=(HEARD, *again), outbound=called)))[0] == "task MS-46 d812 20261218-reply20261221"
    assert ended(REPLY, inbound=(HEARD, *again), outbound=called) == []
    assert ended(REPLY, inbound=(HEARD,), outbound=called, unreadable=("tags",)) == []


@pytest.mark.clause("MS-46", "X-81")
def test_a_reply_whose_task_was_withdrawn_reaches_the_agent_again() -> None:
    s = world(**WROTE)
    withdrawn = own_task(REPLY, 9, completed=True, withdrawn=True, completed_at=SENT + timedelta(days=2))

    assert wants(decide(replace(s, tasks=(*s.tasks, withdrawn))))[0] == f"task {REPLY}"


@pytest.mark.clause("X-81", "MS-46", "MS-49")
@pytest.mark.parametrize(("task", "person", "because"), [
    (LEAD, {"tags": TAGS}, []), (LEAD, {"tags": TAGS[1:]}, ["the tag was taken off"]), (LEAD, {"unreadable": ("tags",)}, []),
    (ANGRY, {"tags": TAGS}, []), (ANGRY, {"tags": TAGS[:1]}, ["the tag was taken off"]),
    (LEAD, {"tags": TAGS, "trashed": True}, ["the contact is in the Trash"]), (LEAD, {"tags": (*TAGS, "DNC")}, []),
    (REPLY, {**WROTE, "trashed": True}, ["the contact is in the Trash"]), (REPLY, {**WROTE, "tags": ("DNC",)}, []),
])
def test_an_escalation_ends_with_the_tag_that_people_take_off(task: str, person: dict[str, Any], because: list[str]) -> None:
    assert ended(task, date(2027, 4, 20), **person) == because


@pytest.mark.clause("X-81", "MS-47")
@pytest.mark.parametrize(("kind", "person", "because"), [
    ("Email", {"emails": (Reach("a@example.org", "Bounced"),)}, []),
    ("Email", {"emails": (Reach("b@example.org", "Valid"),)}, ["the record was corrected"]),
    ("Thank You", {"tags": ("Returned Mail",)}, []), ("Thank You", {}, ["the record was corrected"]),
])
@pytest.mark.parametrize("today", [TODAY, date(2027, 4, 20)])
def test_a_wrong_address_ends_when_it_is_corrected(kind: str, person: dict[str, Any], because: list[str], today: date) -> None:
    assert ended(BOUNCE, today, kind, **person) == because
    event = MailEvent(id=1, person_id=101, fate=MailFate.BOUNCED, at=SENT)
    assert ended(BOUNCE, today, kind, mail=(event,), **person) == ([] if kind == "Email" else because)  # nothing says that it was corrected


@pytest.mark.clause("X-81", "MS-46")
@pytest.mark.parametrize("mark", [REPLY, LEAD, ANGRY, BOUNCE])
def test_it_is_about_the_person_and_not_about_the_deal(mark: str) -> None:
    s = replace(world(**WROTE), tasks=(own_task(mark, 9),), deals={}, gone=frozenset({"d812"}))

    assert list(deleted_records.ended(s, list(decide(s)))) == []
    assert deleted_records.seen(s, {}, 0.0, 0)[0] == {}
    gone = replace(s, contacts={}, gone=frozenset({"d812", "p101"}))
    assert wants(deleted_records.ended(gone, list(decide(gone)))) == [f"withdraw {mark}"]
