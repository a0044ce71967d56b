"""Planning: roles, shifts by hand, patterns laid over days."""
