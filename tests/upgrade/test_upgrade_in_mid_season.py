"""Upgrade in mid-season: what the first version left behind goes on under today's code.

`recorded/` holds a brokerage as version 0.1.0 left it on the morning of January 13, 2027 (see
`make_fixture`): more than 40 open approvals of every kind, tasks in the CRM, all kinds of Memory
rows, a ledger with two lost task creations and a Sheet batch in flight, and 20 decisions that the
agent typed after its last pass. Today's code restores it and runs passes over the next days. No
approval may be lost, nothing asked again, nothing done twice, and every decision is acted on once.

Everything is asserted from what people see: rows of the Sheet, and tasks, notes, tags, stages and
fields of the CRM. Wordings are not compared, because a later version may word things better.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import people
from tests.upgrade import season
from tests.upgrade.season import Season

Record = dict[str, Any]
FACTS = season.facts()
LATE: Mapping[str, str] = FACTS["late"]
"""Refs of the rows the agent decided after the last pass of the first version."""
STOPPED = season.stopped()
OVER = ("Sent", "Missed", "Rejected", "Ended", "Withdrawn", "Done")
"""How the Status of a row begins that asks nothing any more."""
UNDECIDED = ("Waiting", "Decide again", "Not ready", "Withdrawn")
"""How the Status of a row begins whose decision does not count."""
TABS = (
    "Approvals",
    "Memory",
    "Referral Log",
    "Cold Leads",
    "Purge",
    "Suppression",
    "Export Log",
    "Missed",
    "Duplicates",
    "Hygiene Log",
)
_MARK = re.compile(
    r"\[(?P<base>[A-Z]{2}-\d+ \S+ [^\s\].]+)(?:\.\d+)?(?P<withdrawn> withdrawn)?\]\s*$"
)


@dataclass(frozen=True)
class Seen:
    """The services after a pass: rows by tab, records by id, the titles of all tabs."""

    tabs: Mapping[str, list[Record]]
    tasks: Mapping[int, Record]
    notes: Mapping[int, Record]
    contacts: Mapping[int, Record]
    titles: list[str]

    @classmethod
    def of(cls, restored: Season) -> Seen:
        box = restored.box
        tables = box.world.crm.tables
        tasks, notes, contacts = (
            {number: dict(record) for number, record in tables[path].items()}
            for path in ("tasks", "notes", "people")
        )
        return cls(
            tabs={tab: people.rows(box, tab) for tab in TABS},
            tasks=tasks,
            notes=notes,
            contacts=contacts,
            titles=[sheet.title for book in box.world.books.values() for sheet in book.sheets],
        )

    @property
    def approvals(self) -> dict[str, Record]:
        """The rows of Approvals by Ref."""
        return {row["Ref"]: row for row in self.tabs["Approvals"]}

    def marked(self, mark: str) -> list[Record]:
        """The tasks with this mark, or a later life of it, that were not withdrawn."""
        return [
            task
            for task in self.tasks.values()
            if (found := _MARK.search(task["name"]))
            and found["base"] == mark
            and not found["withdrawn"]
        ]

    def contact(self, part: str) -> Record:
        """The contact who plays this part."""
        return self.contacts[FACTS["people"][part]]


@dataclass(frozen=True)
class Upgrade:
    """The services before the first pass of today's code, and after each one."""

    before: Seen
    at_once: Seen
    again: Seen
    hour_later: Seen
    next_morning: Seen
    after_people: Seen
    third_day: Seen
    held: tuple[str, ...]

    @property
    def first_passes(self) -> tuple[Seen, ...]:
        """After the passes in which nobody did anything and hardly any time went by."""
        return self.at_once, self.again, self.hour_later

    @property
    def everything(self) -> tuple[Seen, ...]:
        return (*self.first_passes, self.next_morning, self.after_people, self.third_day)


@pytest.fixture(scope="module", params=["with its ledger", "without its ledger"])
def upgrade(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Upgrade]:
    """Restore the recording and run today's code over three days, once for all tests."""
    with pytest.MonkeyPatch.context() as patch, season.served() as box:
        for name, value in season.ENVIRONMENT.items():
            patch.setenv(name, value)
        restored = season.restore(
            box, tmp_path_factory.mktemp("upgrade"), with_ledger=request.param == "with its ledger"
        )
        yield _three_days(restored)
        restored.close()


