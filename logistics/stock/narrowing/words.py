"""How filters of the list of boxes are spoken of."""

from flask_babel import lazy_gettext as _l

from .asking import Origin, State

STATES = {
    State.SHELF: _l("On a shelf"),
    State.VAN: _l("On a van"),
    State.WAY: _l("On the way to another warehouse"),
    State.EMPTY: _l("Empty"),
    State.EXPIRED: _l("Past its date"),
}
ORIGINS = {
    Origin.DONATED: _l("Donated"),
    Origin.BOUGHT: _l("Bought"),
    Origin.DELIVERY: _l("Came with a delivery"),
    Origin.PURCHASE: _l("Came of a purchase"),
    Origin.IMPORT: _l("Imported"),
}
AGES = {
    7: _l("a week"),
    30: _l("a month"),
    90: _l("three months"),
    180: _l("half a year"),
    365: _l("a year"),
}
