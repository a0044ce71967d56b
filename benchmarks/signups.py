"""How fast a shift fills: 300 volunteers race for its 50 places, and exactly 50 must get one.

    python -m benchmarks.signups                one table
    python -m benchmarks.signups --json         one object

They sign up through 16 clients, under gunicorn with 2 processes of 8 threads, on PostgreSQL. A sign-up counts once it
is answered, be that with a place or with "full". The same 16 clients also measure, in the same minute,

    f  how many requests a second a bare Flask route answers from the same processes, and
    d  how many sign-ups a second PostgreSQL takes from psycopg alone: the same race for the same places, with the
       fewest statements that keep the promise (nobody without a place, nobody in two places at once).

Who does one after the other can be no faster than 1 ÷ (1/f + 1/d): `ratio_to_limit` says how near we come. Beside it,
the list that people sign up from, with 200 shifts on a page. Exits 1 unless each race books exactly 50.
"""

import json
import secrets
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from multiprocessing import get_context

import click
import psycopg
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, select

from benchmarks.pages import SECRET, cookie_of, installation, queries, session_cookie
from benchmarks.serving import BARE, Target, compare, connect, exchange, load, server
from logistics.clock import now
from logistics.db import db, transaction
from logistics.demo.rows import add_keyed_rows, add_rows
from logistics.distributions.models import Site
from logistics.people.models import AccessRole, AgeGroup, Person, PersonAccessRole
from logistics.people.qualification_models import Agreement, AgreementText
from logistics.shifts.models import TAKES_A_PLACE, Role, Shift, SignUp

VOLUNTEERS, PLACES, CLIENTS = 300, 50, 16
LISTED = 200  # shifts on a page of the list
LIST = f"/shifts?per_page={LISTED}"
MANY_DAYS = timedelta(days=400)  # where the races are: after everything else


@dataclass
class Measured:
    """The figures. `booked` is how many people a race put on its shift, the worst of all races."""

    places: int
    booked: int
    sign_ups_per_second: float
    p50_ms: float
    p99_ms: float
    ratio_to_limit: float
    list_per_second: float
    list_bytes: int
    list_queries: int


@dataclass
class Race:
    """How a race went: how long it took, and how long each waited for an answer, in seconds."""

    seconds: float
    waits: list[float]

    @property
    def per_second(self) -> float:
        """Return how many attempts a second were answered."""
        return len(self.waits) / self.seconds


def run(tasks: Sequence[bytes], open_one: Callable[[], Callable[[bytes], None]]) -> Race:
    """Let CLIENTS work off the tasks, each with what `open_one` opens for it; every task is one attempt."""
    waits: list[float] = []
    failures: list[BaseException] = []
    barrier = threading.Barrier(CLIENTS + 1)

    def client(place: int) -> None:
        try:
            attempt = open_one()
            barrier.wait()
            for task in tasks[place::CLIENTS]:
                began = time.perf_counter()
                attempt(task)
                waits.append(time.perf_counter() - began)
        except (OSError, RuntimeError, psycopg.Error, threading.BrokenBarrierError) as error:
            failures.append(error)
            barrier.abort()

    threads = [threading.Thread(target=client, args=(place,)) for place in range(CLIENTS)]
    for thread in threads:
        thread.start()
    with suppress(threading.BrokenBarrierError):  # told below
        barrier.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(f"a client failed: {failures[0]!r}")
    return Race(time.perf_counter() - began, waits)


def over_http(port: int, requests: Sequence[bytes]) -> Race:
    """Run a race against the server: each request is answered 303 (a place) or 409 (none)."""

    def open_one() -> Callable[[bytes], None]:
        connection = connect(port)

        def attempt(request: bytes) -> None:
            status = exchange(connection, request)
            if status not in (303, 409):
                raise RuntimeError(f"a sign-up was answered {status}")

        return attempt

    return run(requests, open_one)


# Locking the person first is what keeps them from being signed up twice at once; the shift's row then decides.
LOCK = "SELECT id FROM person WHERE id = %s FOR NO KEY UPDATE"
BOOK = """
WITH taken AS (
  UPDATE shift SET filled = filled + 1
  WHERE id = %(shift)s AND filled < maximum AND cancelled_at IS NULL AND starts_at > now() AND NOT EXISTS (
    SELECT 1 FROM sign_up JOIN shift AS other ON other.id = sign_up.shift_id
    WHERE sign_up.person_id = %(person)s AND sign_up.state = 'confirmed'
    AND other.starts_at < shift.ends_at AND other.ends_at > shift.starts_at
  ) RETURNING id
)
INSERT INTO sign_up (shift_id, person_id, state, created_at, changed_at)
SELECT id, %(person)s, 'confirmed', now(), now() FROM taken
"""


def over_psycopg(url: str, shift_id: int, person_ids: Sequence[int]) -> Race:
    """Run the same race with psycopg alone."""
    opened: list[psycopg.Connection] = []

    def open_one() -> Callable[[bytes], None]:
        connection = psycopg.connect(url)
        opened.append(connection)

        def attempt(person: bytes) -> None:
            values = {"shift": shift_id, "person": int(person)}
            connection.execute(LOCK, (values["person"],))
            connection.execute(BOOK, values)
            connection.commit()

        return attempt

    try:
        return run([b"%d" % number for number in person_ids], open_one)
    finally:
        for connection in opened:
            connection.close()


