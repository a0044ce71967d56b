"""Everything that must hold, recomputed from the ground: `flask verify` prints what does not."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from .distributions import checks as distributions
from .giving import checks as giving
from .operations import checks as operations
from .people import checks as people
from .shifts import checks as shifts
from .stock import checks as stock

PARTS = (people, distributions, shifts, stock, giving, operations)


def problems(session: Session) -> Iterator[str]:
    """Yield one sentence for each broken invariant, part by part; nothing when all is in order."""
    for part in PARTS:
        yield from part.problems(session)
