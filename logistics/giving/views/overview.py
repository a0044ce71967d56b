"""How giving stands."""

from flask import render_template
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...db import db
from ...people.access import Permission, requires
from .. import funds, inbox
from ..models import Gift, GiftState
from ..words import STATE_KINDS, STATE_NAMES
from .blueprint import bp

LATEST = 8


@bp.get("/giving")
@requires(Permission.SEE_GIVING)
def overview() -> str:
    """Show what is left to spend, fund by fund, and the latest gifts."""
    latest = (
        select(Gift)
        .where(Gift.state == GiftState.PAID)
        .options(joinedload(Gift.donor), joinedload(Gift.fund))
        .order_by(Gift.created_at.desc(), Gift.id.desc())
        .limit(LATEST)
    )
    every_fund = funds.all_funds(db.session)
    return render_template(
        "giving/overview.html",
        totals=funds.totals(db.session),
        funds=every_fund,
        money=funds.gifts_behind(db.session, [fund.id for fund in every_fund]),
        latest=db.session.scalars(latest).all(),
        any_failed=inbox.any_failed(db.session),
        state_names=STATE_NAMES,
        state_kinds=STATE_KINDS,
    )
