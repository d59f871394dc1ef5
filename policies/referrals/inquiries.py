"""Note a source who gets in touch while a referral of theirs is open (RF-45, RF-46, RF-51), and
several referrals by one source in a short time (RF-48).

The CRM tells that somebody called. People say what they wanted, with a tag on the source, and the
agent alone answers. The source's record holds nothing about the client: the agent's tasks sit on
the lead's record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policies.asks.escalation import ReferralIssue
from policies.asks.followup import Matter, close, of_rule
from policies.asks.wants import Finding, WantRow, WantTask
from policies.facts.referral_log import ACTIVE
from policies.referrals import absent_source, corrected_source
from policies.referrals.outcome import outcome_of
from policies.referrals.referral import Referral, by_lead, live, referrals, unread
from policies.referrals.thanking.evidence import silent, thanked
from policies.referrals.wording import escalation
from policies.world.calendar import DAY, compact
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot, tagged

TOGETHER = 30
"""Days within which several referrals by one source belong together (X-24)."""
LISTENING = 30
"""Days back from today within which a contact by a source is still noted."""


def decide(s: Snapshot) -> Iterator[Finding]:
    """Ask the agent to answer sources, and to thank those who sent several unthanked."""
    for found in _by_source(s, referrals(s)).values():
        open_ = [r for r in found if r.source and outcome_of(s, r).word == ACTIVE]
        if open_:
            yield from _heard(s, open_[-1])
        if found[-1].source and not found[-1].source.trashed:
            yield from _tagged(s, found, (open_ or found)[-1])
        else:
            yield from _nobody_to_answer(s, found)
    for found in _by_source(s, live(s)).values():
        yield from _several(s, found)
    yield from _anothers(s)


def _by_source(s: Snapshot, found: Iterable[Referral]) -> Mapping[str, list[Referral]]:
    """Referrals by source, each in the order in which they came in; without those of somebody who
    is left alone in this pass (X-65).
    """
    grouped: dict[str, list[Referral]] = {}
    for r in sorted(found, key=lambda r: (r.received, r.lead.id)):
        if r.logged and not unread(s, r):
            grouped.setdefault(corrected_source.subject(r), []).append(r)
    return grouped


def _heard(s: Snapshot, r: Referral) -> Iterator[Finding]:
    """Every contact by the source since, as far as the CRM tells: the latest on each channel
    (RF-51).
    """
    assert r.source is not None
    tag = s.practice.tags.asked_for_status[0] if s.practice.tags.asked_for_status else "…"
    for spoken in r.source.inbound:
        at = spoken.at.astimezone(s.now.tzinfo)
        if spoken.at > r.received and at.date() >= s.today - LISTENING * DAY:
            step = f"{at:%Y%m%d%H%M}{spoken.channel[0]}"
            key = corrected_source.key_of_source(s, [r], "RF-51", step)
            yield Finding(
                "RF-51",
                f"{r.source.name} got in touch while a referral of theirs is open",
                WantRow(
                    tab="Inquiries",
                    ref=str(key),
                    person_id=r.source.id,
                    first={
                        "When": f"{at:%Y-%m-%d %H:%M}",
                        "Source": r.source.name,
                        "How": spoken.channel,
                        "What": (
                            "A source with an open referral. Give no status; if they asked for it,"
                            f' tag the source "{tag}" and the agent is told.'
                        ),
                    },
                ),
            )


def _tagged(s: Snapshot, found: list[Referral], latest: Referral) -> Iterator[Finding]:
    """Tell the agent what a source wanted, as the VA says it by a tag on the source, in the
    procedure's words.
    """
    assert latest.source is not None
    tags = s.practice.tags
    asked = _Inquiry(
        "RF-45",
        tags.asked_for_status,
        ReferralIssue.INQUIRY,
        "asked for the status of a referral: answer; then take the tag off",
    )
    missed = _Inquiry(
        "RF-46",
        tags.thanks_missed,
        ReferralIssue.DISSATISFIED,
        "is not content with the thanks: repair it; then take the tag off",
    )
    for inquiry in (asked, missed):
        yield from _asked(s, found, latest, inquiry)


def _nobody_to_answer(s: Snapshot, found: list[Referral]) -> Iterator[Finding]:
    """End what a source asked who is in the Trash, or whose record nobody can answer to."""
    source = found[-1].source
    because = f"{source.name} is in the Trash" if source else "no record of the source is certain"
    for one in found:
        for rule in ("RF-45", "RF-46"):
            yield from close(of_rule(s, rule, one.subject), because)


@dataclass(frozen=True, slots=True)
class _Inquiry:
    """A kind of inquiry: the rule and the tags that name it, and its words for the agent."""

    rule: str
    tags: tuple[str, ...]
    issue: ReferralIssue
    says: str


def _asked(
    s: Snapshot, found: list[Referral], latest: Referral, inquiry: _Inquiry
) -> Iterator[Finding]:
    source, rule = latest.source, inquiry.rule
    assert source is not None
    episode = _episode(s, source)
    if not tagged(source, inquiry.tags):
        for one in found:
            yield from close(of_rule(s, rule, one.subject), "the tag was taken off")
        return
    # One inquiry stays on the referral it was first seen with, whatever comes in meanwhile.
    r = next((one for one in found if s.lives(one.key(rule, episode))), latest)
    key = r.key(rule, episode)
    reason = (
        f"{source.name}, who referred {r.lead.name}, carries the tag {inquiry.tags[0]}; no"
        " status is given"
    )
    yield Finding(
        rule,
        reason,
        WantTask(
            key=key,
            person_id=r.lead.id,
            assignee=s.practice.agent_id,
            kind="Follow Up",
            due=s.today,
            name=f"{source.name} {inquiry.says}",
            useful_until=s.today + TOGETHER * DAY,
        ),
    )
    yield Finding("RF-50", reason, escalation(s, r, key, inquiry.issue))


def _episode(s: Snapshot, source: Contact) -> str:
    """The step of an inquiry's key: the day the source was last heard, so that the next one is
    another.
    """
    latest = max((spoken.at for spoken in source.inbound), default=None)
    return f"{compact(latest.astimezone(s.now.tzinfo).date())}-asked" if latest else "asked"


def _several(s: Snapshot, found: list[Referral]) -> Iterator[Finding]:
    """Two or more within 30 days while one is not thanked for: told together, so that the agent
    thanks in person (X-24).
    """
    latest = found[-1]
    if latest.source and absent_source.hides_a_lead_of(s, latest.source.id):
        return  # who was sent of late is not known in this pass
    together = [r for r in found if r.received >= latest.received - TOGETHER * DAY]
    step = f"{together[0].received:%Y%m%d}-several"
    key = corrected_source.key_of_source(s, found, "RF-48", step)
    all_thanked = all(thanked(s, r) for r in together)
    why_not = silent(s, latest)
    recent = s.now <= latest.received + TOGETHER * DAY
    if len(together) > 1 and recent and not all_thanked and not why_not:
        yield from _thank_in_person(s, latest, together, key)
    told = _flags(s, corrected_source.subjects(s, found))
    if because := "all are thanked for" if all_thanked else why_not:
        yield from close(told, because, safety=bool(why_not))
    else:
        earlier = Matter(tuple(t for t in told.tasks if t.key and t.key.base != key))
        yield from close(earlier, "later ones are told together")


def _flags(s: Snapshot, subjects: Iterable[str]) -> Matter:
    """Everything that was told of several referrals by one source, whichever record it stood
    under.
    """
    return Matter(tuple(t for one in subjects for t in of_rule(s, "RF-48", one).tasks))


def _anothers(s: Snapshot) -> Iterator[Finding]:
    """End what was told of a source when it was another who sent that lead (X-73)."""
    for task in of_rule(s, "RF-48").open_tasks:
        r = by_lead(s).get(task.person_id)
        if r is None or r.source is None or unread(s, r) or task.key is None:
            continue
        if task.key.subject not in corrected_source.subjects(s, [r]):
            yield from close(Matter((task,)), f"it was {r.source_name} who sent them")


def _thank_in_person(
    s: Snapshot, latest: Referral, together: list[Referral], key: Key
) -> Iterator[Finding]:
    names = ", ".join(r.lead.first_name or r.lead.name for r in together)
    reason = (
        f"{latest.source_name} sent {len(together)} within {TOGETHER} days, and not all are"
        f" thanked for: {names}"
    )
    yield Finding(
        "RF-48",
        reason,
        WantTask(
            key=key,
            person_id=latest.lead.id,
            assignee=s.practice.agent_id,
            kind="Thank You",
            due=s.business.after(s.today, 1),
            name=(
                f"{latest.source_name} sent {len(together)} of late ({names}): thank them in person"
            ),
            useful_until=latest.received.date() + TOGETHER * DAY,
        ),
    )
    yield Finding("RF-50", reason, escalation(s, latest, key, ReferralIssue.SEVERAL))
