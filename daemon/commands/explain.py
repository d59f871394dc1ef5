"""`steward explain`: why a thing exists and what closes it; for a person, why rules are silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from daemon.errors import Usage
from policies.asks.episodes import parsed
from policies.asks.wants import Finding
from policies.catalogue import Clause, parse
from policies.facts.contact_permission import Reason, Way, reasons_against
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
"""The act that closes a step, by the step's name; any other is ticked off or decided."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One of Steward's things: its state, the clause that asks for it, the reason, its end."""

    mark: str
    what: str
    state: str
    clause: str
    reason: str
    closes: str

    def json(self) -> dict[str, str]:
        """The JSON document."""
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
    """Steward's tasks and rows about these subjects (``p101``, ``d812``), then missing wants."""
    reasons = _reasons(findings)
    clauses = catalogue()
    seen = set[str]()
    for key, what, state in (*_tasks(s, subjects), *_rows(s, subjects)):
        seen.add(str(key))
        yield _explained(clauses, key, what, state, reasons)
    for mark, reason in reasons.items():
        wanted = Key.parse(mark)
        if wanted and wanted.subject in subjects and mark not in seen:
            state = "not there yet: see `steward plan`"
            yield _explained(clauses, wanted, "wanted", state, {mark: reason})


def _tasks(s: Snapshot, subjects: frozenset[str]) -> Iterator[tuple[Key, str, str]]:
    """Steward's tasks about these subjects: the key, what it is, its state."""
    for subject in sorted(subjects):
        for task in s.own_tasks.get(subject, ()):
            if task.key:
                yield task.key, f"task {task.id}: {one_line(task.name)}", _state(s, task)


def _rows(s: Snapshot, subjects: frozenset[str]) -> Iterator[tuple[Key, str, str]]:
    """Steward's rows about these subjects: the key, what it is, its state."""
    for tab in s.workbook.tabs.values():
        if tab.name == memory.TAB:
            continue
        for row in tab.rows:
            key = Key.parse(row.ref)
            if key and key.subject in subjects:
                state = one_line(row.text("Status") or row.text("What") or "there")
                yield key, f"row in {tab.name}", state


def _reasons(findings: Sequence[Finding]) -> dict[str, tuple[str, str]]:
    """Clause and reason of each want, by its mark."""
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
    over = (key.rule, "it is not asked for any more, or it is over")
    clause, reason = reasons.get(str(key.base)) or reasons.get(str(key)) or over
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
    people = {s.practice.agent_id: s.practice.agent_name, s.practice.va_id: s.practice.va_name}
    who = people.get(task.assigned_user_id or 0, "somebody")
    state = "done" if task.completed else "open"
    if task.withdrawn:
        state = "withdrawn"
    due = f", due {american(task.due)}" if task.due else ""
    return f"{state}, for {who}{due}"


def subjects_of(s: Snapshot, text: str) -> tuple[frozenset[str], Contact | None]:
    """The subjects that *text* names, and the contact if it is the id of one.

    Raises:
        Usage: it is neither a mark nor the id of a contact.
    """
    if text.strip().isdigit():
        contact = s.contacts.get(int(text))
        if contact is None:
            raise Usage(f"no contact {text.strip()} is visible with this key")
        deals = {f"d{deal.id}" for deal in s.deals.values() if contact.id in deal.person_ids}
        return frozenset({f"p{contact.id}", *deals}), contact
    key = Key.parse(text.strip().strip("[]"))
    if key is None:
        raise Usage(
            f"{text!r} is neither a contact's id nor a mark such as 'MS-04 d812 20261218-14d'"
        )
    return frozenset({key.subject}), None


def permission(s: Snapshot, contact: Contact) -> Iterator[str]:
    """What may not go to *contact*, one sentence for each sign: which ways it bars, and what ends
    it (X-64).
    """
    barred: dict[str, dict[str, list[str]]] = {}
    signs: dict[str, Reason] = {}
    for way in Way:
        for reason in reasons_against(s, contact, way):
            signs.setdefault(str(reason), reason)
            barred.setdefault(str(reason), {}).setdefault(reason.kind, []).append(way)
    for text, reason in signs.items():
        ways = "; ".join(f"{kind}: {', '.join(found)}" for kind, found in barred[text].items())
        asked = f", asked in {reason.asked_in}" if reason.asked_in else ""
        yield f"{text}. {ways}. Ends when {reason.ends_by}{asked}"


def why_silent(
    s: Snapshot,
    findings: Mapping[str, Sequence[Finding]],
    policies: Sequence[Policy],
    contact: Contact,
    subjects: frozenset[str],
) -> Iterator[tuple[str, str]]:
    """(policy, sentence) for every policy that wants nothing about *contact* today."""
    yield from (("contact permission", sentence) for sentence in permission(s, contact))
    for policy in policies:
        keys = [Key.parse(mark) for mark in _reasons(findings.get(policy.name, ()))]
        if not any(key and key.subject in subjects for key in keys):
            yield from ((policy.name, sentence) for sentence in policy.why_silent(s, contact))
