"""The codes in QR pictures: on a warehouse's wall, and for a shift. Each is made when someone first prints it.

A code opens nothing by itself: whoever scans it has to be signed in, and writes down only about themselves.
"""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import names
from ...audit import record
from ...commands import command
from ...distributions.models import Site
from ...errors import NotFound, msg
from .. import signing
from ..models import Shift
from . import leads

BYTES = 16  # nobody guesses a code


@command
def make_for_wall(session: Session, *, actor_id: int, site_id: int) -> int:
    """Give a site a (new) code for its wall, and return the site's id. The one before is good no more.

    Raises NotFound.
    """
    site = names.lock(session, Site, site_id)
    site.wall_key = secrets.token_urlsafe(BYTES)
    record(session, actor_id, "site.wall_code_made", "site", site_id)
    return site_id


@command
def make_for_shift(session: Session, *, actor_id: int, shift_id: int) -> int:
    """Give a shift a (new) code to check in with, and return the shift's id. The one before is good no more.

    Raises NotFound, and NotAllowed for who may not write down who came.
    """
    shift = signing.lock_shift(session, shift_id)
    leads.refuse_stranger(session, actor_id, shift)
    shift.check_in_key = secrets.token_urlsafe(BYTES)
    record(session, actor_id, "shift.check_in_code_made", "shift", shift_id)
    return shift_id


def shift_of(session: Session, key: str) -> int:
    """Return the id of the shift whose QR holds this code. Raises NotFound."""
    found = session.scalar(select(Shift.id).where(Shift.check_in_key == key))
    if found is None:
        raise NotFound(msg("This code is no longer used. Ask the lead of the shift for the new one."))
    return found


def site_of(session: Session, key: str) -> Site:
    """Return the site whose wall this code hangs on. Raises NotFound."""
    found = session.scalars(select(Site).where(Site.wall_key == key, Site.closed_at.is_(None))).one_or_none()
    if found is None:
        raise NotFound(msg("This code is no longer used. Ask for the new one where it hangs."))
    return found
