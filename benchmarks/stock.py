"""How stock's pages bear a large warehouse: 5 000, 100 000 and 1 000 000 boxes, ten movements each, on PostgreSQL.

    python -m benchmarks.stock                          one table
    python -m benchmarks.stock --json                   one object
    python -m benchmarks.stock --sizes 5000,100000      fewer boxes

One database grows from size to size. Each page is asked for in process, signed in as the demo's warehouse staff, and
timed as a whole and in its statements alone (the rest is Python). What counts is `growth`: how many times longer the
largest warehouse takes than the smallest. The million needs some 8 GB of disk and a quarter of an hour.
"""

import json
import random
import secrets
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

import click
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Connection, event, func, select, text

from benchmarks.pages import SECRET, cookie_of, installation
from logistics.clock import now
from logistics.db import db, transaction
from logistics.demo.rows import add_rows
from logistics.distributions import service as distributions
from logistics.distributions.models import Site, SiteKind
from logistics.people.models import Person
from logistics.stock import packing_lists
from logistics.stock.models import Availability, Location, LocationKind, PackingLine, Product, Size

STAFF = "warehouse@example.org"
SIZES = "5000,100000,1000000"
MOVEMENTS = 10  # of each box: in, to and fro between two shelves, and some of it out
SHELVES = 400
LINES = 40  # of the packing list
DAYS = 700  # over which the boxes came
FIRST_ID = 10_000_000  # of the boxes made here, beyond those of the demo
ASKED, WARMED = 60, 10  # requests of each page that count, and that do not


@dataclass
class Measured:
    """One page at one size: the request's and its statements' time."""

    page: str
    boxes: int
    p50_ms: float
    p99_ms: float
    sql_p50_ms: float


@dataclass
class Clock:
    """How long the database was waited for since it was last set to nothing, in seconds."""

    waited: float = 0.0
    began: list[float] = field(default_factory=list)

    def watch(self, app: Flask) -> None:
        """Watch every statement of an application."""
        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", lambda *_: self.began.append(time.perf_counter()))
        event.listen(engine, "after_cursor_execute", self._end)

    def _end(self, *_args: object) -> None:
        self.waited += time.perf_counter() - self.began.pop()


