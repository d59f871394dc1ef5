"""Leaves people alone in a pass in which their safety signs cannot be read (X-65). Pure.

Nothing is made for them, and nothing of theirs is withdrawn, closed or changed: what looks empty
may not be. Only a prompt to answer somebody who wrote or came in goes through.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from policies.asks.wants import Finding, WantNote, WantRaised, WantReport, WantTask
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

MOST = 10
SHARE = 0.01
"""More people than this, or a larger share of them, is a source that failed and no odd record."""
PROMPTS = frozenset({"MS-46", "MS-49", "DB-17"})
"""Rules that prompt the agent to answer: whatever comes in reaches the agent, whatever the sign."""


def failed(people: Collection[Contact]) -> str:
    """Say why the people as a whole cannot be believed, without naming any; "" if they can.

    A single person never fails the source.
    """
    bad = sum(bool(contact.unreadable) for contact in people)
    if bad > MOST or (bad > 1 and bad > SHARE * len(people)):
        return (
            f"the tags, stage or email addresses of {bad} of {len(people)} people cannot be read:"
            " an opt-out may be among them"
        )
    return ""


def named(s: Snapshot) -> Mapping[int, str]:
    """Return who is left alone in this pass, by id, each with what cannot be read."""
    return {c.id: ", ".join(c.unreadable) for c in s.contacts.values() if c.unreadable}


def without(s: Snapshot, findings: Sequence[Finding]) -> Sequence[Finding]:
    """Return *findings* without those that concern somebody who is left alone in this pass."""
    alone = s.once(_alone)
    if not alone:
        return findings
    return [f for f in findings if _prompts(f) or alone.isdisjoint(_concerned(s, f))]


def _alone(s: Snapshot) -> frozenset[int]:
    return frozenset(contact.id for contact in s.contacts.values() if contact.unreadable)


def _prompts(finding: Finding) -> bool:
    want = finding.want
    return isinstance(want, WantTask | WantNote | WantRaised) and want.key.rule in PROMPTS


def _concerned(s: Snapshot, finding: Finding) -> Iterable[int]:
    """The contacts that a finding concerns: by its own word, and by the subject of its key."""
    want = finding.want
    if isinstance(want, WantReport):
        return ()
    person = getattr(want, "person_id", None)
    key = getattr(want, "key", None) or Key.parse(getattr(want, "ref", ""))
    deal = s.deal_by(key.subject) if key else None
    contact = s.contact_by(key.subject) if key else None
    return {
        *((person,) if person else ()),
        *((contact.id,) if contact else ()),
        *(deal.person_ids if deal else ()),
    }
