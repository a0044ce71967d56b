"""One's own shifts: what one is offered, is on, waits for, and has done."""

from flask import render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db
from ...paging import paginate
from ...people.access import Permission, requires
from ...web import filters
from ...web.asked import page_number, wants_csv
from ...web.csv import csv_response
from .. import own, signing
from ..models import Shift
from . import rows
from .blueprint import bp


@bp.get("/my/shifts")
@requires(Permission.TAKE_SHIFTS)
def mine() -> Response | str:
    """Show one's own shifts: offers, the next, those after it, those one waits for or holds, and those that are over."""
    ahead = own.ahead(db.session, current_user.id)
    if wants_csv():
        header = [_("Role"), _("Where"), _("Starts"), _("Ends")]
        past = db.session.scalars(own.past(current_user.id)).all()
        mine = [*(one.shift for one in ahead.on), *past]
        return csv_response("my-shifts.csv", header, (_line(shift) for shift in mine))
    return render_template(
        "shifts/mine.html",
        offered=ahead.offered,
        next_shift=ahead.on[0].shift if ahead.on else None,
        later=[one.shift for one in ahead.on[1:]],
        waiting=ahead.waiting,
        held=ahead.held,
        past=paginate(db.session, own.past(current_user.id), page_number()),
        late=signing.is_late,
        begun=lambda shift: shift.starts_at <= now(),
        heading=rows.heading,
        moment=rows.moment,
    )


def _line(shift: Shift) -> list[str]:
    names = [filters.named(shift.role), filters.named(shift.site)]
    return [*names, filters.stamp(shift.starts_at), filters.stamp(shift.ends_at)]
