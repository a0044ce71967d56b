"""What stands in on a packing list, as figures."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Substitution


@dataclass(frozen=True)
class Swaps:
    """By size id, how many others stand in for (`away`), and how many it stands in for itself (`into`)."""

    away: Counter[int] = field(default_factory=Counter)
    into: Counter[int] = field(default_factory=Counter)

    def net(self, size_id: int) -> int:
        """Return by how much a line plans more (or less, below 0) than was asked for."""
        return self.into[size_id] - self.away[size_id]

    def touch(self, size_id: int) -> bool:
        """Return whether anything stands in for a size, or it does for another."""
        return bool(self.away[size_id] or self.into[size_id])


def swaps_of(session: Session, distribution_id: int) -> Swaps:
    """Return what stands in on a packing list now, in one query. Who changes the list holds the distribution's lock."""
    found = Swaps()
    rows = select(Substitution.size_id, Substitution.by_size_id, Substitution.quantity)
    for size_id, by_size_id, quantity in session.execute(rows.where(Substitution.distribution_id == distribution_id)):
        found.away[size_id] += quantity
        found.into[by_size_id] += quantity
    return found
