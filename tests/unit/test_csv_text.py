"""CSV that a spreadsheet opens and runs nothing of, and that gives back what was put in."""

from __future__ import annotations

import csv
import io
import unicodedata

import hypothesis.strategies as st
import pytest
from hypothesis import given

from policies.database.lists.csv_text import inert, plain, written

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u200b=1", "\ufeff=1", "＝1", "＋1", "－1", "＠x", "−1", "|calc", "%0", "'=1",
            "a\n=1", "a\r\n=1", "a\r=1", "=HYPERLINK(\"http://x\",\"y\")", "=cmd|' /C calc'!A0", "+1 (512) 555-0100"]
CELL = st.one_of(st.text(), st.text(st.sampled_from("=+-@'\"\t\r\n ,;a|%＝\u00a0\u200b\ufeff")), st.sampled_from(FORMULAS))


def begins(line: str) -> str:
    """The first character of *line* that a spreadsheet looks at."""
    return next((c for c in line if not c.isspace() and unicodedata.category(c) not in {"Cf", "Zs"}), "")


def is_inert(cell: str) -> bool:
    lines = cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return not cell.startswith(("\t", "\r", "\n")) and all(unicodedata.normalize("NFKC", begins(line)) not in set("=+-@−|%") for line in lines)


@pytest.mark.clause("DB-36")
@given(st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=5))
def test_every_cell_survives_a_round_trip_and_is_inert(rows: list[list[str]]) -> None:
    text = written(rows)
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))

    assert [[plain(cell) for cell in row] for row in read] == rows
    assert all(is_inert(cell) for row in read for cell in row)


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_text(cell: str) -> None:
    assert inert(cell) != cell
    assert is_inert(inert(cell))
    assert plain(inert(cell)) == cell


@pytest.mark.parametrize("cell", ["Ana", "O'Brien", "a=b", "12 Elm St", "(512) 555-0100", "ana+zillow@example.com", "", "Ana – Lopez"])
def test_what_runs_nothing_is_left_as_it_is(cell: str) -> None:
    assert inert(cell) == cell


def test_every_field_is_quoted_and_a_line_ends_as_the_standard_says() -> None:
    assert written([("First Name", "a \"b\""), ("=1", "")]) == '"First Name","a ""b"""\r\n"\'=1",""\r\n'
