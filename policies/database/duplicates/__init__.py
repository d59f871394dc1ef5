"""Contacts that may be the same person."""
