"""The monthly review, the quarterly audit and the yearly purge."""
