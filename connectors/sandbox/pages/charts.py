"""A tab's charts as pictures: the spec read into names and series, drawn as SVG by pygal."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pygal
from pygal.style import Style

from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.grid.a1 import Area
from connectors.sandbox.sheets.grid.book import Book, Json
from connectors.sandbox.sheets.grid.values import effective, formatted

# pygal leaves an import hook of an old kind behind. Python 3.11 warns of that kind at every later
# import that finds nothing.
sys.meta_path[:] = [
    finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)
]

KINDS: Mapping[str, tuple[str, Any]] = MappingProxyType(
    {
        "COLUMN": ("Column chart", pygal.Bar),
        "BAR": ("Bar chart", pygal.HorizontalBar),
        "LINE": ("Line chart", pygal.Line),
        "AREA": ("Area chart", pygal.Line),
        "PIE": ("Pie chart", pygal.Pie),
    }
)
MOST_POINTS = 200
STYLE = Style(
    background="transparent",
    plot_background="transparent",
    font_family="system-ui, sans-serif",
    title_font_size=18,
    label_font_size=12,
    legend_font_size=13,
    colors=("#1f6f54", "#b4531f", "#2b5d9b", "#7a4a93", "#8a6d00", "#4a5560"),
)


@dataclass(frozen=True, slots=True)
class Chart:
    """The data of a chart."""

    id: int
    title: str
    kind: str
    """A key of KINDS, or another word of the service's, which is drawn as columns."""
    names: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    """Each with its label and one value for each of the names."""

    @property
    def words(self) -> str:
        """The chart in a sentence, for those who do not see it."""
        kind = KINDS.get(self.kind, ("Chart", None))[0]
        sentences = []
        for label, values in self.series:
            pairs = zip(self.names, values, strict=False)
            points = [f"{name} {value:g}" for name, value in pairs if value is not None]
            sentences.append(f"{label}: {', '.join(points)}")
        return f"{kind}, {self.title}. {'; '.join(sentences)}"[:1000]


def read(chart: Json, book: Book) -> Chart:
    """An EmbeddedChart of *book*, with the values that are now in its ranges."""
    spec = chart.get("spec", {})
    kind, header, domain, series = _parts(spec, book)
    names = tuple(formatted(cell) for cell in _cells(domain, book)[header:])
    columns = [_cells(one, book) for one in series]
    labels = [
        formatted(cells[0]) if header and cells else f"Series {n}"
        for n, cells in enumerate(columns, 1)
    ]
    values = [tuple(_value(cell) for cell in cells[header:]) for cells in columns]
    return Chart(
        chart["chartId"],
        spec.get("title") or "Chart",
        kind,
        names,
        tuple(zip(labels, values, strict=True)),
    )


def _parts(spec: Json, book: Book) -> tuple[str, int, Json, list[Json]]:
    """The kind of a chart, its number of header rows, its domain and its series."""
    if pie := spec.get("pieChart"):
        values = pie.get("series", {})
        # A pie has no headerCount: a word on top of its values is a header.
        header = _value(next(iter(_cells(values, book)), {})) is None
        return "PIE", int(header), pie.get("domain", {}), [values]
    basic = spec.get("basicChart", {})
    domain = basic["domains"][0].get("domain", {}) if basic.get("domains") else {}
    series = [one.get("series", {}) for one in basic.get("series", ())]
    return basic.get("chartType", "?"), basic.get("headerCount", 0), domain, series


def _cells(data: Json, book: Book) -> Sequence[Json]:
    """The cells of a chart's source; none of a deleted tab, and none beyond the grid."""
    found: list[Json] = []
    for source in data.get("sourceRange", {}).get("sources", ()):
        area = Area.of(source)
        try:
            sheet = book.sheet(area.sheet_id)
            rows, columns = sheet.area(area)
        except ApiError:
            continue
        found += [
            sheet.cell(r, c) or {}
            for r in rows[: max(sheet.last_row() - area.row0, 0)]
            for c in columns
        ]
    return found[:MOST_POINTS]


def _value(cell: Json) -> float | None:
    value = effective(cell).get("numberValue")
    return None if value is None else float(value)


def draw(chart: Chart) -> bytes:
    """The chart as an SVG document with a title and a description, without scripts."""
    made = KINDS.get(chart.kind, KINDS["COLUMN"])[1](
        style=STYLE,
        width=720,
        height=400,
        explicit_size=True,
        title=chart.title,
        js=(),
        no_data_text="no numbers yet",
        legend_at_bottom=True,
        show_legend=len(chart.series) > 1 or chart.kind == "PIE",
        fill=chart.kind == "AREA",
    )
    if chart.kind == "PIE":
        values = chart.series[0][1] if chart.series else ()
        for name, value in zip(chart.names, values, strict=False):
            made.add(name, value)
    else:
        made.x_labels = chart.names
        for label, values in chart.series:
            made.add(label, values)
    root = made.render_tree()
    for parent in root.iter():
        for child in list(parent):
            if child.tag == "script" or child.tag is ET.Comment:
                parent.remove(child)
    root.set("role", "img")
    description = ET.Element("desc")
    description.text = chart.words
    root.insert(0, description)
    return bytes(ET.tostring(root, encoding="utf-8"))
