"""Whatever is over has no open task, no waiting row and no line in Handover (X-81), for the state machines of all procedures."""

from __future__ import annotations

from collections.abc import Iterable

from policies.asks import approvals
from policies.asks.approvals import Decision
from policies.asks.episodes import LATE, parsed
from policies.world.model import Key, Task
from policies.world.sheet import Workbook

THANKED = {"RF-13": ("RF-13",), "RF-31": ("RF-31",), "RF-35": ("RF-03", "RF-36")}
"""The rules of the tasks that a row about a referral is about."""
PAIRS = ("DB-23", "DB-44")


def left_open(tasks: Iterable[Task], book: Workbook) -> list[str]:
    """Return what is still open of something whose row has had its last word, or asks nobody."""
    tasks = list(tasks)
    open_ = [t.key.base for t in tasks if t.key and not t.completed]
    lines = {row.text("Mark") for row in book.rows("Handover") if row.text("State") in {"open", "to decide"}}
    known = {str(t.key) for t in tasks if t.key and not t.completed} | _waiting(book)
    reworded = any(t.key is None and not t.completed for t in tasks)  # the ledger alone knows what they were
    left = [] if reworded else [f"{mark} is in Handover, and not open" for mark in sorted(lines - known)]
    for row in approvals.every(book):
        if row.over and (key := row.key):
            told = row.status.startswith(approvals.WITHDRAWN)  # then it is news to the agent that no recognition is made
            left += [f"{row.ref} is over ({row.status}), {task} is open" for task in open_
                     if _same_matter(key.base, task) and not (told and _no_recognition(task))]
            left += [f"{row.ref} is over and in Handover"] if row.ref in lines else []
        left += [f"{row.ref} waits for nobody"] if _waits_for_nobody(row) else []
    return left


def _no_recognition(task: Key) -> bool:
    return (task.rule, task.episode) == ("RF-03", "silent")


def _waiting(book: Workbook) -> set[str]:
    return {row.ref for row in approvals.every(book) if row.undecided}


def _waits_for_nobody(row: Decision) -> bool:
    return row.status == approvals.WAITING and row.acted


def _same_matter(row: Key, task: Key) -> bool:
    touch, step = parsed(row.episode), parsed(task.episode)
    if row.rule == "MS-09" and touch and step:
        return row.subject == task.subject and touch[:2] == step[:2] and step[2] != LATE
    if row.rule in THANKED and row.subject == task.subject and task.rule in THANKED[row.rule]:
        _, _, source = row.episode.partition("-p")
        return row.rule == "RF-35" or task.episode.endswith(f"-p{source}" if source else ("send-text", "send-email", "card"))
    return row.rule in PAIRS and task.rule in PAIRS and row.subject == task.subject and task.episode in {"merge", "correct"}
