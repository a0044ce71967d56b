"""The worker: sends what waits in the outbox, applies what Stripe told us, and tidies up once an hour."""

import logging
import signal
import threading
import time
from datetime import timedelta

from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from .clock import now
from .commands import RepeatGuard, command
from .giving import webhook
from .operations import impact
from .outbox import mail, sending
from .people import links, throttle
from .shifts import waiting
from .shifts.day import attendance
from .shifts.groups import lapsing
from .shifts.telling import reminding
from .stock import expiring
from .stock.arriving import forgetting
from .stock.knowing import flows

log = logging.getLogger(__name__)

IDLE = 1.0  # seconds between looks when there was nothing to do
LONGEST_REST = 60.0  # seconds, after errors that repeat
TIDY_EVERY = 3600.0  # seconds
KEYS_KEPT = timedelta(days=7)  # how long a form sent again is known again


def run(app: Flask, once: bool = False, stop: threading.Event | None = None) -> None:
    """Work until SIGTERM, Ctrl-C or `stop`; with `once`, do what waits and return.

    An error is logged and followed by a rest that grows; with `once` it is raised.
    """
    stop = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    tidied, errors = float("-inf"), 0
    while not stop.is_set():
        try:
            with app.app_context():
                if time.monotonic() - tidied > TIDY_EVERY:
                    tidy()
                    tidied = time.monotonic()
                done = work(app)
            errors = 0
        except Exception:
            if once:
                raise
            errors += 1
            log.exception("the worker met an error, and goes on after a rest")
            stop.wait(min(2.0**errors, LONGEST_REST))
            continue
        if not done and once:
            return
        if not done:
            stop.wait(IDLE)


def work(app: Flask) -> int:
    """Do a little of everything that waits, and return how much was done."""
    settings = app.extensions["shoreline_settings"]
    send = mail.sender(settings)
    written = (
        expiring.mark_due()
        + flows.write_due(str(settings.timezone))
        + attendance.close_due()
        + waiting.lapse_due(20)
        + waiting.offer_due(20)
        + lapsing.due(20)
        + reminding.send_due(settings, impact.impact)
    )
    return webhook.apply_waiting(20) + written + sending.send_waiting(send, 20)


@command
def tidy(session: Session) -> None:
    """Delete what has served its time: idempotency keys, failed sign-ins, spent links, old messages, who brought goods."""
    session.execute(delete(RepeatGuard).where(RepeatGuard.created_at < now() - KEYS_KEPT))
    throttle.purge(session)
    links.purge(session)
    sending.purge(session)
    forgetting.forget_old(session)
