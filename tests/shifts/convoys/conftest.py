"""Every test of convoys has a leader, and leaves nothing broken."""

from collections.abc import Iterator

import pytest
from flask import Flask

from logistics.db import db
from logistics.shifts import checks

from ... import make


@pytest.fixture(autouse=True)
def nothing_broken(app: Flask) -> Iterator[None]:
    yield
    db.session.rollback()
    assert list(checks.problems(db.session)) == []


@pytest.fixture
def leader(app: Flask) -> int:
    return make.person(name="Lena Leader").id
