"""Pages of stock, by subject."""

from . import (
    box,
    boxes,
    deliveries,
    drop_offs,
    expiring,
    importing,
    knowing,
    labelling,
    lists,
    products,
    scanning,
    shelves,
    sorting,
    stock_takes,
)
from .blueprint import bp

__all__ = [
    "box",
    "boxes",
    "bp",
    "deliveries",
    "drop_offs",
    "expiring",
    "importing",
    "knowing",
    "labelling",
    "lists",
    "products",
    "scanning",
    "shelves",
    "sorting",
    "stock_takes",
]
