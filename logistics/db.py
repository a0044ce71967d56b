"""The database: engine rules for SQLite and PostgreSQL, the base model, and `transaction()`.

One code for two databases. What each rule guards against is told in docs/architecture.md.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from inspect import iscoroutinefunction
from typing import Any, TypeVar

from flask import Flask
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import CheckConstraint, Connection, DateTime, Dialect, Engine, MetaData, Select, event, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

WRITES = "shoreline_writes"  # execution option: this transaction will write
NAMES = {
    "ix": "ix_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


Row = TypeVar("Row")


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. Refuses a naive datetime, which says no moment at all."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any aware moment into UTC (naive UTC for SQLite, which keeps no zone)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not a moment")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware moment in UTC (SQLite's are naive)."""
        return None if value is None else value.replace(tzinfo=UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Leave PostgreSQL's moments as they are: its connections speak UTC."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else None


class Base(DeclarativeBase):
    """Every table's base."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Moment()}


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Return the CHECK that keeps a string column to the members of an enum."""
    allowed = ", ".join(f"'{member.value}'" for member in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


db = SQLAlchemy(session_options={"expire_on_commit": True, "autoflush": True})


def init_app(app: Flask, url: str) -> None:
    """Set the engine up for this application, with the rules its database needs."""
    options: dict[str, Any] = {"url": url}
    if url.startswith("sqlite"):
        # A writer waits in line (busy_timeout); a reader never does. So threads may each hold a connection.
        options |= {"pool_size": 16, "max_overflow": 64}
    else:
        # At READ COMMITTED each statement sees its own moment anyway, so a read needs no BEGIN and no ROLLBACK:
        # that halves the trips to the server of a page with two queries. `transaction()` and `stream()` ask for one.
        options |= {"pool_size": 8, "max_overflow": 8, "pool_recycle": 1800}
        options |= {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
        options |= {"connect_args": {"cursor_factory": _light_cursor()}}
    app.config["SQLALCHEMY_ENGINES"] = {"default": options}
    db.init_app(app)
    # The extension also closes asynchronous sessions, in a thread started for each request. There are none here.
    app.teardown_appcontext_funcs = [f for f in app.teardown_appcontext_funcs if not iscoroutinefunction(f)]
    with app.app_context():
        (prepare_sqlite if db.engine.dialect.name == "sqlite" else prepare_postgresql)(db.engine)


def _light_cursor() -> type[Any]:
    """Return psycopg's cursor with a description that holds no more than what is asked of it.

    SQLAlchemy asks for it after every statement, and only for names and types. Psycopg's own looks up much besides, which
    took a tenth of what a request does.
    """
    from psycopg import Cursor  # not needed on SQLite

    class LightCursor(Cursor[Any]):
        @property
        def description(self) -> Any:
            found = self.pgresult
            if not found or not found.nfields:
                return None
            return [
                ((found.fname(place) or b"").decode(), found.ftype(place), None, None, None, None, None)
                for place in range(found.nfields)
            ]

    return LightCursor


def prepare_sqlite(engine: Engine) -> None:
    """Make SQLite keep foreign keys, survive a crash, let readers read on, and queue its writers."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Upgrading a read to a write fails at once with SQLITE_BUSY_SNAPSHOT; asking at the start waits.
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def prepare_postgresql(engine: Engine) -> None:
    """Make PostgreSQL speak in UTC."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.execute("SET TIME ZONE 'UTC'")
        connection.commit()


@contextmanager
def transaction() -> Iterator[Session]:
    """Open one unit of work that may write, and commit it at the end; any exception rolls it back.

    It does not nest. It ends the request's read first, which expires every object that was loaded:
    whoever opens it takes ids, not objects. Raises RuntimeError when nested or when changes already
    wait in the session (a change made outside a transaction is a mistake).
    """
    session = db.session
    if session.info.get(WRITES):
        raise RuntimeError("transaction() does not nest: pass the session to a step instead")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes were made outside transaction()")
    session.rollback()
    session.info[WRITES] = True
    try:
        session.connection(execution_options={WRITES: True, **_in_transaction(session)})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(WRITES, None)


def lock_row(session: Session, model: type[Row], key: int) -> Row | None:
    """Lock a row by its id until the transaction ends, and return it as it now stands; None where there is none.

    FOR NO KEY UPDATE: rows that merely refer to it need not wait. A number that no id can be finds nothing.
    """
    if not 0 < key < 2**31:
        return None
    query = select(model).where(inspect(model).primary_key[0] == key).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def stream(session: Session, query: Select[*tuple[Any, ...]], size: int = 500) -> Iterator[Any]:
    """Yield the rows of a long query, `size` at a time, in a read of their own: what `session` holds stays as it is.

    A query of one entity or column gives that; of several, rows.
    """
    with Session(session.get_bind()) as long_read:
        long_read.connection(execution_options=_in_transaction(session))
        found = long_read.execute(query.execution_options(yield_per=size))
        yield from found.scalars() if len(query.column_descriptions) == 1 else found


def insert_into(session: Session) -> Callable[[type[Base]], Any]:
    """Return the database's own INSERT, the one that knows ON CONFLICT."""
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert


@contextmanager
def snapshot() -> Iterator[Session]:
    """Open a read in which every statement sees the same moment, for what compares one table with another."""
    with Session(db.engine) as read:
        postgres = db.engine.dialect.name == "postgresql"
        read.connection(execution_options={"isolation_level": "REPEATABLE READ"} if postgres else {})
        yield read


def _in_transaction(session: Session) -> dict[str, Any]:
    return {"isolation_level": "READ COMMITTED"} if session.get_bind().dialect.name == "postgresql" else {}
