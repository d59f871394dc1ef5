"""Thanking a source within 48 hours: the prompt, the draft, the card, and the evidence."""
