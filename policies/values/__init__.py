"""Readers for what people type: one module for each kind of value."""
