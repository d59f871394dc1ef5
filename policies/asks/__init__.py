"""How something is wanted, asked for, answered and ended."""
