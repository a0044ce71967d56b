"""The blueprint that the pages of a distribution day share, and what they all need."""

from flask import Blueprint

from ..clock import now
from ..db import db
from ..distributions import service as distributions
from ..distributions.models import BEFORE_OUT, Distribution
from ..web.filters import local_date

bp = Blueprint("operations", __name__)


def distribution(distribution_id: int) -> Distribution:
    """Return a distribution with its site, for a page. Raises NotFound."""
    return distributions.get(db.session, distribution_id)


def path(distribution_id: int, page: str = "") -> str:
    """Return the address of a distribution's page, or of one of the pages below it."""
    return f"/distributions/{distribution_id}{page and '/'}{page}"


def early(found: Distribution) -> bool:
    """Return whether a distribution's day has not come, by the clock on the wall."""
    return local_date(found.starts_at) > local_date(now())


def before_out(found: Distribution) -> bool:
    """Return whether a distribution's van has not left yet."""
    return found.state in BEFORE_OUT
