"""Stories in which an unlucky world, or people, set traps for the dangerous half of the database procedure: who is in a list, who is
removed, and how much changes without a word."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.account.ledger import Ledger
from daemon.passes import guard, limits
from daemon.passes import plan as planning
from daemon.passes.absence import deleted_records
from daemon.passes.actions import Action
from daemon.passes.forecast import after
from policies.asks.wants import Finding, WantRow, WantStage
from policies.database.lists import csv_text, lists
from policies.database.lists.campaigns import Campaign, cautions, problems
from policies.database.lists.segments import Segment, StageNames, Unclear, parse
from policies.database.reviews import cold_leads, removal
from policies.facts import suppression, taxonomy
from policies.facts.contact_permission import opt_out
from policies.facts.same_person.conflicts import held
from policies.world.model import (
    STAGE_LABELS,
    Contact,
    Key,
    MailEvent,
    MailFate,
    Reach,
    Stage,
)
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, open_tasks, passed, plan, rows, task, ticked, typed
from tests.scenes import at, book, client, practice, purchase, snapshot

DAY = date(2026, 12, 14)
PURGE_DAY = date(2027, 1, 4)
KEY = b"a long random text that nobody else has"
BUYERS = Segment(stages=(Stage.ACTIVE_BUYER,))
SPRING = Campaign("Spring", "buyer campaign")
ASKED = {"Stages": "Active Buyer", "Tags": "", "Campaign": "Spring", "Purpose": "buyer campaign", "Phones": ""}
DATABASE = "database."


def staged(stage: Stage | None, number: int = 101, **changes: Any) -> Contact:
    return client(number, **{"stage": stage, "stage_label": STAGE_LABELS[stage] if stage else "Warm", "created": at(date(2024, 1, 8)),
                             "emails": (Reach(f"p{number}@example.com", "Valid"),), **changes})


def buyer(number: int = 101, **changes: Any) -> Contact:
    return staged(Stage.ACTIVE_BUYER, number, **changes)


def world(*people: Contact, day: date = DAY, **changes: Any) -> Snapshot:
    return snapshot(day, people, **{"practice": practice(suppression_key=KEY), **changes})


def members(s: Snapshot, segment: Segment = BUYERS, campaign: Campaign | None = None) -> list[int]:
    return [c.id for c in lists.pull(s, segment, campaign).members]


def tabbed(s: Snapshot, tab: str, *cells: dict[str, Any]) -> Snapshot:
    """The world in which people typed these rows below those that are in the tab."""
    return rows(s, tab, lambda there: (*there, *(Row(str(one.get("Ref", "")), one) for one in cells)))


def listed(s: Snapshot) -> Snapshot:
    """A pass of the policy of lists."""
    return passed(s, prefix="database.lists")


def confirmation(s: Snapshot) -> str:
    """The Ref of the one list that is before the agent."""
    (ref,) = [row.ref for row in s.workbook.rows("Approvals") if row.ref.startswith("DB-36") and not row.text("Acted On")]
    return ref


def titles(s: Snapshot) -> list[str]:
    return sorted(title for title in s.workbook.titles if title.startswith("List "))


def purged(*people: Contact) -> Snapshot:
    """The world once the purge list stands and is before the agent."""
    s = world(*people, day=PURGE_DAY)
    return passed(passed(s, prefix="database.purge"), prefix="database.purge")


def entries(*people: Contact) -> list[dict[str, Any]]:
    s = world(*people)
    return [{"Ref": f.want.ref, **f.want.first} for c in people for f in suppression.entries_for(s, c) if isinstance(f.want, WantRow)]


# -- who opted out, and how it can hide ------------------------------------------------------------------------------------


@pytest.mark.clause("DB-37", "X-35")
@pytest.mark.parametrize("tag", ["dnc", "DNC ", " Do Not Contact", "Do  Not\u00a0Contact", "do-not-contact", "Do\u2013Not\u2013Contact", "UNSUBSCRIBED",
                                 "D\u200bNC", "Ｄ\uff2e\uff23"])
def test_an_opt_out_is_one_however_its_tag_is_typed(tag: str) -> None:
    assert members(world(buyer(101, tags=(tag,)), buyer(102))) == [102]


@pytest.mark.clause("DB-37", "X-49")
@pytest.mark.parametrize("tag", ["deceased ", "DECEASED", "\u00a0Deceased"])
def test_the_dead_are_in_no_list_however_their_tag_is_typed(tag: str) -> None:
    assert members(world(buyer(101, tags=(tag,)), buyer(102))) == [102]


@pytest.mark.clause("DB-37", "DB-16")
@pytest.mark.parametrize("label", ["DNC", "do not contact", "Do Not Contact ", "Unsubscribed"])
def test_a_stage_that_is_named_like_an_opt_out_is_one_though_nobody_mapped_it(label: str) -> None:
    s = world(staged(None, 101, stage_label=label, tags=("Zillow",)), staged(None, 102, stage_label="Warm", tags=("Zillow",)))

    assert members(s, Segment(tags=(("Zillow",),))) == [102]


@pytest.mark.clause("X-35", "X-64", "DB-37")
@pytest.mark.parametrize("others", [(), (Reach("b@example.com", "Bounced"),), (Reach("b@example.com", "Invalid"),), (Reach("b@example.com", "Valid"),)])
def test_who_unsubscribed_any_one_address_is_not_written_to(others: tuple[Reach, ...]) -> None:
    contact = buyer(emails=(Reach("a@example.com", "Unsubscribed"), *others))
    s = world(contact)

    assert opt_out(s, contact)
    assert members(s) == []


@pytest.mark.clause("DB-37")
def test_the_shell_of_a_merge_keeps_its_opt_out() -> None:
    """The VA merged the wrong way round: the stage Do Not Contact went into the Trash, with the day since when."""
    shell = client(1, stage=None, stage_label="Trash", trashed=True, emails=(Reach("home@example.com"),), fields={"do_not_contact_since": "2026-03-02"})

    assert members(world(shell, buyer(101, emails=(Reach("HOME@example.com", "Valid"),)), buyer(102))) == [102]


@pytest.mark.clause("DB-34", "DB-37", "X-33", "X-65")
def test_a_merge_that_lost_an_opt_out_is_no_end_of_it() -> None:
    """The CRM fills the survivor's empty fields from the shell: the day since when came along, the stage did not."""
    since = {"do_not_contact_since": "2026-03-02"}
    shell = client(1, stage=None, stage_label="Trash", trashed=True, emails=(Reach("home@example.com"),), fields=since)
    s = world(shell, buyer(101, emails=(Reach("home@example.com", "Valid"),), fields=since), buyer(102, fields=since))
    s = passed(s, prefix="database.opted_out_since")

    assert s.contacts[101].fields == since, "nobody said that this one may be written to again"
    assert s.contacts[102].fields == since, "only the agent's answer takes it back: another integration may have dropped the sign"


