"""Pages of stock, by subject."""

from . import box, boxes, deliveries, drop_offs, importing, knowing, lists, products, shelves
from .blueprint import bp

__all__ = ["box", "boxes", "bp", "deliveries", "drop_offs", "importing", "knowing", "lists", "products", "shelves"]
