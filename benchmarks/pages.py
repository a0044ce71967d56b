"""How dear the main pages are: queries a request, and speed beside a bare Flask route.

    python -m benchmarks.pages                  one table
    python -m benchmarks.pages --json           one object
    python -m benchmarks.pages --only /shifts --only /stock/boxes --rounds 5

Two PostgreSQL databases are filled with the demo: one of ordinary size, one a hundred times that. A page must ask
the same number of queries on both (else this exits 1). Its speed is measured on the large one, signed in as a
coordinator, under gunicorn with 2 processes of 8 threads, and given as a ratio to a route that returns "hello"
from the same processes in the same minute: the ratio says more than the machine's own speed.
"""

import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import desc, event, func, select

from benchmarks.serving import Target, compare, server
from logistics.cli import upgrade
from logistics.clock import now
from logistics.config import load
from logistics.db import db
from logistics.demo import load as demo
from logistics.distributions.models import Distribution, DistributionState
from logistics.factory import create_app
from logistics.people.models import Person
from logistics.shifts.models import Shift, SignUp
from logistics.stock.models import Box, Movement, PackingLine
from tests.postgres import fresh_database

SECRET = "only-for-benchmarks-0123456789-abcdefghijklmnop"
SIZE = {"volunteers": 60, "boxes": 60, "days": 3, "gifts": 30}
TIMES = 100
COORDINATOR = "coordinator@example.org"


@dataclass
class Measured:
    """One page's figures."""

    path: str
    queries_1x: int
    queries_100x: int
    per_second: float = 0.0
    ratio_to_bare: float = 0.0


@contextmanager
def installation(name: str, times: int) -> Iterator[Flask]:
    """Make an installation on PostgreSQL with the demo's data, so many times the ordinary size."""
    with fresh_database(f"bench_{name}") as url, tempfile.TemporaryDirectory() as folder:
        upgrade(url)
        app = create_app(load({"DATABASE_URL": url, "SECRET_KEY": SECRET}, Path(folder)))
        with app.app_context():
            click.echo(f"filling the {name} database ({times}x)", err=True)
            demo.load(demo.Sizes(**{key: value * times for key, value in SIZE.items()}), tell=lambda _text: None)
            with db.engine.connect() as connection:
                connection.exec_driver_sql("ANALYZE")  # PostgreSQL's own housekeeping comes to it within a minute
        yield app
        with app.app_context():
            db.engine.dispose()


def addresses(app: Flask) -> dict[str, str]:
    """Return the pages to measure: what each is called, and its address here. Of each kind, the fullest one."""
    with app.app_context():
        session = db.session
        shift = session.scalar(
            select(Shift.id)
            .join(SignUp, SignUp.shift_id == Shift.id)
            .where(Shift.starts_at > now(), Shift.cancelled_at.is_(None))
            .group_by(Shift.id)
            .order_by(desc(func.count()), Shift.id)
        )
        box = session.scalar(
            select(Box.code)
            .join(Movement, Movement.box_id == Box.id)
            .group_by(Box.id)
            .order_by(desc(func.count()), Box.id)
        )
        distribution = session.scalar(
            select(PackingLine.distribution_id)
            .join(Distribution, Distribution.id == PackingLine.distribution_id)
            .where(Distribution.state == DistributionState.PLANNED)  # a page shows more in later states
            .group_by(PackingLine.distribution_id)
            .order_by(desc(func.count()), PackingLine.distribution_id)
        )
    return {
        "/": "/",
        "/needs": "/needs",
        "/shifts": "/shifts",
        "/shifts/<id>": f"/shifts/{shift}",
        "/my/shifts": "/my/shifts",
        "/stock": "/stock",
        "/stock/boxes": "/stock/boxes",
        "/stock/boxes/<code>": f"/stock/boxes/{box}",
        "/stock/movements": "/stock/movements",
        "/distributions": "/distributions",
        "/distributions/<id>": f"/distributions/{distribution}",
        "/give": "/give",
    }


def session_cookie(app: Flask) -> str:
    """Return the cookie header of a browser in which the coordinator has signed in, and opened a page with a form."""
    with app.app_context():
        token = db.session.scalar(select(Person.session_token).where(Person.email == COORDINATOR))
    if token is None:
        raise RuntimeError("the demo has no coordinator")
    return cookie_of(app, token, secrets.token_hex(20))


def cookie_of(app: Flask, session_token: str, csrf_token: str) -> str:
    """Return the cookie header of a browser in which the account with this session token has signed in."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    if serializer is None:
        raise RuntimeError("there is no secret key")
    values = {"_user_id": session_token, "_fresh": True, "csrf_token": csrf_token}
    return f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(values)}"


def queries(app: Flask, path: str, cookie: str) -> int:
    """Return how many statements the second opening of a page sends (the first may fill caches)."""
    count = 0

    def add(*_args: object) -> None:
        nonlocal count
        count += 1

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", add)
    try:
        for _ in range(2):
            count = 0
            answer = app.test_client(use_cookies=False).get(path, headers={"Cookie": cookie})
            if answer.status_code != 200:
                raise click.ClickException(f"{path} answers {answer.status}")
    finally:
        event.remove(engine, "before_cursor_execute", add)
    return count


def table(rows: list[Measured]) -> str:
    """Return the figures as a person reads them."""
    lines = [f"{'page':24}{'queries 1x':>12}{'100x':>7}{'a second':>11}{'of bare':>10}"]
    for row in rows:
        lines.append(
            f"{row.path:24}{row.queries_1x:>12}{row.queries_100x:>7}{row.per_second:>11.0f}{row.ratio_to_bare:>10.3f}"
        )
    return "\n".join(lines)


@click.command(help=__doc__)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.option("--only", multiple=True, help="Measure this page only; may be repeated.")
@click.option("--rounds", default=5, show_default=True, help="How often each page is measured.")
@click.option("--seconds", default=1.0, show_default=True, help="How long each measurement takes.")
def main(as_json: bool, only: tuple[str, ...], rounds: int, seconds: float) -> None:
    """Measure, print, and exit 1 when a page's queries grow with the data."""
    with ExitStack() as stack:
        small = stack.enter_context(installation("small", 1))
        large = stack.enter_context(installation("large", TIMES))
        here, there, cookie = addresses(small), addresses(large), session_cookie(large)
        measured = [
            Measured(path, queries(small, here[path], session_cookie(small)), queries(large, there[path], cookie))
            for path in here
            if not only or path in only
        ]
        settings = large.extensions["shoreline_settings"]
        environ = {"DATABASE_URL": settings.database_url, "SECRET_KEY": SECRET, "INSTANCE_PATH": str(settings.instance)}
        with server(environ) as port:
            for row in measured:
                target = Target(port, there[row.path], cookie)
                row.per_second, row.ratio_to_bare = (round(n, 3) for n in compare(target, rounds, seconds))
    click.echo(json.dumps({"pages": [asdict(row) for row in measured]}) if as_json else table(measured))
    grown = [row.path for row in measured if row.queries_1x != row.queries_100x]
    if grown:
        raise click.ClickException(f"the number of queries grows with the data: {', '.join(grown)}")


if __name__ == "__main__":
    main()
