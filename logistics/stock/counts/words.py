"""How stock-takes are spoken of on a page."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ...web.filters import either
from ..words import for_whom
from .models import Scope, StockTake, StockTakeState

STATES = {
    StockTakeState.OPEN: _l("Being counted"),
    StockTakeState.POSTED: _l("In the ledger"),
    StockTakeState.ABANDONED: _l("Given up"),
}
STATE_KINDS = {StockTakeState.OPEN: "warn", StockTakeState.POSTED: "ok", StockTakeState.ABANDONED: "plain"}


def what(take: StockTake) -> str:
    """Return what a stock-take counts: "Shelf C4", "Joggers, men", "Box 0413"."""
    match Scope(take.scope):
        case Scope.SHELF:
            assert take.location is not None
            return str(_("Shelf %(shelf)s", shelf=take.location.name))
        case Scope.PRODUCT:
            assert take.product is not None
            product, whom = take.product, for_whom(take.product.gender)
            return either(product.name, product.name_fr) + (f", {whom}" if whom else "")
        case Scope.BOX:
            assert take.box is not None
            return str(_("Box %(code)s", code=take.box.code))


def more(number: int) -> str:
    """Return a difference with its sign."""
    return f"{'+' if number > 0 else '−' if number < 0 else ''}{abs(number)}"