def _three_days(restored: Season) -> Upgrade:
    box, held, seen = restored.box, list[str](), [Seen.of(restored)]

    def passes(moment: datetime) -> None:
        held.append(restored.run_pass(moment))
        seen.append(Seen.of(restored))

    morning = datetime(2027, 1, 14, 6, tzinfo=STOPPED.tzinfo)
    for moment in (STOPPED, STOPPED, STOPPED + timedelta(hours=1), morning):
        passes(moment)
    restored.clock.instant = morning + timedelta(hours=3)
    people.complete(box, _draft("approved 2", date(2027, 1, 15), "MS-42", "send"))
    assert people.types(
        box, "Approvals", _draft("waits 2", date(2027, 1, 18)), "Decision", "Approve"
    ).ok
    passes(morning + timedelta(hours=4))
    passes(morning + timedelta(days=1))
    before, at_once, again, hour_later, next_morning, after_people, third_day = seen
    return Upgrade(
        before, at_once, again, hour_later, next_morning, after_people, third_day, held=tuple(held)
    )


def _person(part: str) -> str:
    return f"p{FACTS['people'][part]}"


def _draft(part: str, day: date, rule: str = "MS-09", step: str = "draft") -> str:
    """The Ref of the draft of somebody's closing anniversary, or the mark of a task about it."""
    return f"{rule} d{FACTS['deals'][part]} {day:%Y%m%d}-{step}"


def _birthday(part: str, day: date, rule: str = "MS-09", step: str = "draft") -> str:
    return f"{rule} p{FACTS['people'][part]} {day:%Y%m%d}-birthday-{step}"


def _base(ref: str) -> str:
    """A Ref without the number that a later asking of the same thing carries."""
    return (
        re.sub(r"(\.\d+| \d+)$", "", ref)
        if ref.startswith(("ACK", "ASK"))
        else re.sub(r"\.\d+$", "", ref)
    )


def _is_open(row: Record) -> bool:
    return not str(row["Status"]).startswith(OVER) and not row["Acted On"]


def _open_before(upgrade: Upgrade) -> dict[str, Record]:
    """Return the rows that were open when the first version stopped and not decided since."""
    return {
        ref: row
        for ref, row in upgrade.before.approvals.items()
        if _is_open(row) and ref not in LATE.values() and ref not in _ON_THE_WAY
    }


JAN = {day: date(2027, 1, day) for day in range(13, 32)}
LOST_AFTER, LOST_BEFORE = _draft("lost after", JAN[18]), _draft("lost before", JAN[19])
_ON_THE_WAY = (LOST_AFTER, LOST_BEFORE)
HANDED_OVER = {
    _draft("approved 1", JAN[14]): _draft("approved 1", JAN[14], "MS-42", "send"),
    _draft("approved 2", JAN[15]): _draft("approved 2", JAN[15], "MS-42", "send"),
    _draft("approved 3", JAN[19]): _draft("approved 3", JAN[19], "MS-42", "send"),
    _draft("own words", JAN[18]): _draft("own words", JAN[18], "MS-42", "send"),
    _draft("personal", JAN[17]): _draft("personal", JAN[17], "MS-42", "personal"),
    _birthday("birthday approved", JAN[18]): _birthday(
        "birthday approved", JAN[18], "MS-43", "send"
    ),
    f"RF-13 {_person('lead texted')} draft": f"RF-13 {_person('lead texted')} send-text",
    f"RF-35 {_person('lead recognized')} recognition": (
        f"RF-36 {_person('lead recognized')} order-approve"
    ),
    f"DB-26 {_person('quiet buyer 0')} 20261020": (
        f"DB-26 {_person('quiet buyer 0')} 20261020-reactivate"
    ),
    f"DB-30 {_person('cold lead 0')} 2027Q1-one": (
        f"DB-30 {_person('cold lead 0')} 2027Q1-reactivate"
    ),
}
"""Rows that had been acted on, and the mark of the open task that carries out the decision."""


# -- the recording ---------------------------------------------------------------------------------


def test_the_recording_holds_more_than_forty_open_approvals_of_every_kind(upgrade: Upgrade) -> None:
    still_open = _open_before(upgrade)
    assert len(still_open) >= 40
    assert {row["Rule"] for row in still_open.values()} >= {
        "MS-09",
        "MS-25",
        "MS-37",
        "RF-13",
        "RF-31",
        "RF-33",
        "RF-35",
        "DB-23",
        "DB-25",
        "DB-26",
        "DB-29",
        "DB-30",
        "DB-32",
        "DB-34",
        "DB-35",
        "DB-41",
        "DB-44",
    }
    kinds = {row["Ref"].split()[0] for row in upgrade.before.tabs["Memory"]}
    assert kinds >= {
        "activation",
        "host",
        "policy",
        "last",
        "size",
        "tag",
        "stage",
        "deleted",
        "again",
        "logged",
        "count",
        "homestead",
        "report",
        "referrals",
    }
    ledger = (season.RECORDED / "ledger.sql").read_text(encoding="utf-8")
    assert ledger.count("'inflight'") == 3
    assert ledger.count("'done'") > 500


