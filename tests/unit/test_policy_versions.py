"""X-92: a policy's version means its rights; its wording means what people read; and a changed policy lets the work of the one before run on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from daemon.passes.acknowledgement.begun_work import begun, permitted, thread
from daemon.passes.acknowledgement.fingerprints import (
    fingerprint,
    first_fingerprint,
    texts_fingerprint,
)
from daemon.passes.acknowledgement.policy_status import (
    Earlier,
    acknowledgements,
    known_versions,
    status_of,
)
from policies.asks.wants import Finding, Want, WantField, WantNote, WantRow, WantTask, WantWithdrawn
from policies.registry import POLICIES, Policy
from policies.versions import Known, Released, parse, read, written
from policies.world.model import Key
from policies.world.sheet import Workbook
from policies.world.snapshot import Snapshot
from tests.policy_digests import complaints, digest_of, toml
from tests.policy_worlds import PORTALS, WORLDS, Said, asked, collected, lived
from tests.scenes import AGENT, VA, book, own_task, practice, snapshot

BY_NAME = {policy.name: policy for policy in POLICIES}
CLOSING = BY_NAME["milestones.closing_anniversary"]
TODAY = date(2026, 12, 11)


@pytest.mark.clause("X-92")
def test_every_number_still_stands_for_what_it_was_released_with() -> None:
    assert list(complaints(collected(), known_versions())) == []


# -- what a policy may do, and which options it goes by ------------------------------------------------------------------------


@pytest.mark.clause("X-92")
def test_the_worlds_show_a_right_of_every_policy() -> None:
    assert [name for name, known in known_versions().items() if not known.may or (known.released and not known.released.may)] == []


TABLES = ("milestones", "referrals", "database")


def _recording(name: str, table: Any, read: set[str]) -> Any:
    """An option table that notes which of its fields are read, as "database.day_end"."""
    names = frozenset(field.name for field in fields(table))

    class Recording(type(table)):  # type: ignore[misc]  # a class of the table's own kind
        __slots__ = ()

        def __getattribute__(self, field: str) -> Any:
            if field in names:
                read.add(f"{name}.{field}")
            return super().__getattribute__(field)

    return Recording(**{field: getattr(table, field) for field in names})


class _Templates(dict[str, str]):
    """Templates that note which of them are read, as "templates.birthday"."""

    def __init__(self, texts: Mapping[str, str], read: set[str]) -> None:
        super().__init__(texts)
        self.read = read

    def __getitem__(self, name: str) -> str:
        self.read.add(f"templates.{name}")
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.read.add(f"templates.{name}")
        return super().get(name, default)


def _options_read() -> Mapping[str, set[str]]:
    """The options and templates that every policy reads in some of the worlds: in a snapshot of its own, so that no other has read them for it."""
    found = {policy.name: set[str]() for policy in POLICIES}

    def ask(policy: Policy, s: Snapshot) -> list[Finding]:
        tables = {name: _recording(name, getattr(s.practice, name), found[policy.name]) for name in TABLES}
        texts = _Templates(s.practice.templates, found[policy.name])
        alone = replace(s, practice=replace(s.practice, templates=texts, **tables))
        if policy.begins:
            list(policy.begins(alone))
        return asked(policy, alone)

    for n in (*range(0, WORLDS, 8), *range(WORLDS, WORLDS + PORTALS)):
        for _ in lived(n, ask):
            pass
    return found


@pytest.mark.clause("X-92", "rule 13")
def test_a_policy_declares_every_option_and_template_it_reads() -> None:
    read = _options_read()
    for policy in POLICIES:
        read[policy.name] -= {f"{policy.procedure}.{name}" for name in (*policy.options, *policy.text_options)}
        read[policy.name] -= {*policy.goes_by, *(f"templates.{name}" for name in policy.templates)}
    assert {name: left for name, left in read.items() if left} == {}


@pytest.mark.clause("X-92", "rule 13")
@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_an_option_is_of_one_kind_and_another_procedures_is_acknowledged_there(policy: Policy) -> None:
    table = getattr(practice(), policy.procedure)
    assert all(hasattr(table, name) for name in (*policy.options, *policy.text_options))
    assert set(policy.options).isdisjoint(policy.text_options)
    for option in policy.goes_by:
        procedure, _, name = option.partition(".")
        assert procedure != policy.procedure
        assert [p.name for p in POLICIES if p.procedure == procedure and name in p.options]


# -- what the first test says --------------------------------------------------------------------------------------------------

ASKS, READS = ("va", "create", "task", "name", ""), "task name: Thank NAME"


def _said(**changes: Any) -> dict[str, Said]:
    return {CLOSING.name: replace(Said({ASKS}, {READS}, {"task for the VA"}), **changes)}


def _known(policy: Policy = CLOSING) -> dict[str, Known]:
    found = _said()[policy.name]
    may = frozenset(found.may)
    return {policy.name: Known(may, Released(policy.version, digest_of(found.rights), policy.wording, digest_of(found.texts), may, ("state",), ("birthday",)))}


@pytest.mark.clause("X-92")
@pytest.mark.parametrize(("changes", "policy", "says"), [
    ({}, CLOSING, []),
    ({"rights": {ASKS, ("agent", "create", "task", "name", "")}}, CLOSING, ["Raise `version`"]),
    ({"rights": {ASKS, ("", "append", "Approvals", "", "Approve / Reject")}}, replace(CLOSING, version=CLOSING.version + 1), []),
    ({"texts": {READS, "task name: Please thank NAME"}}, CLOSING, ["Raise `wording`"]),
    ({"texts": set()}, replace(CLOSING, wording=CLOSING.wording + 1), []),
    ({"rights": set(), "texts": set()}, CLOSING, ["Raise `version`", "Raise `wording`"]),
    ({"may": {"note"}}, CLOSING, ["make digests"]),
])
def test_the_same_number_for_something_else_is_red_and_says_what_to_raise(changes: Mapping[str, Any], policy: Policy, says: list[str]) -> None:
    found = list(complaints(_said(**changes), _known(), [policy]))
    assert len(found) == len(says)
    for complaint, words in zip(found, says, strict=True):
        assert words in complaint
        assert policy.name in complaint


def test_a_new_policy_has_to_be_entered() -> None:
    assert "make digests" in next(complaints(_said(), {}, [CLOSING]))


def test_what_was_released_is_kept_until_the_next_release() -> None:
    found = {policy.name: _said(texts={"other"})[CLOSING.name] for policy in POLICIES}
    known = _known()
    assert parse(toml(found, known, release=False))[CLOSING.name] == known[CLOSING.name]
    released = parse(toml(found, known, release=True))[CLOSING.name].released
    assert released is not None
    assert (released.texts, released.wording, released.options) == (digest_of({"other"}), CLOSING.wording, ("state",))


def test_rights_are_read_from_a_cell_as_they_were_written() -> None:
    may = frozenset({"task for the VA", "row of Approvals", "field referred_by"})
    assert read(written(may)) == may
    assert read("") == frozenset()


# -- what the agent acknowledged ---------------------------------------------------------------------------------------------

CHANGED = replace(CLOSING, version=CLOSING.version + 1)


def _book(policy: str, what: str, rights: str | None = None) -> Workbook:
    rows = [{"Ref": f"policy {policy}", "What": what}]
    return book({"Memory": [*rows, *([{"Ref": f"rights {policy}", "What": rights}] if rights is not None else [])]})


@pytest.mark.clause("X-92")
@pytest.mark.parametrize(("option", "value", "asks"), [
    ("anniversary_channel", "card", True), ("every_year", False, True),
    ("year_2_subject", "Hello", False), ("referral_ask", "city", False), ("card_vendor", "Handwrytten", False), ("email_platform", "Mailchimp", False)])
def test_an_option_of_rights_asks_the_agent_and_one_of_texts_is_told(option: str, value: object, asks: bool) -> None:
    before = practice()
    after = practice(milestones=replace(before.milestones, **dict[str, Any]({option: value})))
    seen = status_of([CLOSING], after, _book(CLOSING.name, fingerprint(CLOSING, before)))
    assert [p.name for p in seen.pending] == ([CLOSING.name] if asks else [])
    assert (texts_fingerprint(CLOSING, before) != texts_fingerprint(CLOSING, after)) is not asks


@pytest.mark.clause("X-92", "MS-32")
def test_a_changed_template_or_wording_stops_nothing_and_shows() -> None:
    before = practice()
    after = practice(templates={**before.templates, "anniversary_year_1": "Other words"})
    for policy, now in ((CLOSING, after), (replace(CLOSING, wording=CLOSING.wording + 1), before)):
        seen = status_of([policy], now, _book(CLOSING.name, fingerprint(CLOSING, before)))
        assert seen.acknowledged == (policy,)
        assert texts_fingerprint(policy, now) != texts_fingerprint(CLOSING, before)


@pytest.mark.clause("X-92")
@pytest.mark.parametrize("name", sorted(name for name, known in known_versions().items() if known.released and known.released.version == BY_NAME[name].version))
def test_an_acknowledgement_of_the_first_version_counts_and_is_renewed(name: str) -> None:
    policy, own = BY_NAME[name], practice()
    was = known_versions()[name].released
    assert was is not None
    s = snapshot(TODAY, workbook=_book(name, first_fingerprint(policy, own, was)))
    seen = status_of([policy], own, s.workbook)
    assert (seen.acknowledged, seen.renewed, seen.pending) == ((policy,), (policy,), ())
    rows = [("update", f"policy {name}"), ("append", f"rights {name}"), *([("append", f"options {name}")] if policy.options else [])]
    assert [(a.verb, a.mark) for a in acknowledgements(s, seen.renewed)] == rows


def test_the_fingerprints_of_the_first_version_are_those_it_wrote() -> None:
    was = known_versions()["database.opt_outs"].released
    assert was is not None
    # Copied from a Sheet of version 0.1.0: no option and no template is in it, so no setting can change it.
    assert first_fingerprint(BY_NAME["database.opt_outs"], practice(), was) == FIRST_OPT_OUTS


FIRST_OPT_OUTS = "cc500a82f272f591"
"""As in `tests/upgrade/recorded`."""


@pytest.mark.clause("X-92")
def test_a_changed_version_waits_and_keeps_the_rights_it_was_acknowledged_with() -> None:
    own, was = practice(), known_versions()[CLOSING.name].released
    assert was is not None
    first = status_of([CHANGED], own, _book(CLOSING.name, first_fingerprint(CLOSING, own, was)))
    later = status_of([CHANGED], own, _book(CLOSING.name, fingerprint(CLOSING, own), "note; task for the VA"))
    new = status_of([CHANGED], own, book())
    assert first.pending == later.pending == new.pending == (CHANGED,)
    assert first.earlier == {CLOSING.name: Earlier(was.may, own)}
    assert later.earlier == {CLOSING.name: Earlier(frozenset({"note", "task for the VA"}), own)}
    assert new.earlier == {}
    assert (first.acting(()), new.acting(()), first.acting((CHANGED,))) == ((CHANGED,), (), (CHANGED,))


# -- what runs on ------------------------------------------------------------------------------------------------------------

OPEN = Key("MS-09", "d812", "20261218-draft")
RIGHTS = frozenset({"task for the VA", "row of Approvals", "note"})


def _task(key: str, assignee: int = VA) -> WantTask:
    parsed = Key.parse(key)
    assert parsed is not None
    return WantTask(key=parsed, person_id=101, assignee=assignee, name="a task", kind="Follow Up", due=TODAY, useful_until=TODAY)


def _key(text: str) -> Key:
    found = Key.parse(text)
    assert found is not None
    return found


@pytest.mark.clause("X-92")
@pytest.mark.parametrize(("want", "runs_on"), [
    (_task("MS-42 d812 20261218-send"), True),                       # a step of what was begun
    (_task("MS-04 d813 20261220-14d"), False),                       # a touch that is new
    (_task("MS-42 d812 20271218-send"), False),                      # the same home, a year later
    (_task("MS-42 d812 20261218-send", AGENT), False),               # the old version asked no task of the agent
    (WantRow(tab="Approvals", ref=str(OPEN), keep={"Status": "Approved"}), True),
    (WantRow(tab="Referral Log", ref=str(OPEN), keep={"Status": "x"}), False),
    (WantRow(tab="Approvals", ref="ACK 1", keep={"Status": "x"}), False),
    (WantNote(key=_key("MS-09 d812 20261218-48h"), person_id=101, body="b"), True),
    (WantField(key=_key("MS-03 d812 20261218-field"), person_id=101, field="closing_anniversary", value="2026-12-18"), False),
    (WantWithdrawn(key=_key("MS-04 d900 20261220-14d"), task_id=7, person_id=101, because="x"), True),  # ends what was asked before
])
def test_begun_work_runs_on_within_the_rights_of_the_version_before(want: Want, runs_on: bool) -> None:
    s = snapshot(TODAY, workbook=book({"Approvals": [{"Ref": str(OPEN), "Status": "Waiting for your decision"}]}))
    said = {"changed": [Finding("MS-09", "r", want)], "acknowledged": [Finding("MS-09", "r", want)]}
    found = permitted(s, said, {"changed": Earlier(RIGHTS, s.practice)})
    assert found == {"changed": said["changed"] if runs_on else [], "acknowledged": said["acknowledged"]}


@pytest.mark.clause("X-92", "MS-09")
def test_a_row_that_says_what_a_task_does_waits_with_the_task() -> None:
    s = snapshot(TODAY, workbook=book({"Approvals": [{"Ref": str(OPEN), "Status": "Waiting for your decision"}]}))
    send = _task("MS-42 d812 20261218-send")
    handed_over = WantRow(tab="Approvals", ref=str(OPEN), keep={"Status": "Approved: the VA has a task to send it"}, requires=(send.key.life(2),))
    said = [Finding("MS-42", "r", want) for want in (send, handed_over)]
    assert permitted(s, {"changed": said}, {"changed": Earlier(frozenset({"row of Approvals"}), s.practice)}) == {"changed": []}
    assert permitted(s, {"changed": said}, {"changed": Earlier(RIGHTS, s.practice)}) == {"changed": said}
    assert permitted(s, {"changed": said}, {"changed": Earlier(None, s.practice)}) == {"changed": said}  # the same version, and so its rights


def test_an_affair_is_known_by_a_task_a_row_or_what_was_written_once() -> None:
    s = snapshot(TODAY, tasks=(own_task("RF-08 p101 thanks"),), workbook=book({"Referral Log": [{"Ref": "RF-01 p102 referral"}]}),
                 written=frozenset({"RF-25 p103 intake"}), deleted=frozenset({_key("RF-08 p104 thanks")}))
    assert begun(s) == {("RF", "p101", ""), ("RF", "p102", ""), ("RF", "p103", ""), ("RF", "p104", "")}


@pytest.mark.parametrize(("key", "expected"), [
    ("MS-09 d812 20261218-draft", ("MS", "d812", "20261218")), ("MS-43 p101 20270305-birthday-14d", ("MS", "p101", "20270305")),
    ("RF-20 a0 202611-audit", ("RF", "a0", "202611")), ("DB-31 a0 2027Q1", ("DB", "a0", "2027Q1")),
    ("RF-47 p101 d812-20261218-fee", ("RF", "p101", "")), ("RF-27 p50 n4", ("RF", "p50", ""))])
def test_the_affair_of_a_key(key: str, expected: tuple[str, str, str]) -> None:
    assert thread(_key(key)) == expected
