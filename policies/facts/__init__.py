"""Facts about a contact, a deal or a row: one function for each."""
