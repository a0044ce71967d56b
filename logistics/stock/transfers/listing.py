"""Transfers as pages show them: the list, what is on the way, and what was written of one."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from ...distributions.models import Site
from ...errors import NotFound, msg
from ...people.models import Person
from ..ledger import MovementReason
from ..models import Box, Location, Movement, Product, Size, Unit
from ..searching import ANYTHING, Search, named_like
from .models import Transfer, TransferLine, TransferState

# As they are worked on: what is on the way first, then what waits to be sent, then what is over.
_ORDER = case((Transfer.state == TransferState.ON_THE_WAY, 0), (Transfer.state == TransferState.PREPARED, 1), else_=2)


def find(state: str = "", warehouse_id: int = 0) -> Select[Any, Any, Any, Any]:
    """Return transfers from or to a warehouse (0: any) with how many boxes, pieces and pieces on the way they have.

    What is weighed is in no sum of pieces.
    """
    of_it = select(func.count(TransferLine.box_id.distinct())).where(TransferLine.transfer_id == Transfer.id)
    all_of_it, left = (_pieces(column) for column in (TransferLine.quantity, TransferLine.left))
    query = select(Transfer, of_it.scalar_subquery(), all_of_it.scalar_subquery(), left.scalar_subquery()).options(
        joinedload(Transfer.source), joinedload(Transfer.target)
    )
    if state in set(TransferState):
        query = query.where(Transfer.state == state)
    if warehouse_id:
        query = query.where((Transfer.from_id == warehouse_id) | (Transfer.to_id == warehouse_id))
    return query.order_by(_ORDER, Transfer.id.desc())


def _pieces(column: Any) -> Select[int]:
    return (
        select(func.coalesce(func.sum(column), 0))
        .join(Box, Box.id == TransferLine.box_id)
        .join(Size, Size.id == Box.size_id)
        .join(Product, Product.id == Size.product_id)
        .where(TransferLine.transfer_id == Transfer.id, Product.unit == Unit.PIECE)
    )


def get(session: Session, transfer_id: int) -> Transfer:
    """Return a transfer with its warehouses. Raises NotFound."""
    transfer: Transfer | None = None
    if 0 < transfer_id < 2**31:
        query = select(Transfer).where(Transfer.id == transfer_id)
        transfer = session.scalars(
            query.options(joinedload(Transfer.source), joinedload(Transfer.target))
        ).one_or_none()
    if transfer is None:
        raise NotFound(msg("There is no such transfer."))
    return transfer


def prepared_from(session: Session, warehouse_id: int) -> Sequence[Transfer]:
    """Return the transfers from a warehouse that wait to be sent, the newest first."""
    query = select(Transfer).where(Transfer.state == TransferState.PREPARED, Transfer.from_id == warehouse_id)
    return session.scalars(query.options(joinedload(Transfer.target)).order_by(Transfer.id.desc())).all()


def happened(session: Session, transfer_id: int) -> Sequence[Any]:
    """Return what was written of a transfer since it was sent, the newest first.

    Rows of id, at, reason, note, quantity, code, shelf, to_kind, act (its first movement), actor and undone_by.
    """
    source, target, back = aliased(Location), aliased(Location), aliased(Movement)
    return session.execute(
        select(
            Movement.id,
            func.coalesce(Movement.group_id, Movement.id).label("act"),
            Movement.at,
            Movement.reason,
            Movement.note,
            Movement.quantity,
            Box.code,
            source.kind.label("from_kind"),
            target.kind.label("to_kind"),
            target.name.label("shelf"),
            Person.name.label("actor"),
            back.id.label("undone_by"),
        )
        .join(TransferLine, TransferLine.id == Movement.transfer_line_id)
        .join(Box, Box.id == Movement.box_id)
        .join(source, source.id == Movement.from_id)
        .join(target, target.id == Movement.to_id)
        .outerjoin(Person, Person.id == Movement.actor_id)
        .outerjoin(back, back.reverses_id == Movement.id)
        .where(TransferLine.transfer_id == transfer_id, Movement.reason != MovementReason.SENT)
        .order_by(Movement.id.desc())
    ).all()


def of_box(session: Session, box_id: int) -> Sequence[Any]:
    """Return the transfers that some of a box is on the way with: rows of id, name, name_fr (where to) and left."""
    left = func.sum(TransferLine.left).label("left")
    return session.execute(
        select(Transfer.id, Site.name, Site.name_fr, left)
        .join(TransferLine, TransferLine.transfer_id == Transfer.id)
        .join(Site, Site.id == Transfer.to_id)
        .where(TransferLine.box_id == box_id, Transfer.state == TransferState.ON_THE_WAY)
        .group_by(Transfer.id, Site.id)
        .having(left > 0)
        .order_by(Transfer.id)
    ).all()


def on_the_way(
    session: Session, *, product_id: int = 0, warehouse_id: int = 0, search: Search = ANYTHING, category: str = ""
) -> Sequence[Any]:
    """Return what is on the way to warehouses: rows of product_id, size_id, warehouse_id, name, name_fr, unit, left."""
    left = func.sum(TransferLine.left).label("left")
    query = (
        select(
            Size.product_id,
            Size.id.label("size_id"),
            Site.id.label("warehouse_id"),
            Site.name,
            Site.name_fr,
            Product.unit,
            left,
        )
        .select_from(Transfer)
        .join(TransferLine, TransferLine.transfer_id == Transfer.id)
        .join(Box, Box.id == TransferLine.box_id)
        .join(Size, Size.id == Box.size_id)
        .join(Product, Product.id == Size.product_id)
        .join(Site, Site.id == Transfer.to_id)
        .where(Transfer.state == TransferState.ON_THE_WAY)
        .group_by(Size.id, Product.id, Site.id)
        .having(left > 0)
        .order_by(Site.name_key, Size.position, Size.id)
    )
    if product_id:
        query = query.where(Size.product_id == product_id)
    if warehouse_id:
        query = query.where(Transfer.to_id == warehouse_id)
    if category:
        query = query.where(Product.category == category)
    for term in search.terms:
        query = query.where(named_like(term) | (Size.label_key == term.key))
    return session.execute(query).all()


def pieces(rows: Iterable[Any]) -> int:
    """Return how many pieces are on the way (grams and millilitres are not added)."""
    return sum(row.left for row in rows if row.unit == Unit.PIECE)
