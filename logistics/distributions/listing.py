"""Which distributions a list shows, and in which order."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from ..clock import now
from .models import BEFORE_OUT, Distribution, DistributionState, Site

COMING, OVERDUE, OVER, ALL = "coming", "overdue", "over", "all"
FINISHED = (DistributionState.CLOSED, DistributionState.CANCELLED)


def ahead() -> ColumnElement[bool]:
    """Return the condition that a distribution is still to come, or under way: it has not left, and is not over."""
    return and_(Distribution.state.in_(BEFORE_OUT), Distribution.ends_at > now())


def overdue(midnight: datetime) -> ColumnElement[bool]:
    """Return the condition that a distribution's day has passed, and its van has neither left nor been called off.

    It is nobody's work any more, and yet keeps what it was promised from all others. `midnight` is when this day began.
    """
    return and_(Distribution.state.in_(BEFORE_OUT), Distribution.ends_at <= midnight)


def count_overdue(session: Session, midnight: datetime) -> int:
    """Return how many distributions are overdue."""
    return session.scalar(select(func.count()).select_from(Distribution).where(overdue(midnight))) or 0


def distributions(show: str, site_id: int | None, words: str, midnight: datetime) -> Select[Any]:
    """Return the query for a list: the next to come first, or, of what is over, the latest.

    `show` is COMING (not finished), OVERDUE, OVER, ALL or one state; `words` are looked for in titles and names of
    sites; `midnight` is when this day began.
    """
    query = select(Distribution).join(Distribution.site).options(contains_eager(Distribution.site))
    if show == OVERDUE:
        query = query.where(overdue(midnight))
    elif show == COMING:
        query = query.where(Distribution.state.not_in(FINISHED))
    elif show == OVER:
        query = query.where(Distribution.state.in_(FINISHED))
    elif show != ALL:
        query = query.where(Distribution.state == show)
    if site_id is not None:
        query = query.where(Distribution.site_id == site_id)
    if words:
        query = query.where(
            or_(*(column.icontains(words, autoescape=True) for column in (Distribution.title, Site.name, Site.name_fr)))
        )
    if show in (OVER, ALL, *FINISHED):
        return query.order_by(Distribution.starts_at.desc(), Distribution.id.desc())
    return query.order_by(Distribution.starts_at, Distribution.id)
