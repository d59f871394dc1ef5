"""Every clause of the procedures is in the catalogue; every clause a policy claims is carried by a test."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from policies.catalogue import parse
from policies.registry import POLICIES

TESTS = Path(__file__).parents[1]


def carried() -> set[str]:
    """The clauses that tests are marked with."""
    marks = (m for path in TESTS.rglob("*.py") for m in re.findall(r"pytest\.mark\.clause\(([^)]*)\)", path.read_text(encoding="utf-8")))
    return {clause for mark in marks for clause in re.findall(r'"([A-Z]{1,2}-\d\d)"', mark)}


def test_all_152_clauses_are_there_once() -> None:
    catalogue = parse((resources.files("policies") / "catalogue.toml").read_text(encoding="utf-8"))
    expected = [f"{prefix}-{n:02}" for prefix, count in (("MS", 53), ("RF", 52), ("DB", 47)) for n in range(1, count + 1)]

    assert list(catalogue) == expected
    assert all(clause.says.endswith(".") and clause.modes for clause in catalogue.values())


def test_every_clause_a_policy_claims_is_carried_by_a_test() -> None:
    claimed = {clause for policy in POLICIES for clause in policy.clauses}

    assert claimed - carried() == set()


@pytest.mark.parametrize(("prefix", "count"), [("MS", 53), ("RF", 52), ("DB", 47), ("X", 63)])
def test_every_clause_and_reading_is_carried_by_a_test(prefix: str, count: int) -> None:
    assert {f"{prefix}-{n:02}" for n in range(1, count + 1)} - carried() == set()
