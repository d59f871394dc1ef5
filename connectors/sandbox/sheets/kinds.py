"""All kinds of request that batchUpdate knows: importing the modules registers them."""

from __future__ import annotations

from connectors.sandbox.sheets import dimensions, metadata, objects, overlays, tabs
from connectors.sandbox.sheets.batch import KINDS, apply

__all__ = ["KINDS", "apply", "dimensions", "metadata", "objects", "overlays", "tabs"]
