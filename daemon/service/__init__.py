"""Running for years: the loop, the unit, and what the agent is told."""
