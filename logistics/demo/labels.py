"""Labels: a sheet of blank ones that is in use, and a box whose label was replaced."""

from datetime import datetime

from sqlalchemy import select

from ..db import db
from ..stock.labelling.blanks import blanks_of, make_blanks
from ..stock.labelling.linking import link
from ..stock.models import Box
from .setting import Setting


def add_labels(setting: Setting) -> None:
    """Set a sheet of blank labels aside, and put one of them on the first box."""
    actor_id = setting.accounts["warehouse"]
    code = db.session.scalar(select(Box.code).order_by(Box.id).limit(1))
    made = datetime.fromisoformat(make_blanks(actor_id=actor_id, count=24))
    blank = blanks_of(db.session, made)[0]
    db.session.rollback()
    if code:
        link(actor_id=actor_id, label=blank, code=code)
