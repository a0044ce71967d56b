"""Kits made of other goods by a recipe, and goods that stand in for others."""
