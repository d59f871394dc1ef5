"""The one gate every write passes: an allow-list of (service, entity, verb, fields), and the limits
on how much. Pure.

There is no delete, no merge and no send in the list, and no way to write a Decision. A
refusal is reported with its numbers and with the act that would lift it. This table alone says what
is allowed, whatever a policy wants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from daemon.passes.actions import Action
from policies.asks.wants import WantWithdrawn

LOG_SIX = ("Date", "Referral Source", "Referred Lead", "Outcome", "Close Date", "Recognition Sent")
LOG_OWN = (
    "Type",
    "Fee Status",
    "Status",
    "Received",
    "Engaged On",
    "Outcome On",
    "Acknowledged",
    "Recognised",
    "Lead",
    "Source",
    "As Written",
)
SOURCE_FIGURES = ("Referrals", "Closed", "Recognised", "Last Referral", "Status")
Rights = Mapping[tuple[str, str, str], frozenset[str]]
"""(service, entity, verb) -> the fields that may be written."""

ALLOWED: Rights = MappingProxyType(
    {
        ("crm", "task", "create"): frozenset(
            {"name", "type", "assignedUserId", "dueDate", "dueDateTime"}
        ),
        ("crm", "task", "raise"): frozenset({"name"}),
        ("crm", "task", "assign"): frozenset({"assignedUserId"}),
        ("crm", "task", "withdraw"): frozenset({"name", "isCompleted"}),
        ("crm", "note", "create"): frozenset({"subject", "body"}),
        ("crm", "field", "fill"): frozenset(
            {
                "closing_anniversary",
                "homestead_deadline",
                "referred_by",
                "referral_type",
                "referrals_sent",
                "do_not_contact_since",
            }
        ),
        ("crm", "field", "clear"): frozenset(
            {
                "closing_anniversary",
                "homestead_deadline",
                "referred_by",
                "referral_type",
                "do_not_contact_since",
            }
        ),
        ("crm", "field", "replace"): frozenset({"referrals_sent"}),
        ("crm", "stage", "move"): frozenset({"stage"}),
        ("crm", "person", "create"): frozenset(
            {
                "firstName",
                "lastName",
                "emails",
                "phones",
                "source",
                "tags",
                "background",
                "assignedUserId",
            }
        ),
        ("crm", "tag", "add"): frozenset({"tag"}),
        ("sheet", "Approvals", "append"): frozenset(
            {"Rule", "Client", "What", "Due", "Draft", "Status", "Digest", "Decided On", "Acted On"}
        ),
        ("sheet", "Approvals", "update"): frozenset(
            {"Draft", "Status", "Digest", "Decided On", "Acted On"}
        ),
        ("sheet", "Checklists", "append"): frozenset(
            {"Rule", "Client", "Checklist", "Items", "Open"}
        ),
        ("sheet", "Checklists", "update"): frozenset({"Items", "Open"}),
        ("sheet", "Duplicates", "append"): frozenset(
            {
                "Rule",
                "Kind",
                "Confidence",
                "Contact A",
                "Contact B",
                "Reason",
                "Keep",
                "Fill From The Other",
                "Link A",
                "Link B",
                "Status",
                "First Seen",
            }
        ),
        ("sheet", "Duplicates", "update"): frozenset(
            {
                "Rule",
                "Kind",
                "Confidence",
                "Contact A",
                "Contact B",
                "Reason",
                "Keep",
                "Fill From The Other",
                "Status",
            }
        ),
        ("sheet", "Missed", "append"): frozenset(
            {"Rule", "Client", "What", "Due", "Reason", "Reported On"}
        ),
        ("sheet", "Handover", "append"): frozenset(
            {"Due", "Who", "What", "Client", "Rule", "State", "Mark"}
        ),
        ("sheet", "Handover", "update"): frozenset(
            {"Due", "Who", "What", "Client", "Rule", "State", "Mark"}
        ),
        ("sheet", "Referral Log", "append"): frozenset({*LOG_SIX, *LOG_OWN}),
        ("sheet", "Referral Log", "adopt"): frozenset({*LOG_SIX, *LOG_OWN}),
        ("sheet", "Referral Log", "update"): frozenset(
            {"Referral Source", "Outcome", "Close Date", "Recognition Sent", *LOG_OWN}
        ),
        ("sheet", "Referral Fees", "append"): frozenset(
            {"Referring Agent", "Referred Client", "Expected Close", "Closed On", "Status", "Lead"}
        ),
        ("sheet", "Referral Fees", "update"): frozenset({"Expected Close", "Closed On", "Status"}),
        ("sheet", "Sources", "append"): frozenset({"Source", "Type", *SOURCE_FIGURES}),
        ("sheet", "Sources", "update"): frozenset({"Type", *SOURCE_FIGURES}),
        ("sheet", "Inquiries", "append"): frozenset({"When", "Source", "How", "What"}),
        ("sheet", "Lists", "adopt"): frozenset({"Status", "Count"}),
        ("sheet", "Lists", "update"): frozenset({"Status", "Count"}),
        ("sheet", "Export Log", "append"): frozenset(
            {"Date", "Description", "Campaign", "Count", "Definition", "Digest"}
        ),
        ("sheet", "Suppression", "append"): frozenset({"Kind", "Hash", "Key", "Date"}),
        ("sheet", "Open House", "adopt"): frozenset({"Status", "Contact"}),
        ("sheet", "Open House", "update"): frozenset({"Status", "Contact"}),
        ("sheet", "Hygiene Log", "append"): frozenset(
            {"Review", "Run On", "Since", "Contacts", "Found", "Status"}
        ),
        ("sheet", "Hygiene Log", "update"): frozenset({"Contacts", "Found"}),
        ("sheet", "Record Gaps", "append"): frozenset(
            {"Rule", "Client", "What", "Listed On", "Status"}
        ),
        ("sheet", "Record Gaps", "update"): frozenset({"What", "Status"}),
        ("sheet", "Cold Leads", "append"): frozenset(
            {
                "Client",
                "Group",
                "Stage",
                "Last Touchpoint",
                "Added",
                "Days",
                "Why Silent",
                "Listed On",
                "Outcome",
            }
        ),
        ("sheet", "Cold Leads", "update"): frozenset({"Outcome"}),
        ("sheet", "Purge", "append"): frozenset(
            {"Client", "Group", "Reason", "Last Touchpoint", "Listed On", "Outcome"}
        ),
        ("sheet", "Purge", "update"): frozenset({"Outcome"}),
        ("sheet", "report", "publish"): frozenset({"text"}),
        ("sheet", "Memory", "append"): frozenset({"What", "Date"}),
        ("sheet", "Memory", "update"): frozenset({"What", "Date"}),
    }
)
HYGIENE = frozenset({"tag", "field", "stage", "person"})
"""Kinds of action on contacts that the bulk limit counts (DB-41, X-32)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one pass, and one rolling window, may do without a word from the agent."""

    bulk: int = 50
    bulk_days: int = 7
    withdraw: int = 10


@dataclass(frozen=True, slots=True)
class Refused:
    """An action the guard stopped, and why."""

    action: Action
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The actions that may be written, and those that may not. `asks` are refusals that a
    word from the agent would lift.
    """

    allowed: tuple[Action, ...]
    refused: tuple[Refused, ...] = ()
    asks: tuple[Refused, ...] = ()


