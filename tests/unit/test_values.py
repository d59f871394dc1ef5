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


def values() -> Iterator[type]:
    """Every frozen dataclass of the product that keeps nothing it worked out once."""
    for package in (policies, daemon):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for kind in vars(importlib.import_module(module.name)).values():
                if not inspect.isclass(kind) or kind.__module__ != module.name or not dataclasses.is_dataclass(kind):
                    continue
                keeps = any(isinstance(part, cached_property) for base in kind.__mro__ for part in vars(base).values())
                if kind.__dataclass_params__.frozen and not keeps:  # type: ignore[attr-defined]
                    yield kind


@pytest.mark.parametrize("kind", [*values()], ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_a_value_has_room_for_its_fields_alone(kind: type) -> None:
    assert "__slots__" in vars(kind)
