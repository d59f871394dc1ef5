"""The referral procedure (RF-01 … RF-52): every referral logged, its source thanked, its outcome
followed, and nothing of the client's told to the source.
"""
