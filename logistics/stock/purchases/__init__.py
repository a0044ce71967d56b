"""Purchases: what was bought, and what of it has come and is in boxes."""
