"""Follow Up Boss, API v1: `client` speaks to it, `wire` translates, `mark` puts our key into a
task's name.
"""
