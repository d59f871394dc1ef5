"""One CRM for a whole file of tests that leave each other's contacts alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.sandbox.server import Sandbox
from tests.conformance.wire import Wire, wire


@pytest.fixture
def sandbox_kind() -> type[Sandbox]:
    """What holds of the services is tried over the wire."""
    return Sandbox


@pytest.fixture(scope="module")
def crm() -> Iterator[Wire]:
    client = wire(people=250)
    with client.box:
        yield client
