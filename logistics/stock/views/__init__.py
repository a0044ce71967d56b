"""Pages of stock, by subject."""

from . import box, boxes, importing, lists, products, shelves
from .blueprint import bp

__all__ = ["box", "boxes", "bp", "importing", "lists", "products", "shelves"]
