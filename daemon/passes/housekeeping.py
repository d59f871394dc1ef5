"""The traces of a pass besides its work: Steward's own rows in `Memory`, the tab `Handover`,
and the journal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from daemon.account.wiring import Account
from daemon.passes import handover, limits, safety_signs
from daemon.passes.absence import coming_records
from daemon.passes.actions import Action, Outcome, Plan, remember
from daemon.passes.forecast import after, days_ahead
from daemon.passes.observe import Observation
from daemon.passes.policy_needs import waiting_for_people
from policies.registry import Policy
from policies.world import memory
from policies.world.memory import DELETED, DELETED_NOTE, LAST_GOOD_PASS, SIZE
from policies.world.model import Source

Tell = Callable[[Outcome], None]


def with_housekeeping(seen: Observation, actions: list[Action]) -> list[Action]:
    """*actions* with Steward's own memory of the pass: what people deleted, and, if anything is
    written, that we did.
    """
    s = seen.snapshot
    tab, when = s.workbook.tabs[memory.TAB], s.stamp
    actions += [
        remember(DELETED.ref(key.base), "deleted by a person; not made again", when, tab)
        for key in seen.gone
        if DELETED.row(s.workbook, key.base) is None
    ]
    actions += [
        remember(DELETED_NOTE.ref(mark), "deleted by a person; not written again", when, tab)
        for mark in seen.gone_notes
    ]
    actions += limits.sums(s, actions)
    if actions:
        actions += safety_signs.begun(s)
        # The heartbeat rides along: a pass with nothing to do writes nothing at all.
        actions += [] if seen.troubles else [remember(LAST_GOOD_PASS.ref(), when, when, tab)]
        actions += [
            remember(SIZE.ref(source), str(size), when, tab)
            for source, size in seen.sizes.items()
            if source in {Source.PEOPLE, Source.DEALS}
        ]
    return actions


def handed_over(
    account: Account,
    seen: Observation,
    policies: Sequence[Policy],
    actions: Sequence[Action],
    *,
    partly: bool,
) -> list[Action]:
    """The tab `Handover` as it must read after *actions*. The days to come are looked at once a
    day, and again where something ended that they are about, or a record that they are about
    changed; the ledger keeps their marks, and digests of those records.

    *partly* says that some policies could not be asked.
    """
    s = seen.snapshot
    then = after(s if s.activated else replace(s, activated=s.today), Plan(tuple(actions)))
    ahead = None
    stale = account.ledger.recall("looked ahead on") != s.today.isoformat()
    before = json.loads(account.ledger.recall(coming_records.LEDGER) or "{}")
    other = stale or handover.outdated(s, actions) or coming_records.changed(s, before)
    if other and not seen.troubles:
        ahead = list(days_ahead(then, policies, handover.DAYS, account.settings.schedule.morning))
        known = json.loads(account.ledger.recall("ahead") or "[]") if partly else []
        coming = handover.upcoming(ahead, s.today)
        account.ledger.remember(
            "ahead", json.dumps(handover.still_upcoming(known, coming, s.today))
        )
        marks = {mark for mark, _ in coming} | handover.coming_marks(s)
        account.ledger.remember(coming_records.LEDGER, json.dumps(coming_records.prints(s, marks)))
        account.ledger.remember("looked ahead on", s.today.isoformat())
    made = frozenset(a.mark for a in actions if a.verb == "create")
    waiting = waiting_for_people(seen, account)
    return handover.update(then, ahead, made, partly=partly, waiting=waiting)


def recording(account: Account, pass_id: str, tell: Tell) -> Tell:
    """*tell*, with every outcome written into the journal of this pass before."""

    def record(outcome: Outcome) -> None:
        a = outcome.action
        if a.entity == handover.TAB:
            return  # a report: what it is about is recorded by itself
        account.ledger.write_down(
            pass_id,
            account.clock.now(),
            {
                "mark": a.mark,
                "verb": a.verb,
                "entity": a.entity,
                "person_id": a.person_id,
                "clause": a.clause,
                "outcome": outcome.result,
            },
        )
        tell(outcome)

    return record