# Boxes :first to :last, each of a size and on a shelf, as if they had come over DAYS days; every tenth is empty again.
MADE = f"""
CREATE TEMP TABLE made AS
SELECT {FIRST_ID} + n AS id, n, sizes.id AS size_id, here.id AS here, there.id AS there, here.warehouse_id,
    20 + n % 30 AS quantity, CASE WHEN n % 10 = 0 THEN 20 + n % 30 ELSE 1 + n % 5 END AS taken,
    date_trunc('hour', now()) - make_interval(days => (n::bigint * 7919 % {DAYS})::integer + 2) AS at
FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n
JOIN bulk_size AS sizes ON sizes.k = n % (SELECT count(*) FROM bulk_size)
JOIN bulk_shelf AS here ON here.k = n % (SELECT count(*) FROM bulk_shelf)
JOIN bulk_shelf AS there ON there.k = (n + 1) % (SELECT count(*) FROM bulk_shelf)
"""
# Of two shelves that follow each other, both are in the same warehouse: there is one.
FILL = [
    """INSERT INTO box (id, code, size_id, best_before, expired, source, note, created_at)
    SELECT made.id, 'K' || lpad(n::text, 7, '0'), size_id,
        CASE WHEN product.has_best_before THEN current_date + 30 + n % 300 END, false, 'donated', '', at
    FROM made JOIN size ON size.id = size_id JOIN product ON product.id = product_id""",
    f"""INSERT INTO movement (box_id, from_id, to_id, quantity, at, reason, note)
    SELECT id,
        CASE WHEN i = 0 THEN 1 WHEN i % 2 = 1 THEN here ELSE there END,
        CASE WHEN i = {MOVEMENTS - 1} THEN 3 WHEN i = 0 THEN here WHEN i % 2 = 1 THEN there ELSE here END,
        CASE WHEN i = {MOVEMENTS - 1} THEN taken ELSE quantity END,
        at + make_interval(mins => i),
        CASE WHEN i = 0 THEN 'donated' WHEN i = {MOVEMENTS - 1} THEN 'taken_out' ELSE 'moved' END, ''
    FROM made CROSS JOIN generate_series(0, {MOVEMENTS - 1}) AS i ORDER BY at, i""",
    """INSERT INTO level (box_id, location_id, outside, quantity)
    SELECT id, 1, true, -quantity FROM made UNION ALL SELECT id, 3, true, taken FROM made
    UNION ALL SELECT id, here, false, quantity - taken FROM made UNION ALL SELECT id, there, false, 0 FROM made""",
    """INSERT INTO availability (warehouse_id, size_id, on_hand, allocated, expired)
    SELECT warehouse_id, size_id, sum(quantity - taken), 0, 0 FROM made GROUP BY warehouse_id, size_id
    ON CONFLICT (warehouse_id, size_id) DO UPDATE SET on_hand = availability.on_hand + excluded.on_hand""",
    """INSERT INTO flow (warehouse_id, size_id, day, way, reason, quantity)
    SELECT warehouse_id, size_id, (at AT TIME ZONE :zone)::date, way, reason, sum(number)
    FROM made CROSS JOIN LATERAL (VALUES ('in', 'donated', quantity), ('out', 'taken_out', taken))
        AS flowed (way, reason, number)
    GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (warehouse_id, size_id, day, way, reason) DO UPDATE SET quantity = flow.quantity + excluded.quantity""",
    """INSERT INTO flow_day (day, zone) SELECT day::date, :zone FROM generate_series(
        (SELECT min(at AT TIME ZONE :zone)::date FROM made), (now() AT TIME ZONE :zone)::date - 1, '1 day') AS day
    ON CONFLICT DO NOTHING""",
    "SELECT setval(pg_get_serial_sequence('box', 'id'), (SELECT max(id) FROM box))",
    "DROP TABLE made",
]
# What the rows refer to is known to be there, and indexes are quicker made than kept.
INDEXES = """SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename IN ('movement', 'level')
AND indexname NOT IN (SELECT conname FROM pg_constraint)"""


@contextmanager
def without_indexes(connection: Connection) -> Iterator[None]:
    """Fill large tables without their indexes and foreign keys."""
    found = connection.execute(text(INDEXES)).all()
    for name, _definition in found:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    connection.exec_driver_sql("SET session_replication_role = replica")
    yield
    connection.exec_driver_sql("SET session_replication_role = DEFAULT")
    for _name, definition in found:
        connection.exec_driver_sql(definition)


def prepare(app: Flask) -> None:
    """Make the shelves that the boxes stand on, and say which sizes there are."""
    with app.app_context():
        with transaction() as session:
            warehouse_id = session.scalars(
                select(Site.id).where(Site.kind == SiteKind.WAREHOUSE).order_by(Site.id).limit(1)
            ).one()
            shelf = {"kind": LocationKind.SHELF, "outside": False, "warehouse_id": warehouse_id}
            names = [f"Bulk {number:03}" for number in range(SHELVES)]
            add_rows(session, Location, [{**shelf, "name": name, "name_key": name.casefold()} for name in names])
        with db.engine.begin() as connection:
            connection.execute(
                text(
                    "CREATE TABLE bulk_size AS SELECT row_number() OVER (ORDER BY size.id) - 1 AS k, size.id"
                    " FROM size JOIN product ON product.id = product_id WHERE product.closed_at IS NULL"
                )
            )
            connection.execute(
                text(
                    "CREATE TABLE bulk_shelf AS SELECT row_number() OVER (ORDER BY id) - 1 AS k, id, warehouse_id"
                    " FROM location WHERE name_key LIKE 'bulk %'"
                )
            )


