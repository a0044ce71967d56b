"""Accounts, sign-in, access roles and what they permit, the privacy notice."""
