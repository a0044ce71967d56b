"""The van of a distribution: the location where packed goods are."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .models import Box, Level, Location, LocationKind, PackingLine


def van_of(session: Session, distribution_id: int) -> Location | None:
    """Return a distribution's van, once it has one."""
    return session.scalars(select(Location).where(Location.distribution_id == distribution_id)).one_or_none()


def make_van(session: Session, distribution_id: int) -> Location:
    """Return a distribution's van, made when first needed. The caller holds the distribution's lock."""
    van = van_of(session, distribution_id)
    if van is None:
        van = Location(
            kind=LocationKind.VAN,
            outside=False,
            name=f"Van {distribution_id}",
            name_key=f"van {distribution_id}",
            distribution_id=distribution_id,
        )
        session.add(van)
        session.flush()
    return van


def boxes_on(session: Session, van: Location) -> list[tuple[Box, int]]:
    """Return what is on a van: each box and how many units of it, the earliest best-before first."""
    rows = session.execute(
        select(Box, Level.quantity)
        .join(Level, Level.box_id == Box.id)
        .where(Level.location_id == van.id, Level.quantity > 0)
        .order_by(Box.best_before.asc().nulls_last(), Box.id)
    )
    return [(box, quantity) for box, quantity in rows]


def on_the_van(session: Session, distribution_id: int) -> int:
    """Return how many units are on a distribution's van."""
    return (
        session.scalar(
            select(func.coalesce(func.sum(Level.quantity), 0))
            .join(Location, Location.id == Level.location_id)
            .where(Location.distribution_id == distribution_id)
        )
        or 0
    )


def packed_total(session: Session, distribution_id: int) -> int:
    """Return how many units a distribution has packed, also those that have been handed out since."""
    return (
        session.scalar(
            select(func.coalesce(func.sum(PackingLine.packed), 0)).where(PackingLine.distribution_id == distribution_id)
        )
        or 0
    )
