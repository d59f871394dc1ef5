"""What is absent in a pass and must not be taken for an answer: records that are gone or on their
way, and policies that cannot be asked.
"""
