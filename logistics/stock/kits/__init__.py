"""Kits: products that are put together from parts of a recipe, and taken apart again."""
