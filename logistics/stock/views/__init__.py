"""Pages of stock, by subject."""

from . import (
    aisle,
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
    targets,
    transfers,
)
from .blueprint import bp

__all__ = [
    "aisle",
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
    "targets",
    "transfers",
]
