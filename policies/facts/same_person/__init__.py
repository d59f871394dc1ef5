"""Facts about which records are one person: their details, their names, and the agent's answers."""
