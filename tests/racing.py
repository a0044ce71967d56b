"""Running things at the same moment, each in a thread and on a connection of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask

from logistics.db import db


def race(app: Flask, *runners: Callable[[], Any]) -> list[Any]:
    """Start all at once and return what each returned or raised, in their order. The test then sees what they did."""
    barrier = threading.Barrier(len(runners))
    answers: list[Any] = [None] * len(runners)

    def run(place: int, runner: Callable[[], Any]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                answers[place] = runner()
            except Exception as error:
                answers[place] = error

    db.session.rollback()
    threads = [threading.Thread(target=run, args=each) for each in enumerate(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return answers


def refused(answers: Sequence[Any], kind: type[Exception]) -> int:
    """Return how many ended with this refusal; any other exception is raised."""
    for answer in answers:
        if isinstance(answer, Exception) and not isinstance(answer, kind):
            raise answer
    return sum(isinstance(answer, kind) for answer in answers)
