"""What an empty installation still lacks before its first distribution."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, literal, select
from sqlalchemy.orm import Session

from ..distributions.models import Site, SiteKind
from ..giving.models import Fund
from ..people.models import Person, PrivacyNotice
from ..shifts.models import Role
from ..stock.models import Location, LocationKind, Product


@dataclass(frozen=True)
class Step:
    """One thing to set up: its name, and whether there is one already."""

    name: str
    done: bool


def first_steps(session: Session) -> Sequence[Step]:
    """Return what an installation needs, in the order in which it is best set up (one query)."""
    conditions: dict[str, ColumnElement[bool]] = {
        "warehouse": exists().where(Site.kind == SiteKind.WAREHOUSE, Site.closed_at.is_(None)),
        "shelf": exists().where(Location.kind == LocationKind.SHELF),
        "products": exists().where(Product.closed_at.is_(None)),
        "meeting_point": exists().where(Site.kind == SiteKind.MEETING_POINT, Site.closed_at.is_(None)),
        "roles": exists().where(Role.closed_at.is_(None)),
        "fund": exists().where(Fund.closed_at.is_(None)),
        "people": select(func.count()).select_from(Person).scalar_subquery() > literal(1),
        "privacy": exists().where(PrivacyNotice.version > 0),
    }
    row = session.execute(select(*conditions.values())).one()
    return [Step(name, bool(done)) for name, done in zip(conditions, row, strict=True)]
