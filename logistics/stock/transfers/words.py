"""How transfers are spoken of on a page."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ..ledger import MovementReason
from ..models import LocationKind
from ..words import REASONS
from .models import TransferState

STATES = {
    TransferState.PREPARED: _l("Being prepared"),
    TransferState.ON_THE_WAY: _l("On the way"),
    TransferState.CLOSED: _l("Closed"),
    TransferState.CANCELLED: _l("Called off"),
}
STATE_KINDS = {
    TransferState.PREPARED: "plain",
    TransferState.ON_THE_WAY: "warn",
    TransferState.CLOSED: "ok",
    TransferState.CANCELLED: "plain",
}


def happened(row: Any) -> str:
    """Return what was written of a transfer, to follow its number (a row of `listing.happened`)."""
    if row.reason == MovementReason.UNDONE:
        return str(_("undone"))
    if row.reason == MovementReason.ARRIVED:
        return str(_("arrived, put on %(shelf)s", shelf=row.shelf))
    if row.reason == MovementReason.TAKEN_BACK:
        return str(_("never left, back on %(shelf)s", shelf=row.shelf))
    reason = str(REASONS[MovementReason(row.reason)]).lower()
    if row.to_kind == LocationKind.SHELF:
        return str(_("more than was sent (%(reason)s), put on %(shelf)s", reason=reason, shelf=row.shelf))
    return str(_("missing: %(reason)s", reason=reason))