def fill(app: Flask, first: int, last: int) -> None:
    """Add the boxes numbered from `first` to `last`."""
    zone = str(app.extensions["shoreline_settings"].timezone)
    with app.app_context():
        engine = db.engine.execution_options(isolation_level="READ COMMITTED")
        with engine.begin() as connection, without_indexes(connection):
            connection.execute(text(MADE), {"first": first, "last": last})
            for statement in FILL:
                connection.execute(text(statement), {"zone": zone} if ":zone" in statement else {})
        with db.engine.connect() as connection:  # what PostgreSQL does by itself within a minute
            connection.exec_driver_sql("VACUUM (ANALYZE)")


def plan(app: Flask) -> int:
    """Plan a distribution with a packing list of LINES lines; return its id."""
    with app.app_context():
        actor_id = db.session.scalars(select(Person.id).where(Person.email == "coordinator@example.org")).one()
        point, warehouse = (
            db.session.scalars(select(Site.id).where(Site.kind == kind).order_by(Site.id).limit(1)).one()
            for kind in (SiteKind.MEETING_POINT, SiteKind.WAREHOUSE)
        )
        products = db.session.execute(
            select(Product.id, func.count())
            .join(Size, Size.product_id == Product.id)
            .join(Availability, (Availability.size_id == Size.id) & (Availability.warehouse_id == warehouse))
            .where(Product.closed_at.is_(None), Availability.on_hand - Availability.allocated > LINES)
            .group_by(Product.id)
            .having(func.count() > 1)
            .order_by(Product.id)
        ).all()
        starts_at = now() + timedelta(days=30)
        distribution_id: int = distributions.create(
            actor_id=actor_id,
            title="Forty lines",
            site_id=point,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=3),
            notes="",
            expected={"men": 100},
        )
        packing_lists.set_warehouse(actor_id=actor_id, distribution_id=distribution_id, warehouse_id=warehouse)
        lines = 0
        for product_id, sizes in products:
            if lines >= LINES:
                break
            packing_lists.set_item(
                actor_id=actor_id,
                distribution_id=distribution_id,
                product_id=product_id,
                per_person_hundredths=None,
                groups=[],
                total=sizes * 5,
                profile={},
            )
            lines = (
                db.session.scalar(
                    select(func.count()).where(PackingLine.distribution_id == distribution_id, PackingLine.planned > 0)
                )
                or 0
            )
    return distribution_id


class Staff:
    """The browser of the warehouse's staff, in this process."""

    def __init__(self, app: Flask) -> None:
        """Sign in."""
        self.app, self.client = app, app.test_client(use_cookies=False)
        with app.app_context():
            token = db.session.scalars(select(Person.session_token).where(Person.email == STAFF)).one()
        raw = secrets.token_hex(20)
        self.csrf = str(URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(raw))
        self.headers = {"Cookie": cookie_of(app, token, raw)}

    def open(self, path: str) -> None:
        """Open a page. Raises RuntimeError when it does not answer 200."""
        answer = self.client.get(path, headers=self.headers)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answers {answer.status}")

    def move(self, code: str, source: int, target: int) -> None:
        """Move one unit of a box. Raises RuntimeError when that was refused."""
        form = {"csrf_token": self.csrf, "key": secrets.token_urlsafe(16), "from": source, "to": target, "quantity": 1}
        answer = self.client.post(f"/stock/boxes/{code}/move", data=form, headers=self.headers)
        if answer.status_code != 303:
            raise RuntimeError(f"moving a unit of {code} answers {answer.status}")


