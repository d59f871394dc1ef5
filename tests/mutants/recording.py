"""A plugin of pytest that tells coverage which test runs: by its name, for all its parameters."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from coverage import Coverage


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Record what runs from here on as *item*'s."""
    if running := Coverage.current():
        running.switch_context(item.nodeid.partition("[")[0])
    return (yield)
