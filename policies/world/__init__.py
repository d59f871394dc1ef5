"""The CRM and the Sheet as a pass saw them, in immutable values."""
