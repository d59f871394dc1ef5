"""A feed of email events that answered before and refuses now (X-65).

Opt-outs that were seen are remembered; new ones cannot be seen. So reminders and reviewed drafts go
on with a mark, lists wait, and after a day the agent is asked once whether to go on without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from policies.asks import approvals
from policies.asks.approvals import open_rows
from policies.asks.followup import last_word
from policies.asks.pace import answer_by
from policies.asks.question import Question, ask
from policies.asks.wants import Finding
from policies.world.calendar import american, compact, short
from policies.world.model import Key
from policies.world.snapshot import Snapshot

RULE = "DB-37"
STEP = "feed"
GO_ON = "Go on without it"
PATIENCE = timedelta(hours=24)
"""An outage shorter than this ends by itself, and nobody is asked."""


def unseen(s: Snapshot) -> str:
    """Say why no list may be made now, or "": new unsubscribes are not visible, and the agent has
    not said to go on without them.
    """
    since = s.mail_refused_since
    if since is None or s.once(_goes_on):
        return ""
    return (
        f"unsubscribes are not visible since {american(since.date())}: the CRM refuses its email"
        " events, which it showed before"
    )


def mark(s: Snapshot) -> str:
    """Return the words that mark an email while new unsubscribes are not visible; else ""."""
    since = s.mail_refused_since
    return f" (unsubscribes not visible since {short(since.date())})" if since and unseen(s) else ""


def decide(s: Snapshot) -> Iterator[Finding]:
    """Ask once a feed has refused for a day, and close the question when it answers again."""
    question = _question(s)
    for key, row in open_rows(s, RULE):
        over = question is None or key != question.key
        if key.episode.endswith(f"-{STEP}") and over and not row.acted:
            yield last_word(row, f"{approvals.DONE}: the CRM shows its email events again")
    if question and (asked := ask(s, question).row):
        yield asked


def _goes_on(s: Snapshot) -> bool:
    question = _question(s)
    return question is not None and ask(s, question).choice == GO_ON


def _question(s: Snapshot) -> Question | None:
    """The question about the feed that refuses, once it has done so for a day."""
    since = s.mail_refused_since
    if since is None or s.now - since < PATIENCE:
        return None
    day = american(since.date())
    return Question(
        key=Key(RULE, "a0", f"{compact(since.date())}-{STEP}"),
        clause=RULE,
        reason=f"the CRM refuses its email events since {day}",
        what=(
            f"Go on without the CRM's email events? It showed them before and refuses them since"
            f" {day}. Unsubscribes seen until then still count; later ones cannot be seen. Until"
            " you answer, no campaign list is made."
        ),
        text=f"The CRM refuses its email events since {day}.",
        due=answer_by(s),
        choices=(GO_ON, approvals.HOLD),
    )
