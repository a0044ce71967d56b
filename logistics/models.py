"""Every table, for whoever needs the whole schema at once (migrations, `flask verify`, tests)."""

from . import audit, commands
from .distributions import models as distributions
from .giving import models as giving
from .outbox import models as outbox
from .people import models as people
from .practice_stripe import models as practice_stripe
from .shifts import models as shifts
from .stock import models as stock

__all__ = ["audit", "commands", "distributions", "giving", "outbox", "people", "practice_stripe", "shifts", "stock"]
