"""Roles, shifts and sign-ups: the crew."""
