"""Other people's clients against the sandbox."""
