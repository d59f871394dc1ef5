"""What was seen in the CRM and the Sheet, as immutable values."""
