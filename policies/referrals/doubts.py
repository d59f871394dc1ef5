"""The doubts about the source of a referral. Each doubt that the VA is asked about is also the step
in the key of its question (RF-07).
"""

from __future__ import annotations

AMBIGUOUS, UNKNOWN, CONTESTED, HOUSEHOLD, TWIN, UNNAMED = (
    "which",
    "create",
    "two-sources",
    "household",
    "twin",
    "who",
)
ASKED = (AMBIGUOUS, UNKNOWN, CONTESTED, HOUSEHOLD, TWIN, UNNAMED)
"""The doubts about which the VA is asked."""
NAMING = frozenset({AMBIGUOUS, CONTESTED, HOUSEHOLD, TWIN})
"""Those whose questions name contacts by their numbers."""
HIDDEN = "hidden"
"""This pass does not show somebody whom it rests on: it stands still, and nothing is asked."""
LEFT_ALONE = "left alone"
"""The source opted out or died, and their record is gone for good: nothing is asked either."""
