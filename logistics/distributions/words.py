"""What states, groups and kinds are called on a page."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from .models import DistributionState, SiteKind

STATE_NAMES = {
    DistributionState.PLANNED: lazy_pgettext("distribution", "Planned"),
    DistributionState.PACKING: _l("Packing"),
    DistributionState.OUT: _l("Out"),
    DistributionState.RETURNED: _l("Returned"),
    DistributionState.CLOSED: lazy_pgettext("distribution", "Closed"),
    DistributionState.CANCELLED: lazy_pgettext("distribution", "Called off"),
}
STATE_KINDS = {  # how a state looks: see the macro `status`
    DistributionState.PLANNED: "plain",
    DistributionState.PACKING: "warn",
    DistributionState.OUT: "warn",
    DistributionState.RETURNED: "warn",
    DistributionState.CLOSED: "ok",
    DistributionState.CANCELLED: "bad",
}
GROUP_NAMES = {
    "men": _l("Men"),
    "women": _l("Women"),
    "boys": _l("Boys"),
    "girls": _l("Girls"),
    "small_children": _l("Small children"),
}
KIND_NAMES = {
    SiteKind.WAREHOUSE: _l("Warehouse"),
    SiteKind.MEETING_POINT: _l("Meeting point"),
}
