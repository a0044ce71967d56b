"""Boxes from any spreadsheet: reading it, matching its columns and values with ours, and remembering what was matched."""
