"""Who may take a shift: what a role requires, and how people stand towards it."""
