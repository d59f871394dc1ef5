"""Why a thing exists and what closes it; and, for a person, why each rule is silent (`steward
explain`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from daemon.errors import Usage
from policies.asks.episodes import parsed
from policies.asks.wants import Finding
from policies.catalogue import Clause, parse
from policies.facts.ownership import left_alone
from policies.registry import Policy
from policies.values.names import one_line
from policies.world import memory
from policies.world.calendar import american
from policies.world.model import Contact, Key, Task
from policies.world.snapshot import Snapshot

CLOSES: Mapping[str, str] = {
    "14d": "ticking it off; it is not raised again for this occasion",
    "7d": "ticking it off; that alone sends nothing",
    "60d": "ticking it off; that alone sends nothing",
    "12m": "ticking it off; the update itself waits for your range in Approvals",
    "48h": (
        "the agent's decision in Approvals, or the end of the time: then it is reported as missed"
    ),
    "context": "the agent's words in Context, or another choice in Approvals",
    "send": "ticking it off once it is sent: that is what counts as sent",
    "personal": "ticking it off once it is done: that is what counts as sent",
    "draft": "the agent's decision in its row of Approvals",
    "range": "the agent's range and approval in its row of Approvals",
    "reply": "ticking it off; people answer, Steward does not",
    "stage": "the right stage or tag in the CRM, or the agent's answer in Approvals",
    "respond": "a call, text or personal e-mail to the lead that the CRM logs, or ticking it off",
    "merge": "merging the two in the CRM, which puts the other one into its Trash",
    "pair": "merging the two in the CRM, or the agent's answer in Approvals",
    "identity": "the agent's answer in Approvals: until then nothing goes out to either",
}
"""What closes a step, by its name; anything else is closed by ticking it off or by deciding it."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One thing of ours: what it is, where it stands, which clause asks for it, why, and what
    closes it.
    """

    mark: str
    what: str
    state: str
    clause: str
    reason: str
    closes: str

    def json(self) -> dict[str, str]:
        """As a document."""
        return {
            "mark": self.mark,
            "what": self.what,
            "state": self.state,
            "clause": self.clause,
            "reason": self.reason,
            "closes": self.closes,
        }


def catalogue() -> Mapping[str, Clause]:
    """Every clause of the procedures."""
    return parse((resources.files("policies") / "catalogue.toml").read_text(encoding="utf-8"))


def things(
    s: Snapshot, findings: Sequence[Finding], subjects: frozenset[str]
) -> Iterator[Explained]:
    """Every task and row of ours about these subjects (``p101``, ``d812``), and what is wanted and
    not there yet.
    """
    reasons = _reasons(findings)
    clauses = catalogue()
    seen = set[str]()
    for subject in sorted(subjects):
        for task in s.own_tasks.get(subject, ()):
            assert task.key is not None
            seen.add(str(task.key))
            yield _explained(
                clauses,
                task.key,
                f"task {task.id}: {one_line(task.name)}",
                _state(s, task),
                reasons,
            )
    for tab in s.workbook.tabs.values():
        for row in tab.rows:
            key = Key.parse(row.ref)
            if key and key.subject in subjects and tab.name != memory.TAB:
                seen.add(row.ref)
                yield _explained(
                    clauses,
                    key,
                    f"row in {tab.name}",
                    one_line(row.text("Status") or row.text("What") or "there"),
                    reasons,
                )
    for mark, (clause, reason) in reasons.items():
        key = Key.parse(mark)
        if key and key.subject in subjects and mark not in seen:
            yield _explained(
                clauses,
                key,
                "wanted",
                "not there yet: see `steward plan`",
                {mark: (clause, reason)},
            )


def _reasons(findings: Sequence[Finding]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for finding in findings:
        mark = str(getattr(finding.want, "key", "") or getattr(finding.want, "ref", ""))
        found.setdefault(mark, (finding.clause, finding.reason))
    return found


def _explained(
    clauses: Mapping[str, Clause],
    key: Key,
    what: str,
    state: str,
    reasons: Mapping[str, tuple[str, str]],
) -> Explained:
    clause, reason = reasons.get(
        str(key.base),
        reasons.get(str(key), (key.rule, "it is not asked for any more, or it is over")),
    )
    known = clauses.get(clause)
    episode = parsed(key.base.episode)
    step = episode[2] if episode else key.base.episode
    return Explained(
        str(key),
        what,
        state,
        f"{clause} ({known.says})" if known else clause,
        reason,
        CLOSES.get(step, "ticking it off, or deciding it in Approvals"),
    )


def _state(s: Snapshot, task: Task) -> str:
    who = {s.practice.agent_id: s.practice.agent_name, s.practice.va_id: s.practice.va_name}.get(
        task.assigned_user_id or 0, "somebody"
    )
    done = "withdrawn" if task.withdrawn else "done" if task.completed else "open"
    return f"{done}, for {who}" + (f", due {american(task.due)}" if task.due else "")


def subjects_of(s: Snapshot, text: str) -> tuple[frozenset[str], Contact | None]:
    """The subjects that *text* names: a contact's id, or the subject of a mark.

    Raises:
        Usage: it is neither, or nobody has that id.
    """
    if text.strip().isdigit():
        contact = s.contacts.get(int(text))
        if contact is None:
            raise Usage(f"no contact {text.strip()} is visible with this key")
        return (
            frozenset(
                {
                    f"p{contact.id}",
                    *(f"d{d.id}" for d in s.deals.values() if contact.id in d.person_ids),
                }
            ),
            contact,
        )
    key = Key.parse(text.strip().strip("[]"))
    if key is None:
        raise Usage(
            f"{text!r} is neither a contact's id nor a mark such as 'MS-04 d812 20261218-14d'"
        )
    return frozenset({key.subject}), None


def silences(
    s: Snapshot,
    findings: Mapping[str, Sequence[Finding]],
    policies: Sequence[Policy],
    contact: Contact,
    subjects: frozenset[str],
) -> Iterator[tuple[str, str]]:
    """(policy, sentence) for every policy that says nothing about *contact* today."""
    if left_alone(s, contact):
        yield "all", "people asked Steward to leave this contact alone (skip tag, or no pilot tag)"
    for policy in policies:
        spoken = any(
            (key := Key.parse(mark)) and key.subject in subjects
            for mark in _reasons(findings.get(policy.name, ()))
        )
        if not spoken:
            yield from ((policy.name, sentence) for sentence in policy.why_silent(s, contact))
