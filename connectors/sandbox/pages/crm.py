"""The CRM's pages: people by stage, one person, and the tasks of whoever looks. Nothing here sorts
or renders everybody.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from types import MappingProxyType
from typing import Any

from jinja2.filters import do_striptags
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from connectors.sandbox.pages.frame import Frame, Looker, back, form, local, number
from policies.world.model import STAGE_LABELS, Key

Record = dict[str, Any]
PER_PAGE, AT_A_GLANCE = 50, 12
SOON = timedelta(days=7)
GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "overdue": "Overdue",
        "today": "Today",
        "upcoming": "Upcoming, the next seven days",
        "later": "Later",
        "undated": "Without a date",
        "done": "Done lately",
    }
)
_MARKED = re.compile(r"^(?P<text>.*?) ?\[(?P<mark>(?P<key>[^\[\]]+?)(?: withdrawn)?)\]\s*$", re.S)


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of something longer."""

    shown: list[Any]
    page: int
    more: bool

    @classmethod
    def of(cls, items: Iterable[Any], page: int, size: int = PER_PAGE) -> Slice:
        """The *page*-th (from 1) *size* of *items*, taking no more of them than that needs."""
        page = max(page, 1)
        found = list(islice(items, (page - 1) * size, page * size + 1))
        return cls(found[:size], page, len(found) > size)


@dataclass(frozen=True, slots=True)
class TaskShown:
    """A task as a page shows it: the sentence, Steward's mark apart from it, its day, and its
    client if whoever looks may see them.
    """

    record: Record
    sentence: str
    mark: str
    due: str
    group: str
    client: str | None


def split_name(name: str) -> tuple[str, str]:
    """The sentence of a task's name and Steward's mark ("" for a task of a person's own)."""
    found = _MARKED.match(name)
    return (found["text"], found["mark"]) if found and Key.parse(found["key"]) else (name, "")


