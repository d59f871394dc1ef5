"""The questions that end a hold: asked once in `Approvals`, when something waits for the answer,
and remembered for good (X-64, X-65, X-66).

A door that holds something passes its reasons to `asked`. `questions_asked` keeps the rows that
are there: it takes the answers into `Memory`, and closes what needs no answer any longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from policies.asks import approvals, weighing
from policies.asks.approvals import Decision
from policies.asks.followup import last_word
from policies.asks.pace import answer_by
from policies.asks.question import Question, ask, row_of
from policies.asks.wants import Finding, WantRow
from policies.asks.weighing import weigh
from policies.facts import gone_records
from policies.facts.contact_permission import Reason, Verdict, Way, reasons_against
from policies.facts.permission_answers import given, unanswered_words
from policies.facts.permission_table import (
    NEAR,
    SAID_DECEASED,
    SEEN_BEFORE,
    SUPPRESSED,
    UNSUBSCRIBED,
)
from policies.facts.permission_words import (
    RULE,
    Answer,
    Matter,
    choices,
    contact_key,
    matter_of,
    meaning,
)
from policies.facts.signs import many_opt_outs, near_carriers, safety_words
from policies.facts.signs.inherited_signs import called_deceased
from policies.facts.signs.sign_memory import merged_from, merged_into
from policies.world.memory import PERMISSION
from policies.world.memory import TAB as MEMORY
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

MATTERS = {
    UNSUBSCRIBED: Matter.UNSUBSCRIBED,
    SUPPRESSED: Matter.SUPPRESSED,
    SEEN_BEFORE: Matter.SEEN_BEFORE,
    NEAR: Matter.NEAR_TAG,
    SAID_DECEASED: Matter.SAID_DECEASED,
}
"""The signs that an answer of the agent ends, and what is asked about each."""


def asked(s: Snapshot, contact: Contact, reasons: Sequence[Reason]) -> Iterator[Finding]:
    """Ask about every hold among *reasons* that the agent can lift. Nothing is asked about somebody
    to whom nothing may go whatever the answer. A reason that bars one address, or email, leaves
    the other ways.
    """
    for reason in _to_judge(s, contact, reasons):
        if matter := MATTERS.get(reason.sign):
            yield from _asked_about(s, contact, matter, reason.text)


def _to_judge(s: Snapshot, contact: Contact, reasons: Sequence[Reason]) -> Sequence[Reason]:
    """The holds among *reasons* that an answer of the agent would end; none in the Trash."""
    holds = [reason for reason in reasons if reason.kind is Verdict.HOLD]
    final = len(holds) < len(reasons) and _no_way_is_left(s, contact, reasons)
    return () if contact.trashed or final else holds


def _no_way_is_left(s: Snapshot, contact: Contact, reasons: Sequence[Reason]) -> bool:
    """Whether one of *reasons* stays whatever the agent answers, and bars a personal touch too."""
    final = {reason.sign for reason in reasons if reason.kind is not Verdict.HOLD}
    return any(reason.sign in final for reason in reasons_against(s, contact, Way.TOUCH))


def asked_for(s: Snapshot, contact: Contact, way: Way) -> Iterator[Finding]:
    """Ask what holds this way of reaching *contact*, as `asked` does."""
    yield from asked(s, contact, reasons_against(s, contact, way))


def following(
    decide: Callable[[Snapshot], Iterator[Finding]],
) -> Callable[[Snapshot], Iterator[Finding]]:
    """Return a policy's *decide* that also keeps the questions which stand already, and tells the
    agent of many opt-outs at once (X-67). Every policy with a door does so: each of them may be the
    only one that runs.
    """

    def both(s: Snapshot) -> Iterator[Finding]:
        yield from decide(s)
        yield from s.once(questions_asked)
        yield from s.once(many_opt_outs.notice)

    return both


def questions_asked(s: Snapshot) -> Sequence[Finding]:
    """Return what the rows of these questions should say, the answers to remember, and for whom an
    answer about a near tag holds.
    """
    found = [
        finding
        for key, row in approvals.keyed(s)
        if (matter := matter_of(key))
        for finding in _kept(s, key, matter, row)
    ]
    return (*found, *_carriers(s))


def _carriers(s: Snapshot) -> Iterator[Finding]:
    """Remember who carried a near tag that was asked about: a tag that an integration drops answers
    nothing, and takes no answer back.
    """
    for tag, contacts in given(s).carriers.items():
        yield from _carried(s, tag, contacts)
        word = near_carriers.name(s, tag)
        if word and not near_carriers.is_named(s, tag):
            yield _named(s, tag, word)


def _carried(s: Snapshot, tag: Key, contacts: Iterable[int]) -> Iterator[Finding]:
    blocks: dict[Key, set[int]] = {}
    for contact in contacts:
        blocks.setdefault(near_carriers.block_key(tag, contact), set()).add(contact)
    for key, block in blocks.items():
        yield _remembered(s, key, near_carriers.written(block))


def _kept(s: Snapshot, key: Key, matter: Matter, row: Decision) -> Iterator[Finding]:
    if row.over:
        return
    if (
        key.base not in given(s).by_key
        and not row.acted
        and (because := _no_longer(s, key, matter))
    ):
        yield last_word(row, f"{approvals.DONE}: {because}")
        return
    contact = s.contact_by(key.subject)
    question = _question(s, key, matter, contact, row.row.text("What"), row.draft, row)
    said = given(s).by_key.get(key.base)
    if said and not row.typed and not approvals.copied(s.workbook, key):
        yield _still_counts(s, question, row, said)
    else:
        yield from _put(s, question)


def _still_counts(s: Snapshot, question: Question, row: Decision, said: Answer) -> Finding:
    """Name the remembered answer in a row whose Decision was emptied: nobody waits (X-81)."""
    word = next((c for c in question.choices if meaning(c) is said), said)
    weighed = weigh(row, row.draft, "")
    cells = weighing.acted(weighed, row, f"{approvals.ANSWERED}: {word}", s.stamp)
    return row_of(question, weighed.text, cells)


def _no_longer(s: Snapshot, key: Key, matter: Matter) -> str:
    """Why the answer is not needed any longer; "" while it is, or while that cannot be known."""
    if matter is Matter.NEAR_TAG:
        return _word_is_settled(s, key.base)
    contact = s.contact_by(key.subject)
    if contact is None:
        return gone_records.gone(s, key)
    return "" if contact.unreadable else _settled(s, contact, matter)


def _word_is_settled(s: Snapshot, tag: Key) -> str:
    """A tag that is gone settles nothing: an integration may have dropped it (X-65)."""
    if near_carriers.configured(s, tag):
        return "the configuration says what this tag means"
    carried = given(s).carriers.get(tag, frozenset())
    left = carried - {number for number in carried if _is_gone(s, number)}
    return "" if left or not carried else "everybody who carried this tag is gone"


def _is_gone(s: Snapshot, number: int) -> bool:
    """Whether nothing can go to this contact any longer, nor to whoever they became."""
    record = s.contacts.get(number)
    if record is None:
        return f"p{number}" in s.gone
    became = merged_from(number)
    return record.trashed and not any(became in merged for merged in merged_into(s).values())


def _settled(s: Snapshot, contact: Contact, matter: Matter) -> str:
    """Why an answer about this contact would change nothing, or "" while it would."""
    sign = next(name for name, asked_about in MATTERS.items() if asked_about is matter)
    doors = [reasons_against(s, contact, way) for way in Way]
    if any(r.sign == sign for reasons in doors for r in _to_judge(s, contact, reasons)):
        return ""
    if any(r.sign == sign for reasons in doors for r in reasons):
        return f"nothing may go to {_called(contact)}, whatever the answer"
    return "the record does not say so any longer"


def _asked_about(s: Snapshot, contact: Contact, matter: Matter, seen: str) -> Iterator[Finding]:
    if matter is Matter.NEAR_TAG:
        for tag in unanswered_words(s, contact):
            yield from _about_tag(s, tag)
        return
    asked_under = contact_key(s, contact, matter)
    if matter is Matter.SAID_DECEASED and (found := called_deceased(s, contact)):
        asked_under = found[0]
    key, called = _to_ask(s, asked_under), _called(contact)
    if key is None:
        return
    what = {
        Matter.UNSUBSCRIBED: (
            f"{contact.name} unsubscribed from email, and something else would go out. Leave"
            f" {called} alone in every way, or only no email?"
        ),
        Matter.SAID_DECEASED: f"{contact.name}: {seen}. What does it mean?",
    }.get(matter, f"{contact.name}: {seen}. May {called} be contacted again?")
    text = f"{contact.name} (contact {contact.id}): {seen}"
    what = f"{what} Until you answer, nothing goes out to {called}."
    yield from _put(s, _question(s, key, matter, contact, what, text))


def _to_ask(s: Snapshot, key: Key) -> Key | None:
    """The life of a question that has no row yet; None while it has one (see `questions_asked`).
    Where the sign was gone and came back, the row before is over.
    """
    current = key.life(approvals.life(s.workbook, key.life, lambda row: row.over))
    return None if s.workbook.holds(approvals.TAB, str(current)) else current


def _about_tag(s: Snapshot, tag: str) -> Sequence[Finding]:
    """The question about a near word, once a snapshot: thousands may wait for it."""
    known = s.once(_put_before)
    if tag not in known:
        known[tag] = tuple(_new_question(s, tag))
    return known[tag]


def _put_before(_s: Snapshot) -> dict[str, Sequence[Finding]]:
    return {}


def _new_question(s: Snapshot, tag: str) -> Iterator[Finding]:
    key = _to_ask(s, near_carriers.key_of(tag))
    if key is None:
        return
    carried = near_carriers.contacts_by_near_tag(s)
    own = (ids for word, ids in carried.items() if near_carriers.key_of(word) == key.base)
    before = given(s).carriers.get(key.base, frozenset())
    held = next(own, ()) or before
    called = safety_words.in_words(s, tag)
    number = f"{len(held):,} contact{'' if len(held) == 1 else 's'}"
    what = (
        f"What does the {called} mean? It is on {number}. Until you answer, no new draft is made"
        f" for {'this contact' if len(held) == 1 else 'them'}."
    )
    text = near_carriers.question_text(called, number)
    yield from _put(s, _question(s, key, Matter.NEAR_TAG, None, what, text))
    yield from _carried(s, key.base, near_carriers.now(s).get(key.base, frozenset()) | before)
    if not near_carriers.is_named(s, key.base):
        yield _named(s, key.base, tag)


def _named(s: Snapshot, tag: Key, word: str) -> Finding:
    return _remembered(s, near_carriers.name_key(tag), near_carriers.written_name(word))


def _question(
    s: Snapshot,
    key: Key,
    matter: Matter,
    contact: Contact | None,
    what: str,
    text: str,
    row: Decision | None = None,
) -> Question:
    return Question(
        key=key,
        clause=RULE,
        reason="nothing goes out while a sign speaks against it; the agent judges it",
        client=contact.name if contact else "",
        person_id=contact.id if contact else None,
        what=what,
        text=text,
        due=answer_by(s),
        choices=choices(matter, _called(contact) if contact else "them", row),
    )


def _put(s: Snapshot, question: Question) -> Iterator[Finding]:
    """The row of a question, and the answer it has in `Memory`."""
    answer = ask(s, question)
    if answer.row:
        yield answer.row
    if said := meaning(answer.choice):
        yield _remembered(s, question.key, said)


def _remembered(s: Snapshot, key: Key, what: str) -> Finding:
    return Finding(
        RULE,
        "the agent's answer is remembered for good",
        WantRow(
            tab=MEMORY,
            ref=PERMISSION.ref(key),
            keep={"What": PERMISSION.write(what)},
            first={"Date": s.stamp},
        ),
    )


def _called(contact: Contact) -> str:
    return contact.first_name.strip() or contact.name
