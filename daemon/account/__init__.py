"""The parts of an account: settings, connectors, ledger, people."""
