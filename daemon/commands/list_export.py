"""One pull of a campaign list at the keyboard: ask the agent; once confirmed, log and export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.ports import Progress
from daemon.account.wiring import Account
from daemon.commands.new_file import NewFile
from daemon.errors import ConfigurationError, Exit, NotNow, Usage
from daemon.passes import reconcile, session
from daemon.passes.observe import Observation, look
from daemon.passes.policy_needs import skipped_of
from policies.asks import approvals
from policies.asks.wants import Finding
from policies.database.lists import campaigns, csv_text, list_requests, lists
from policies.database.lists.campaigns import Campaign
from policies.database.lists.list_requests import Request
from policies.database.lists.lists import Pulled
from policies.database.lists.segments import Segment
from policies.registry import POLICIES


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list as asked for at the keyboard; with `excel` the file begins with a byte-order mark."""

    segment: Segment
    campaign: Campaign
    file: Path
    excel: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """The end of a pull: its exit status, and a message for the person at the keyboard."""

    code: Exit
    says: str


def run(account: Account, now: datetime, wanted: Wanted, progress: Progress) -> Done:
    """Read everything again, and ask the agent or, if the agent has confirmed the list, export it.

    Raises:
        Usage: the list does not suit the campaign, or is too long.
        ConfigurationError, NotNow: it cannot be pulled now.
    """
    with session.recorded(account) as pass_id:
        seen = look(account, now, progress)
        _check(account, seen, wanted)
        s = seen.snapshot
        request = list_requests.at_keyboard(s, wanted.segment, wanted.campaign)
        pulled = lists.pull(s, wanted.segment, wanted.campaign)
        if long := list_requests.too_long(list_requests.IN_A_FILE, len(pulled.members)):
            raise Usage(long)
        held = reconcile.held(account, seen)
        if held:
            done = _held(wanted, pulled, held)
        else:
            done = _Pull(account, seen, wanted, request, pass_id).go(pulled)
        account.ledger.end_pass(
            pass_id, account.clock.now(), done.code.name.lower(), {"contacts": len(pulled.members)}
        )
        return done


def _check(account: Account, seen: Observation, wanted: Wanted) -> None:
    policy = next(p for p in POLICIES if p.name == "database.lists")
    skipped, unconfigured = skipped_of(seen, account, [policy])
    if why := skipped.get(policy.name):
        raise ConfigurationError([why]) if unconfigured else NotNow(why)
    if why := lists.unready(seen.snapshot):
        raise ConfigurationError([why])
    if why := lists.unread(seen.snapshot, wanted.segment):
        raise NotNow(why)
    if problems := campaigns.problems(wanted.segment, wanted.campaign, lists.places(seen.snapshot)):
        raise Usage("; ".join(problems))


def _held(wanted: Wanted, pulled: Pulled, held: str) -> Done:
    code = Exit.CHANGES if held == reconcile.OBSERVING else Exit.NOT_NOW
    return Done(
        code,
        f"{lists.counted(len(pulled.members))}: {wanted.segment}. "
        f"Nothing was asked or written: {held}",
    )


@dataclass(frozen=True, slots=True)
class _Pull:
    """The steps of a pull that is not held."""

    account: Account
    seen: Observation
    wanted: Wanted
    request: Request
    pass_id: str

    def go(self, pulled: Pulled) -> Done:
        s, request = self.seen.snapshot, self.request
        if not pulled.members:
            self.write(list(list_requests.empty(s, request, pulled)))
            hints = "; ".join(lists.never_seen(s, self.wanted.segment)) or pulled.out
            return Done(
                Exit.NOT_NOW,
                f"0 contacts: {self.wanted.segment}{f' ({hints})' if hints else ''}. It may be set"
                " up wrong, so it is put to the agent in"
                f" Approvals:\n\n{list_requests.zero_message(s)}",
            )
        answer = list_requests.confirmation(s, request, pulled)
        rows = [
            *([answer.row] if answer.row else []),
            *list_requests.not_empty_any_more(s, request, pulled),
            list_requests.checklist(request, pulled, confirmed=answer.choice == approvals.APPROVE),
        ]
        if answer.choice == approvals.APPROVE:
            return self.export(pulled, [*rows, list_requests.logged(s, request, pulled)])
        self.write(rows)
        if answer.choice == approvals.REJECT:
            return Done(
                Exit.REFUSED,
                "the agent rejected this list; nothing was written. Asked for again, it is put up"
                " anew",
            )
        left = f"Left out: {pulled.out}. " if pulled.out else ""
        return Done(
            Exit.NOT_NOW,
            f"{lists.counted(len(pulled.members))}: {self.wanted.segment} (digest {pulled.digest})."
            f" {left}The agent is asked in Approvals ({request.confirm}); once confirmed there,"
            " give the same command again",
        )

    def export(self, pulled: Pulled, rows: Sequence[Finding]) -> Done:
        """Write the whole file, log it, and only then move it to its place."""
        text = csv_text.written(list_requests.table(self.seen.snapshot, self.request, pulled))
        if self.wanted.excel:
            text = csv_text.BOM + text
        with NewFile(self.wanted.file, text) as file:
            self.write(rows)
            file.keep()
        return Done(
            Exit.FINE,
            f"{lists.counted(len(pulled.members))} written to {self.wanted.file}, "
            f"logged in the tab 'Export Log'. It is for {self.wanted.campaign.name!r} only",
        )

    def write(self, rows: Sequence[Finding]) -> None:
        """Write all rows. Raises NotNow if one of them fails."""
        outcomes = reconcile.write(self.account, self.seen, rows, pass_id=self.pass_id)
        failed = [outcome for outcome in outcomes if not outcome.happened]
        if failed:
            raise NotNow(
                f"the Sheet could not be written ({failed[0].detail}), so nothing was exported; "
                "try again"
            )
