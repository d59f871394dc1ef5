"""What an account is made of: its settings, connectors, ledger and people."""
