"""What funds bought: one purchase that all came, and one of which the rest is still to come."""

from datetime import datetime, timedelta

from sqlalchemy import select

from ..clock import as_if
from ..db import db
from ..giving.models import FundBalance
from ..money import Currency
from ..operations import purchasing
from ..stock.models import Product, Size, Unit
from ..stock.purchases import receiving
from .setting import Setting

BOUGHT = (("Decathlon Calais", 5, 350, 24), ("Action Coquelles", 1, 250, 40))  # from whom, days ago, pence each, most


def add_purchases(setting: Setting, today: datetime) -> int:
    """Write purchases as far as there is money for them, and return how many."""
    sizes = _sizes()
    made = 0
    for number, (supplier, days, price, most) in enumerate(BOUGHT):
        fund_id, left = _fullest()
        count = min(most, left // price)
        if count < 4:
            continue  # hardly anything was given yet
        with as_if(today - timedelta(days=days) + timedelta(hours=11)):
            purchase = _buy(setting, fund_id, supplier, sizes[number % len(sizes)], count, price, today, days)
            _receive(setting, purchase, count if number == 0 else count // 2)
        made += 1
    return made


def _buy(
    setting: Setting, fund_id: int, supplier: str, size_id: int, count: int, price: int, today: datetime, days: int
) -> int:
    return purchasing.record_purchase(
        actor_id=setting.accounts["fundraiser"],
        fund_id=fund_id,
        supplier=supplier,
        currency=Currency.GBP,
        total=count * price,
        bought_on=(today - timedelta(days=days)).date(),
        lines=[{"row": 0, "size_id": size_id, "packs": count, "pack_size": 1, "price": price}],
    )


def _receive(setting: Setting, purchase_id: int, quantity: int) -> None:
    line = receiving.get(db.session, purchase_id).lines[0]
    line_id, bought = line.id, line.quantity
    db.session.rollback()
    receiving.receive(
        actor_id=setting.accounts["warehouse"],
        purchase_id=purchase_id,
        line_id=line_id,
        seen=bought,
        quantity=quantity,
        location_id=setting.shelves["Annex"][-1],
    )


def _fullest() -> tuple[int, int]:
    """Return the fund with the most pounds left, and how many pence."""
    left = FundBalance.given - FundBalance.spent
    found = db.session.execute(
        select(FundBalance.fund_id, left).where(FundBalance.currency == Currency.GBP).order_by(left.desc()).limit(1)
    ).first()
    db.session.rollback()
    return (found[0], int(found[1])) if found else (0, 0)


def _sizes() -> list[int]:
    """Return sizes of things that are bought: blankets or sleeping bags, or else whatever there is."""
    query = (
        select(Size.id)
        .join(Product, Product.id == Size.product_id)
        .where(Product.closed_at.is_(None), Product.unit == Unit.PIECE, Product.has_best_before.is_(False))
    )
    wanted = query.where(Product.name_key.contains("sleeping bag") | Product.name_key.contains("blanket"))
    found = list(db.session.scalars(wanted.order_by(Size.id)))[:2] or list(db.session.scalars(query.order_by(Size.id)))
    db.session.rollback()
    return found[:2]