def check(
    actions: Sequence[Action],
    limits: Limits,
    spent: Mapping[str, int] = MappingProxyType({}),
    confirmed: frozenset[str] = frozenset(),
    rights: Rights = ALLOWED,
) -> Verdict:
    """Sort *actions* into allowed and refused.

    *spent* says how many contacts each kind of hygiene action has touched in the window already;
    *confirmed* holds the fingerprints of actions the agent has seen and said yes to, which lifts
    the limits and never the allow-list.
    """
    refused, lawful = [], []
    for action in actions:
        if why := forbidden(action, rights):
            refused.append(Refused(action, why))
        else:
            lawful.append(action)
    open_ = [a for a in lawful if not _agreed(a, confirmed)]
    asks = [*_withdrawals(open_, limits), *_bulk(open_, limits, spent)]
    held = {id(r.action) for r in asks}
    allowed = tuple(a for a in lawful if id(a) not in held)
    return Verdict(allowed, (*refused, *asks), tuple(asks))


def _agreed(action: Action, confirmed: frozenset[str]) -> bool:
    """Whether the agent has said yes to this very action."""
    return getattr(action.want, "agreed", False) or action.fingerprint in confirmed


def forbidden(action: Action, rights: Rights = ALLOWED) -> str:
    """Why no rule lets this action pass, or ""."""
    fields = rights.get((action.service, action.entity, action.verb))
    if fields is None:
        return f"Steward has no right to {action.verb} a {action.entity} ({action.service})"
    if extra := sorted(action.after.keys() - fields):
        return f"Steward has no right to write {extra[0]!r} of a {action.entity} ({action.service})"
    return ""


def _unlimited(action: Action) -> bool:
    want = action.want
    return isinstance(want, WantWithdrawn) and (want.safety or want.over)


def _withdrawals(actions: Sequence[Action], limits: Limits) -> list[Refused]:
    """Hold many withdrawals back, but never one that protects somebody from being contacted
    (X-67), nor one of what is over (X-81).
    """
    found = [a for a in actions if a.verb == "withdraw" and not _unlimited(a)]
    if len(found) <= limits.withdraw:
        return []
    why = (
        f"{len(found)} tasks would be withdrawn in one pass, the limit is {limits.withdraw}"
        " (guard.withdraw_limit): the agent confirms in Approvals, or `steward apply --digest`"
        " does"
    )
    return [Refused(a, why) for a in found]


def _bulk(actions: Sequence[Action], limits: Limits, spent: Mapping[str, int]) -> list[Refused]:
    contacts = Counter(
        {
            kind: len({a.person_id or a.mark for a in actions if a.entity == kind})
            for kind in HYGIENE
        }
    )
    found = []
    for kind in sorted(HYGIENE):
        total = contacts[kind] + spent.get(kind, 0)
        if contacts[kind] and total > limits.bulk:
            why = (
                f"DB-41: {total} contacts would have a {kind} changed within {limits.bulk_days}"
                f" days, the limit is {limits.bulk} (guard.bulk_limit): the agent confirms the"
                " scope in Approvals"
            )
            found += [Refused(a, why) for a in actions if a.entity == kind]
    return found
