"""All kinds of request that batchUpdate serves: importing their modules registers them."""

from __future__ import annotations

from connectors.sandbox.sheets.batch import (
    cells,
    dimensions,
    metadata,
    objects,
    overlays,
    protections,
    tabs,
)
from connectors.sandbox.sheets.batch.register import KINDS, apply

__all__ = [
    "KINDS",
    "apply",
    "cells",
    "dimensions",
    "metadata",
    "objects",
    "overlays",
    "protections",
    "tabs",
]
