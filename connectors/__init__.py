"""Adapters: they speak a service's wire and return `policies.model` values."""
