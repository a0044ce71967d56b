"""Goods from one warehouse to another, with the road between."""
