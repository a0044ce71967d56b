"""A stand-in for Stripe, for practice: a small WSGI app of its own, never in production."""
