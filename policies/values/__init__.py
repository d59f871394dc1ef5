"""What people type, read in one place for each kind of value."""
