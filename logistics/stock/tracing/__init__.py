"""Trace: from goods back to what brought them, and forward to where they went."""
