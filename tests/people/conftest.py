from collections.abc import Iterator

import pytest
from flask import Flask

from logistics.db import db
from logistics.people.checks import problems
from logistics.web.security import limiter


@pytest.fixture(autouse=True)
def fresh_limits(shared_app: Flask) -> Iterator[None]:
    """Each test begins with no request counted, and ends with every rule of this part kept."""
    with shared_app.app_context():
        limiter.reset()
    yield
    with shared_app.app_context():
        assert list(problems(db.session)) == []
