"""What must hold in stock, recomputed from the ground: one sentence for each thing that is off.

Movements are the ground; levels, availability, packing lines and returns must all follow from them (`stock.checking`).
Each room of stock has checks of its own.
"""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from .aisle import checks as aisle
from .arriving import checks as arriving
from .checking import ledger, packing, promises
from .counts import checks as counts
from .kits import checks as kits
from .knowing import checks as knowing
from .labelling import checks as labelling
from .stand_ins import checks as stand_ins
from .transfers import checks as transfers

CHECKS = (*ledger.CHECKS, *promises.CHECKS, *packing.CHECKS, *labelling.CHECKS)


def problems(session: Session) -> Iterator[str]:
    """Yield one sentence for each broken invariant of stock; nothing when all is in order."""
    parts = (aisle, arriving, counts, kits, knowing, stand_ins, transfers)
    for check in (*CHECKS, *(check for part in parts for check in part.CHECKS)):
        yield from check(session)
