"""The warehouse with no signal: what a phone takes along, and what it did meanwhile."""
