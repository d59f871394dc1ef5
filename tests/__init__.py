"""unit · conformance · properties · scenarios · system (CONTRIBUTING.md)."""
