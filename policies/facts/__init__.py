"""What is true of a contact, a deal or a row: one function for each fact."""
