"""Every table, for whoever needs the whole schema at once (migrations, `flask verify`, tests)."""

from . import audit, commands
from .distributions import models as distributions
from .giving import models as giving
from .outbox import models as outbox
from .people import models as people
from .people import qualification_models as qualifications
from .practice_stripe import models as practice_stripe
from .shifts import day_models as days
from .shifts import group_models as groups
from .shifts import models as shifts
from .shifts import pattern_models as patterns
from .stock import models as stock

__all__ = [
    "audit",
    "commands",
    "days",
    "distributions",
    "giving",
    "groups",
    "outbox",
    "patterns",
    "people",
    "practice_stripe",
    "qualifications",
    "shifts",
    "stock",
]
