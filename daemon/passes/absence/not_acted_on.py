"""What waits while nobody acts on it: the rows and tasks of policies that cannot be asked until a
person changes the key, the configuration or the CRM (X-57, X-81). Pure.

With an Agent's key the database procedure is off. What such a key does not see is no sign that
anything is over (X-65), so nothing ends by it, and nothing may say that it waits for the agent
either: each open row says why nobody acts on it. The policies take over again where they can be
asked. An outage ends by itself, and says nothing in the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from policies.asks import approvals, weighing
from policies.asks.episodes import parsed
from policies.asks.wants import Finding, WantRow
from policies.database.lists import lists_tab
from policies.database.reviews import open_house
from policies.facts.permission_words import is_about_permission
from policies.milestones.birthday import BIRTHDAY
from policies.milestones.closing_anniversary import CLOSING, MOVE_IN
from policies.milestones.home_value import VALUE
from policies.milestones.homestead import HOMESTEAD
from policies.registry import POLICIES
from policies.world.model import Key
from policies.world.snapshot import Snapshot

CLAUSE = "X-81"
Waiting = Mapping[str, str]
"""By policy: why it cannot be asked until a person changes something."""
_CLAUSES = re.compile(r" \([A-Z]{1,2}-\d\d\)")
_TYPED = {"database.lists": lists_tab.not_acted_on, "database.open_house": open_house.not_acted_on}
"""The policies whose tabs hold what people typed and wait for an answer to."""
_TOUCHES = {
    kind.code: (kind, f"milestones.{policy}")
    for kind, policy in (
        (CLOSING, "closing_anniversary"),
        (MOVE_IN, "move_in"),
        (BIRTHDAY, "birthday"),
        (HOMESTEAD, "homestead"),
        (VALUE, "home_value"),
    )
}
"""The kinds of touches, by the code in their keys, with their policies: they share their rules."""


def because(key: Key | None, waiting: Waiting) -> str:
    """Why nobody acts on what *key* names, for people and so without its clause; "" where somebody
    does.
    """
    if key is None or not waiting or is_about_permission(str(key)):
        return ""  # every policy with a door keeps the questions about a permission
    owners = _policies_of(key)
    if not owners or not all(name in waiting for name in owners):
        return ""
    return _CLAUSES.sub("", waiting[owners[0]])


def _policies_of(key: Key) -> Sequence[str]:
    """The policies that act on what *key* names; a touch belongs to that of its kind."""
    touch = parsed(key.episode)
    kind = _TOUCHES.get(touch[1]) if touch else None
    if kind and key.rule in kind[0].rules:
        return (kind[1],)
    return () if key.rule in CLOSING.rules else _owners().get(key.rule, ())


@lru_cache(maxsize=1)
def _owners() -> Mapping[str, Sequence[str]]:
    """The policies by rule."""
    found: dict[str, list[str]] = {}
    for policy in POLICIES:
        for rule in policy.clauses:
            found.setdefault(rule, []).append(policy.name)
    return found


def rows(s: Snapshot, waiting: Waiting, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Want every open row of these policies to say why nobody acts on it, and no longer once
    somebody does, unless *findings* have something to say in it.
    """
    wanted = {finding.want.ref for finding in findings if isinstance(finding.want, WantRow)}
    for key, row in approvals.keyed(s):
        why = because(key, waiting) if row.open else ""
        if row.ref not in wanted and (why or row.why_not_acted_on):
            said = weighing.not_acted_on(row, why, s.workbook.decisions_guarded)
            want = WantRow(tab=approvals.TAB, ref=row.ref, create=False, keep={"Status": said})
            yield Finding(CLAUSE, why or "somebody acts on it again", want)
    for policy, in_its_tab in _TYPED.items():
        if why := waiting.get(policy, ""):
            yield from in_its_tab(s, _CLAUSES.sub("", why))
