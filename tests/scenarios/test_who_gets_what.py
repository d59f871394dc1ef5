"""Twenty kinds of people over real HTTP at three doors: the draft for their anniversary, a campaign list, the thank-you for whom they sent (X-64)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connectors.sandbox.brokerage import AGENT, COLLEAGUE, OWNER, _Maker
from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account
from daemon.commands import check
from daemon.passes import session
from policies.database.lists import lists
from policies.database.lists.segments import StageNames, parse
from policies.world.model import STAGE_LABELS, Stage
from tests import people
from tests.scenes import at

BEFORE, DAY = date(2026, 12, 7), date(2026, 12, 11)
CLOSING = date(2023, 12, 18)
"""A third anniversary whose 7-day reminder, and with it the draft, is open on the day."""
HIS = {"assignedUserId": COLLEAGUE, "assignedTo": "Lee Park"}
YES, NO = True, False


def status(word: str) -> dict[str, Any]:
    return {"emails": [{"value": f"{word.lower()}@example.org", "status": word, "isPrimary": 1}]}


KINDS: dict[str, tuple[dict[str, Any], tuple[bool, bool, bool]]] = {
    "nothing": ({}, (YES, YES, YES)),
    "Do Not Contact by stage": ({"stage": "Do Not Contact"}, (NO, NO, NO)),
    "Do Not Contact by tag": ({"tags": ["do-not-contact"]}, (NO, NO, NO)),
    "merged with such a record": ({}, (NO, NO, NO)),
    "unsubscribed by an event": ({}, (NO, NO, NO)),
    "unsubscribed by the status of one address": (
        {"emails": [{"value": "one@example.org", "status": "Valid", "isPrimary": 1}, {"value": "two@example.org", "status": "Unsubscribed"}]}, (NO, NO, NO)),
    "near a safety word": ({"tags": ["DNC - per client"]}, (NO, NO, NO)),
    "near another": ({"tags": ["Opted Out 2024"]}, (NO, NO, NO)),
    "deceased by tag": ({"tags": ["deceased"]}, (NO, NO, NO)),
    "deceased by the background": ({"background": "Deceased 3/2026, per her son"}, (NO, NO, NO)),
    "identity conflict": ({}, (NO, NO, NO)),
    "reached only through somebody who opted out": ({"phones": []}, (YES, NO, YES)),  # by a card, for that address is never used
    "number of somebody who opted out": ({}, (YES, YES, YES)),
    "email bounced": (status("Bounced"), (NO, YES, YES)),
    "email hard-bounce": (status("hard-bounce"), (NO, YES, YES)),
    "dissatisfied": ({"tags": ["Reply: dissatisfied"]}, (NO, NO, NO)),
    "left alone by tag": ({"tags": ["Steward: skip"]}, (NO, NO, NO)),
    "not the agent's": (HIS, (NO, NO, NO)),
    "the agent's only through a deleted deal": (HIS, (NO, NO, NO)),
    "a tag that is gone": ({"customDoNotContactSince": "2026-01-05"}, (NO, NO, NO)),
}
FIRST = ("Ana", "Ben", "Carla", "David", "Elena", "Farid", "Grace", "Hugo", "Iris", "Jonas", "Kavya", "Liam", "Marta", "Noah", "Olga", "Pedro",
         "Quinn", "Rosa", "Samir", "Tara")
LAST = ("Abbott", "Brandt", "Castro", "Dvorak", "Ekberg", "Fuentes", "Grant", "Haddad", "Ito", "Jansen", "Klein", "Lopez", "Meyer", "Novak",
        "Okafor", "Patel", "Quist", "Rossi", "Santos", "Tanaka")


def others(make: _Maker, kind: str, person: dict[str, Any], deal: dict[str, Any]) -> None:
    """What makes a person of this kind that does not stand in the record itself."""
    past, since = Stage.PAST_CLIENT_BUYER, CLOSING
    email, phone = person["emails"], person["phones"]
    if kind == "merged with such a record":
        person["emails"] = [{"value": "d.dvorak@gmail.com", "status": "Valid", "isPrimary": 1}]
        person["firstName"], person["name"] = "Dávid", f"Dávid {person['lastName']}"
        loser = make.person(past, since, first="David", last=person["lastName"], tags=["DNC"], phones=[],
                            emails=[{"value": "ddvorak+homes@gmail.com", "status": "Valid", "isPrimary": 1}])
        make.crm.update("people", loser["id"], {"stage": "Trash"}, OWNER)
    elif kind == "unsubscribed by an event":
        make.crm.put("emEvents", {"type": "unsubscribe", "personId": person["id"], "created": make.stamp(since), "occurred": make.stamp(since)})
    elif kind == "identity conflict":
        make.person(past, since, first="Xaver", last="Zimmer", emails=email, phones=[], addresses=[])
    elif kind == "reached only through somebody who opted out":
        make.person(past, since, first="Xenia", last=person["lastName"], emails=email, phones=[], tags=["DNC"])
    elif kind == "number of somebody who opted out":
        make.person(past, since, first="Yuri", last=person["lastName"], emails=[], phones=phone, tags=["DNC"])
    elif kind in {"not the agent's", "the agent's only through a deleted deal"}:
        deal["users"] = [{"id": COLLEAGUE, "name": "Lee Park", "picture": None}]
        if kind != "not the agent's":
            make.deal([person], "Buyers", "Pending", DAY, status="Deleted")




def world() -> tuple[_Maker, dict[str, tuple[int, int, str]]]:
    """The account, and by kind the contact, the deal and the name."""
    make = _Maker(BEFORE, random.Random(5), fields=True)
    make.configuration()
    found = {}
    for n, (kind, (changes, _)) in enumerate(KINDS.items()):
        stage = next((s for s in Stage if STAGE_LABELS[s] == changes.get("stage")), Stage.PAST_CLIENT_BUYER)
        person = make.person(stage, CLOSING - timedelta(days=90), first=FIRST[n], last=LAST[n],
                             **{"tags": ["SOI"], "customClosingAnniversary": CLOSING.isoformat(), **{k: v for k, v in changes.items() if k != "stage"}})
        deal = make.deal([person], "Buyers", "Closed", CLOSING)
        others(make, kind, person, deal)
        found[kind] = (int(person["id"]), int(deal["id"]), str(person["name"]))
    return make, found


def settled(box: Sandbox, account: Account) -> None:
    """Steward acts since the day before; the twenty have sent somebody each since, this morning."""
    for step in check.steps(account):
        if step.act:
            step.act()
    moment = at(BEFORE, 9)
    box.world.crm.now = lambda: datetime(2026, 12, 7, 14, tzinfo=UTC)
    session.apply(account, moment, shown=session.plan(account, moment).plan.digest)


def sends(box: Sandbox, name: str, n: int) -> int:
    """Somebody new, referred by *name*."""
    body = {"firstName": f"Nia{'abcdefghijklmnopqrst'[n]}", "lastName": "Lead", "stage": "New Lead", "assignedUserId": AGENT, "source": "Website",
            "customReferredBy": name, "emails": [{"value": f"nia{n}@example.org"}]}
    return int(box.world.crm.create("people", body, OWNER)["id"])


@pytest.mark.clause("X-64", "X-34", "X-35", "X-49", "X-57", "X-65", "X-66", "DB-44", "MS-47", "MS-49")
@pytest.mark.wire
def test_twenty_kinds_of_people_get_one_answer_at_three_doors(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    make, kinds = world()
    box = serve(make.world())
    account = employ(box, **{'mode = "observe"': 'mode = "act"'})
    settled(box, account)
    box.world.crm.now = lambda: datetime(2026, 12, 11, 14, tzinfo=UTC)
    leads = {kind: sends(box, name, n) for n, (kind, (_, _, name)) in enumerate(kinds.items())}

    done = session.apply(account, at(DAY, 10))
    session.apply(account, at(DAY, 11))

    rows = {row["Ref"]: row for row in people.rows(box, "Approvals")}
    s = done.decided.seen.snapshot
    members = {c.id for c in lists.pull(s, parse(StageNames(), stages=["Past Client — Buyer"])).members}
    found = {kind: (ready(rows, f"MS-09 d{deal} 20261218-draft"), person in members, ready(rows, f"RF-13 p{leads[kind]} draft"))
             for kind, (person, deal, _) in kinds.items()}
    wrong = {kind: (got, people_rows(rows, kinds[kind], leads[kind])) for kind, got in found.items() if got != KINDS[kind][1]}
    assert wrong == {}
    asked = {row["Client"] for ref, row in rows.items() if ref.startswith("DB-42 p")}
    assert asked == {kinds[kind][2] for kind in (
        "unsubscribed by an event", "unsubscribed by the status of one address", "deceased by the background", "a tag that is gone")}
    assert sum(ref.startswith("DB-42 t") for ref in rows) == 2, "one question for each near tag"


def ready(rows: dict[str, dict[str, Any]], ref: str) -> bool:
    """Whether a draft waits for the agent's decision, with its text."""
    return ref in rows and rows[ref]["Status"].startswith("Waiting for your decision") and bool(rows[ref]["Draft"])


def people_rows(rows: dict[str, dict[str, Any]], person: tuple[int, int, str], lead: int) -> list[str]:
    """What stands in Approvals of a person and of whom they sent, for the message of a failure."""
    subjects = (f"d{person[1]} ", f"p{lead} ", f"p{person[0]} ")
    return [f"{ref}: {row['Status']}" for ref, row in rows.items() if any(subject in ref for subject in subjects)]
