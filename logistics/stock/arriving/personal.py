"""Deliveries that somebody announced under what is now their confirmed email."""

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session

from ...errors import msg
from ...holding import Section, Whose
from . import forgetting
from .models import Delivery


def _theirs(whose: Whose) -> ColumnElement[bool]:
    """Return the condition that a delivery is certainly theirs: anyone can type anyone's email."""
    return Delivery.email == whose.email if whose.confirmed else false()


DELIVERIES = Section(
    "deliveries",
    msg("Deliveries you announced (yours until 90 days after they came)"),
    {
        "reference": msg("Reference"),
        "name": msg("Name"),
        "email": msg("Email"),
        "phone": msg("Phone"),
        "note": msg("Note"),
        "state": msg("State"),
        "created_at": msg("When"),
    },
    lambda whose: (
        select(
            Delivery.reference,
            Delivery.name,
            Delivery.email,
            Delivery.phone,
            Delivery.note,
            Delivery.state,
            Delivery.created_at,
        )
        .where(_theirs(whose))
        .order_by(Delivery.id)
    ),
    frozenset(),
)
SIGNS = frozenset({"delivery.created_by", "discard.actor_id"})


def forget(session: Session, whose: Whose) -> None:
    """Step: empty what is personal in them."""
    forgetting.forget(session, _theirs(whose))
