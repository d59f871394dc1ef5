"""Milestones: closing anniversaries, birthdays, homestead filing and home values.

The procedure is "Key Milestone Dates".
"""