@pytest.mark.clause("DB-37")
def test_who_unsubscribed_before_a_merge_is_still_out_after_it() -> None:
    shell = client(1, stage=None, stage_label="Trash", trashed=True, emails=(Reach("home@example.com"),))
    s = world(shell, buyer(101, emails=(Reach("home@example.com", "Valid"),)), mail=(MailEvent(id=1, person_id=1, fate=MailFate.UNSUBSCRIBED),))

    assert members(s) == []


@pytest.mark.clause("DB-37")
def test_five_records_of_one_person_are_no_office_line() -> None:
    """A number that many people carry says nothing, and a number that one person's duplicates carry says everything."""
    phone = (Reach("(512) 555-0100"),)
    shells = [client(n, trashed=n % 2 == 0, phones=phone, emails=()) for n in range(2, 7)]
    s = world(client(1, stage=Stage.DO_NOT_CONTACT, phones=phone), *shells, buyer(101, emails=(), phones=phone))

    assert members(s) == []


@pytest.mark.clause("DB-37")
@pytest.mark.parametrize("spelled", [
    "512.555.0100", "+1 (512) 555-0100", "1-512-555-0100", "5125550100 ext 7", "512-555-0100 extension 7", "512-555-0100;ext=7", "(512) 555-0100 ext: 7",
    "512-555-0100 x. 7", "001 512 555 0100", "011 1 512 555 0100", "tel:+1-512-555-0100", "\u202a512-555-0100\u202c"])
def test_a_number_that_opted_out_is_met_again_however_it_is_formatted(spelled: str) -> None:
    refuser = client(1, stage=Stage.DO_NOT_CONTACT, phones=(Reach("(512) 555-0100"),))
    gone = client(1, phones=(Reach("(512) 555-0100"),))
    again = buyer(101, emails=(), phones=(Reach(spelled),))

    assert members(world(refuser, again)) == []
    assert members(world(again, workbook=book({"Suppression": entries(gone)}))) == []


@pytest.mark.clause("DB-37", "X-34")
@pytest.mark.parametrize(("gone", "again"), [("+44 20 7946 0000", "+44 (0)20 7946 0000"), ("011 44 20 7946 0000", "+442079460000"),
                                             ("0044 20 7946 0000", "+44 20 7946 0000")])
def test_a_number_from_abroad_is_met_again_too(gone: str, again: str) -> None:
    s = world(buyer(101, emails=(), phones=(Reach(again),)), workbook=book({"Suppression": entries(client(1, phones=(Reach(gone),)))}))

    assert members(s) == []


@pytest.mark.clause("DB-37", "X-34")
@pytest.mark.parametrize("spelled", [
    "Jane.Doe@Gmail.com", "janedoe@gmail.com", "j.a.n.e.doe@googlemail.com", "jane.doe+homes@gmail.com", "jane.doe@gmail.com.", "\u200bjane.doe@gmail.com",
    "mailto:jane.doe@gmail.com", "Jane Doe <jane.doe@gmail.com>"])
def test_a_mailbox_that_opted_out_is_met_again_however_it_is_spelled(spelled: str) -> None:
    refuser = client(1, stage=Stage.DO_NOT_CONTACT, emails=(Reach("jane.doe@gmail.com"),))
    gone = client(1, emails=(Reach("jane.doe@gmail.com"),))
    again = buyer(101, emails=(Reach(spelled, "Valid"),))

    assert members(world(refuser, again)) == []
    assert members(world(again, workbook=book({"Suppression": entries(gone)}))) == []


@pytest.mark.clause("DB-37")
def test_dots_tell_two_people_apart_where_they_mean_something() -> None:
    refuser = client(1, stage=Stage.DO_NOT_CONTACT, emails=(Reach("jane.doe@example.com"),))

    assert members(world(refuser, buyer(101, emails=(Reach("janedoe@example.com", "Valid"),)))) == [101]


@pytest.mark.clause("DB-37", "X-61", "X-64")
def test_a_spouse_is_not_reached_through_the_shared_line_of_one_who_opted_out() -> None:
    home = (Reach("512-555-0100"),)
    one = client(1, first_name="Ben", tags=("DNC",), phones=home, assigned_user_id=5)

    s = world(one, buyer(101, phones=home), buyer(102, emails=(), phones=home))
    assert members(s) == [101], "by another address of theirs, although the other is another agent's contact"
    assert lists.cells(s, s.contacts[101], phones=True)[-1] == ""


# -- what the agent confirmed, and what is exported -------------------------------------------------------------------------


@pytest.mark.clause("DB-36")
@pytest.mark.parametrize("change", ["joined", "left", "opted out", "swapped"])
def test_a_confirmation_is_void_when_anybody_joins_or_leaves(change: str) -> None:
    s = listed(tabbed(world(buyer(101), buyer(102)), "Lists", ASKED))
    s = decided(s, confirmation(s), "Approve")
    if change in {"joined", "swapped"}:
        s = replace(s, contacts={**s.contacts, 103: buyer(103)})
    if change in {"left", "swapped"}:
        s = changed(s, 102, stage=Stage.COLD_LEAD, stage_label="Cold Lead")
    if change == "opted out":
        s = changed(s, 102, tags=("DNC",))
    s = listed(s)

    assert titles(s) == []
    assert s.workbook.rows("Export Log") == ()
    assert cell(s, "Approvals", confirmation(s), "Status").startswith("Decide again")
    assert titles(listed(s)) == [], "the old word does not count for the new list either"


@pytest.mark.clause("DB-36")
@pytest.mark.parametrize("change", [{"Phones": "Yes"}, {"Campaign": "Autumn"}, {"Purpose": "newsletter"}])
def test_a_confirmation_is_void_when_the_row_asks_for_something_else(change: dict[str, Any]) -> None:
    s = listed(tabbed(world(buyer(phones=(Reach("5125550100"),))), "Lists", ASKED))
    s = decided(s, confirmation(s), "Approve")
    s = listed(typed(s, "Lists", s.workbook.rows("Lists")[0].ref, **change))

    assert titles(s) == []


@pytest.mark.clause("DB-36")
def test_a_list_is_asked_for_again_by_typing_it_again() -> None:
    """Last month's row was taken out of the tab, and the same words are typed once more: that is another list."""
    s = listed(tabbed(world(buyer()), "Lists", ASKED))
    s = listed(decided(s, confirmation(s), "Approve"))
    s = listed(tabbed(rows(s, "Lists", lambda _: ()), "Lists", ASKED))

    (row,) = s.workbook.rows("Lists")
    assert row.text("Status") == "1 contact. The agent is asked in Approvals"
    s = listed(decided(s, confirmation(s), "Approve"))
    assert len(titles(s)) == len(s.workbook.rows("Export Log")) == 2


@pytest.mark.clause("DB-36")
def test_of_three_rows_that_read_alike_the_middle_one_is_typed_anew() -> None:
    s = listed(tabbed(world(buyer()), "Lists", ASKED, dict(ASKED), dict(ASKED)))
    s = rows(s, "Lists", lambda there: (there[0], there[2]))
    s = listed(tabbed(s, "Lists", ASKED))

    assert len({row.ref for row in s.workbook.rows("Lists")} - {""}) == 3
    assert all(row.text("Status") for row in s.workbook.rows("Lists"))


