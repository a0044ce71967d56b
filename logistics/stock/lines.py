"""Packing lists and their lines as a transaction reads them, after it holds the locks that guard them."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import Conflict, msg
from .models import PackingItem, PackingLine, PackingList


@dataclass(frozen=True)
class Line:
    """One size on a packing list. Only figures: what is changed is changed by UPDATE."""

    id: int
    item_id: int
    size_id: int
    planned: int
    allocated: int
    packed: int
    counted: bool

    @property
    def kept(self) -> int:
        """Return how many of what is planned are packed: below this no plan may go. Extras are not planned."""
        return min(self.planned, self.packed)


def lines_of(session: Session, distribution_id: int, size_ids: Collection[int] | None = None) -> list[Line]:
    """Return a packing list's lines (of these sizes) as they stand now, by size id."""
    statement = (
        select(
            PackingLine.id,
            PackingLine.item_id,
            PackingLine.size_id,
            PackingLine.planned,
            PackingLine.allocated,
            PackingLine.packed,
            PackingLine.handed_out.is_not(None),
        )
        .where(PackingLine.distribution_id == distribution_id)
        .order_by(PackingLine.size_id)
    )
    if size_ids is not None:
        statement = statement.where(PackingLine.size_id.in_(size_ids))
    return [Line(*row) for row in session.execute(statement)]


def items_of(session: Session, distribution_id: int) -> list[PackingItem]:
    """Return a packing list's items as they stand now. The caller holds the distribution's lock."""
    return list(
        session.scalars(
            select(PackingItem)
            .where(PackingItem.distribution_id == distribution_id)
            .order_by(PackingItem.id)
            .execution_options(populate_existing=True)
        )
    )


def list_of(session: Session, distribution_id: int) -> PackingList | None:
    """Return a distribution's packing list as it stands now, if it has one."""
    return session.scalars(
        select(PackingList)
        .where(PackingList.distribution_id == distribution_id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def list_to_pack(session: Session, distribution_id: int) -> PackingList:
    """Return a distribution's packing list. Raises Conflict when there is none."""
    found = list_of(session, distribution_id)
    if found is None:
        raise Conflict(msg("There is nothing on the packing list yet."))
    return found
