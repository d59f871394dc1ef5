"""Other people's clients speak over the wire."""

from __future__ import annotations

import pytest

from connectors.sandbox.server import Sandbox


@pytest.fixture
def sandbox_kind() -> type[Sandbox]:
    return Sandbox
