"""Two sums that must be the same: what is recomputed from the ground, and what is kept."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, literal_column, select, union_all
from sqlalchemy.orm import Session

_NOTHING: ColumnElement[int] = literal_column("0")


def ground(a: Any, b: Any, quantity: Any) -> Select[Any, Any, Any, Any]:
    """Select what a sum is recomputed from, by two keys."""
    return select(a.label("a"), b.label("b"), quantity.label("ground"), _NOTHING.label("kept"))


def kept(a: Any, b: Any, quantity: Any) -> Select[Any, Any, Any, Any]:
    """Select the sum as it is kept, by the same two keys."""
    return select(a.label("a"), b.label("b"), _NOTHING.label("ground"), quantity.label("kept"))


def differences(session: Session, *parts: Select[Any, Any, Any, Any]) -> Iterator[Row[Any, Any, Any, Any]]:
    """Return (a, b, sum from the ground, sum kept) wherever the two sums differ, a missing row counting as 0."""
    rows = union_all(*parts).subquery()
    ground, kept = func.sum(rows.c.ground), func.sum(rows.c.kept)
    return iter(
        session.execute(
            select(rows.c.a, rows.c.b, ground, kept)
            .group_by(rows.c.a, rows.c.b)
            .having(ground != kept)
            .order_by(rows.c.a, rows.c.b)
        )
    )
