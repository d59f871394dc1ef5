"""The agent's consent to each policy, and the work that goes on while a change waits (rule 13)."""
