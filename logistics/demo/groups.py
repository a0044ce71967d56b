"""A convoy on its way: places held for four, of whom two have put their names to theirs."""

from datetime import timedelta

from sqlalchemy import select

from ..clock import now
from ..db import db
from ..errors import Conflict
from ..shifts.group_models import Convoy
from ..shifts.groups import convoys, riding
from ..shifts.models import Shift
from .setting import Setting

SIZE, NAMED, SHIFTS = 4, 2, 3


def bring_convoy(setting: Setting) -> None:
    """Make a convoy of volunteers, and hold its places on shifts of the days to come that have them."""
    if len(setting.volunteers) < SIZE:
        return
    leader, *others = setting.volunteers[-SIZE:]
    number = convoys.make(actor_id=leader, name="Ghent", size=SIZE, lapse_hours=48, seats=5)
    roomy = select(Shift.id).where(
        Shift.starts_at > now() + timedelta(days=3), Shift.filled <= Shift.maximum - SIZE, Shift.cancelled_at.is_(None)
    )
    held = 0
    for shift_id in db.session.scalars(roomy.order_by(Shift.starts_at, Shift.id).limit(30)).all():
        try:
            convoys.hold(actor_id=leader, convoy_id=number, shift_ids=[shift_id], count=SIZE)
        except Conflict:  # its leader is elsewhere then, or may not do that
            continue
        held += 1
        if held == SHIFTS:
            break
    for person_id in others[: NAMED - 1]:
        link = convoys.link_of(db.session.get_one(Convoy, number))
        riding.join(actor_id=person_id, convoy_id=number, link=link)
