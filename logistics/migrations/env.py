"""Alembic's environment: runs migrations in one transaction, with SQLite's foreign keys off meanwhile.

Batch ALTER on SQLite drops the old table; with foreign keys on, that would delete its child rows.
"""

from alembic import context
from sqlalchemy import create_engine, event, pool, text

from logistics import models
from logistics.db import Base, Moment

url = context.config.attributes["url"]
engine = create_engine(url, poolclass=pool.NullPool)
sqlite = engine.dialect.name == "sqlite"

if sqlite:

    @event.listens_for(engine, "connect")
    def _connect(connection, _record):  # type: ignore[no-untyped-def]
        connection.isolation_level = None
        connection.execute("PRAGMA busy_timeout=30000")
        connection.execute("PRAGMA foreign_keys=OFF")

    @event.listens_for(engine, "begin")
    def _begin(connection):  # type: ignore[no-untyped-def]
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _render(kind, item, _autogen):  # type: ignore[no-untyped-def]
    """Write our column type as the plain one beneath it: a migration must not change when our code does."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=sqlite,
        render_item=_render,
        compare_type=False,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        if not sqlite:
            # Several processes may start at once; one migrates, the others wait and find nothing to do.
            connection.execute(text("SELECT pg_advisory_xact_lock(7205759403)"))
        context.run_migrations()
        if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError("the migration left rows whose parents are gone; nothing was changed")
engine.dispose()