@pytest.mark.clause("DB-36")
def test_a_row_of_a_list_that_is_out_does_not_pretend_to_be_another() -> None:
    s = listed(tabbed(world(buyer(), staged(Stage.COLD_LEAD, 102)), "Lists", ASKED))
    s = listed(decided(s, confirmation(s), "Approve"))
    ref = s.workbook.rows("Lists")[0].ref
    s = listed(typed(s, "Lists", ref, Stages="Cold Lead", Purpose="nurture"))

    assert cell(s, "Lists", ref, "Status").startswith("Not ready: this row's list is out already")
    assert len(titles(s)) == 1
    s = listed(typed(s, "Lists", ref, Stages="Active Buyer", Purpose="buyer campaign"))
    assert cell(s, "Lists", ref, "Status").startswith("Done: it is in the tab")


@pytest.mark.clause("DB-36")
@pytest.mark.parametrize("ref", ["DB-36 x1 list", "DB-36 f123 list", "DB-35 a0 2027-dnc", "MS-04 d812 20261218-14d", "my list", "DB-36 t123 confirm"])
def test_a_ref_that_somebody_typed_stops_nobody_elses_list(ref: str) -> None:
    s = listed(tabbed(world(buyer()), "Lists", {**ASKED, "Ref": ref}, {**ASKED, "Campaign": "Autumn"}))

    assert cell(s, "Lists", ref, "Status").startswith("Not ready: the Ref")
    assert len([row for row in s.workbook.rows("Approvals") if row.ref.startswith("DB-36")]) == 1


@pytest.mark.clause("DB-36", "DB-10")
def test_a_tab_that_somebody_made_is_not_taken_for_the_list() -> None:
    s = listed(tabbed(world(buyer()), "Lists", ASKED))
    s = decided(s, confirmation(s), "Approve")
    title = titles(listed(s))[0]
    s = listed(replace(s, workbook=replace(s.workbook, titles=frozenset({title.upper()}))))

    assert s.workbook.rows("Export Log") == (), "nothing was exported, so nothing is logged"
    assert cell(s, "Lists", s.workbook.rows("Lists")[0].ref, "Status").startswith(f"Not ready: there is a tab {title!r} already")
    s = listed(replace(s, workbook=replace(s.workbook, titles=frozenset())))
    assert titles(s) == [title]


@pytest.mark.clause("DB-36", "DB-37")
@pytest.mark.parametrize("text", ["=1+1", "+1 512", "-2", "@x", "\t=1", "\r\n=1", " =1", "'=1", "''", "a\n=b\r\n@c", "\u00a0=1", "\ufeff=1", "\u200b-1", "|x", "%1",
                                  "\uff1d1", "\"", "\",\"", "a,b;c", "\x00=1", "\x0b=1", "\u2028=1", "\x85=1", "", " ", "\n", "=cmd|'/c calc'!A0"])
def test_a_cell_comes_back_as_it_was_and_runs_nothing(text: str) -> None:
    written = csv_text.written([("x", text, "y")])
    ((before, shown, behind),) = csv.reader(io.StringIO(written, newline=""), strict=True)

    assert (before, csv_text.plain(shown), behind) == ("x", text, "y")
    lines = shown.replace("\r", "\n").split("\n")
    assert not [line for line in lines if line.strip("\u00a0\u200b\ufeff\x00\x85\u2028 \t\v").startswith(("=", "+", "-", "@", "|", "%", "\uff1d"))]


@pytest.mark.clause("DB-37", "DB-16")
@pytest.mark.parametrize("label", ["Do Not Contact", "No Mail Please", "Trash", "trash"])
def test_whom_nobody_may_write_to_is_no_segment_by_any_name(label: str) -> None:
    names = StageNames(("Active Buyer", "No Mail Please", "Do Not Contact", "Trash"), {Stage.DO_NOT_CONTACT: ("Do Not Contact", "No Mail Please")})

    with pytest.raises(Unclear, match="is in no list"):
        parse(names, stages=[label])


# -- fair housing and cross-contamination -----------------------------------------------------------------------------------


@pytest.mark.clause("DB-18", "DB-36")
@pytest.mark.parametrize("tag", [
    "Young families", "Hispanics", "African Americans", "Muslims", "empty\u2013nesters", "Family_Buyers", "SingleMoms", "55+", "55 and older", "Retired couples",
    "ＦＡＭＩＬＩＥＳ", "No Kids", "Wheelchair users", "Spanish speakers", "Deaf", "Jews"])
def test_a_list_is_not_picked_by_a_protected_class(tag: str) -> None:
    assert taxonomy.protected(tag)
    found = problems(Segment(stages=(Stage.ACTIVE_BUYER,), tags=((tag,),)), Campaign("Spring", "open house"), ())
    assert [why for why in found if "fair housing" in why.casefold()]
    s = listed(tabbed(world(buyer(tags=(tag,))), "Lists", {**ASKED, "Stages": "", "Tags": tag}))
    assert "fair housing" in s.workbook.rows("Lists")[0].text("Status").casefold()
    assert s.workbook.rows("Approvals") == ()


@pytest.mark.clause("DB-18", "DB-36")
@pytest.mark.parametrize("tag", ["Single Family", "Multifamily", "Two-family", "First-time buyer", "Downsizer", "Mother-in-law suite", "VIP Client", "$400–500K",
                                 "Open House — 9 Church St — 12/12/2026", "Hot Lead", "Investment buyer"])
def test_the_procedures_words_and_kinds_of_property_are_lists(tag: str) -> None:
    assert taxonomy.protected(tag) == ""
    assert problems(Segment(tags=((tag,),)), SPRING, ()) == ()


@pytest.mark.clause("DB-18", "DB-36")
def test_a_place_may_be_called_temple() -> None:
    """A city of that name is where people live; a tag that only sounds so is not."""
    segment = Segment(tags=(("Temple",),))

    assert problems(segment, SPRING, ("Temple",)) == ()
    assert problems(segment, SPRING, ("Austin",)) != ()
    assert problems(Segment(tags=(("Families",),), areas=("Temple",)), SPRING, ("Temple",)) != ()


@pytest.mark.clause("DB-36")
@pytest.mark.parametrize(("campaign", "warns"), [
    (Campaign("Spring", "for young families"), True), (Campaign("Church picnic"), True), (Campaign("Spring", "newsletter"), False)])
def test_what_a_campaign_is_for_is_looked_at_too(campaign: Campaign, warns: bool) -> None:
    assert bool([line for line in cautions(BUYERS, campaign, ()) if "Fair housing" in line]) is warns


@pytest.mark.clause("DB-36")
def test_an_accounts_own_stage_may_not_name_a_protected_class_either() -> None:
    assert problems(Segment(stages=("Seniors",)), SPRING, ())
    assert problems(Segment(stages=("Warm",)), SPRING, ()) == ()


@pytest.mark.clause("DB-38")
@pytest.mark.parametrize("words", ["Seller_Only_Q1", "seller-only", "SELLERS", "What is your home worth?", "home value update"])
def test_a_seller_campaign_is_one_however_its_name_is_typed(words: str) -> None:
    assert members(world(buyer()), BUYERS, Campaign(words)) == []


