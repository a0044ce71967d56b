"""What the tests of a distribution day begin with."""

import pytest
from flask import Flask

from . import kit


@pytest.fixture
def plan(app: Flask) -> kit.Plan:
    """A hundred on hand, sixty of them planned."""
    return kit.plan(100, 60)
