"""Upgrades from released versions, each from a state that the released version itself recorded."""
