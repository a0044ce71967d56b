"""Donors, gifts, funds and spends; the one door to Stripe."""