class CrmPages:
    """What a user of the CRM sees there, and may do: complete a task and open it again."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._crm = frame.world.crm

    async def stages(self, request: Request) -> Response:
        """Everybody, counted by stage."""
        counts = Counter(
            str(person.get("stage", "Lead"))
            for person in self._visible("people", self._frame.looker(request))
        )
        others = sorted(
            self._crm.tables["stages"].values(), key=lambda stage: stage.get("orderWeight", 0)
        )
        labels = dict.fromkeys(
            (*STAGE_LABELS.values(), *(stage["name"] for stage in others), *counts)
        )
        return self._frame.page(
            request,
            "stages.html",
            stages=[(label, counts[label]) for label in labels],
            total=counts.total(),
        )

    async def people(self, request: Request) -> Response:
        """The people of a stage, or whose name holds the words looked for; the newest first."""
        stage, name = (
            request.query_params.get("stage", ""),
            request.query_params.get("name", "").strip(),
        )
        if not (stage or name):
            return back("/crm")
        everybody = self._visible("people", self._frame.looker(request), newest=True)
        found = (
            person
            for person in everybody
            if (not stage or person.get("stage", "Lead") == stage)
            and name.casefold() in str(person.get("name") or "").casefold()
        )
        page = number(request.query_params.get("page"), 1)
        return self._frame.page(
            request, "people.html", stage=stage, name=name, people=Slice.of(found, page)
        )

    async def person(self, request: Request) -> Response:
        """One contact, and everything that hangs on it."""
        who, person_id = self._frame.looker(request), number(request.path_params["person"])
        person = self._crm.render("people", self._crm.get("people", person_id, who.id), "allFields")
        tasks = [self._shown(task, who) for task in self._of("tasks", person_id, who)]
        deals = list(self._of("deals", person_id, who))
        fields = [
            (field["label"], field["type"], person.get(field["name"]))
            for field in self._crm.tables["customFields"].values()
        ]
        return self._frame.page(
            request,
            "person.html",
            person=person,
            deals=deals,
            fields=fields,
            changed=self._changed(request, who),
            open=sorted((t for t in tasks if t.group != "done"), key=lambda t: t.due),
            done=sorted(
                (t for t in tasks if t.group == "done"),
                key=lambda t: _completed(t.record),
                reverse=True,
            ),
            timeline=Slice.of(
                self._timeline(person_id, who), number(request.query_params.get("page"), 1)
            ),
        )

    async def tasks(self, request: Request) -> Response:
        """What whoever looks has to do, by when; one group alone, page by page, if asked."""
        who, only = self._frame.looker(request), request.query_params.get("due", "")
        if only and only not in GROUPS:
            raise HTTPException(404, "There is no such group of tasks.")
        groups: dict[str, list[Record]] = {name: [] for name in GROUPS if only in {"", name}}
        own = (
            task
            for task in self._crm.tables["tasks"].values()
            if task.get("assignedUserId") == who.id
        )
        for task in own:
            if (name := self._group(task, who)) in groups and self._crm.visible(
                "tasks", task, who.id
            ):
                groups[name].append(task)
        for name, tasks in groups.items():
            tasks.sort(key=_completed if name == "done" else _due, reverse=name == "done")
        page, size = (
            (number(request.query_params.get("page"), 1), PER_PAGE) if only else (1, AT_A_GLANCE)
        )
        return self._frame.page(
            request,
            "tasks.html",
            only=only,
            titles=GROUPS,
            changed=self._changed(request, who),
            groups=[
                (name, len(tasks), Slice.of((self._shown(t, who) for t in tasks), page, size))
                for name, tasks in groups.items()
            ],
        )

    async def complete(self, request: Request) -> Response:
        """Tick a task off, or open it again, as whoever looks."""
        sent = await form(request)
        if sent.get("done") not in {"0", "1"}:
            raise HTTPException(400, "A task is either done or open.")
        who, task_id = self._frame.looker(request), number(request.path_params["task"])
        self._crm.update("tasks", task_id, {"isCompleted": sent["done"] == "1"}, who.id)
        path = local(sent.get("next", ""), "/crm/tasks").partition("?")[0]
        return back(f"{path}?changed={task_id}")

    # -- looking things up -------------------------------------------------------------------------

    def _visible(self, path: str, who: Looker, *, newest: bool = False) -> Iterator[Record]:
        table = self._crm.tables[path]
        records = (table[number] for number in (reversed(list(table)) if newest else table))
        return (
            records
            if self._crm.sees_all(who.id)
            else (r for r in records if self._crm.visible(path, r, who.id))
        )

    def _of(self, path: str, person_id: int, who: Looker) -> Iterator[Record]:
        table = self._crm.tables[path]
        return (
            r
            for r in map(table.__getitem__, sorted(table.having("personId", person_id)))
            if self._crm.visible(path, r, who.id)
        )

    def _shown(self, task: Record, who: Looker) -> TaskShown:
        sentence, mark = split_name(str(task.get("name") or ""))
        person = self._crm.tables["people"].get(task.get("personId") or 0)
        client = (
            str(person.get("name") or "")
            if person and self._crm.visible("people", person, who.id)
            else None
        )
        return TaskShown(task, sentence, mark, _due(task), self._group(task, who), client)

    def _group(self, task: Record, who: Looker) -> str:
        if task.get("isCompleted") or not _due(task):
            return "done" if task.get("isCompleted") else "undated"
        on, today = _date(_due(task), who), self._frame.today(who)
        return (
            "overdue"
            if on < today
            else "today"
            if on == today
            else "upcoming"
            if on <= today + SOON
            else "later"
        )

    def _changed(self, request: Request, who: Looker) -> TaskShown | None:
        """The task that was just ticked off or opened again, if the address says so."""
        task = self._crm.tables["tasks"].get(number(request.query_params.get("changed")))
        return self._shown(task, who) if task and self._crm.visible("tasks", task, who.id) else None

    def _timeline(self, person_id: int, who: Looker) -> list[dict[str, Any]]:
        entries = [
            {
                "kind": kind,
                "when": str(
                    record.get("startedAt") or record.get("sent") or record.get("created") or ""
                ),
                "by": (
                    record.get("createdBy")
                    or record.get("userName")
                    or self._crm.user(record.get("createdById") or 0)["name"]
                ),
                "subject": str(record.get("subject") or ""),
                "marked": Key.parse(str(record.get("subject") or "")) is not None,
                "text": _plain(record),
                "record": record,
            }
            for kind, path in (
                ("note", "notes"),
                ("call", "calls"),
                ("text message", "textMessages"),
                ("email", "emails"),
            )
            for record in self._of(path, person_id, who)
        ]
        return sorted(entries, key=lambda entry: entry["when"], reverse=True)


def _due(task: Record) -> str:
    return str(task.get("dueDateTime") or task.get("dueDate") or "")


def _completed(task: Record) -> str:
    return str(task.get("completed") or "")


def _date(due: str, who: Looker) -> date:
    """The day of a due date, or of a due moment where *who* is."""
    return (
        date.fromisoformat(due)
        if len(due) <= 10
        else datetime.fromisoformat(due).astimezone(who.zone).date()
    )


def _plain(record: Record) -> str:
    """What was said, as text: a note's or a mail's own HTML is taken out of it, never shown as
    such.
    """
    text = str(record.get("body") or record.get("message") or record.get("note") or "")
    if not record.get("isHtml"):
        return text
    return "\n".join(
        do_striptags(line) for line in re.split(r"(?i)<br\s*/?>|</p>|</div>|</li>|\n", text)
    ).strip()
