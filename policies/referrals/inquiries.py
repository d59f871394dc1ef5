"""A source who gets in touch while a referral of theirs is open: noted with its time, answered by
the agent alone (RF-45, RF-46, RF-51); and several referrals by one source in a short time (RF-48).

That somebody called is a fact; what they wanted is for people to say, with a tag on the source.
Nothing of the client stands on the source's record: what reaches the agent sits on the lead's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from policies.asks.drafts import digest
from policies.asks.escalation import ReferralIssue
from policies.asks.followup import Matter, close, of_rule
from policies.asks.wants import Finding, WantRow, WantTask
from policies.facts.referral_log import ACTIVE
from policies.referrals.outcome import outcome_of
from policies.referrals.referral import Referral, live, referrals
from policies.referrals.thanks import silent, thanked
from policies.referrals.wording import escalation
from policies.world.calendar import DAY, compact
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot, tagged

TOGETHER = 30
"""Days within which several referrals by one source belong together (X-24)."""
LISTENING = 30
"""Days back from today within which a contact by a source is still noted."""


def decide(s: Snapshot) -> Iterator[Finding]:
    """What sources wanted, as far as it is known, and who sent several without being thanked."""
    for found in _by_source(referrals(s)).values():
        open_ = [r for r in found if r.source and outcome_of(s, r).word == ACTIVE]
        if open_:
            yield from _heard(s, open_[-1])
        if found[-1].source:
            yield from _tagged(s, found, (open_ or found)[-1])
    for found in _by_source(live(s)).values():
        yield from _several(s, found)


def _by_source(found: Iterable[Referral]) -> Mapping[str, list[Referral]]:
    """Referrals by source, each in the order in which they came in."""
    grouped: dict[str, list[Referral]] = {}
    for r in sorted(found, key=lambda r: (r.received, r.lead.id)):
        if r.logged:
            grouped.setdefault(_source_subject(r), []).append(r)
    return grouped


def _source_subject(r: Referral) -> str:
    return f"p{r.source.id}" if r.source else f"n{digest(r.source_name.casefold())[:10]}"


def _heard(s: Snapshot, r: Referral) -> Iterator[Finding]:
    """Every contact by the source since, as far as the CRM tells: the latest on each channel
    (RF-51).
    """
    assert r.source is not None
    tag = s.practice.tags.asked_for_status[0] if s.practice.tags.asked_for_status else "…"
    for spoken in r.source.inbound:
        at = spoken.at.astimezone(s.now.tzinfo)
        if spoken.at > r.received and at.date() >= s.today - LISTENING * DAY:
            key = Key("RF-51", f"p{r.source.id}", f"{at:%Y%m%d%H%M}{spoken.channel[0]}")
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
    """What the VA says a source wanted, by a tag on the source: it reaches the agent in the
    procedure's words.
    """
    assert latest.source is not None
    tags, episode = s.practice.tags, _episode(s, latest.source)
    for rule, names, issue, says in (
        (
            "RF-45",
            tags.asked_for_status,
            ReferralIssue.INQUIRY,
            "asked for the status of a referral: answer; then take the tag off",
        ),
        (
            "RF-46",
            tags.thanks_missed,
            ReferralIssue.DISSATISFIED,
            "is not content with the thanks: repair it; then take the tag off",
        ),
    ):
        r = next(
            (one for one in found if s.lives(one.key(rule, episode))), latest
        )  # one inquiry, whatever comes in meanwhile
        key = r.key(rule, episode)
        if tagged(latest.source, names):
            reason = (
                f"{latest.source.name}, who referred {r.lead.name}, carries the tag {names[0]}; no"
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
                    name=f"{latest.source.name} {says}",
                    useful_until=s.today + TOGETHER * DAY,
                ),
            )
            yield Finding("RF-50", reason, escalation(s, r, key, issue))
        else:
            for one in found:
                yield from close(of_rule(s, rule, one.subject), "the tag was taken off")


def _episode(s: Snapshot, source: Contact) -> str:
    """Which inquiry it is: by the day the source was last heard, so that the next one is
    another.
    """
    latest = max((spoken.at for spoken in source.inbound), default=None)
    return f"{compact(latest.astimezone(s.now.tzinfo).date())}-asked" if latest else "asked"


def _several(s: Snapshot, found: list[Referral]) -> Iterator[Finding]:
    """Two or more within 30 days while one is not thanked for: told together, so that the agent
    thanks in person (X-24).
    """
    latest = found[-1]
    together = [r for r in found if r.received >= latest.received - TOGETHER * DAY]
    key = Key("RF-48", _source_subject(latest), f"{together[0].received:%Y%m%d}-several")
    waiting = [r for r in together if not thanked(s, r)]
    if (
        len(together) > 1
        and waiting
        and not silent(s, latest)
        and s.now <= latest.received + TOGETHER * DAY
    ):
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
                    f"{latest.source_name} sent {len(together)} of late ({names}): thank them in"
                    " person"
                ),
                useful_until=latest.received.date() + TOGETHER * DAY,
            ),
        )
        yield Finding("RF-50", reason, escalation(s, latest, key, ReferralIssue.SEVERAL))
    because = "all are thanked for" if not waiting else silent(s, latest)
    told = of_rule(s, "RF-48", key.subject)
    earlier = Matter(tuple(t for t in told.tasks if t.key and t.key.base != key))
    if because:
        yield from close(told, because)
    else:
        yield from close(earlier, "later ones are told together")
