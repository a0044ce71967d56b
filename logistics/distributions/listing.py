"""Which distributions a list shows, and in which order."""

from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager

from .models import Distribution, DistributionState, Site

COMING, OVER, ALL = "coming", "over", "all"
FINISHED = (DistributionState.CLOSED, DistributionState.CANCELLED)


def distributions(show: str, site_id: int | None, words: str) -> Select[Any]:
    """Return the query for a list: the next to come first, or, of what is over, the latest.

    `show` is COMING (not finished), OVER, ALL or one state; `words` are looked for in titles and names of sites.
    """
    query = select(Distribution).join(Distribution.site).options(contains_eager(Distribution.site))
    if show == COMING:
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
