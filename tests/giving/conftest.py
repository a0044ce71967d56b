"""What the tests of giving need beyond what all tests share."""

from collections.abc import Iterator

import pytest
from flask import Flask

from logistics.web.security import limiter


@pytest.fixture(autouse=True)
def nothing_counted(app: Flask) -> Iterator[None]:
    """The giving page is limited per address; each test begins with nothing counted."""
    limiter.reset()
    yield
    limiter.reset()
