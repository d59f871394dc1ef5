"""Every value of Steward's is frozen and holds its fields and nothing else."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cached_property

import pytest

import daemon
import policies

AT_WORK = {"World", "Batch", "Matched", "_Weighing"}
"""Dataclasses that are filled while one function works, and handed to nobody before it is done."""


def dataclasses_of_the_product() -> Iterator[type]:
    for package in (policies, daemon):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for kind in vars(importlib.import_module(module.name)).values():
                if inspect.isclass(kind) and kind.__module__ == module.name and dataclasses.is_dataclass(kind):
                    yield kind


def frozen(kind: type) -> bool:
    return bool(kind.__dataclass_params__.frozen)  # type: ignore[attr-defined]


def values() -> Iterator[type]:
    """Every frozen dataclass of the product that keeps nothing it worked out once."""
    for kind in dataclasses_of_the_product():
        keeps = any(isinstance(part, cached_property) for base in kind.__mro__ for part in vars(base).values())
        if frozen(kind) and not keeps:
            yield kind


def test_nothing_that_one_policy_is_given_can_be_changed_by_another() -> None:
    assert {kind.__name__ for kind in dataclasses_of_the_product() if not frozen(kind)} == AT_WORK


@pytest.mark.parametrize("kind", [*values()], ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_a_value_has_room_for_its_fields_alone(kind: type) -> None:
    assert "__slots__" in vars(kind)