def test_nothing_holds_the_passes_back(upgrade: Upgrade) -> None:
    assert set(upgrade.held) == {""}


@pytest.mark.parametrize("name", ["config.toml", "config.example.toml"])
def test_the_configuration_of_the_first_version_is_still_valid(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in season.ENVIRONMENT.items():
        monkeypatch.setenv(variable, value)
    path = tmp_path / name
    text = (
        season.configuration("http://127.0.0.1:1", tmp_path)
        if name == "config.toml"
        else (season.RECORDED / name).read_text(encoding="utf-8")
    )
    path.write_text(text, encoding="utf-8")
    assert season.read_configuration(path).agent.name == "Dana Reyes"


# -- none is lost ----------------------------------------------------------------------------------


def test_no_open_approval_is_lost(upgrade: Upgrade) -> None:
    for seen in upgrade.first_passes:
        for ref, row in _open_before(upgrade).items():
            assert _is_open(seen.approvals[ref]), (ref, seen.approvals[ref]["Status"])
            assert seen.approvals[ref]["Decision"] == row["Decision"]
    for seen in upgrade.everything:
        assert upgrade.before.approvals.keys() <= seen.approvals.keys()


def test_afterwards_time_alone_ends_an_approval(upgrade: Upgrade) -> None:
    for ref in _open_before(upgrade):
        status = str(upgrade.third_day.approvals[ref]["Status"])
        assert not status.startswith(("Withdrawn", "Ended", "Rejected")), (ref, status)
        assert (
            not status.startswith("Missed") or upgrade.third_day.approvals[ref]["Rule"] == "MS-09"
        ), (ref, status)


def test_held_and_unready_rows_stay_so(upgrade: Upgrade) -> None:
    for seen in upgrade.first_passes:
        assert seen.approvals[_draft("held", JAN[19])]["Status"].startswith("On hold")
        assert seen.approvals[_birthday("birthday held", JAN[19])]["Status"].startswith("On hold")
        assert seen.approvals[_draft("edited after approval", JAN[16])]["Status"].startswith(
            "Decide again"
        )
        assert seen.approvals[
            _draft("florida", date(2027, 3, 1)).replace("-draft", "-homestead-draft")
        ]["Status"].startswith("Not ready")


def test_the_agents_own_words_stay(upgrade: Upgrade) -> None:
    for part, day in (("edited", 19), ("own words", 18), ("edited after approval", 16)):
        ref = _draft(part, JAN[day])
        assert {seen.approvals[ref]["Draft"] for seen in upgrade.everything} == {
            upgrade.before.approvals[ref]["Draft"]
        }


def test_the_open_tasks_about_open_approvals_stay_open(upgrade: Upgrade) -> None:
    """A version that ends whole what is over (X-81) may close leftovers; none of what is open."""
    about = _about_open_approvals(upgrade)
    assert len(about) > 20
    for seen in upgrade.first_passes:
        assert [
            task["name"]
            for number, task in seen.tasks.items()
            if number in about and task["isCompleted"]
        ] == []


def _matter(mark: str) -> tuple[str, str]:
    """What a Ref or a mark is about: its subject, and the day of the occasion where it has one."""
    _, subject, episode = mark.split()[:3]
    return subject, found[0] if (found := re.match(r"\d{8}", episode)) else ""


def _about_open_approvals(upgrade: Upgrade) -> dict[int, str]:
    """The open tasks, by number, about a matter whose rows are all open and undecided."""
    still_open = _open_before(upgrade)
    matters = {_matter(ref) for ref in still_open if not ref.startswith("ASK")}
    matters -= {
        _matter(ref)
        for ref in upgrade.before.approvals
        if ref not in still_open and not ref.startswith(("ACK", "ASK"))
    }
    return {
        number: found["base"]
        for number, task in upgrade.before.tasks.items()
        if not task["isCompleted"]
        and (found := _MARK.search(task["name"]))
        and _matter(found["base"]) in matters
    }


# -- none is asked again ---------------------------------------------------------------------------


def test_no_row_stands_twice(upgrade: Upgrade) -> None:
    for seen in upgrade.everything:
        assert [
            ref
            for ref, times in Counter(row["Ref"] for row in seen.tabs["Approvals"]).items()
            if times > 1
        ] == []
        assert [
            ref
            for ref, times in Counter(row["Ref"] for row in seen.tabs["Memory"]).items()
            if times > 1
        ] == []


def test_nothing_recorded_is_asked_under_another_name(upgrade: Upgrade) -> None:
    recorded = upgrade.before.approvals
    asked = {
        (row["Rule"], row["Client"])
        for ref, row in recorded.items()
        if ref in _open_before(upgrade) or ref in LATE.values()
    }
    for seen in upgrade.first_passes:
        new = {ref: row for ref, row in seen.approvals.items() if ref not in recorded}
        acknowledging = [ref for ref in new if ref.startswith("ACK")]
        assert len(acknowledging) <= 1
        assert [
            ref
            for ref, row in new.items()
            if ref not in acknowledging and (row["Rule"], row["Client"]) in asked
        ] == []
    for seen in upgrade.everything:
        bases = {_base(ref) for ref in recorded}
        assert [ref for ref in seen.approvals if ref not in recorded and _base(ref) in bases] == []


def test_what_was_decided_stays_decided(upgrade: Upgrade) -> None:
    decided = {
        ref: row
        for ref, row in upgrade.before.approvals.items()
        if row["Acted On"] and not str(row["Status"]).startswith(OVER)
    }
    assert len(decided) > 25
    for seen in upgrade.first_passes:
        for ref, row in decided.items():
            now = seen.approvals[ref]
            assert now["Acted On"] == row["Acted On"], ref
            assert not str(now["Status"]).startswith(UNDECIDED) or str(row["Status"]).startswith(
                UNDECIDED
            ), (ref, now["Status"])


def test_the_question_of_a_limit_is_not_put_again(upgrade: Upgrade) -> None:
    (ask,) = [ref for ref in upgrade.before.approvals if ref.startswith("ASK")]
    for seen in upgrade.everything:
        assert [ref for ref in seen.approvals if ref.startswith("ASK")] == [ask]
        assert _is_open(seen.approvals[ask])
        assert {seen.contact(f"closing {n}")["stage"] for n in range(13)} == {"Under Contract"}


def test_the_policies_that_were_acknowledged_go_on_acting(upgrade: Upgrade) -> None:
    acknowledged = [
        ref
        for ref, row in upgrade.before.approvals.items()
        if ref.startswith("ACK") and row["Acted On"]
    ]
    assert len(acknowledged) == 2
    for mark in (
        _draft("ahead 1", JAN[22], "MS-04", "7d"),
        _draft("ahead 3", JAN[28], "MS-04", "14d"),
    ):
        assert len(upgrade.third_day.marked(mark)) == 1, mark
    for ref in (
        _draft("ahead 1", JAN[22]),
        _draft("ahead 2", JAN[25]),
        _birthday("birthday ahead", JAN[23]),
    ):
        assert _is_open(upgrade.third_day.approvals[ref])
    for late in (
        _draft("waits 3", JAN[19], "MS-45", "48h"),
        _draft("held", JAN[19], "MS-45", "48h"),
        _birthday("birthday waits 1", JAN[18], "MS-45", "48h"),
    ):
        assert len(upgrade.third_day.marked(late)) == 1, late


# -- nothing is done twice -------------------------------------------------------------------------


def test_no_task_and_no_note_stands_twice(upgrade: Upgrade) -> None:
    for seen in upgrade.everything:
        marks = Counter(
            found["base"]
            for task in seen.tasks.values()
            if (found := _MARK.search(task["name"])) and not found["withdrawn"]
        )
        assert [mark for mark, times in marks.items() if times > 1] == []
        notes = Counter(
            (note["personId"], note["subject"])
            for note in seen.notes.values()
            if note.get("subject")
        )
        assert [note for note, times in notes.items() if times > 1] == []


def test_no_task_is_made_anew(upgrade: Upgrade) -> None:
    """Neither a mark nor an open matter gets a second task, whatever became of the first."""
    tasks, memory = upgrade.before.tasks, upgrade.before.tabs["Memory"]
    marks = {found["base"] for task in tasks.values() if (found := _MARK.search(task["name"]))}
    gone = ("deleted note ", "deleted ")
    deleted = {
        row["Ref"].removeprefix(gone[0]).removeprefix(gone[1])
        for row in memory
        if row["Ref"].startswith("deleted ")
    }
    assert len(deleted) >= 3
    rules = {
        (mark.split()[0], tasks[number]["personId"])
        for number, mark in _about_open_approvals(upgrade).items()
    }
    for seen in upgrade.everything:
        new = {
            found["base"]: task["personId"]
            for number, task in seen.tasks.items()
            if number not in tasks and (found := _MARK.search(task["name"]))
        }
        assert new.keys() & (marks | deleted) == set()
        if seen in upgrade.first_passes:
            assert [m for m, person in new.items() if (m.split()[0], person) in rules] == []


def test_what_was_handed_over_stays_with_the_va(upgrade: Upgrade) -> None:
    for ref, mark in HANDED_OVER.items():
        (task,) = upgrade.before.marked(mark)
        for seen in (*upgrade.first_passes, upgrade.next_morning):
            assert [(found["id"], bool(found["isCompleted"])) for found in seen.marked(mark)] == [
                (task["id"], False)
            ], mark
            assert seen.approvals[ref]["Acted On"] == upgrade.before.approvals[ref]["Acted On"]
    for part, day in (("sent 1", 12), ("sent 2", 11)):
        sent = date(2027, 1, day)
        for seen in upgrade.everything:
            assert seen.approvals[_draft(part, sent)]["Status"].startswith("Sent")
            assert [
                bool(task["isCompleted"])
                for task in seen.marked(_draft(part, sent, "MS-42", "send"))
            ] == [True]


def test_what_people_took_back_stays_taken_back(upgrade: Upgrade) -> None:
    for seen in upgrade.everything:
        assert seen.contact("talked to 0")["stage"] == "New Lead"
        assert seen.contact("moved back")["stage"] == "Under Contract"
        assert "Referral" not in seen.contact("lead closed")["tags"]
        assert seen.marked(_draft("send deleted", JAN[18], "MS-42", "send")) == []
        assert seen.marked(_draft("ahead 1", JAN[22], "MS-04", "14d")) == []
        log = [
            row
            for row in seen.tabs["Referral Log"]
            if str(row["Lead"]) == str(FACTS["people"]["lead deleted"])
        ]
        assert log == []


def test_contacts_change_only_by_what_the_agent_decided(upgrade: Upgrade) -> None:
    for seen in upgrade.first_passes:
        assert seen.contacts.keys() == upgrade.before.contacts.keys()
        for number, contact in seen.contacts.items():
            assert len(set(contact["tags"])) == len(contact["tags"])
            assert set(contact["tags"]) >= set(upgrade.before.contacts[number]["tags"])
        moved = {
            number
            for number, contact in seen.contacts.items()
            if contact["stage"] != upgrade.before.contacts[number]["stage"]
        }
        assert moved == {FACTS["people"]["quiet buyer 2"], FACTS["people"]["no deal 1"]}


@pytest.mark.parametrize(("part", "day"), [("lost after", 18), ("lost before", 19)])
def test_a_write_that_was_lost_on_the_way_is_made_once(
    upgrade: Upgrade, part: str, day: int
) -> None:
    mark = _draft(part, JAN[day], "MS-42", "send")
    assert len(upgrade.before.marked(mark)) == (part == "lost after")
    for seen in upgrade.everything:
        assert [bool(task["isCompleted"]) for task in seen.marked(mark)] == [False]
        row = seen.approvals[_draft(part, JAN[day])]
        assert row["Acted On"]
        assert not str(row["Status"]).startswith(UNDECIDED)


# -- what the agent typed just before --------------------------------------------------------------


@pytest.mark.parametrize("what", LATE)
def test_a_decision_that_was_typed_before_counts(upgrade: Upgrade, what: str) -> None:
    before = upgrade.before.approvals[LATE[what]]
    assert before["Decision"]
    assert not before["Acted On"]
    for seen in (*upgrade.first_passes, upgrade.next_morning):
        row = seen.approvals[LATE[what]]
        assert row["Decision"] == before["Decision"]
        assert not str(row["Status"]).startswith(UNDECIDED), row["Status"]
        assert row["Acted On"] or str(row["Status"]).startswith(("Rejected", "On hold"))


FOLLOWS = {
    "a draft approved": (_draft("approves late", JAN[16], "MS-42", "send"), 1),
    "a draft rejected": (_draft("rejects late", JAN[18], "MS-42", "send"), 0),
    "a draft held": (_draft("holds late", JAN[19], "MS-42", "send"), 0),
    "a personal touch": (_draft("personal late", JAN[18], "MS-42", "personal"), 1),
    "a birthday card approved": (_birthday("birthday late", JAN[19], "MS-43", "send"), 1),
    "a home value text approved": (
        _draft("value text late", date(2026, 12, 23), "MS-44", "value-send"),
        1,
    ),
    "a date settled": (_draft("two dates late", date(2024, 1, 30), "MS-25", "correct"), 1),
    "a thank-you by e-mail": (f"RF-13 {_person('lead late')} send-email", 1),
    "words of a card approved": (f"RF-31 {_person('lead late')} card", 1),
    "a purge approved": (f"DB-35 {_person('opted out long ago 1')} 2027-remove", 1),
    "a cold lead left": (f"DB-30 {_person('cold lead 2')} 2027Q1-reactivate", 0),
    "a pair that is two": (
        f"DB-23 p{FACTS['people']['perhaps 1']}x{FACTS['people']['perhaps of 1']} merge",
        0,
    ),
}
"""The mark of the task that follows from a late decision, and how many of it there must be."""


@pytest.mark.parametrize("what", FOLLOWS)
def test_its_task_is_made_once(upgrade: Upgrade, what: str) -> None:
    mark, times = FOLLOWS[what]
    for seen in (upgrade.hour_later, upgrade.next_morning, upgrade.third_day):
        assert [bool(task["isCompleted"]) for task in seen.marked(mark)] == [False] * times


def test_its_rows_and_fields_are_written_once(upgrade: Upgrade) -> None:
    seen = upgrade.third_day
    assert {seen.contact(f"no date {n}").get("customClosingAnniversary") for n in range(3)} == {
        "2023-05-04"
    }
    assert seen.contact("quiet buyer 2")["stage"] == "Long-Term Nurture"
    assert seen.contact("no deal 1")["stage"] == "Active Buyer"
    assert [row["Ref"] for row in seen.tabs["Memory"] if row["Ref"].startswith("homestead")] == [
        "homestead FL",
        "homestead GA",
    ]
    leads = Counter(str(row["Lead"]) for row in seen.tabs["Referral Log"] if row["Lead"])
    assert {leads[str(FACTS["people"][f"old referral {n}"])] for n in range(2)} == {1}
    assert max(leads.values()) == 1
    outcomes = {row["Ref"]: row["Outcome"] for row in seen.tabs["Cold Leads"]}
    assert {
        outcomes[f"DB-29 {_person(part)} 2027Q1"] for part in ("cold lead 2", "cold lender")
    } == {"Leave as is"}
    assert len(seen.tabs["Export Log"]) == 1
    assert sum(title.startswith("List ") for title in seen.titles) == 1
    hashes = [row["Hash"] for row in seen.tabs["Suppression"]]
    assert hashes
    assert len(set(hashes)) == len(hashes)
    value = seen.approvals[_draft("value late", date(2026, 12, 29), "MS-09", "value-draft")]
    assert "$400,000" in value["Draft"]


# -- the days after --------------------------------------------------------------------------------


def test_people_go_on_where_they_were(upgrade: Upgrade) -> None:
    sent = upgrade.after_people.approvals[_draft("approved 2", JAN[15])]
    assert sent["Status"].startswith("Sent")
    approved = _draft("waits 2", JAN[18])
    assert upgrade.after_people.approvals[approved]["Acted On"]
    for seen in (upgrade.after_people, upgrade.third_day):
        assert len(seen.marked(_draft("waits 2", JAN[18], "MS-42", "send"))) == 1
        assert len(seen.marked(_draft("approved 2", JAN[15], "MS-42", "send"))) == 1


def test_a_second_pass_of_the_same_moment_writes_nothing_to_contacts(upgrade: Upgrade) -> None:
    followed = {
        mark for mark, _ in FOLLOWS.values()
    }  # a removal follows once its entries are seen in Suppression
    made = [
        task["name"]
        for number, task in upgrade.again.tasks.items()
        if number not in upgrade.at_once.tasks
    ]
    assert [
        name
        for name in made
        if not (found := _MARK.search(name))
        or (found["base"] not in followed and not found["base"].startswith("DB-35"))
    ] == []
    assert upgrade.again.notes.keys() == upgrade.at_once.notes.keys()
    assert {n: c["tags"] for n, c in upgrade.again.contacts.items()} == {
        n: c["tags"] for n, c in upgrade.at_once.contacts.items()
    }
