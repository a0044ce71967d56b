"""How minimums and targets are spoken of."""

from flask_babel import lazy_gettext as _l

from .models import Season

SEASONS = {
    Season.ALL_YEAR: _l("All year"),
    Season.SUMMER: _l("Summer (April to September)"),
    Season.WINTER: _l("Winter (October to March)"),
}
