"""Questions to the agent that are no drafts: one row of Approvals each, bound to its exact text,
its answer consumed once.

A policy puts a question with `ask` and acts on `Answer.choice`. The same rules hold as for drafts
(`approvals`): only the agent's answer counts, and only to the text as it was shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from policies.asks import approvals
from policies.asks.approvals import Decision, standing
from policies.asks.drafts import digest
from policies.asks.wants import Finding, WantRow
from policies.world.model import Key
from policies.world.sheet import Cell, Row
from policies.world.snapshot import Snapshot

CHANGED = "what you typed changed after it was confirmed"
REFUSED = f"{approvals.ANSWERED}: {approvals.REJECT}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked. `text` is shown in the Draft cell and binds the answer; `choices` are the
    words to answer with.

    `waiting` is what the row says until it is answered, `done` what it says once a yes is acted on,
    where that ends it. `then` names, by choice, what must have been done before the row says that
    it was acted on. `counted` are facts outside the text, such as the agent's own numbers: once
    they were acted on, a change of them voids the answer.
    """

    key: Key
    clause: str
    reason: str
    what: str
    text: str
    due: date
    client: str = ""
    person_id: int | None = None
    choices: tuple[str, ...] = approvals.CHOICES
    waiting: str = approvals.WAITING
    done: str = ""
    then: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    counted: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The choice that counts now ("" for none), and the row as it should read."""

    choice: str
    row: Finding | None
    acted: bool = False


def ask(s: Snapshot, question: Question, *, not_ready: str = "") -> Answer:
    """Put *question*, or weigh the answer it has.

    *not_ready* says why a yes cannot be acted on yet; a no always can.
    """
    ref = str(question.key)
    row = s.workbook.row("Approvals", ref)
    if row is None and s.workbook.holds("Approvals", ref):
        return Answer("", None)  # copied: until one is left, nothing is known of the answer
    decision = Decision.of(row, question.choices) if row else None
    acted = bool(decision and decision.acted_on)
    if decision and acted and decision.choice == approvals.REJECT and decision.status == REFUSED:
        return Answer(
            approvals.REJECT, None, acted
        )  # a no stays a no, whatever became of the facts since
    if (
        s.workbook.decisions_guarded
        and decision
        and acted
        and not standing(decision, question.text, "", question.counted).void
    ):
        return Answer(
            decision.choice, None, acted
        )  # what was acted on stands while nothing new counts
    stand = standing(
        decision, question.text, s.workbook.decisions_guarded, question.counted if acted else ""
    )
    now = s.stamp
    cells: Mapping[str, Cell]
    choice = "" if stand.choice in {"", approvals.HOLD} else stand.choice
    if stand.void and decision and (decision.choice or decision.acted_on):
        void = (
            CHANGED
            if acted and question.counted and decision.context != digest(question.counted)
            else stand.void
        )
        cells, choice = (
            {
                **approvals.keep(stand, approvals.decide_again(void)),
                "Digest": _uncounted(decision, question),
            },
            "",
        )
    elif not_ready and choice not in {"", approvals.REJECT}:
        cells, choice = approvals.keep(stand, f"{approvals.NOT_READY}: {not_ready}"), ""
    elif choice:
        before = (decision.decided_on, decision.acted_on) if decision else ("", "")
        said = (
            question.done
            if question.done and choice == approvals.APPROVE
            else f"{approvals.ANSWERED}: {choice}"
        )
        cells = {
            **approvals.keep(stand, said, decided_on=before[0] or now, acted_on=before[1] or now),
            "Digest": standing(decision, question.text, "", question.counted).digest,
        }
    else:
        cells = approvals.keep(
            stand, approvals.ON_HOLD if stand.choice == approvals.HOLD else question.waiting
        )
    want = WantRow(
        tab="Approvals",
        ref=ref,
        person_id=question.person_id,
        choices=question.choices,
        keep=cells,
        requires=question.then.get(choice, ()) if not acted else (),
        first={
            "Rule": question.clause,
            "Client": question.client,
            "What": question.what,
            "Due": question.due,
            "Draft": stand.text,
        },
    )
    return Answer(choice, Finding(question.clause, question.reason, want), acted)


def _uncounted(decision: Decision, question: Question) -> str:
    return standing(decision, question.text, "").digest


SHOWN = 250
"""Lines of a list that its row shows."""


def listing(lines: Sequence[str], what: str) -> str:
    """A list as the text of a question: its first lines, how many there are, and a fingerprint that
    binds the answer to all of them.
    """
    more = [f"… and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return "\n".join(
        [
            *lines[:SHOWN],
            *more,
            f"{len(lines)} {what} in all; this list is {digest('|'.join(lines))}",
        ]
    )


def closed(row: Row, status: str, after: tuple[Key, ...] = ()) -> Finding:
    """The last word in the row of what is not asked any more, *after* those tasks are withdrawn."""
    key = Key.parse(row.ref)
    called_off = {"Acted On": ""} if status.startswith(approvals.WITHDRAWN) else {}
    return Finding(
        key.rule if key else "",
        status,
        WantRow(
            tab="Approvals",
            ref=row.ref,
            create=False,
            keep={"Status": status, **called_off},
            requires=after,
        ),
    )


def open_rows(s: Snapshot, rule: str) -> Sequence[tuple[Key, Row]]:
    """The rows of this rule's questions that are not over."""
    return s.once(_open).get(rule, ())


def _open(s: Snapshot) -> dict[str, list[tuple[Key, Row]]]:
    found: dict[str, list[tuple[Key, Row]]] = {}
    for row in s.workbook.rows("Approvals"):
        if (key := Key.parse(row.ref)) and not row.text("Status").startswith(approvals.FINAL):
            found.setdefault(key.rule, []).append((key, row))
    return found
