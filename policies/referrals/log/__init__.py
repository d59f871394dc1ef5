"""The tab Referral Log: its rows, and whom they are about."""
