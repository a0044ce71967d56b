"""The forms of shifts, by subject."""
