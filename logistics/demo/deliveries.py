"""Where goods can be brought, what is expected, and what is here and waits to be sorted."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from ..clock import as_if
from ..db import db
from ..stock.arriving import booking, deliveries, drop_offs, slots, stop_signs
from ..stock.models import Product
from .setting import Setting

POINTS = (
    {
        "name": "Our warehouse",
        "name_fr": "Notre entrepôt",
        "address": "12 rue du Quai, Calais",
        "map_url": "https://www.openstreetmap.org/?mlat=50.95&mlon=1.85#map=14/50.95/1.85",
        "hours": "Monday to Saturday, 10:00 to 16:00",
        "hours_fr": "Du lundi au samedi, de 10 h à 16 h",
        "takes": "Clothes, shoes, blankets, tents and food, also on pallets.\nPlease sort by kind, and wash first.",
        "takes_fr": "Vêtements, chaussures, couvertures, tentes et nourriture, aussi sur palettes.\n"
        "Triez par genre et lavez avant, s’il vous plaît.",
    },
    {
        "name": "Dover collection point",
        "name_fr": "Point de collecte de Douvres",
        "address": "3 Harbour Lane, Dover",
        "map_url": "https://www.openstreetmap.org/?mlat=51.12&mlon=1.31#map=14/51.12/1.31",
        "hours": "Saturdays, 10:00 to 13:00",
        "hours_fr": "Le samedi, de 10 h à 13 h",
        "takes": "Bags and boxes that one person can carry. No pallets.",
        "takes_fr": "Des sacs et des cartons qu’une personne peut porter. Pas de palettes.",
    },
)
# Who announces what: days from today, who, their kind, and lines of what, how much, in what.
ANNOUNCED: Sequence[tuple[int, str, str, list[tuple[str, int, str]]]] = (
    (0, "Ruth Carter", "donor", [("Winter coats", 6, "bag"), ("Walking boots", 2, "box")]),
    (0, "Ghent collects", "group", [("Mixed clothes, sorted", 4, "pallet")]),
    (1, "Northfield School", "group", [("Children’s shoes", 12, "box")]),
    (2, "Hazel Wholesale", "supplier", [("Rice", 600, "kilogram"), ("Tinned tomatoes", 2, "pallet")]),
    (4, "Marc Dubois", "donor", [("Sleeping bags", 15, "piece")]),
)
CAME: Sequence[list[tuple[str, int, str]]] = (
    [("Mixed clothes", 6, "bag"), ("Blankets", 2, "pallet")],
    [("Shoes", 9, "bag")],
)
ENOUGH = "Suitcases and Bags"


def add_deliveries(setting: Setting, today: datetime) -> int:
    """Set two drop-off points up, plan their times, announce and receive; return how many deliveries there are."""
    with as_if(today - timedelta(days=6)):
        warehouse, town = (_point(setting, answers) for answers in POINTS)
        _plan(setting, warehouse, today, range(7), 16)
        _plan(setting, town, today, [5], 13)
    for number, given in enumerate(CAME):
        with as_if(today - timedelta(days=number + 1) + timedelta(hours=11)):
            deliveries.enter(
                actor_id=setting.accounts["warehouse"],
                warehouse_id=setting.main_warehouse,
                bringer="donor",
                name="",
                note="",
                given=_lines(given),
            )
    with as_if(today - timedelta(days=1)):
        for days, name, bringer, given in ANNOUNCED:
            _announce(warehouse, today + timedelta(days=days), name, bringer, _lines(given))
    enough = db.session.scalar(select(Product.id).where(Product.name == ENOUGH))
    if enough:
        stop_signs.stop(actor_id=setting.accounts["warehouse"], product_id=enough)
    return len(CAME) + len(ANNOUNCED)


def _point(setting: Setting, answers: dict[str, str]) -> int:
    return drop_offs.create(
        actor_id=setting.accounts["admin"],
        answers={"slug": "", "warehouse_id": setting.main_warehouse, **answers},
    )


def _plan(setting: Setting, point: int, today: datetime, weekdays: Sequence[int], closes: int) -> None:
    assert today.tzinfo is not None
    slots.plan(
        actor_id=setting.accounts["warehouse"],
        drop_off_id=point,
        weekdays=list(weekdays),
        opens=time(10),
        closes=time(closes),
        minutes=180,
        capacity=4,
        first=today.date(),
        last=(today + timedelta(days=20)).date(),
        zone=today.tzinfo,
    )


def _announce(point: int, day: datetime, name: str, bringer: str, given: list[dict[str, Any]]) -> None:
    """Announce a delivery for the first time of a day."""
    offered = slots.offered(db.session, point)
    slot = next(each.id for each in offered if each.starts_at.astimezone(day.tzinfo).date() == day.date())
    booking.announce(
        actor_id=None,
        drop_off_id=point,
        slot_id=slot,
        bringer=bringer,
        name=name,
        email=f"{name.split()[0].lower()}@example.org",
        phone="",
        note="",
        language="en",
        given=given,
    )


def _lines(given: list[tuple[str, int, str]]) -> list[dict[str, Any]]:
    return [
        {"row": row, "what": what, "product_id": None, "amount": amount, "measure": measure}
        for row, (what, amount, measure) in enumerate(given)
    ]