# -- open house --------------------------------------------------------------------------------------------------------------

NINA = {"First Name": "Nina", "Last Name": "Sample", "Email": "nina@example.org", "Phone": "(512) 555-0188", "Address": "9 Oak St, Austin",
        "Date": date(2026, 12, 12)}


def signed(*people: Contact, **change: Any) -> Snapshot:
    s = world(*people)
    return passed(tabbed(s, "Open House", {**NINA, **{name.replace("_", " "): value for name, value in change.items()}}), prefix="database.open_house")


def says(s: Snapshot, n: int = 0) -> str:
    return s.workbook.rows("Open House")[n].text("Status")


@pytest.mark.clause("DB-27", "X-34")
@pytest.mark.parametrize("opt_out", [{"tags": ("DNC",)}, {"fields": {"do_not_contact_since": "2025-01-02"}}, {"emails": (Reach("nina@example.org", "Unsubscribed"),)}])
def test_who_opted_out_and_lies_in_the_trash_is_not_made_again(opt_out: dict[str, Any]) -> None:
    gone = client(7, **{"stage": None, "stage_label": "Trash", "trashed": True, "emails": (Reach("nina@example.org"),), **opt_out})
    s = signed(gone)

    assert list(s.contacts) == [7]
    assert "the agent decides" in says(s)


@pytest.mark.clause("DB-27", "X-34")
@pytest.mark.parametrize("change", [{"Email": "NINA+oh@Example.org"}, {"Phone": "1 512 555 0188", "Email": ""}, {"Phone": "512-555-0188 extension 2", "Email": ""}])
def test_who_was_purged_is_not_made_again_by_signing_in(change: dict[str, Any]) -> None:
    gone = client(1, emails=(Reach("nina@example.org"),), phones=(Reach("5125550188"),))
    s = world(workbook=book({"Suppression": entries(gone)}))
    s = passed(tabbed(s, "Open House", {**NINA, **change}), prefix="database.open_house")

    assert s.contacts == {}
    assert says(s) == "Asked not to be contacted before: the agent decides"


@pytest.mark.clause("DB-27", "DB-11")
@pytest.mark.parametrize(("stage", "name", "made"), [
    (Stage.DO_NOT_CONTACT, "nina", False), (Stage.DO_NOT_CONTACT, "Niña", False), (Stage.DO_NOT_CONTACT, "Nina.", False),
    (Stage.DO_NOT_CONTACT, "Nino", True), (Stage.COLD_LEAD, "Nina", True)])
def test_who_opted_out_and_signs_in_with_another_address_is_not_made_anew_without_a_look(stage: Stage, name: str, made: bool) -> None:
    s = signed(staged(stage, 7, first_name=name, last_name="Sample", emails=(Reach("old@example.org"),)))

    assert (len(s.contacts) == 2) is made
    assert ("has the same name and is Do Not Contact" in says(s)) is not made


@pytest.mark.clause("DB-27", "X-49", "X-66", "X-64")
@pytest.mark.parametrize(("signs", "because", "question"), [
    ({"tags": ("Deceased",)}, "is deceased", ""), ({"tags": ("deceased",), "trashed": True, "stage": None, "stage_label": "Trash"}, "is deceased", ""),
    ({"last_name": "Sample (Deceased)"}, "is held (the name says deceased)", "DB-42 p7 died"),
    ({"last_name": "Sample - deceased 3/2026", "tags": ("Deceased",)}, "is deceased", ""),
    ({"background_of_death": True}, 'is held (the background begins with "Deceased")', "DB-42 p7 died"),
    ({"tags": ("STOP",)}, 'is held (the tag "STOP" may mean that they are not to be contacted)', "word"),
    ({"last_name": "Sample - DNC"}, 'is held (the text "DNC" in the name may mean that they are not to be contacted)', "word"),
    ({"unreadable": ("tags",)}, "is held (their tags cannot be read)", ""),
    ({"emails": (Reach("old@example.org", "Unsubscribed"),)}, "unsubscribed from email", ""),
    ({"fields": {"do_not_contact_since": "2025-01-02"}}, "is held (Do Not Contact Since holds 2025-01-02, and no sign of it shows)", "")])
def test_who_died_or_opted_out_and_signs_in_with_another_address_is_not_made_anew(signs: dict[str, Any], because: str, question: str) -> None:
    s = signed(client(7, **{"first_name": "Nina", "last_name": "Sample", "emails": (Reach("old@example.org"),), **signs}))

    assert list(s.contacts) == [7]
    assert says(s) == (f"Contact 7 has the same name and {because}, so nobody is added: if it is another person, add them by hand and type their number"
                       " into Contact")
    assert [row.ref for row in s.workbook.rows("Approvals") if question in row.ref] == ([row.ref for row in s.workbook.rows("Approvals")] if question else [])
    assert bool(s.workbook.rows("Approvals")) is bool(question)


@pytest.mark.clause("DB-27", "X-49", "X-66")
@pytest.mark.parametrize("answer", ["Means something else", "No email"])
def test_a_name_that_does_not_mean_a_death_opens_the_door_of_a_sign_in(answer: str) -> None:
    s = signed(client(7, first_name="Nina", last_name="Sample (Deceased)", emails=(Reach("old@example.org"),)))
    s = passed(decided(s, "DB-42 p7 died", answer), prefix="database.open_house")

    assert len(s.contacts) == 2


@pytest.mark.clause("DB-27", "X-64", "X-49")
@pytest.mark.parametrize(("signs", "status"), [
    ({"tags": ("DNC",)}, "Contact 7 is Do Not Contact: neither added nor tagged; the agent decides"),
    ({"emails": (Reach("nina@example.org", "Globally unsubscribed"),)}, "Contact 7 unsubscribed from email: neither added nor tagged; the agent decides"),
    ({"tags": ("Deceased",)}, "Contact 7 is deceased: neither added nor tagged; the agent decides"),
    ({"fields": {"do_not_contact_since": "2025-01-02"}},
     "Contact 7 is held (Do Not Contact Since holds 2025-01-02, and no sign of it shows): neither added nor tagged; the agent decides"),
    ({"tags": ("Deceased",), "trashed": True, "stage": None, "stage_label": "Trash"}, "Contact 7, in the Trash, is deceased: neither added nor tagged; the agent decides"),
    ({"tags": ("Steward: skip",)}, "Contact 7 is to be left alone: neither added nor tagged")])
def test_the_status_of_a_sign_in_says_what_is_true_of_the_contact(signs: dict[str, Any], status: str) -> None:
    s = signed(client(7, **{"first_name": "Nina", "last_name": "Sample", "emails": (Reach("nina@example.org"),), **signs}))

    assert (list(s.contacts), says(s)) == ([7], status)


