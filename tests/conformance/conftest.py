"""One CRM for a whole file of tests that leave each other's contacts alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.wire import Wire, wire


@pytest.fixture(scope="module")
def crm() -> Iterator[Wire]:
    client = wire(people=250)
    with client.box:
        yield client
