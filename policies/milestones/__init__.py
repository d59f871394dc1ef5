"""Milestones: closing anniversaries, birthdays, homestead filing, home values (SOP "Key Milestone
Dates").
"""