def pages(app: Flask, staff: Staff, distribution_id: int, boxes: int) -> dict[str, Callable[[], None]]:
    """Return what is measured, by name; each call asks for another of its kind."""
    chance = random.Random(boxes)  # the same ones each time
    with app.app_context():
        products = list(db.session.scalars(select(Product.id).where(Product.closed_at.is_(None)).order_by(Product.id)))
        movable = db.session.execute(
            text(
                "SELECT code, location_id FROM level JOIN box ON box.id = box_id WHERE box_id > :first"
                " AND NOT outside AND quantity > 3 ORDER BY box_id DESC LIMIT 500"
            ),
            {"first": FIRST_ID},
        ).all()
        shelves = list(db.session.scalars(select(Location.id).where(Location.name_key.like("bulk %"))))
    words = ["joggers m", "coat", "blanket", "underwear boys", "shoes 42", "k00012", "sleeping bag"]

    def some_move() -> None:
        code, source = chance.choice(movable)
        staff.move(code, source, chance.choice([shelf for shelf in shelves if shelf != source]))

    def then() -> date:
        return now().date() - timedelta(days=chance.randrange(1, DAYS))

    return {
        "boxes, first page": partial(staff.open, "/stock/boxes"),
        "boxes, 90th page": partial(staff.open, "/stock/boxes?page=90"),
        "search": lambda: staff.open(f"/stock/boxes?q={chance.choice(words)}"),
        "product": lambda: staff.open(f"/stock/products/{chance.choice(products)}"),
        "pick list": partial(staff.open, f"/distributions/{distribution_id}/pick"),
        "as of": lambda: staff.open(f"/stock/as-of?day={then().isoformat()}"),
        "movement": some_move,
    }


def measure(name: str, boxes: int, ask: Callable[[], None], clock: Clock) -> Measured:
    """Ask for a page often enough, and return how long it took."""
    whole, statements = [], []
    for turn in range(WARMED + ASKED):
        clock.waited, began = 0.0, time.perf_counter()
        ask()
        if turn >= WARMED:
            whole.append((time.perf_counter() - began) * 1000)
            statements.append(clock.waited * 1000)
    p99 = statistics.quantiles(whole, n=100, method="inclusive")[98]
    return Measured(name, boxes, *(round(n, 2) for n in (statistics.median(whole), p99, statistics.median(statements))))


def growth(rows: Sequence[Measured]) -> dict[str, float]:
    """Return how many times longer each page takes at the largest size than at the smallest."""
    least, most = min(row.boxes for row in rows), max(row.boxes for row in rows)
    took = {(row.page, row.boxes): row.p50_ms for row in rows}
    return {page: round(took[page, most] / took[page, least], 2) for page in dict.fromkeys(row.page for row in rows)}


def table(rows: Sequence[Measured], grown: dict[str, float]) -> str:
    """Return the figures as a person reads them."""
    lines = [f"{'page':22}{'boxes':>12}{'p50 ms':>10}{'p99 ms':>10}{'SQL p50':>10}"]
    lines += [f"{r.page:22}{r.boxes:>12,}{r.p50_ms:>10.2f}{r.p99_ms:>10.2f}{r.sql_p50_ms:>10.2f}" for r in rows]
    return "\n".join([*lines, "", *(f"{page:22}grows {factor:.2f} times" for page, factor in grown.items())])


def _sizes(_context: Any, _option: Any, value: str) -> list[int]:
    try:
        return sorted({int(each) for each in value.split(",")})
    except ValueError as error:
        raise click.BadParameter("numbers of boxes, such as 5000,100000") from error


@click.command(help=__doc__)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.option("--sizes", default=SIZES, show_default=True, callback=_sizes, help="How many boxes, with commas.")
def main(as_json: bool, sizes: list[int]) -> None:
    """Fill, measure and print, from the smallest size to the largest."""
    rows: list[Measured] = []
    with installation("stock", 1) as app:
        prepare(app)
        clock, made, distribution_id = Clock(), 0, 0
        clock.watch(app)
        for boxes in sizes:
            click.echo(f"filling up to {boxes:,} boxes", err=True)
            fill(app, made + 1, boxes)
            made = boxes
            distribution_id = distribution_id or plan(app)
            asked = pages(app, Staff(app), distribution_id, boxes)
            rows += [measure(name, boxes, ask, clock) for name, ask in asked.items()]
    grown = growth(rows)
    click.echo(json.dumps({"rows": [asdict(row) for row in rows], "growth": grown}) if as_json else table(rows, grown))


if __name__ == "__main__":
    main()
