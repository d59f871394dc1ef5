"""Other people's clients against the sandbox: what they expect of the real services, they must find here."""