def add_volunteers(app: Flask) -> dict[int, str]:
    """Make the volunteers who race, with nothing left to do before their first shift: session tokens by id."""
    with app.app_context(), transaction() as session:
        newest = session.execute(
            select(AgreementText.kind, func.max(AgreementText.version)).group_by(AgreementText.kind)
        ).all()
        tokens = [secrets.token_hex(16) for _ in range(VOLUNTEERS)]
        common = {"language": "en", "password_hash": "!", "created_at": now(), "email_confirmed_at": now()}
        people = [
            {"email": f"racer{number}@example.org", "name": f"Racer {number}", "session_token": token, **common}
            | {"age_group": AgeGroup.ADULT}
            for number, token in enumerate(tokens)
        ]
        ids = add_rows(session, Person, people)
        add_keyed_rows(session, PersonAccessRole, [{"person_id": each, "role": AccessRole.VOLUNTEER} for each in ids])
        agreed = [
            {"person_id": each, "kind": kind, "version": version, "agreed_at": now()}
            for each in ids
            for kind, version in newest
        ]
        add_keyed_rows(session, Agreement, agreed)
    return dict(zip(ids, tokens, strict=True))


def add_shifts(app: Flask, races: int) -> list[int]:
    """Make a shift for each race, none at the time of another, and enough others to fill the list; return the former."""
    with app.app_context(), transaction() as session:
        (role_id,) = add_rows(session, Role, [{"name": "Race", "name_key": "race"}])  # of whom nothing is required
        site_id = session.scalars(select(Site.id).order_by(Site.id).limit(1)).one()

        def shift(hours: int, places: int) -> dict[str, object]:
            begins = now() + MANY_DAYS + timedelta(hours=hours)
            times = {"starts_at": begins, "ends_at": begins + timedelta(hours=3), "created_at": now()}
            return {"role_id": role_id, "site_id": site_id, "minimum": 1, "maximum": places, "filled": 0, **times}

        made = add_rows(session, Shift, [shift(4 * number, PLACES) for number in range(races)])
        add_rows(session, Shift, [shift(4 * (races + number), 6) for number in range(LISTED)])
    return made


def requests(app: Flask, port: int, shift_id: int, tokens: Sequence[str]) -> list[bytes]:
    """Return what the browser of each volunteer sends when they press the list's button."""
    serializer = URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token")
    found = []
    for token in tokens:
        raw = secrets.token_hex(20)
        form = f"csrf_token={serializer.dumps(raw)}".encode()
        found.append(Target(port, f"/shifts/{shift_id}/sign-up", cookie_of(app, token, raw), form).request)
    return found


def booked(app: Flask, shift_ids: Sequence[int]) -> list[int]:
    """Return how many people are on each of these shifts."""
    on_it = select(func.count()).where(SignUp.shift_id == Shift.id, SignUp.state.in_(TAKES_A_PLACE)).scalar_subquery()
    with app.app_context():
        query = select(on_it).where(Shift.id.in_(shift_ids)).order_by(Shift.id)
        return list(db.session.scalars(query))


def measure(app: Flask, port: int, rounds: int) -> tuple[list[Race], list[float], list[int]]:
    """Run the races, the first of which warms caches and connections; return them, their ratios and who was booked."""
    url = app.extensions["shoreline_settings"].database_url.replace("+psycopg", "")
    people, ours = add_volunteers(app), add_shifts(app, 2 * (rounds + 1))
    races, ratios = [], []
    with get_context("spawn").Pool(1) as pool:  # its own process: the load waits for no lock of ours
        for place in range(rounds + 1):
            flask = pool.apply(load, (Target(port, BARE), 0.5, CLIENTS))
            database = pool.apply(over_psycopg, (url, ours[2 * place], list(people))).per_second
            sent = requests(app, port, ours[2 * place + 1], list(people.values()))
            race = pool.apply(over_http, (port, sent))
            if place:
                races.append(race)
                ratios.append(race.per_second * (1 / flask + 1 / database))
                click.echo(
                    f"flask {flask:.0f}, psycopg {database:.0f}, sign-ups {race.per_second:.0f} a second", err=True
                )
    return races, ratios, booked(app, ours)


def table(found: Measured) -> str:
    """Return the figures as a person reads them."""
    return "\n".join(f"{name.replace('_', ' '):22}{value:>10,}" for name, value in asdict(found).items())


@click.command(help=__doc__)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.option("--rounds", default=5, show_default=True, help="How many races are run.")
def main(as_json: bool, rounds: int) -> None:
    """Measure, print, and exit 1 unless every place was taken, and none twice."""
    with installation("signups", 1) as app:
        settings = app.extensions["shoreline_settings"]
        environ = {"DATABASE_URL": settings.database_url, "SECRET_KEY": SECRET, "INSTANCE_PATH": str(settings.instance)}
        with server(environ) as port:
            races, ratios, people = measure(app, port, rounds)
            cookie = session_cookie(app)
            list_per_second, _ratio = compare(Target(port, LIST, cookie), rounds, 1.0)
        answer = app.test_client(use_cookies=False).get(LIST, headers={"Cookie": cookie})
        waits = statistics.quantiles([wait for race in races for wait in race.waits], n=100)
        found = Measured(
            places=PLACES,
            booked=max(people, key=lambda number: abs(number - PLACES)),
            sign_ups_per_second=round(statistics.median(race.per_second for race in races), 1),
            p50_ms=round(waits[49] * 1000, 1),
            p99_ms=round(waits[98] * 1000, 1),
            ratio_to_limit=round(statistics.median(ratios), 3),
            list_per_second=round(list_per_second, 1),
            list_bytes=len(answer.data),
            list_queries=queries(app, LIST, cookie),
        )
    click.echo(json.dumps(asdict(found)) if as_json else table(found))
    if found.booked != PLACES:
        raise click.ClickException(f"{found.booked} people were booked on {PLACES} places")


if __name__ == "__main__":
    main()
