"""The races themselves: each sets its stage, runs its threads at once, and says what came out wrong.

`test_races.py` runs them as the code is, and again with their guards taken away.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, update

from logistics.clock import now
from logistics.commands import Token
from logistics.db import db, transaction
from logistics.errors import Conflict, DomainError
from logistics.stock import expiring, moving, packing, packing_lists, receiving, warehouses
from logistics.stock.checks import problems
from logistics.stock.counting import correct
from logistics.stock.models import Box, Level, Location, PackingLine
from logistics.web.filters import today

from .. import make
from ..racing import race
from . import kit

Work = Callable[[], object]
CONSTRAINT = "Someone changed this at the same moment"  # what a CHECK's refusal becomes: the guard came too late


def wrong(outcomes: Sequence[object], *, done: int | None = None) -> list[str]:
    """Say what is wrong with how a race ended: with errors, with another number done, or with the books off."""
    said = [
        f"ended in {type(each).__name__}: {each}"
        for each in outcomes
        if isinstance(each, Exception) and (not isinstance(each, DomainError) or CONSTRAINT in str(each))
    ]
    succeeded = sum(not isinstance(each, Exception) for each in outcomes)
    if done is not None and succeeded != done:
        said.append(f"{succeeded} were done, not {done}")
    db.session.rollback()
    said += problems(db.session)
    db.session.rollback()
    return said


def last_hundred(app: Flask) -> list[str]:
    """20 distributions want 10 each of the last 100 joggers."""
    at = kit.depot()
    kit.receive(at, 100)
    wanting = [kit.distribution(at) for _ in range(20)]
    outcomes = race(app, *[lambda made=made: kit.plan(at, made, 10) for made in wanting])
    if said := wrong(outcomes, done=20):
        return said
    promised = Counter(kit.allocated(at, *wanting))
    return [] if promised == {10: 10, 0: 10} else [f"promised {dict(promised)}"]


def twenty_packers(app: Flask) -> list[str]:
    """20 people pack 10 each from a box of 100."""
    at = kit.depot()
    code = kit.receive(at, 100)
    made = kit.planned(at, 200)

    def pack() -> int:
        return packing.pack(
            actor_id=at.actor_id,
            distribution_id=made,
            size_id=at.size,
            code=code,
            from_id=at.shelf,
            quantity=10,
        )

    if said := wrong(race(app, *[pack] * 20), done=10):
        return said
    there = (kit.level(code, at.shelf), kit.level(code, kit.van(made)))
    return [] if there == (0, 100) else ["the van does not hold what was in the box"]


def twenty_movers(app: Flask) -> list[str]:
    """20 people move 10 each of a box of 100 to the next shelf."""
    at = kit.depot()
    code = kit.receive(at, 100)

    def move() -> str:
        return moving.move_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=10)

    said = wrong(race(app, *[move] * 20), done=10)
    if (kit.level(code, at.shelf), kit.level(code, at.other_shelf)) != (0, 100):
        said.append("the shelves do not hold what was in the box")
    return said


def same_pack_form(app: Flask) -> list[str]:
    """One form that packs 10 is sent 8 times at once."""
    at = kit.depot()
    code = kit.receive(at, 100)
    made, token = kit.planned(at, 100), Token("person:1", "pack-form")

    def pack() -> int:
        return packing.pack.once(token)(
            actor_id=at.actor_id,
            distribution_id=made,
            size_id=at.size,
            code=code,
            from_id=at.shelf,
            quantity=10,
        )

    outcomes = race(app, *[pack] * 8)
    if said := wrong(outcomes, done=8):
        return said
    once = set(outcomes) == {10} and kit.line(at, made).packed == 10
    return [] if once else ["it was packed more than once"]


def same_plan_form(app: Flask) -> list[str]:
    """One form that plans a product is sent 8 times at once."""
    at = kit.depot()
    kit.receive(at, 100)
    made, token = kit.distribution(at), Token("person:1", "plan-form")

    def plan() -> int:
        return packing_lists.set_item.once(token)(
            actor_id=at.actor_id,
            distribution_id=made,
            product_id=at.product_id,
            per_person_hundredths=None,
            groups=[],
            total=60,
            profile={},
        )

    outcomes = race(app, *[plan] * 8)
    said = wrong(outcomes, done=8)
    if len(set(outcomes)) != 1:
        said.append("it was planned more than once")
    return said


def count_pack_cancel(app: Flask) -> list[str]:
    """While a box is packed, it is counted and found half empty, its distribution is cancelled and another plans."""
    at, soon = kit.depot(), now() + timedelta(days=1)
    code = kit.receive(at, 100)
    first, second, third = kit.planned(at, 60, soon), kit.planned(at, 30, soon), kit.distribution(at, soon)

    def pack(made: int, quantity: int) -> Work:
        return lambda: packing.pack(
            actor_id=None,
            distribution_id=made,
            size_id=at.size,
            code=code,
            from_id=at.shelf,
            quantity=quantity,
        )

    def count() -> str:
        for _ in range(50):
            try:
                seen = kit.level(code, at.shelf)
                return correct(
                    actor_id=None,
                    code=code,
                    location_id=at.shelf,
                    seen=seen,
                    counted=seen // 2,
                    reason="lost",
                )
            except Conflict:
                continue
        raise AssertionError("never got to count")

    outcomes = race(
        app,
        *[pack(first, 10)] * 4,
        *[pack(second, 5)] * 4,
        count,
        lambda: kit.cancel(at, first),
        lambda: kit.plan(at, third, 50),
        lambda: packing.pack_all(actor_id=None, distribution_id=second),
    )
    return wrong(outcomes)


def new_boxes(app: Flask) -> list[str]:
    """20 people receive a box each; nobody typed a code, and nothing was ever stored here."""
    at = kit.depot()
    outcomes = race(app, *[lambda: kit.receive(at, 5)] * 20)
    said = wrong(outcomes, done=20)
    if len(set(outcomes)) != 20 or kit.stock(at) != (100, 0):
        said.append("the boxes are not 20")
    return said


def everybody_at_once(app: Flask, seed: int = 1) -> list[str]:
    """12 people do 12 things each, on three distributions and two sizes, in no order at all."""
    at, soon, chance = kit.depot("S", "M"), now() + timedelta(days=1), random.Random(seed)
    boxes = [
        (kit.receive(at, 60, size=size, shelf=shelf), size) for size in at.sizes for shelf in (at.shelf, at.other_shelf)
    ]
    made = [kit.distribution(at, soon + timedelta(days=n)) for n in range(3)]
    before = {size: kit.stock(at, size)[0] for size in at.sizes}

    def one(own: random.Random) -> object:
        code, size = own.choice(boxes)
        which, shelf = own.choice(made), own.choice((at.shelf, at.other_shelf))
        other = at.shelf if shelf == at.other_shelf else at.other_shelf
        acts: list[Work] = [
            lambda: kit.plan(at, which, own.randrange(100)),
            lambda: packing.pack_all(actor_id=None, distribution_id=which),
            lambda: packing.pack(
                actor_id=None,
                distribution_id=which,
                size_id=at.sizes[size],
                code=code,
                from_id=shelf,
                quantity=own.randrange(1, 9),
            ),
            lambda: packing.put_back(
                actor_id=None, distribution_id=which, code=code, to_id=shelf, quantity=own.randrange(1, 9)
            ),
            lambda: moving.move_box(actor_id=None, code=code, from_id=shelf, to_id=other, quantity=own.randrange(1, 9)),
            lambda: packing_lists.remove_item(actor_id=None, distribution_id=which, product_id=at.product_id),
        ]
        return own.choice(acts)()

    def work(own: random.Random) -> Work:
        def several() -> None:
            for _ in range(12):
                try:
                    one(own)
                except DomainError as refused:
                    if CONSTRAINT in str(refused):
                        raise

        return several

    outcomes = race(app, *[work(random.Random(chance.random())) for _ in range(12)])
    said = wrong(outcomes)
    for size in at.sizes:
        packed = sum(db.session.scalars(select(PackingLine.packed).where(PackingLine.size_id == at.sizes[size])).all())
        if kit.stock(at, size)[0] + packed != before[size]:
            said.append(f"{size} is not what it was")
    return said


def past_its_date(app: Flask) -> list[str]:
    """While boxes pass their date they are packed, moved to another warehouse and filled up; two workers mark them."""
    at, soon = kit.depot(has_best_before=True), now() + timedelta(days=1)
    far = make.shelf(make.warehouse()).id
    codes = [kit.receive(at, 40, best_before=today() + timedelta(days=30)) for _ in range(3)]
    kit.receive(at, 30)
    made = kit.planned(at, 120, soon)
    with transaction() as session:
        session.execute(update(Box).where(Box.code.in_(codes)).values(best_before=today() - timedelta(days=1)))

    def move(code: str) -> Work:
        return lambda: moving.move_box(actor_id=None, code=code, from_id=at.shelf, to_id=far, quantity=7)

    def fill(code: str, shelf: int) -> Work:
        return lambda: receiving.receive_into(actor_id=None, code=code, quantity=3, location_id=shelf)

    def date(code: str, days: int) -> Work:
        day = today() + timedelta(days=days)
        return lambda: expiring.set_best_before(actor_id=None, code=code, best_before=day)

    return wrong(
        race(
            app,
            expiring.mark_due,
            expiring.mark_due,
            *[move(code) for code in codes * 2],
            *[fill(code, shelf) for code in codes for shelf in (far, at.other_shelf)],
            date(codes[0], 9),
            date(codes[0], -9),
            date(codes[1], 9),
            lambda: packing.pack_all(actor_id=None, distribution_id=made),
            lambda: kit.plan(at, made, 90),
        )
    )


def close_a_shelf_that_is_filled(app: Flask) -> list[str]:
    """While boxes arrive on a shelf and are moved to it, somebody closes it."""
    at = kit.depot()
    code = kit.receive(at, 50)

    def move() -> str:
        return moving.move_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=1)

    outcomes = race(
        app,
        *[lambda: kit.receive(at, 5, shelf=at.other_shelf)] * 4,
        lambda: warehouses.close_shelf(actor_id=at.actor_id, shelf_id=at.other_shelf),
        *[move] * 4,
    )
    if said := wrong(outcomes):
        return said
    closed = db.session.get_one(Location, at.other_shelf).closed_at is not None
    on_it = db.session.scalar(select(func.sum(Level.quantity)).where(Level.location_id == at.other_shelf)) or 0
    return [f"{on_it} are on a closed shelf"] if closed and on_it else []
