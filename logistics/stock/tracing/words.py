"""How a trace is spoken of on a page."""

from datetime import datetime

from flask_babel import gettext as _

from ...web.filters import day
from .origins import Kind


def brought(kind: Kind, at: datetime) -> str:
    """Return what brought goods: "The delivery of Tuesday 24 November"."""
    match kind:
        case Kind.DELIVERY:
            return str(_("The delivery of %(day)s", day=day(at)))
        case Kind.PURCHASE:
            return str(_("A purchase that came on %(day)s", day=day(at)))
        case Kind.DONATED:
            return str(_("Given, without a delivery"))
        case Kind.BOUGHT:
            return str(_("Bought"))
        case Kind.IMPORTED:
            return str(_("Taken over from the old list"))
        case Kind.FOUND:
            return str(_("Found when it was counted"))
        case Kind.BOX:
            return str(_("Another box"))


def certainty(sure: bool) -> str:
    """Return, for a download, whether something is sure."""
    return str(_("sure")) if sure else str(_("may have"))
