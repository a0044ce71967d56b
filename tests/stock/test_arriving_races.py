"""A slot is never overbooked, whoever books, moves and calls off at once; without its guard it is."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from logistics.clock import now
from logistics.commands import Token
from logistics.db import WRITES, db
from logistics.errors import Conflict
from logistics.stock.arriving import booking, checks, deliveries, places, slots
from logistics.stock.arriving.models import Delivery, DeliveryState, Slot

from ..racing import race, refused
from . import arriving, kit

PEOPLE, PLACES = 16, 5


def expected(slot_id: int) -> int:
    """How many deliveries have a place in a slot."""
    db.session.rollback()
    return (
        db.session.scalar(
            select(func.count(Delivery.id)).where(
                Delivery.slot_id == slot_id, Delivery.state != DeliveryState.CANCELLED
            )
        )
        or 0
    )


def problems() -> list[str]:
    db.session.rollback()
    return [each for check in checks.CHECKS for each in check(db.session)]


def everyone_books(app: Flask, at: kit.Depot) -> tuple[int, int]:
    """Return how many of sixteen were refused, and how many have a place of five."""
    point = arriving.point(at, name=f"Point {time.monotonic_ns()}")
    slot = arriving.slot(point, PLACES)
    answers = race(app, *[partial(arriving.announce, point, slot)] * PEOPLE)
    return refused(answers, Conflict), expected(slot)


def test_sixteen_book_five_places(app: Flask) -> None:
    at = kit.depot()
    for _ in range(3):
        assert everyone_books(app, at) == (PEOPLE - PLACES, PLACES)
    assert problems() == []


def test_sixteen_get_too_many_places_when_the_conditional_update_is_gone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_then_write(session: Session, slot_id: int) -> bool:
        booked, capacity = session.execute(select(Slot.booked, Slot.capacity).where(Slot.id == slot_id)).one()
        if booked >= capacity:
            return False
        session.commit()
        time.sleep(0.01)
        sqlite = db.engine.dialect.name == "sqlite"
        session.connection(execution_options={WRITES: True} if sqlite else {"isolation_level": "READ COMMITTED"})
        session.execute(update(Slot).where(Slot.id == slot_id).values(booked=booked + 1))
        return True

    monkeypatch.setattr(places, "take", read_then_write)
    at = kit.depot()
    assert any(everyone_books(app, at)[1] > PLACES for _ in range(12))
    assert any("places are said to be booked" in problem for problem in problems())


def test_everyone_moves_calls_off_and_books_at_once(app: Flask) -> None:
    """Two slots that exchange deliveries, while others call off, book, and one slot is closed and opened."""
    at = kit.depot()
    point = arriving.point(at)
    one = arriving.slot(point, 4)
    other = arriving.slot(point, 4, now().replace(microsecond=0) + timedelta(days=3))
    here = [arriving.announce(point, one) for _ in range(4)]
    there = [arriving.announce(point, other) for _ in range(3)]
    staff = {"actor_id": at.actor_id}
    come = arriving.found(there[0]).id
    runners: list[Callable[[], object]] = [
        *(partial(booking.change_time, reference=each, slot_id=other) for each in here),
        *(partial(booking.change_time, reference=each, slot_id=one) for each in there),
        *(partial(booking.cancel, reference=each) for each in (here[0], there[1])),
        partial(deliveries.mark_arrived, **staff, delivery_id=come, came={}),
        partial(deliveries.call_off, **staff, delivery_id=arriving.found(here[3]).id),
        *[partial(arriving.announce, point, one)] * 2,
        *[partial(arriving.announce, point, other)] * 2,
        partial(slots.close, **staff, slot_id=one),
    ]
    assert len(runners) == PEOPLE
    refused(race(app, *runners), Conflict)
    for slot in (one, other):
        assert arriving.booked(slot) == expected(slot) <= 4
    assert problems() == []


def test_the_same_form_sixteen_times_books_once(app: Flask) -> None:
    at = kit.depot()
    point = arriving.point(at)
    slot = arriving.slot(point, 10)
    given = {
        "actor_id": None,
        "drop_off_id": point,
        "slot_id": slot,
        "bringer": "donor",
        "name": "Daniel",
        "email": "daniel@example.org",
        "phone": "",
        "note": "",
        "language": "en",
        "given": [arriving.line()],
    }
    answers = race(app, *[partial(booking.announce.once(Token("browser:x", "k")), **given)] * PEOPLE)
    assert len(set(answers)) == 1
    assert (arriving.booked(slot), expected(slot)) == (1, 1)


def test_the_database_itself_refuses_to_overbook(app: Flask) -> None:
    at = kit.depot()
    slot = arriving.slot(arriving.point(at), 2)
    with pytest.raises(Exception, match="never_overbooked"), db.engine.begin() as connection:
        connection.execute(text("UPDATE slot SET booked = 3 WHERE id = :slot"), {"slot": slot})
