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
from .stock.aisle import models as aisle
from .stock.arriving import models as arriving
from .stock.counts import models as counts
from .stock.kits import models as kits
from .stock.knowing import models as knowing
from .stock.labelling import models as labelling
from .stock.narrowing import models as narrowing
from .stock.purchases import models as purchases
from .stock.spreadsheets import models as spreadsheets
from .stock.stand_ins import models as stand_ins
from .stock.targets import models as targets
from .stock.transfers import models as transfers

__all__ = [
    "aisle",
    "arriving",
    "audit",
    "commands",
    "counts",
    "days",
    "distributions",
    "giving",
    "groups",
    "kits",
    "knowing",
    "labelling",
    "narrowing",
    "outbox",
    "patterns",
    "people",
    "practice_stripe",
    "purchases",
    "qualifications",
    "shifts",
    "spreadsheets",
    "stand_ins",
    "stock",
    "targets",
    "transfers",
]
