"""Goods on their way in: drop-off points, deliveries, sorting, purchases."""