@pytest.mark.clause("DB-17", "X-34")
@pytest.mark.parametrize("again", [True, False])
def test_a_purged_person_who_is_imported_again_is_not_answered_before_the_agent_decides(again: bool) -> None:
    gone = client(1, emails=(Reach("ana@example.com" if again else "other@example.com"),))
    lead = staged(Stage.NEW_LEAD, 101, created=at(DAY, 5), source="Zillow", emails=(Reach("Ana@Example.com"),))
    s = passed(world(lead, workbook=book({"Suppression": entries(gone)})), prefix="database.speed_to_lead")

    assert open_tasks(s)["DB-17 p101 respond"].startswith("Removed as Do Not Contact before: Ana Lopez" if again else "Respond now: Ana Lopez")
    assert len(s.notes) == (not again), "no first response is suggested"


@pytest.mark.clause("DB-27", "X-57")
def test_another_agents_client_who_signs_in_is_not_tagged() -> None:
    s = signed(staged(Stage.ACTIVE_BUYER, 101, first_name="Nina", last_name="Sample", emails=(Reach("nina@example.org"),), assigned_user_id=5))

    assert s.contacts[101].tags == ()
    assert "another agent's" in says(s)
    assert list(s.contacts) == [101]


@pytest.mark.clause("DB-27")
def test_two_rows_of_one_address_make_one_contact() -> None:
    """A couple with one e-mail address, and somebody who came to two open houses."""
    s = tabbed(world(), "Open House", NINA, {**NINA, "Address": "14 Elm St"}, {**NINA, "First Name": "Ben"})
    s = passed(passed(passed(s, prefix="database.open_house"), prefix="database.open_house"), prefix="database.open_house")
    (made,) = s.contacts.values()

    assert set(made.tags) == {"Open House — 9 Oak St Austin — 12/12/2026", "Open House — 14 Elm St — 12/12/2026"}
    assert says(s, 2).startswith("This e-mail or phone is in the CRM under another name")


@pytest.mark.clause("DB-27")
@pytest.mark.parametrize(("day", "said"), [
    ("12/12/2026", ""), ("2026-12-12", ""), ("yesterday", "'yesterday' is no date"), ("13/45/2026", "'13/45/2026' is no date"),
    (date(2027, 12, 12), "12/12/2027 is not here yet"), (date(2026, 12, 14), ""), ("", "Fill in Date")])
def test_a_date_that_is_none_is_said_to_be_none(day: Any, said: str) -> None:
    s = signed(Date=day)

    assert says(s).startswith(said or "Being added")
    assert bool(s.contacts) is not bool(said)
    assert not said or s.contacts == {}


@pytest.mark.clause("DB-27")
@pytest.mark.parametrize("address", ["9 Oak St, Unit 4, Austin", "1234 Very Long Name of a Boulevard in the Hills, Building Seven, Austin, Texas 78701", "x" * 300, ",,, 9 Oak",
                                     "9 Oak\nSt", "9 Oak – Rear"])
def test_a_tag_has_no_comma_and_fits(address: str) -> None:
    (made,) = signed(Address=address).contacts.values()
    (tag,) = made.tags

    assert "," not in tag
    assert len(tag) <= 64
    assert tag.startswith("Open House — ")
    assert tag.endswith(" — 12/12/2026")


# -- the purge ---------------------------------------------------------------------------------------------------------------


def refuser(since: str, number: int = 101, **changes: Any) -> Contact:
    return staged(Stage.DO_NOT_CONTACT, number, **{"fields": {"do_not_contact_since": since}, **changes})


@pytest.mark.clause("DB-34", "X-48", "X-33", "X-36")
@pytest.mark.parametrize(("since", "day", "goes"), [
    ("2025-01-04", date(2027, 1, 4), True), ("2025-01-05", date(2027, 1, 4), False), ("2024-02-29", date(2026, 2, 27), False),
    ("2024-02-29", date(2026, 2, 28), True), ("2022-02-28", date(2024, 2, 28), True), ("2022-03-01", date(2024, 2, 29), False),
    ("2062-01-04", date(2027, 1, 4), False), ("last year", date(2027, 1, 4), False), ("1900-01-01", date(2027, 1, 4), False),
    ("1970-01-01", date(2027, 1, 4), False), ("2010-05-05", date(2027, 1, 4), True)])
def test_two_years_are_two_years_and_a_day_nobody_meant_is_none(since: str, day: date, goes: bool) -> None:
    assert bool(removal.candidates(world(refuser(since), day=day))) is goes


@pytest.mark.clause("DB-33", "DB-42")
@pytest.mark.parametrize("contact", [refuser("2020-01-04"), staged(Stage.UNDER_CONTRACT, last_name="", emails=(), phones=())])
@pytest.mark.parametrize(("closed", "goes"), [(False, False), (True, True)])
def test_nobody_in_a_transaction_is_recommended_for_removal(contact: Contact, closed: bool, goes: bool) -> None:
    s = world(contact, day=PURGE_DAY, deals=[purchase(date(2027, 2, 1), 1, closed=closed)])

    assert bool(removal.candidates(s)) is goes


@pytest.mark.clause("DB-34")
@pytest.mark.parametrize("source", ["Referral — Ana Lopez", "Referral - ANA LOPEZ", "Past Client Referral – Ana  Lopez"])
def test_who_is_named_as_the_source_of_a_lead_has_referral_value(source: str) -> None:
    s = world(refuser("2020-01-04"), buyer(102, first_name="Bo", source=source), day=PURGE_DAY)

    assert removal.candidates(s) == ()
    assert removal.candidates(world(refuser("2020-01-04"), buyer(102, first_name="Bo", source="Zillow"), day=PURGE_DAY)) != ()


@pytest.mark.clause("X-34", "DB-35", "DB-37")
def test_the_shell_of_one_who_opted_out_is_remembered_before_it_goes() -> None:
    mail = (Reach("home@example.com"),)
    shell = client(1, stage=None, stage_label="Trash", trashed=True, emails=mail, fields={"do_not_contact_since": "2026-03-02"})
    s = purged(shell, buyer(101, emails=mail))
    s = passed(decided(s, "DB-35 a0 2027-shell", "Approve"), prefix="database.purge")
    assert [row.text("Kind") for row in s.workbook.rows("Suppression")] == ["e-mail"]
    s = passed(s, prefix="database.purge")
    assert "DB-35 p1 2027-remove" in open_tasks(s)

    assert members(replace(s, contacts={101: s.contacts[101]})) == [], "the shell is gone, its word is not"


@pytest.mark.clause("DB-06", "DB-35")
@pytest.mark.parametrize("trick", ["outcome", "group", "row"])
def test_nobody_is_removed_by_what_a_va_types_into_the_purge_list(trick: str) -> None:
    s = purged(refuser("2020-01-04", 101), refuser("2020-01-04", 102))
    if trick == "outcome":
        s = typed(s, "Purge", "DB-34 p101 2027", Outcome="Approved: the VA has a task")
    if trick == "group":
        s = typed(s, "Purge", "DB-34 p101 2027", Group="Unworkable records")
        s = decided(passed(s, prefix="database.purge"), "DB-35 a0 2027-unworkable", "Approve")
    if trick == "row":
        s = passed(decided(s, "DB-35 a0 2027-dnc", "Approve"), prefix="database.purge")
        s = replace(s, contacts={**s.contacts, 103: refuser("2020-01-04", 103)})
        s = tabbed(s, "Purge", {**s.workbook.rows("Purge")[0].cells, "Ref": "DB-34 p103 2027", "Outcome": "Approved: the VA has a task"})
    s = passed(passed(s, prefix="database.purge"), prefix="database.purge")

    assert not [mark for mark in open_tasks(s) if mark.startswith(("DB-35 p103", "DB-35 p101") if trick != "row" else "DB-35 p103")]


