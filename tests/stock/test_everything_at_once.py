"""Sixteen people do 2,000 things of twenty-one kinds with five boxes: no piece is lost, and every refusal says why."""

from flask import Flask

from .everything import CLIENTS, EVERYTHING, at_once

DEEDS = 2000


def test_everything_at_once_ends_exact(app: Flask) -> None:
    said, done = at_once(app, DEEDS // CLIENTS)
    assert said == []
    assert [name for name in EVERYTHING if not done[name]] == []
    assert done.total() > DEEDS // 2  # it is no race when most of them are refused
