"""The quarterly report, and the monthly audit of the log."""
