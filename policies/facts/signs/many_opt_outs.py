"""One notice at once where many people opt out in one pass (X-67): nothing keeps back what protects
them, so the agent should know whether an import or another integration did it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from policies.asks.wants import Finding, WantTask
from policies.facts.ownership import kept
from policies.facts.signs.remembered_signs import new_opt_outs
from policies.facts.signs.sign_memory import Seen
from policies.world.calendar import DAY, compact
from policies.world.model import Key
from policies.world.snapshot import Snapshot

RULE = "DB-42"
MOST = 10
"""So many opt-outs in one pass are an ordinary day."""
_WORDS = {
    Seen.EVENT: "an unsubscribe event",
    Seen.MERGED: "a merge with a record that had opted out",
    Seen.MERGED_UNSUBSCRIBED: "a merge with a record that had opted out",
    Seen.STAGE: "the stage Do Not Contact",
    Seen.TAG: "a Do Not Contact tag",
    Seen.ADDRESS: "an unsubscribed email address",
}
"""The signs in words, the cause first: the CRM itself adds a tag and a status after an event."""


def notice(s: Snapshot) -> Sequence[Finding]:
    """Return a task for the agent that names the signs and how many each has; () on other days."""
    new = new_opt_outs(s)
    if len(new) <= MOST:
        return ()
    people = [contact for contact in kept(s) if contact.id in new]
    if len(people) <= MOST:
        return ()
    counts = Counter(next(sign for sign in _WORDS if sign in new[contact.id]) for contact in people)
    signs = ", ".join(f"{_WORDS[sign]} ({n})" for sign, n in counts.most_common())
    own = s.practice.own_contact
    return (
        Finding(
            RULE,
            f"{len(people)} contacts opted out in one pass; everything of theirs is withdrawn",
            WantTask(
                key=Key(RULE, "a0", f"{compact(s.today)}-optouts"),
                person_id=own if own in s.contacts else people[0].id,
                assignee=s.practice.agent_id,
                kind="Follow Up",
                name=f"Check why {len(people)} contacts opted out at once: {signs}",
                due=s.today,
                useful_until=s.today + 14 * DAY,
            ),
        ),
    )
