"""Follow Up Boss v1, as far as the three procedures need it, with its traps."""
