"""Phones that send at the same moment, the same queue or their own, on both databases."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from logistics.clock import as_if, now
from logistics.db import db
from logistics.errors import Conflict
from logistics.stock.aisle.models import AisleAct
from logistics.stock.moving import move_box
from logistics.stock.taking import take_out

from .. import make
from ..browsing import Browser
from ..racing import race, refused
from . import kit
from .aisle import count, move, put, send, states, take


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot("S", "M")


def test_sixteen_send_the_same_queue_at_once(app: Flask, at: kit.Depot) -> None:
    person = make.person("warehouse")
    first, second = kit.receive(at, 20), kit.receive(at, 4, size="M")
    queue = [
        take(at, first, 5),
        take(at, second, 5),
        move(at, first, 7),
        put(at, second, 2),
        count(at, first, 7, 8),
        take(at, first, 1, reason="lost"),
    ]
    browsers = [Browser(app).sign_in(person) for _ in range(16)]
    answers = race(app, *[partial(send, browser, at, *queue) for browser in browsers])
    expected = ["done", "conflict", "done", "waits", "done", "done"]
    assert [answer if isinstance(answer, Exception) else states(answer) for answer in answers] == [expected] * 16
    assert (kit.level(first, at.shelf), kit.level(first, at.other_shelf), kit.level(second, at.shelf)) == (6, 7, 4)
    assert db.session.scalar(select(func.count()).select_from(AisleAct)) == 4
    kit.sound()


def test_sixteen_phones_take_from_one_box(app: Flask, at: kit.Depot) -> None:
    code = kit.receive(at, 100)
    browsers = [Browser(app).sign_in(make.person("warehouse")) for _ in range(16)]
    answers = race(app, *[partial(send, browser, at, take(at, code, 9)) for browser in browsers])
    found = [answer if isinstance(answer, Exception) else states(answer)[0] for answer in answers]
    assert (found.count("done"), found.count("conflict")) == (11, 5), found
    assert kit.level(code, at.shelf) == 1
    kit.sound()


def test_phones_and_pages_at_the_same_boxes_at_once(app: Flask, at: kit.Depot) -> None:
    with as_if(now() - timedelta(hours=5)):
        codes = [kit.receive(at, 60), kit.receive(at, 60), kit.receive(at, 60, size="M")]
    kit.plan(at, kit.distribution(at), 40, {"S": 1})
    browsers = [Browser(app).sign_in(make.person("warehouse")) for _ in range(8)]
    counter = Browser(app).sign_in(make.person("warehouse"))
    send(counter, at, *[count(at, code, 60, 60, ago=30) for code in codes])

    def of(number: int) -> list[dict[str, Any]]:
        """A queue that begins at another box for each phone, half of it older than the counts."""
        turned = codes[number % 3 :] + codes[: number % 3]
        return [
            made
            for code in turned
            for made in (take(at, code, 2, ago=40), move(at, code, 3, ago=35), put(at, code, 1), count(at, code, 9, 9))
        ]

    def shift_about(number: int) -> None:
        for code in codes[:: -1 if number % 2 else 1]:
            move_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=1)
            take_out(actor_id=None, code=code, location_id=at.other_shelf, quantity=1)

    answers = race(
        app,
        *[partial(send, browser, at, *of(number)) for number, browser in enumerate(browsers)],
        *[partial(shift_about, number) for number in range(8)],
    )
    refused(answers, Conflict)  # nothing else was raised
    for answer in answers[:8]:
        assert set(states(answer)) <= {"done", "conflict", "waits"}
        assert {result["field"] for result in answer if result["state"] == "conflict"} <= {
            *("quantity", "expected", "overtaken", "reason")
        }
    assert states(answers[0]).count("done") >= 3
    kit.sound()
