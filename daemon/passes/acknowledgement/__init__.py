"""What the agent acknowledged of each policy, and what may act while a change waits (rule 13)."""
