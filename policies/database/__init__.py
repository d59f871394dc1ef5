"""The third procedure: a database in which every contact stands once, where it belongs."""