# -- what the agent decided of people who have moved on meanwhile -----------------------------------------------------------


def cold(*numbers: int) -> Snapshot:
    """The world once the cold leads of the quarter are before the agent."""
    people = [staged(Stage.COLD_LEAD, n, first_name=f"Ana{n}", last_communication=at(date(2026, 6, 1))) for n in numbers]
    return passed(passed(world(*people, day=PURGE_DAY), prefix="database.cold_leads"), prefix="database.cold_leads")


MEANWHILE = [
    pytest.param({"stage": Stage.DO_NOT_CONTACT, "stage_label": "Do Not Contact"}, id="do not contact"), pytest.param({"tags": ("DNC",)}, id="tagged"),
    pytest.param({"stage": Stage.UNDER_CONTRACT, "stage_label": "Under Contract"}, id="under contract"), pytest.param({"tags": ("Deceased",)}, id="deceased"),
    pytest.param({"last_communication": at(PURGE_DAY + timedelta(days=2))}, id="in touch again")]


@pytest.mark.clause("DB-09", "DB-30", "X-35")
@pytest.mark.parametrize("change", MEANWHILE)
def test_a_cold_lead_who_is_none_any_more_is_not_moved_by_the_groups_answer(change: dict[str, Any]) -> None:
    s = decided(changed(cold(101, 102), 101, **change), "DB-30 a0 2027Q1-leads", "Long-Term Nurture")
    s = passed(s, PURGE_DAY + timedelta(days=3), prefix="database.cold_leads")

    assert s.contacts[101].stage is change.get("stage", Stage.COLD_LEAD)
    assert s.contacts[102].stage is Stage.LONG_TERM_NURTURE
    assert cell(s, "Cold Leads", "DB-29 p101 2027Q1", "Outcome") != "Long-Term Nurture"


@pytest.mark.clause("DB-30", "X-35")
@pytest.mark.parametrize("change", MEANWHILE)
@pytest.mark.parametrize("word", ["Reactivate", "Remove", "Long-Term Nurture"])
def test_nor_by_an_answer_about_them_alone(change: dict[str, Any], word: str) -> None:
    s = passed(decided(cold(101), "DB-30 a0 2027Q1-leads", "One by one"), prefix="database.cold_leads")
    s = decided(changed(s, 101, **change), "DB-30 p101 2027Q1-one", word)
    s = passed(s, PURGE_DAY + timedelta(days=3), prefix="database.cold_leads")

    assert open_tasks(s) == {}
    assert s.contacts[101].stage is change.get("stage", Stage.COLD_LEAD)


@pytest.mark.clause("DB-30", "X-35")
@pytest.mark.parametrize("word", ["Reactivate", "Remove"])
def test_the_vas_task_counts_only_those_whom_the_answer_is_about_still(word: str) -> None:
    s = decided(changed(cold(101, 102), 101, tags=("DNC",)), "DB-30 a0 2027Q1-leads", word)
    s = passed(s, PURGE_DAY + timedelta(days=3), prefix="database.cold_leads")
    (name,) = open_tasks(s).values()

    assert "1 of Leads" in name
    assert cell(s, "Cold Leads", "DB-29 p101 2027Q1", "Outcome") != word, "the VA goes by the tab"


@pytest.mark.clause("DB-30", "X-35", "X-81")
@pytest.mark.parametrize("change", [*MEANWHILE[:2], *MEANWHILE[3:], pytest.param({"trashed": True, "stage": None, "stage_label": "Trash"}, id="in the Trash")])
@pytest.mark.parametrize("word", ["Reactivate", "Remove"])
def test_the_groups_task_ends_with_the_last_of_its_list_and_not_before(change: dict[str, Any], word: str) -> None:
    s = passed(decided(cold(101, 102), "DB-30 a0 2027Q1-leads", word), prefix="database.cold_leads")
    (mark,) = open_tasks(s)
    one = passed(changed(s, 101, **change), PURGE_DAY + timedelta(days=3), prefix="database.cold_leads")
    both = passed(changed(one, 102, **change), PURGE_DAY + timedelta(days=4), prefix="database.cold_leads")
    unseen = replace(one, contacts={101: one.contacts[101]})

    assert list(open_tasks(one)) == [mark]
    assert open_tasks(both) == {}
    assert list(open_tasks(passed(unseen, prefix="database.cold_leads"))) == [mark]
    assert open_tasks(passed(both, prefix="database.cold_leads")) == {}


@pytest.mark.clause("DB-30", "X-81")
@pytest.mark.parametrize("word", ["Reactivate", "Remove"])
@pytest.mark.parametrize("done", [False, True])
def test_the_groups_task_moves_on_to_one_who_is_there(word: str, done: bool) -> None:
    """It stands on a contact who is deleted; the others of the list wait for it still."""
    s = passed(decided(cold(101, 102), "DB-30 a0 2027Q1-leads", word), prefix="database.cold_leads")
    (mark,) = open_tasks(s)
    assert task(s, mark).person_id == 101
    s = ticked(s, mark) if done else s
    gone = replace(s, contacts={102: s.contacts[102]}, gone=frozenset({"p101"}))
    findings = list(cold_leads.decide(gone))
    then = after(gone, planning.make(gone, [*findings, *deleted_records.ended(gone, findings)]))

    assert {m: name for m, name in open_tasks(then).items() if task(then, m).person_id == 102} == ({} if done else {
        f"{mark}.2": f"{_SAYS[word]}: 1 of Leads 2027Q1 in the tab Cold Leads, this contact last"})
    assert len(open_tasks(then)) == (not done)
    settled = passed(replace(then, gone=frozenset()), prefix="database.cold_leads")
    assert open_tasks(settled) == open_tasks(then)


_SAYS = {"Reactivate": "Prepare reactivation for the agent's approval", "Remove": "Move to the Trash, as the agent decided"}


@pytest.mark.clause("DB-25", "X-35")
def test_a_new_lead_who_opted_out_is_not_proposed_for_more_contact() -> None:
    lead = staged(Stage.NEW_LEAD, communications=4, last_communication=at(date(2026, 12, 1)))
    s = passed(world(lead, replace(lead, id=102, tags=("Unsubscribed",)), day=PURGE_DAY), prefix="database.stage_accuracy")
    asked = {row.ref: row.text("What") for row in s.workbook.rows("Approvals")}

    assert "DB-25 p101 new" in asked
    assert asked["DB-32 p102 optout"].endswith("Move to Do Not Contact?")
    assert "DB-25 p102 new" not in asked


