"""Transfers: boxes on their way from one warehouse to another, and what came of them."""
