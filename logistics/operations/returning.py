"""The van is back: what came of the goods, how many were served, and what to do better."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from ..audit import record_on
from ..commands import command
from ..distributions import service as distributions
from ..distributions.models import GROUPS, Distribution, DistributionState
from ..errors import Invalid, msg
from ..stock import returning as goods

LONGEST_DEBRIEF = 5000
LONGEST_RAN_OUT = 200
MOST_PEOPLE = distributions.MOST_PEOPLE


@command
def record_return(
    session: Session,
    *,
    actor_id: int,
    distribution_id: int,
    counts: Mapping[int, tuple[int, int, int]],
    shelf_id: int | None,
    shelves: Mapping[int, int] | None = None,
    seen: Mapping[int, tuple[int, int, int]] | None = None,
    served: Mapping[str, int | None],
    debrief: str,
    ran_out_first: str,
) -> int:
    """Write down a return, or a further part of one: the first makes the distribution `returned`.

    `counts` says of packing lines, by id, how many were (handed out, came back, lost); lines left out stay on the
    van. What came back goes to `shelf_id`, or to the shelf of a line in `shelves`. Until it is closed a line may be
    corrected: `seen` says what the page showed of it. `served` is people by group, None where not counted (yet). Raises NotFound; Conflict when the van is not
    out or a line was counted or corrected meanwhile; Invalid with the field to blame (see `stock.returning`).
    """
    distribution = distributions.lock(session, distribution_id)
    if distribution.state != DistributionState.RETURNED:
        distributions.advance(session, distribution, DistributionState.RETURNED, actor_id)
    fields = _write_down(distribution, served, debrief.strip(), ran_out_first.strip())
    if fields:
        record_on(
            session,
            actor_id,
            "distribution.debriefed",
            distribution_id,
            fields=fields,
            people=sum(distribution.served.values()),
        )
    session.flush()
    if counts:
        goods.record_return(
            session,
            distribution_id=distribution_id,
            actor_id=actor_id,
            counts=counts,
            shelf_id=shelf_id,
            shelves=shelves,
            seen=seen,
        )
    return distribution_id


def _write_down(
    distribution: Distribution, served: Mapping[str, int | None], debrief: str, ran_out_first: str
) -> list[str]:
    """Set what is said of it, and return the names of the fields that are others than before."""
    _check(served, debrief, ran_out_first)
    said: dict[str, object] = {"debrief": debrief, "ran_out_first": ran_out_first}
    said |= {f"served_{group}": served[group] for group in GROUPS if served.get(group) is not None}
    changed = [field for field, value in said.items() if getattr(distribution, field) != value]
    for field in changed:
        setattr(distribution, field, said[field])
    return changed


def _check(served: Mapping[str, int | None], debrief: str, ran_out_first: str) -> None:
    for group, number in served.items():
        if group not in GROUPS or not 0 <= (number or 0) <= MOST_PEOPLE:
            raise Invalid(
                msg("Enter a number from %(least)s to %(most)s.", least=0, most=MOST_PEOPLE), f"served_{group}"
            )
    for field, text, longest in (
        ("debrief", debrief, LONGEST_DEBRIEF),
        ("ran_out_first", ran_out_first, LONGEST_RAN_OUT),
    ):
        if len(text) > longest:
            raise Invalid(msg("Use %(max)s characters or fewer.", max=longest), field)
