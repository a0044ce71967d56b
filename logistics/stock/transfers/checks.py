"""What must hold of transfers, recomputed from movements."""

from collections.abc import Iterator

from sqlalchemy import and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from ..models import OUTSIDE_IDS, TRANSIT_ID, Level, Location, LocationKind, Movement
from .models import Transfer, TransferLine, TransferState

SENT = (TransferState.ON_THE_WAY, TransferState.CLOSED)
_OUT = OUTSIDE_IDS[LocationKind.WRITTEN_OFF]
_CAME = (OUTSIDE_IDS[LocationKind.DONATED], OUTSIDE_IDS[LocationKind.BOUGHT])


def _moved(session: Session) -> Iterator[str]:
    """Each line's numbers are what its movements come to, there less back."""
    source, target = aliased(Location), aliased(Location)
    here = Movement.quantity
    left = case(
        (and_(source.warehouse_id == Transfer.from_id, Movement.to_id == TRANSIT_ID), here),
        (and_(target.warehouse_id == Transfer.from_id, Movement.from_id == TRANSIT_ID), -here),
        else_=0,
    )
    came = case(
        (and_(target.warehouse_id == Transfer.to_id, Movement.from_id == TRANSIT_ID), here),
        (and_(source.warehouse_id == Transfer.to_id, Movement.to_id == TRANSIT_ID), -here),
        else_=0,
    )
    missing = case((Movement.to_id == _OUT, here), (Movement.from_id == _OUT, -here), else_=0)
    extra = case((Movement.from_id.in_(_CAME), here), (Movement.to_id.in_(_CAME), -here), else_=0)
    sums = [func.coalesce(func.sum(each), 0) for each in (left, came, missing, extra)]
    said = (
        case((Transfer.state.in_(SENT), TransferLine.quantity - TransferLine.returned), else_=0),
        TransferLine.received,
        TransferLine.missing,
        TransferLine.extra,
    )
    for line, number, *both in session.execute(
        select(TransferLine.id, TransferLine.transfer_id, *sums, *said)
        .join(Transfer, Transfer.id == TransferLine.transfer_id)
        .outerjoin(Movement, Movement.transfer_line_id == TransferLine.id)
        .outerjoin(source, source.id == Movement.from_id)
        .outerjoin(target, target.id == Movement.to_id)
        .group_by(TransferLine.id, Transfer.id)
        .having(or_(*(moved != told for moved, told in zip(sums, said, strict=True))))
        .order_by(TransferLine.id)
    ):
        truly, told = ", ".join(map(str, both[:4])), ", ".join(map(str, both[4:]))
        yield f"Transfer {number}, line {line}: gone, received, missing and extra are {truly} by its movements, not {told}."


def _on_the_way(session: Session) -> Iterator[str]:
    lines = (
        select(TransferLine.box_id, TransferLine.left.label("said"), literal(0).label("there"))
        .join(Transfer, Transfer.id == TransferLine.transfer_id)
        .where(Transfer.state == TransferState.ON_THE_WAY)
    )
    levels = select(Level.box_id, literal(0), Level.quantity).where(Level.location_id == TRANSIT_ID)
    both = union_all(lines, levels).subquery()
    there, said = func.sum(both.c.there), func.sum(both.c.said)
    for box, level, left in session.execute(
        select(both.c.box_id, there, said).group_by(both.c.box_id).having(there != said).order_by(both.c.box_id)
    ):
        yield f"Box {box}: {level} are between warehouses, but transfers have {left} on the way."


def _states(session: Session) -> Iterator[str]:
    left = select(func.coalesce(func.sum(TransferLine.left), 0)).where(TransferLine.transfer_id == Transfer.id)
    on_the_way = left.scalar_subquery()
    wrong = or_(
        and_(Transfer.state == TransferState.ON_THE_WAY, on_the_way == 0),
        and_(Transfer.state == TransferState.CLOSED, on_the_way != 0),
    )
    for number, state, units in session.execute(
        select(Transfer.id, Transfer.state, on_the_way).where(wrong).order_by(Transfer.id)
    ):
        yield f"Transfer {number} is {state}, but {units} are on the way."


def _shelves(session: Session) -> Iterator[str]:
    for line, number in session.execute(
        select(TransferLine.id, TransferLine.transfer_id)
        .join(Transfer, Transfer.id == TransferLine.transfer_id)
        .join(Location, Location.id == TransferLine.shelf_id)
        .where(or_(Location.warehouse_id.is_(None), Location.warehouse_id != Transfer.from_id))
        .order_by(TransferLine.id)
    ):
        yield f"Transfer {number}, line {line}: its shelf is not in the warehouse that it leaves."


CHECKS = (_moved, _on_the_way, _states, _shelves)