# -- opt-outs of current clients ---------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-42", "DB-45")
@pytest.mark.parametrize("opt_out", [
    {"tags": ("do-not-contact",)}, {"tags": ("DNC ",)}, {"emails": (Reach("a@example.com"), Reach("b@example.com", "Unsubscribed"))},
    {"stage": Stage.DO_NOT_CONTACT, "stage_label": "Do Not Contact"}, {"stage": None, "stage_label": "DNC"}])
def test_whichever_way_a_current_client_opts_out_the_agent_is_told_first(opt_out: dict[str, Any]) -> None:
    s = world(staged(Stage.UNDER_CONTRACT, **opt_out) if "stage" not in opt_out else client(**opt_out), day=PURGE_DAY,
              deals=[purchase(date(2027, 2, 1), 1, closed=False)])
    then = passed(s, prefix=("database.opt_outs", "database.stage_accuracy", "database.purge"))

    assert "DB-42 p101 optout" in open_tasks(then)
    assert then.contacts == s.contacts, "and nothing of the list is changed"
    assert not [row.ref for row in then.workbook.rows("Approvals") if row.ref.startswith("DB-32")]


# -- how much, without a word ------------------------------------------------------------------------------------------------


def moves(count: int, first: int = 1, name: str = "Ana") -> list[Action]:
    s = world(*(staged(Stage.UNDER_CONTRACT, n, first_name=name, last_name=f"Lopez{n}") for n in range(first, first + count)))
    made = planning.make(s, [Finding("DB-24", f"{c.name}: deal closed; moved by the rule", WantStage(
        key=Key("DB-24", f"p{c.id}", "d1-move"), person_id=c.id, stage=Stage.PAST_CLIENT_BUYER, leaves=Stage.UNDER_CONTRACT))
        for c in s.contacts.values()])
    return [action for action in made.actions if action.entity == "stage"]


@pytest.mark.clause("DB-41", "X-32")
@pytest.mark.parametrize(("staged_", "tagged_", "held"), [(50, 50, set()), (51, 50, {"stage"}), (50, 51, {"tag"}), (51, 51, {"stage", "tag"})])
def test_too_much_of_one_kind_holds_back_that_kind_alone(staged_: int, tagged_: int, held: set[str]) -> None:
    tags = [Action(mark=f"RF-06 p{n} referral", clause="RF-06", verb="add", entity="tag", person_id=n, reason="referred", after={"tag": "Referral — X"})
            for n in range(1, tagged_ + 1)]
    verdict = guard.check([*moves(staged_), *tags], guard.Limits())

    assert {refused.action.entity for refused in verdict.asks} == held
    assert {action.entity for action in verdict.allowed} == {"stage", "tag"} - held


@pytest.mark.clause("DB-41", "X-32", "X-48")
@pytest.mark.parametrize(("batches", "passing"), [((50,), 50), ((51,), 0), ((25, 25), 50), ((25, 26), 25), ((50, 1), 50), ((1,) * 51, 50)])
def test_splitting_a_batch_evades_nothing(batches: tuple[int, ...], passing: int, tmp_path: Path) -> None:
    ledger, done, now = Ledger(tmp_path / "state"), 0, at(DAY)
    for n, size in enumerate(batches):
        moment = now + timedelta(hours=n)
        verdict = guard.check(moves(size, 1 + sum(batches[:n])), guard.Limits(), {"stage": ledger.touched("stage", moment - timedelta(days=7))})
        for action in verdict.allowed:
            ledger.write_down("p", moment.astimezone(UTC), {
                "mark": action.mark, "verb": "move", "entity": "stage", "person_id": action.person_id, "clause": "DB-24", "outcome": "done"})
        done += len(verdict.allowed)

    assert done == passing


@pytest.mark.clause("DB-41", "X-32")
@pytest.mark.parametrize(("outcome", "counts"), [("done", True), ("unknown", True), ("refused", False), ("not sent", False), ("already there", False)])
def test_a_change_whose_answer_was_lost_counts_as_made(outcome: str, counts: bool, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "state")
    ledger.write_down("p", at(DAY).astimezone(UTC), {
        "mark": "DB-24 p1 d1-move", "verb": "move", "entity": "stage", "person_id": 1, "clause": "DB-24", "outcome": outcome})

    assert ledger.touched("stage", at(DAY) - timedelta(days=7)) == counts


@pytest.mark.clause("DB-46", "DB-41")
@pytest.mark.parametrize(("count", "name"), [(51, "Ana"), (150, "Maria Guadalupe Esperanza de los Angeles " * 4), (151, "Ana")])
def test_what_is_held_is_documented_whole_with_everybody_it_touches(count: int, name: str) -> None:
    held = moves(count, name=name)
    s = world()
    found = limits.question(s, "ASK 0123456789abcdef", "too many", held)
    shown = "\n".join(str(a.after.get("Draft") or a.after.get("text")) for a in found)

    assert all(f"contact {a.person_id}," in shown or f"contact {a.person_id})" in shown or f"contact {a.person_id}:" in shown for a in held)
    assert shown.count("Under Contract → Past Client — Buyer") >= count
    assert all(len(str(value)) < 50_000 for a in found if a.entity == "Approvals" for value in a.after.values()), "what a cell holds"


# -- duplicates --------------------------------------------------------------------------------------------------------------


def crowd(*people: Contact, day: date = DAY) -> Snapshot:
    others = [client(n, first_name=f"F{n}", last_name=f"X{n}y", addresses=()) for n in range(5000, 5100)]
    return passed(world(*people, *others, day=day), prefix="database.duplicates")


def merges(s: Snapshot) -> list[str]:
    return sorted(mark for mark in open_tasks(s) if mark.endswith("merge"))


@pytest.mark.clause("DB-23", "DB-40")
@pytest.mark.parametrize(("one", "other"), [
    (("John", "Smith"), ("John", "Smith Jr.")), (("John", "Smith Sr"), ("John", "Smith Jr")), (("John Jr", "Smith"), ("John", "Smith")),
    (("John", "Smith"), ("Joan", "Smith")), (("John & Mary", "Smith"), ("John", "Smith")), (("Dr. John", "Smith"), ("Joan", "Smith")), (("", "Smith"), ("John", "Smith"))])
def test_who_may_be_two_people_is_never_merged_without_a_word(one: tuple[str, str], other: tuple[str, str]) -> None:
    """Father and son, a couple, a record that lacks the name: one phone and one address, and not certainly one person."""
    phone = (Reach("(512) 555-0100"),)
    s = crowd(*(client(n, first_name=first, last_name=last, phones=phone) for n, (first, last) in ((101, one), (102, other))))

    assert merges(s) == []


@pytest.mark.clause("DB-44", "X-31")
def test_in_a_conflict_both_are_held_also_after_a_restart_and_until_the_agent_says() -> None:
    mail = (Reach("river@example.org", "Valid"),)
    s = crowd(buyer(101, first_name="Ximena", last_name="Aguilar", emails=mail, addresses=()),
              buyer(102, first_name="Boris", last_name="Petrov", emails=mail, addresses=()))
    ref = "DB-44 p101x102 identity"
    assert set(s.once(held)) == {101, 102}
    assert set(replace(s, workbook=book()).once(held)) == {101, 102}, "also where every row of ours is gone"
    assert set(replace(decided(s, ref, "Different people"), workbook=replace(
        decided(s, ref, "Different people").workbook, decisions_guarded="open")).once(held)) == {101, 102}
    assert set(decided(s, ref, "Correct the record").once(held)) == {101, 102}
    assert set(passed(decided(s, ref, "Different people"), prefix="database.duplicates").once(held)) == set()


