"""About 200 worlds in which every policy has something to do, and what each policy asks in them.

A world is drawn from its number and nothing else: contacts with planted faults, past clients whose days come near, referrals
at every stage, doubles, sign-ins, typed lists, and options of every kind. Each is lived through for some passes in which the
agent decides, the VA ticks tasks, people move stages and answer, and time goes on. What is collected of a policy is the set of
its rights and the set of its texts, names and numbers taken out: so a digest says what a policy can do, and not to whom.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal

from daemon.passes import plan as planning
from daemon.passes.actions import Action
from daemon.passes.acts.kinds import act_of
from daemon.passes.forecast import after
from policies.asks.wants import Finding, WantRow
from policies.facts.permission_words import is_about_permission
from policies.registry import POLICIES, Policy
from policies.world.model import (
    STAGE_LABELS,
    Address,
    Communication,
    Contact,
    Deal,
    MailEvent,
    MailFate,
    Reach,
    Side,
    Stage,
)
from policies.world.practice import (
    ConfirmedRule,
    DatabaseOptions,
    MilestoneOptions,
    ReferralOptions,
)
from policies.world.sheet import Cell
from policies.world.snapshot import Snapshot
from tests.planted import planted
from tests.scenes import AGENT, VA, at, book, practice, snapshot

WORLDS = 200
PORTALS = 8
"""Worlds besides, in which leads come in through a portal and nothing else happens."""
PORTAL_LEADS = range(70_001, 70_031)
"""The numbers of these leads."""
SEED = 92
"""World *n* is drawn from ``SEED * 1000 + n``."""
PASSES = (0, 1, 4, 10)
"""The days of a world on which a pass is made, counted from its first."""
PLACES = (("Austin", "TX", "78701"), ("Miami", "FL", "33101"), ("Atlanta", "GA", "30301"), ("Fresno", "CA", "93650"), ("Erie", "PA", "16501"), ("", "", ""))
CHANNELS: tuple[Literal["card", "text", "email"], ...] = ("card", "text", "email")
GIFTS = ("gift card", "food or wine", "donation")


@dataclass
class Said:
    """What one policy asked in all worlds: who does what to what, by which choices; and in which words."""

    rights: set[tuple[str, str, str, str, str]] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    may: set[str] = field(default_factory=set)
    """The rights as the daemon compares them while a changed policy waits."""


def collected(worlds: Iterable[int] = range(WORLDS + PORTALS)) -> dict[str, Said]:
    """What every policy asks in these worlds."""
    found = {policy.name: Said() for policy in POLICIES}
    for n in worlds:
        for policy, plain, action in _lived(n):
            found[policy].rights |= set(plain.rights(action))
            found[policy].texts |= set(plain.texts(action))
            if action.want and not is_about_permission(action.mark) and (right := act_of(action.want).right(action.want, plain.s.practice)):
                found[policy].may.add(right)
    return found


# -- the words of a world, taken out -----------------------------------------------------------------------------------------


TOKEN = re.compile(r"#?[^\W_](?:[\w@.,'+:/-]*\w)?")
DATED = {name[:n]: what for what, names, lengths in (
    ("DAY", ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), (3, 9)),
    ("MONTH", ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"), (3, 9)),
) for name in names for n in lengths}


PARTS = re.compile(r"[;,.:] |[.]?\n")
"""Between two parts of a text: in which order and number they come is for the world to say."""
UNREAD = frozenset({"subject", "Fill From The Other", "Digest", "Mark", "Hash", "Definition", "dueDateTime"})
"""Cells that are no text."""
NAMES = ("John Smith", "Olga Brandt", "Nia Okafor", "Sam Reyes", "Nobody Known", "Somebody Unknown")


class _Plain:
    """Texts of a world without its names, numbers and days."""

    def __init__(self, s: Snapshot) -> None:
        self.s = s
        texts = [*NAMES, s.practice.agent_name, s.practice.va_name]
        for c in s.contacts.values():
            texts += [c.first_name, c.last_name, c.fields.get("referred_by", ""), *(reach.value for reach in (*c.emails, *c.phones)),
                      *(address.street for address in c.addresses)]
        texts += [deal.name for deal in s.deals.values()]
        self._names = {word for text in texts for word in text.split() if word[0].isupper() or "@" in word}
        self._known: dict[str, str] = {}

    def rights(self, action: Action) -> Iterator[tuple[str, str, str, str, str]]:
        """Who, verb, entity, field and choices of an action."""
        if is_about_permission(action.mark):
            return  # the question that ends a hold is no right of the policy that meets the hold
        assignee = action.after.get("assignedUserId") if action.entity == "task" else None
        who = {str(AGENT): "agent", str(VA): "va"}.get(str(assignee), "other") if assignee else ""
        choices = getattr(action.want, "choices", ()) if action.verb == "append" else ()
        if choices:
            yield (who, action.verb, action.entity, "", " / ".join(dict.fromkeys(self(choice) for choice in choices)))
        for name in action.after:
            yield (who, action.verb, action.entity, name, "")

    def texts(self, action: Action) -> Iterator[str]:
        """Everything else of it that people read."""
        for part in PARTS.split(self(action.reason)):
            yield part.strip()
        for name, value in action.after.items():
            if isinstance(value, str) and name not in UNREAD:
                for part in PARTS.split(self(value)):
                    yield f"{action.entity} {name}: {part.strip()}"

    def __call__(self, text: str) -> str:
        if text not in self._known:
            plain = TOKEN.sub(self._word, text)
            self._known[text] = re.sub(r"NAME(?:(?:[ ,;&.'-]|and |or )*NAME)*", "NAME", plain)
        return self._known[text]

    def _word(self, found: re.Match[str]) -> str:
        word = found[0]
        if word in self._names or word.partition("'")[0] in self._names:
            return "NAME"
        if word in DATED:
            return DATED[word]
        if len(word) >= 8 and all(c in "0123456789abcdef" for c in word):
            return "DIGEST"
        return re.sub(r"\d+(?:[.,]\d+)*", "#", word) if any(map(str.isdigit, word)) else word


# -- one world ---------------------------------------------------------------------------------------------------------------


def asked(policy: Policy, s: Snapshot) -> list[Finding]:
    """What a policy wants in this world."""
    return list(policy.decide(s))


def _lived(n: int) -> Iterator[tuple[str, _Plain, Action]]:
    """Every action of every policy in world *n*, from its first pass to its last."""
    for s, said in lived(n):
        plain = _Plain(s)
        for policy in POLICIES:
            begins = policy.begins(s) if policy.begins else ()
            for action in planning.make(s, [*begins, *said[policy.name]]).actions:
                yield policy.name, plain, action


def lived(n: int, ask: Callable[[Policy, Snapshot], list[Finding]] = asked) -> Iterator[tuple[Snapshot, Mapping[str, list[Finding]]]]:
    """World *n* at each of its passes, and what every policy wants then; *ask* asks one of them."""
    chance = random.Random(SEED * 1000 + n)
    s = born(n, chance)
    first, choices = s.today, dict[str, tuple[str, ...]]()
    for day in PASSES:
        s = replace(s, now=at(first + timedelta(days=day), chance.choice((6, 9, 12, 20))))
        said = {policy.name: ask(policy, s) for policy in POLICIES}
        yield s, said
        everything = [finding for findings in said.values() for finding in findings]
        choices |= {f.want.ref: f.want.choices for f in everything if isinstance(f.want, WantRow) and f.want.choices}
        s = _meanwhile(after(s, planning.make(s, everything)), choices, chance)


def born(n: int, chance: random.Random) -> Snapshot:
    """The first morning of world *n*."""
    today = date(2026, 11, 2) + timedelta(days=chance.randrange(1100))
    if n >= WORLDS:
        return _portal_world(chance, today)
    base = planted(today, people=12, seed=SEED * 1000 + n, share=0.7)
    people, deals = dict(base.contacts), {number: deal for number, deal in base.deals.items() if number < 700}
    for number in range(301, 305):
        _past_client(chance, today, number, people, deals)
    for number in range(401, 405):
        _referral(chance, today, number, people, deals)
    _double(chance, people)
    mail = [*base.mail]
    if chance.random() < 0.3:
        mail.append(MailEvent(id=900, person_id=301, fate=chance.choice((MailFate.UNSUBSCRIBED, MailFate.BOUNCED)), at=at(today - timedelta(days=1))))
    tabs = {"Open House": _sign_ins(chance, today), "Lists": _lists(chance), "Referral Log": _typed_log(chance, today)}
    began = today - timedelta(days=chance.choice((0, 30, 400)))
    return snapshot(today, people.values(), deals.values(), mail=tuple(mail), workbook=book({name: rows for name, rows in tabs.items() if rows}),
                    practice=_practice(chance, today), activated=began)


def _portal_world(chance: random.Random, today: date) -> Snapshot:
    """A day on which leads come in through a portal: two, or a flood of them."""
    leads = [_portal_lead(chance, today, number) for number in PORTAL_LEADS[:chance.choice((2, 2, 2, 30))]]
    known = Contact(id=101, created=at(today - timedelta(days=400)), first_name="Ana", last_name="Lopez", stage=Stage.SPHERE_OF_INFLUENCE,
                    stage_label=STAGE_LABELS[Stage.SPHERE_OF_INFLUENCE], assigned_user_id=AGENT)
    return snapshot(today, [known, *leads], practice=_practice(chance, today), activated=today - timedelta(days=30))


def _portal_lead(chance: random.Random, today: date, number: int) -> Contact:
    portal = chance.choice(("Zillow", "Realtor.com"))
    first, last = chance.choice(("Ximena", "Omar", "Lena")), chance.choice(("Castro", "Haddad", "Voss"))
    tags = (portal, *chance.choice(((), (), ("DNC",))))
    return Contact(
        id=number, created=at(today, chance.choice((1, 5))), first_name=first, last_name=last, stage=Stage.NEW_LEAD, stage_label=STAGE_LABELS[Stage.NEW_LEAD],
        source=portal, tags=tags, emails=(Reach(f"{first}.{number}@example.org".casefold(), "Valid"),), assigned_user_id=AGENT, has_background=True)


def _practice(chance: random.Random, today: date) -> Any:
    one_of = chance.choice
    milestones = MilestoneOptions(
        anniversary_channel=one_of(("email", "card")), year_2_subject=one_of(("Thinking of you", "")), referral_ask=one_of(("procedure", "city")),
        referral_ask_later=one_of((True, False)), move_in_anniversary=one_of((True, False)), move_in_subject=one_of(("Happy move-in day", "")),
        birthday_channel=one_of(CHANNELS), birthday_subject=one_of(("Happy birthday", "")), birthday_14_days=one_of((True, False)),
        state=one_of(("", "TX")), combine_home_value=one_of((True, False)), date_method=one_of(("", "task")), email_platform=one_of(("", "Mailchimp")),
        card_vendor=one_of(("", "Handwrytten")))
    referrals = ReferralOptions(
        handwritten_cards=one_of((True, False)), card_vendor=one_of(("", "Handwrytten")), gift_vendor=one_of(("", "Sugarwish")), gift_budget=one_of(("", "$50")),
        gifts_confirmed=MappingProxyType({"Client": GIFTS, "Agent": GIFTS[:1]}) if chance.random() < 0.5 else MappingProxyType({}),
        bookkeeper=one_of(("", "Lee")), track_counts=one_of((True, True, False)))
    rule = ConfirmedRule(rule="closed_to_past_client", agent="Dana Reyes", date=today - timedelta(days=90))
    database = DatabaseOptions(confirmed_system_rules=one_of(((), (rule,))), agent_owned_duplication=one_of((False, False, True)),
                               geographic_areas=one_of(((), ("Austin",))))
    return practice(milestones=milestones, referrals=referrals, database=database, suppression_key=b"corpus", account_stages=tuple(STAGE_LABELS.values()),
                    stages=MappingProxyType({stage: (label,) for stage, label in STAGE_LABELS.items()}))


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28))


def _past_client(chance: random.Random, today: date, number: int, people: dict[int, Contact], deals: dict[int, Deal]) -> None:
    """Somebody who closed years ago about now, or this week, with a birthday that comes near."""
    city, state, code = chance.choice(PLACES)
    near = today + timedelta(days=chance.randrange(-2, 25))
    closing = chance.choice((today - timedelta(days=chance.randrange(0, 9)), *(_years_before(near, years) for years in (1, 1, 2, 3, 5))))
    side, birthday = chance.choice((Side.BUYER, Side.BUYER, Side.SELLER)), today + timedelta(days=chance.randrange(-2, 20))
    fields = {"birthday": chance.choice(("", f"{1970 + number % 30}-{birthday:%m-%d}", "1900-01-01"))}
    if chance.random() < 0.6:
        fields["closing_anniversary"] = closing.isoformat()
    if chance.random() < 0.3:
        fields["homestead_deadline"] = (today + timedelta(days=chance.randrange(0, 30))).isoformat()
    if chance.random() < 0.3:
        fields["move_in_anniversary"] = _years_before(near, 1).isoformat()
    stage = chance.choice((Stage.PAST_CLIENT_BUYER, Stage.PAST_CLIENT_SELLER, Stage.ACTIVE_BUYER))
    first, last = chance.choice(("Ana", "Ben", "Cara", "Jonas", "Nadia")), chance.choice(("Lopez", "Novak", "Hill", "Brandt", "Okafor"))
    tags = chance.choice(((), (), ("Past Client",), ("Investment buyer",), ("Deceased",), ("Steward: skip",), ("DNC",), ("Reply: dissatisfied",)))
    people[number] = Contact(
        id=number, created=at(today - timedelta(days=900)), first_name=first, last_name=last, stage=stage, stage_label=STAGE_LABELS[stage], tags=tags,
        emails=chance.choice(((Reach(f"{first}.{number}@example.org".casefold(), chance.choice(("Valid", "Valid", "Bounced"))),), ())),
        phones=(Reach(f"(512) 555-0{number}", "Valid"),), addresses=(Address(f"{number} Elm St", city, state, code, "home"),) if city else (),
        assigned_user_id=AGENT, has_background=True, fields=MappingProxyType({k: v for k, v in fields.items() if v}),
        source=chance.choice(("Zillow", "Referral", "Open House")))
    deals[number] = Deal(id=number, name=f"{number} Elm St", side=side, closed=True, stage_label="Closed", projected_close=closing,
                         entered_stage_at=at(closing), person_ids=(number,), user_ids=(AGENT,))


def _referral(chance: random.Random, today: date, number: int, people: dict[int, Contact], deals: dict[int, Deal]) -> None:
    """Somebody who was sent by a past client, an agent, a lender, a neighbor or somebody nobody knows."""
    sender = number + 100
    kind = chance.choice(("Client", "Agent", "Professional", "Sphere", ""))
    stage = {"Agent": Stage.PROFESSIONAL_NETWORK, "Professional": Stage.PROFESSIONAL_NETWORK, "Sphere": Stage.SPHERE_OF_INFLUENCE}.get(kind, Stage.PAST_CLIENT_BUYER)
    name = chance.choice(NAMES[:4])
    first, _, last = name.partition(" ")
    tags = {"Agent": ("Agent",), "Professional": ("Lender",)}.get(kind, ())
    if chance.random() < 0.15:
        tags = (*tags, chance.choice(("DNC", "Steward: skip", "Referral: asked for status")))
    people[sender] = Contact(
        id=sender, created=at(today - timedelta(days=700)), first_name=first, last_name=last, stage=stage, stage_label=STAGE_LABELS[stage], tags=tags,
        emails=(Reach(f"{first}.{sender}@example.org".casefold(), "Valid"),), addresses=(Address(f"{sender} Oak St", "Austin", "TX", "78701", "home"),),
        assigned_user_id=AGENT, has_background=True)
    came = at(today - timedelta(days=chance.randrange(0, 5)), 9)
    by = chance.choice((name, name, "", "Somebody Unknown"))
    fields = {"referred_by": by, "referral_type": chance.choice((kind, ""))}
    people[number] = Contact(
        id=number, created=came, first_name=chance.choice(("Ximena", "Omar", "Lena")), last_name=chance.choice(("Castro", "Haddad", "Voss")),
        stage=Stage.NEW_LEAD, stage_label=STAGE_LABELS[Stage.NEW_LEAD], source="Referral", emails=(Reach(f"lead{number}@example.org", "Valid"),),
        assigned_user_id=AGENT, has_background=True, fields=MappingProxyType({k: v for k, v in fields.items() if v}))
    if chance.random() < 0.7:
        close = today + timedelta(days=chance.randrange(0, 12))
        deals[number] = Deal(id=number, name=f"{number} Pine St", side=Side.BUYER, closed=False, stage_label="Pending", projected_close=close,
                             person_ids=(number,), user_ids=(AGENT,))


def _double(chance: random.Random, people: dict[int, Contact]) -> None:
    """One person twice, a household, or two people with one address for mail."""
    one = people[301]
    change: Mapping[str, Any] = chance.choice(({}, {"emails": ()}, {"first_name": "Otto", "last_name": "Weiss", "phones": ()}))
    people[601] = replace(one, id=601, fields=MappingProxyType({}), **change)


def _sign_ins(chance: random.Random, today: date) -> list[dict[str, Any]]:
    row = {"First Name": "Nina", "Last Name": "Park", "Email": chance.choice(("nina@example.org", "", "nina@")), "Phone": chance.choice(("", "(512) 555-0177")),
           "Address": "9 Oak St Austin", "Date": chance.choice((today, None))}
    return [row] if chance.random() < 0.4 else []


def _lists(chance: random.Random) -> list[dict[str, Any]]:
    row = {"Stages": chance.choice(("Past Client - Buyer", "Nurture", "Active Buyer, Active Seller", "")), "Tags": chance.choice(("", "Zillow", "Zilow")),
           "Campaign": chance.choice(("Spring", "")), "Purpose": chance.choice(("", "seller campaign")), "Phones": chance.choice(("Yes", "No", ""))}
    return [row] if chance.random() < 0.4 else []


def _typed_log(chance: random.Random, today: date) -> list[dict[str, Any]]:
    row = {"Date": today, "Referral Source": chance.choice(("John Smith", "Nobody Known")), "Referred Lead": chance.choice(("Ximena", "Zoe")),
           "Outcome": chance.choice(("", "Closed"))}
    return [row] if chance.random() < 0.25 else []


# -- what people do between two passes ----------------------------------------------------------------------------------------


def _meanwhile(s: Snapshot, choices: Mapping[str, tuple[str, ...]], chance: random.Random) -> Snapshot:
    """The agent decides half of what waits, the VA ticks a third of the tasks, a deal closes, somebody writes."""
    s = _decided(s, choices, chance)
    done = [t if t.completed or chance.random() > 0.35 else replace(t, completed=True, completed_at=s.now + timedelta(hours=2)) for t in s.tasks]
    deals = {n: replace(d, closed=True, stage_label="Closed", entered_stage_at=s.now) if not d.closed and chance.random() < 0.3 else d
             for n, d in s.deals.items()}
    people = {n: _answered(_wrote(c, s.now, chance), s.now, chance) for n, c in s.contacts.items()}
    return replace(s, tasks=tuple(done), deals=deals, contacts=people)


def _wrote(contact: Contact, now: datetime, chance: random.Random) -> Contact:
    if not 301 <= contact.id < 700 or chance.random() > 0.1:
        return contact
    written = Communication(chance.choice(("e-mail", "call", "text")), now + timedelta(hours=3))
    return replace(contact, inbound=(*contact.inbound, written), last_communication=written.at, communications=contact.communications + 1)


def _answered(contact: Contact, now: datetime, chance: random.Random) -> Contact:
    """The agent calls a lead who came in through a portal, or they move on."""
    if contact.id not in PORTAL_LEADS or contact.outbound or chance.random() > 0.3:
        return contact
    called = Communication("call", now + timedelta(hours=3))
    if chance.random() < 0.3:
        return replace(contact, stage=Stage.SPHERE_OF_INFLUENCE, stage_label=STAGE_LABELS[Stage.SPHERE_OF_INFLUENCE])
    return replace(contact, outbound=(*contact.outbound, called), last_communication=called.at, communications=contact.communications + 1)


def _decided(s: Snapshot, choices: Mapping[str, tuple[str, ...]], chance: random.Random) -> Snapshot:
    tab = s.workbook.tabs["Approvals"]
    rows = []
    for row in tab.rows:
        if row.text("Decision") or row.text("Acted On") or chance.random() > 0.6:
            rows.append(row)
            continue
        offered = choices.get(row.ref) or ("Approve", "Reject")
        word = chance.choice((offered[0], *offered))
        more: dict[str, Cell] = {"Value Low": 400000, "Value High": 430000, "Change": "Market conditions"} if chance.random() < 0.7 else {}
        rows.append(replace(row, cells={**row.cells, **more, "Decision": word}))
    return replace(s, workbook=replace(s.workbook, tabs={**s.workbook.tabs, "Approvals": replace(tab, rows=tuple(rows))}))

