"""The log as it reads once this pass has written to it, so that counts agree with the rows at
once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from policies.asks.wants import WantRow
from policies.facts.referral_log import TAB, Entry, entries_in
from policies.referrals import backlog
from policies.referrals.log import log_rows
from policies.world.sheet import Row, Tab
from policies.world.snapshot import Snapshot


def entries(s: Snapshot) -> Sequence[Entry]:
    """Every row of the log that counts as a referral, Steward's own rows of this pass included;
    once per snapshot.
    """
    return s.once(_entries)


def _entries(s: Snapshot) -> Sequence[Entry]:
    found = list(s.workbook.rows(TAB))
    where = {row.ref: n for n, row in enumerate(found) if row.ref}
    typed = {id(row): n for n, row in enumerate(found) if not row.ref}
    for finding in (*log_rows.rows(s), *backlog.history(s)):
        want = finding.want
        if not isinstance(want, WantRow) or want.tab != TAB:
            continue
        at = typed.get(id(want.adopts)) if want.adopts else where.get(want.ref)
        if at is not None:
            found[at] = Row(want.ref, {**found[at].cells, **want.keep})
        elif want.create and want.ref not in where:
            found.append(Row(want.ref, {**want.first, **want.keep}))
    return entries_in(replace(s.workbook, tabs={**s.workbook.tabs, TAB: Tab(TAB, tuple(found))}))