@pytest.mark.clause("DB-44")
@pytest.mark.parametrize(("created", "holds"), [(date(2026, 12, 12), True), (date(2026, 1, 8), False)])
def test_an_answer_about_all_conflicts_does_not_cover_who_came_later(created: date, holds: bool) -> None:
    """The agent said of all that they really share it; then somebody dated a new pair's row back in the tab of duplicates."""
    mail = (Reach("river@example.org", "Valid"),)
    answer = {"Ref": "DB-44 p1x2 identities", "Status": "Decided: Different people", "Decided On": "2026-12-10 06:00", "Acted On": "2026-12-10 06:00"}
    pair = {"Ref": "DB-23 p101x102 pair", "First Seen": "2026-12-01 06:00"}
    s = world(buyer(101, first_name="Ximena", last_name="Aguilar", emails=mail, addresses=()), workbook=book({"Approvals": [answer], "Duplicates": [pair]}))
    s = replace(s, contacts={**s.contacts, 102: buyer(102, first_name="Boris", last_name="Petrov", emails=mail, addresses=(), created=at(created))})

    assert bool(s.once(held)) is holds


@pytest.mark.clause("DB-23", "X-36")
@pytest.mark.parametrize(("given", "day", "again"), [
    (date(2028, 2, 29), date(2029, 2, 27), False), (date(2028, 2, 29), date(2029, 2, 28), True), (date(2026, 12, 14), date(2027, 12, 13), False),
    (date(2026, 12, 14), date(2027, 12, 14), True)])
def test_a_dismissal_on_the_leap_day_holds_a_year(given: date, day: date, again: bool) -> None:
    mail = (Reach("river@example.org"),)
    s = crowd(client(101, first_name="Robert", emails=mail), client(102, first_name="Bob", emails=mail), day=given)
    s = passed(decided(s, "DB-23 p101x102 decide", "Not the same person"), prefix="database.duplicates")
    s = passed(s, day, prefix="database.duplicates")

    assert bool(s.workbook.row("Approvals", "DB-23 p101x102 decide.2")) is again


# -- a word taken back -------------------------------------------------------------------------------------------------------


def removing() -> Snapshot:
    """The world in which the agent approved a removal and the VA has the task, not done yet."""
    s = passed(decided(purged(refuser("2020-01-04")), "DB-35 a0 2027-dnc", "Approve"), prefix="database.purge")
    s = passed(s, prefix="database.purge")
    assert "DB-35 p101 2027-remove" in open_tasks(s)
    return s


@pytest.mark.clause("DB-35", "DB-08")
@pytest.mark.parametrize("word", ["Reject", "Hold", ""])
def test_an_approved_removal_that_is_taken_back_in_time_does_not_happen(word: str) -> None:
    s = passed(decided(removing(), "DB-35 a0 2027-dnc", word), prefix="database.purge")

    assert open_tasks(s) == {}
    assert cell(s, "Purge", "DB-34 p101 2027", "Outcome") == ("Kept: the agent decided so" if word == "Reject" else "Waiting for the agent")
    s = passed(passed(decided(s, "DB-35 a0 2027-dnc", "Approve"), prefix="database.purge"), prefix="database.purge")
    assert list(open_tasks(s)) == ["DB-35 p101 2027-remove.2"], "and a yes given anew is one"


@pytest.mark.clause("DB-35")
def test_an_approved_removal_does_not_stop_because_the_protection_was_lost_later() -> None:
    s = removing()
    opened = replace(s, workbook=replace(s.workbook, decisions_guarded="anybody can edit"))

    assert set(open_tasks(passed(decided(opened, "DB-35 a0 2027-dnc", "Reject"), prefix="database.purge"))) == set(open_tasks(s))


@pytest.mark.clause("DB-35", "DB-06")
def test_the_group_cannot_overrule_who_was_decided_one_by_one() -> None:
    s = purged(refuser("2020-01-04", 101), refuser("2020-01-04", 102))
    s = passed(passed(decided(s, "DB-35 a0 2027-dnc", "One by one"), prefix="database.purge"), prefix="database.purge")
    s = passed(decided(s, "DB-35 p101 2027-one", "Reject"), prefix="database.purge")
    s = passed(passed(decided(s, "DB-35 a0 2027-dnc", "Approve"), prefix="database.purge"), prefix="database.purge")

    assert open_tasks(s) == {}


@pytest.mark.clause("DB-30")
@pytest.mark.parametrize("single", [False, True])
def test_a_cold_lead_is_not_thrown_away_after_the_agent_thought_better_of_it(single: bool) -> None:
    s, ref = cold(101), "DB-30 a0 2027Q1-leads"
    if single:
        s, ref = passed(decided(s, ref, "One by one"), prefix="database.cold_leads"), "DB-30 p101 2027Q1-one"
    s = passed(decided(s, ref, "Remove"), prefix="database.cold_leads")
    assert len(open_tasks(s)) == 1
    s = passed(decided(s, ref, "Leave as is"), prefix="database.cold_leads")

    assert open_tasks(s) == {}
    assert cell(s, "Cold Leads", "DB-29 p101 2027Q1", "Outcome") == "Not done: the agent took the answer back"


@pytest.mark.clause("DB-27", "DB-41", "X-48")
@pytest.mark.parametrize(("count", "passing"), [(50, 50), (51, 0)])
def test_a_tab_full_of_sign_ins_waits_for_the_agent(count: int, passing: bool) -> None:
    s = tabbed(world(), "Open House", *({**NINA, "Email": f"n{n}@example.org", "Phone": ""} for n in range(count)))
    verdict = guard.check(plan(s, "database.open_house").actions, guard.Limits())

    assert len([a for a in verdict.allowed if a.entity == "person"]) == passing
    assert len(verdict.asks) == count - passing


@pytest.mark.clause("X-34")
def test_a_past_client_who_comes_back_after_a_purge_is_drafted_nothing_until_the_agent_says_so() -> None:
    ana = client(101, emails=(Reach("ana@example.com", "Valid"),), fields={"birthday": "1980-12-18"})
    s = world(ana, deals=[purchase(date(2025, 12, 18), 812, (101,))], activated=date(2026, 11, 2))
    known = tabbed(s, "Suppression", *entries(ana))
    drafts = ("MS-09 d812 20261218-draft", "MS-09 p101 20261218-birthday-draft")

    assert all(cell(passed(s), "Approvals", ref, "Draft") for ref in drafts)
    for ref in drafts:
        assert cell(passed(known), "Approvals", ref, "Draft") == ""
        assert "X-34: this address or number was removed as Do Not Contact before" in cell(passed(known), "Approvals", ref, "Status")
