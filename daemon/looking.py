"""The commands that only look: why a thing exists, what is ahead, what was done, how it is."""

from __future__ import annotations

from typing import Annotated

import typer

from daemon import explain as explaining
from daemon import imagine, reconcile, report, session
from daemon.terminal import AsOf, Json, account, err, out, print_json
from policies.registry import POLICIES


def explain(what: Annotated[list[str], typer.Argument(metavar="PERSON|MARK", help="A contact's id, or a mark: MS-04 d812 20261218-14d.")],
            as_of: AsOf = "", as_json: Json = False) -> None:
    """Why each thing exists, which clause asks, what closes it; for a person also why each rule is silent."""
    own = account()
    decided = reconcile.decide(own, session.moment(as_of, own.settings, own.clock.now()), report.Telling())
    s, text = decided.seen.snapshot, " ".join(what)
    subjects, contact = explaining.subjects_of(s, text)
    found = [one for one in explaining.things(s, [f for fs in decided.findings.values() for f in fs], subjects)
             if contact or one.mark == text.strip().strip("[]")]
    silent = list(explaining.silences(s, decided.findings, POLICIES, contact, subjects)) if contact else []
    if as_json:
        print_json({"found": [one.json() for one in found], "silent": [{"policy": p, "why": why} for p, why in silent],
                    "skipped_policies": [{"policy": name, "reason": why} for name, why in decided.skipped.items()]})
        return
    report.show_explained(found, [*silent, *decided.skipped.items()], out())


def simulate(days: Annotated[int, typer.Option("--days", min=1, max=1100, help="How many days, today included.")] = 90,
             as_of: AsOf = "", as_json: Json = False) -> None:
    """The calendar ahead: what will be asked of whom on which day, if nobody decides or does anything. Writes nothing."""
    own = account()
    telling = report.Telling()
    decided = reconcile.decide(own, session.moment(as_of, own.settings, own.clock.now()), telling)
    asked = [p for p in POLICIES if p.name not in decided.skipped]
    ahead = imagine.days_ahead(decided.seen.snapshot, asked, days, own.settings.schedule.morning,
                               lambda done: telling("the days ahead", done, days))
    if as_json:
        print_json(report.ahead_document(ahead))
    else:
        report.show_ahead(ahead, decided.seen.snapshot, out())
    for name, reason in decided.skipped.items():
        err().print(f"not asked: {name}: {reason}", markup=False)


def journal(since: Annotated[str, typer.Option(help="From this ISO day or instant on.")] = "",
            person: Annotated[int | None, typer.Option(help="Only this contact id.")] = None, as_json: Json = False) -> None:
    """What was done, to whom, because of what."""
    entries = account().ledger.journal(since, person)
    if as_json:
        print_json(list(entries))
        return
    for e in entries:
        out().print(f"{e['at'][:19]} {e['outcome']:<13} {e['clause'] or 'own':<6} {e['verb']} {e['entity']:<10} "
                    f"{'contact ' + str(e['person_id']) if e['person_id'] else '':<14} {e['mark']}  pass {e['pass']}", markup=False)
    if not entries:
        out().print("nothing was done yet")


def status(as_json: Json = False) -> None:
    """Last pass, next pass, open decisions, health."""
    own = account()
    passes = own.ledger.last_passes(20)
    book = own.sheet.read()
    waiting = [row.ref for row in book.rows("Approvals") if row.ref and not row.text("Decision") and not row.text("Acted On")]
    good = next((p for p in passes if p["outcome"] in {"fine", "not_now", "changes"}), None)
    unsettled = len(own.ledger.intents("inflight"))
    found = {"mode": own.settings.mode, "last_pass": passes[0] if passes else None, "last_good_pass": good["ended"] if good else None,
             "poll_minutes": own.settings.schedule.poll_minutes, "open_decisions": waiting, "writes_in_doubt": unsettled,
             "decisions_not_counted": book.decisions_guarded}
    if as_json:
        print_json(found)
        return
    out().print(f"mode            {found['mode']}")
    out().print(f"last pass       {passes[0]['started'][:19] + ' ' + str(passes[0]['outcome']) if passes else 'none yet'}")
    out().print(f"last good pass  {good['ended'][:19] if good else 'none yet'}; the daemon passes every "
                f"{own.settings.schedule.poll_minutes} minutes")
    out().print(f"open decisions  {len(waiting)} in Approvals")
    out().print(f"writes in doubt {unsettled}")
    if book.decisions_guarded:
        out().print(f"no decision counts: {book.decisions_guarded}", markup=False)
