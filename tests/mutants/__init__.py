"""A sample of mutants: small faults put into the code, each of which a test has to find."""
