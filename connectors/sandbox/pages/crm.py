"""The CRM's pages: people by stage, one person, and the viewer's tasks.

No page sorts or renders all people, so that a large account stays quick.
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
TIMELINE = (
    ("note", "notes"),
    ("call", "calls"),
    ("text message", "textMessages"),
    ("email", "emails"),
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
        """Page number *page* (from 1) of *items*, without taking more of them than needed."""
        page = max(page, 1)
        found = list(islice(items, (page - 1) * size, page * size + 1))
        return cls(found[:size], page, len(found) > size)


@dataclass(frozen=True, slots=True)
class TaskShown:
    """A task as a page shows it."""

    record: Record
    sentence: str
    """Its name without the mark."""
    mark: str
    """Steward's mark, or ""."""
    due: str
    group: str
    """One of GROUPS."""
    client: str | None
    """The client's name; None if the viewer may not see the client."""


def split_name(name: str) -> tuple[str, str]:
    """The sentence of a task's name and Steward's mark ("" for a person's own task)."""
    found = _MARKED.match(name)
    if found and Key.parse(found["key"]):
        return found["text"], found["mark"]
    return name, ""


class CrmPages:
    """The pages of one user of the CRM, who may complete a task and open it again."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._crm = frame.world.crm

    async def stages(self, request: Request) -> Response:
        """All people, counted by stage."""
        everybody = self._visible("people", self._frame.looker(request))
        counts = Counter(str(person.get("stage", "Lead")) for person in everybody)
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
        """The people of a stage, or with the searched words in their name; newest first."""
        stage = request.query_params.get("stage", "")
        name = request.query_params.get("name", "").strip()
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
        """One contact with its tasks, deals, fields and timeline."""
        who, person_id = self._frame.looker(request), number(request.path_params["person"])
        person = self._crm.render("people", self._crm.get("people", person_id, who.id), "allFields")
        tasks = [self._shown(task, who) for task in self._of("tasks", person_id, who)]
        deals = list(self._of("deals", person_id, who))
        fields = [
            (field["label"], field["type"], person.get(field["name"]))
            for field in self._crm.tables["customFields"].values()
        ]
        done = [task for task in tasks if task.group == "done"]
        page = number(request.query_params.get("page"), 1)
        return self._frame.page(
            request,
            "person.html",
            person=person,
            deals=deals,
            fields=fields,
            changed=self._changed(request, who),
            open=sorted((t for t in tasks if t.group != "done"), key=lambda t: t.due),
            done=sorted(done, key=lambda t: _completed(t.record), reverse=True),
            timeline=Slice.of(self._timeline(person_id, who), page),
        )

    async def tasks(self, request: Request) -> Response:
        """The viewer's tasks by when they are due; with `due`, one group page by page."""
        who, only = self._frame.looker(request), request.query_params.get("due", "")
        if only and only not in GROUPS:
            raise HTTPException(404, "There is no such group of tasks.")
        groups = self._grouped(who, only)
        page, size = 1, AT_A_GLANCE
        if only:
            page, size = number(request.query_params.get("page"), 1), PER_PAGE
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

    def _grouped(self, who: Looker, only: str) -> dict[str, list[Record]]:
        """The viewer's tasks by group, each group sorted; *only* names the one that is wanted."""
        groups: dict[str, list[Record]] = {name: [] for name in GROUPS if only in {"", name}}
        for task in self._crm.tables["tasks"].values():
            if task.get("assignedUserId") != who.id:
                continue
            name = self._group(task, who)
            if name in groups and self._crm.visible("tasks", task, who.id):
                groups[name].append(task)
        for name, tasks in groups.items():
            tasks.sort(key=_completed if name == "done" else _due, reverse=name == "done")
        return groups

    async def complete(self, request: Request) -> Response:
        """Tick a task off, or open it again, as the viewer."""
        sent = await form(request)
        if sent.get("done") not in {"0", "1"}:
            raise HTTPException(400, "A task is either done or open.")
        who, task_id = self._frame.looker(request), number(request.path_params["task"])
        self._crm.update("tasks", task_id, {"isCompleted": sent["done"] == "1"}, who.id)
        path = local(sent.get("next", ""), "/crm/tasks").partition("?")[0]
        return back(f"{path}?changed={task_id}")

    # -- look-ups ----------------------------------------------------------------------------------

    def _visible(self, path: str, who: Looker, *, newest: bool = False) -> Iterator[Record]:
        table = self._crm.tables[path]
        sees_all = self._crm.sees_all(who.id)
        for record_id in reversed(list(table)) if newest else table:
            record = table[record_id]
            if sees_all or self._crm.visible(path, record, who.id):
                yield record

    def _of(self, path: str, person_id: int, who: Looker) -> Iterator[Record]:
        """The visible records of this collection about one person, in id order."""
        table = self._crm.tables[path]
        for record_id in sorted(table.having("personId", person_id)):
            if self._crm.visible(path, table[record_id], who.id):
                yield table[record_id]

    def _shown(self, task: Record, who: Looker) -> TaskShown:
        sentence, mark = split_name(str(task.get("name") or ""))
        person = self._crm.tables["people"].get(task.get("personId") or 0)
        client = None
        if person and self._crm.visible("people", person, who.id):
            client = str(person.get("name") or "")
        return TaskShown(task, sentence, mark, _due(task), self._group(task, who), client)

    def _group(self, task: Record, who: Looker) -> str:
        if task.get("isCompleted"):
            return "done"
        if not _due(task):
            return "undated"
        on, today = _date(_due(task), who), self._frame.today(who)
        if on < today:
            return "overdue"
        if on == today:
            return "today"
        return "upcoming" if on <= today + SOON else "later"

    def _changed(self, request: Request, who: Looker) -> TaskShown | None:
        """The task that was just ticked off or opened again, if the address says so."""
        task = self._crm.tables["tasks"].get(number(request.query_params.get("changed")))
        return self._shown(task, who) if task and self._crm.visible("tasks", task, who.id) else None

    def _timeline(self, person_id: int, who: Looker) -> list[dict[str, Any]]:
        """Notes and touches of a person for the template, newest first."""
        entries = []
        for kind, path in TIMELINE:
            entries += [self._entry(kind, record) for record in self._of(path, person_id, who)]
        return sorted(entries, key=lambda entry: entry["when"], reverse=True)

    def _entry(self, kind: str, record: Record) -> dict[str, Any]:
        when = record.get("startedAt") or record.get("sent") or record.get("created") or ""
        by = record.get("createdBy") or record.get("userName")
        subject = str(record.get("subject") or "")
        return {
            "kind": kind,
            "when": str(when),
            "by": by or self._crm.user(record.get("createdById") or 0)["name"],
            "subject": subject,
            "marked": Key.parse(subject) is not None,
            "text": _plain(record),
            "record": record,
        }


def _due(task: Record) -> str:
    return str(task.get("dueDateTime") or task.get("dueDate") or "")


def _completed(task: Record) -> str:
    return str(task.get("completed") or "")


def _date(due: str, who: Looker) -> date:
    """The day of a due date, or of a due moment in the zone of *who*."""
    if len(due) <= 10:
        return date.fromisoformat(due)
    return datetime.fromisoformat(due).astimezone(who.zone).date()


def _plain(record: Record) -> str:
    """The text of a note, a call or a message, without its HTML tags."""
    text = str(record.get("body") or record.get("message") or record.get("note") or "")
    if not record.get("isHtml"):
        return text
    lines = re.split(r"(?i)<br\s*/?>|</p>|</div>|</li>|\n", text)
    return "\n".join(do_striptags(line) for line in lines).strip()
