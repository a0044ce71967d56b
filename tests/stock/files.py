"""Files to import: the real ones, and small ones made of rows."""

from pathlib import Path

from sqlalchemy import func, select

from logistics.db import db
from logistics.stock.importing import BOX_COLUMNS, PRODUCT_COLUMNS

DATA = Path(__file__).parent.parent / "data"
ASSORT = DATA / "assort-v1-products.csv"
LESVOS = DATA / "boxtribute-export-lesvos.csv"


def boxes_file(*rows: str) -> bytes:
    return "\r\n".join([",".join(BOX_COLUMNS), *rows]).encode()


def products_file(*rows: str) -> bytes:
    return "\n".join([",".join(PRODUCT_COLUMNS), *rows]).encode()


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0
