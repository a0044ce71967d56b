"""Commands: functions that change the world, each in one transaction, each able to be repeated safely.

@command
def move_box(session: Session, *, actor_id: int, code: str, quantity: int) -> str: ...

move_box(actor_id=7, code="0413", quantity=5)                # runs in its own transaction
move_box.once(token)(actor_id=7, code="0413", quantity=5)    # and does it only once for this token
"""

import functools
import hashlib
import json
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy import JSON, Index, String, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from .clock import now
from .db import Base, insert_into, transaction
from .errors import Conflict, Invalid, msg

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")

TRIES = 5
RETRIED = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock
LONGEST_KEY = 64
CHANGED = msg("Someone changed this at the same moment. Nothing was saved; look again and repeat.")


class RepeatGuard(Base):
    """The first answer given under an idempotency key, so that a repeat gets the same answer."""

    __tablename__ = "repeat_guard"

    scope: Mapped[str] = mapped_column(String(80), primary_key=True)
    action: Mapped[str] = mapped_column(String(120), primary_key=True)
    key: Mapped[str] = mapped_column(String(LONGEST_KEY), primary_key=True)
    input_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[Any] = mapped_column(JSON, nullable=True)
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_repeat_guard_created_at", "created_at"),)


@dataclass(frozen=True)
class Token:
    """An idempotency key and whose it is: `scope` is "person:<id>" or "browser:<random>"."""

    scope: str
    key: str


class Command(Generic[P, R]):
    """A function of a session, to be called without one: it opens the transaction and retries a deadlock."""

    def __init__(self, function: Callable[Concatenate[Session, P], R]) -> None:
        """Wrap `function`; its module and name identify the action of an idempotency key."""
        functools.update_wrapper(self, function)
        self.function = function
        self.action = f"{function.__module__.removeprefix('logistics.')}.{function.__name__}"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run in one transaction. Raises what the function raises, and `Conflict` when a constraint refuses."""
        return _run(lambda session: self.function(session, *args, **kwargs))

    def once(self, token: Token) -> Callable[P, R]:
        """Return the command bound to an idempotency key.

        The same input under the same key repeats the first answer; another input raises `Conflict`.
        A refused attempt stores nothing, so it may be tried again. The answer must be plain JSON.
        """
        if not token.key or len(token.key) > LONGEST_KEY or not token.key.isprintable():
            raise Invalid(msg("This form is out of date. Open the page again."))

        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            return _run(lambda session: self._guarded(session, token, args, kwargs))

        return run

    def _guarded(self, session: Session, token: Token, args: Any, kwargs: Any) -> R:
        digest = hashlib.sha256(json.dumps([args, kwargs], sort_keys=True, default=str).encode()).hexdigest()
        values = {
            "scope": token.scope,
            "action": self.action,
            "key": token.key,
            "input_hash": digest,
            "created_at": now(),
        }
        # A second request under the same key waits here for the first to end, on both databases.
        first = session.execute(
            insert_into(session)(RepeatGuard).values(values).on_conflict_do_nothing().returning(RepeatGuard.key)
        ).first()
        guard = session.scalars(
            select(RepeatGuard).where(
                RepeatGuard.scope == token.scope, RepeatGuard.action == self.action, RepeatGuard.key == token.key
            )
        ).one()
        if first is None:
            if guard.input_hash != digest:
                raise Conflict(
                    msg("This form was already sent with other values. Open the page again to see what was saved.")
                )
            answer: R = guard.answer
            return answer
        answer = self.function(session, *args, **kwargs)
        guard.answer = answer
        return answer


class Again(Exception):
    """What a command was about to change is no longer what it had read: it is to be run again, from the start."""


def command(function: Callable[Concatenate[Session, P], R]) -> Command[P, R]:
    """Make a function whose first argument is a session into a command (see the module's docstring)."""
    return Command(function)


def _run(work: Callable[[Session], R]) -> R:
    for attempt in range(1, TRIES + 1):
        try:
            with transaction() as session:
                return work(session)
        except Again as error:
            if attempt == TRIES:
                raise Conflict(CHANGED) from error
        except IntegrityError as error:
            log.warning("refused by the database: %s", type(error.orig).__name__, exc_info=True)
            raise Conflict(CHANGED) from error
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in RETRIED or attempt == TRIES:
                raise
            time.sleep(random.uniform(0.005, 0.05) * attempt)
    raise AssertionError("unreachable")
