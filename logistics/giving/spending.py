"""Spends: money out of a fund, for a distribution or a purchase. A fund never spends more than it was given."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.orm import Session, contains_eager, joinedload

from .. import audit
from ..clock import now
from ..commands import command
from ..distributions.models import Distribution
from ..errors import Conflict, Invalid, Message, NotFound, msg
from ..money import LARGEST, SYMBOLS, Currency, major
from .funds import left_in
from .models import Fund, FundBalance, Spend

CHOICES = 200  # how many distributions a spend can be chosen for without searching


@dataclass(frozen=True)
class SpendView:
    """One spend, as a distribution's page shows it. `amount` is in minor units, and so is `left` in its fund by now."""

    id: int
    fund: Fund
    amount: int
    currency: str
    what: str
    spent_on: date
    left: int


@command
def record_spend(
    session: Session,
    *,
    actor_id: int,
    fund_id: int,
    distribution_id: int,
    amount: int,
    currency: str,
    what: str,
    spent_on: date,
) -> int:
    """Write down money that a fund paid for a distribution, and return the spend's id. `amount` in minor units.

    A cancelled distribution may have cost money too (a van hired, fuel to a closed road), and a closed fund may
    still hold some: both are accepted. Raises `Invalid` for what is no such thing, and `Conflict` when the fund
    has less left, naming how much.
    """
    if session.get(Distribution, distribution_id) is None:
        raise Invalid(msg("Choose one of the distributions on the list."), field="distribution")
    return spend(
        session,
        actor_id=actor_id,
        fund_id=fund_id,
        distribution_id=distribution_id,
        amount=amount,
        currency=currency,
        what=what,
        spent_on=spent_on,
    )


def spend(
    session: Session,
    *,
    actor_id: int,
    fund_id: int,
    distribution_id: int | None,
    amount: int,
    currency: str,
    what: str,
    spent_on: date,
) -> int:
    """Step: take money out of a fund, for a distribution or (None) for a purchase; return the spend's id.

    Raises as `record_spend`.
    """
    if not 0 < amount <= LARGEST:
        raise Invalid(msg("Enter an amount above 0."), field="amount")
    if session.get(Fund, fund_id) is None:
        raise Invalid(msg("Choose one of the funds on the list."), field="fund")
    if currency not in set(Currency):
        raise Invalid(msg("Choose pounds or euros."), field="currency")
    if not _take(session, fund_id, currency, amount):
        raise Conflict(_too_little(left_in(session, fund_id, currency), currency), field="amount")
    made = Spend(
        fund_id=fund_id,
        distribution_id=distribution_id,
        amount=amount,
        currency=Currency(currency),
        what=what,
        spent_on=spent_on,
        recorded_at=now(),
        recorded_by=actor_id,
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        actor_id,
        "spend.recorded",
        "spend",
        made.id,
        distribution_id=distribution_id,
        fund_id=fund_id,
        amount=amount,
        currency=currency,
    )
    return made.id


@command
def withdraw_spend(session: Session, *, actor_id: int, spend_id: int) -> int:
    """Take back a spend that was entered by mistake: its record stays, its money is the fund's again.

    Raises `Conflict` when it was taken back already, or is that of a purchase, which is taken back on its own page.
    """
    found = session.get(Spend, spend_id)
    if found is not None and found.distribution_id is None:
        raise Conflict(msg("This paid for a purchase. Take it back on the page of that."))
    return withdraw(session, actor_id=actor_id, spend_id=spend_id)


def withdraw(session: Session, *, actor_id: int, spend_id: int) -> int:
    """Step: take back a spend, whatever it is for. Raises as `withdraw_spend`."""
    changed = session.execute(
        update(Spend)
        .where(Spend.id == spend_id, Spend.withdrawn_at.is_(None))
        .values(withdrawn_at=now())
        .returning(Spend.fund_id, Spend.currency, Spend.amount, Spend.distribution_id)
    ).first()
    if changed is None:
        if session.get(Spend, spend_id) is None:
            raise NotFound(msg("There is no such spend."))
        raise Conflict(msg("This spend was taken back already."))
    session.execute(
        update(FundBalance)
        .where(FundBalance.fund_id == changed.fund_id, FundBalance.currency == changed.currency)
        .values(spent=FundBalance.spent - changed.amount)
    )
    audit.record(
        session,
        actor_id,
        "spend.withdrawn",
        "spend",
        spend_id,
        distribution_id=changed.distribution_id,
        amount=changed.amount,
        currency=changed.currency,
    )
    return spend_id


def money_of(session: Session, distribution_ids: Collection[int]) -> dict[int, list[SpendView]]:
    """Return what each of these distributions cost, oldest first; spends taken back are left out. One query."""
    found: dict[int, list[SpendView]] = {distribution_id: [] for distribution_id in distribution_ids}
    here = and_(FundBalance.fund_id == Spend.fund_id, FundBalance.currency == Spend.currency)
    rows = session.execute(
        select(Spend, FundBalance.given - FundBalance.spent)
        .join(Spend.fund)
        .outerjoin(FundBalance, here)
        .options(contains_eager(Spend.fund))
        .where(Spend.distribution_id.in_(distribution_ids), Spend.withdrawn_at.is_(None))
        .order_by(Spend.spent_on, Spend.id)
    )
    for row, left in rows:
        view = SpendView(row.id, row.fund, row.amount, row.currency, row.what, row.spent_on, left or 0)
        if row.distribution_id is not None:
            found[row.distribution_id].append(view)
    return found


def spends(words: str = "", fund_id: int | None = None) -> Select[Spend, Fund, Distribution]:
    """Return the query of spends with their fund and distribution (None: a purchase), newest first, also those taken back."""
    query = (
        select(Spend, Fund, Distribution)
        .join(Fund, Fund.id == Spend.fund_id)
        .outerjoin(Distribution, Distribution.id == Spend.distribution_id)
        .order_by(Spend.recorded_at.desc(), Spend.id.desc())
    )
    if words:
        places = (Spend.what, Distribution.title, Fund.name)
        query = query.where(or_(*(place.icontains(words, autoescape=True) for place in places)))
    if fund_id is not None:
        query = query.where(Spend.fund_id == fund_id)
    return query


def distributions_to_choose(session: Session, chosen_id: int | None = None) -> Sequence[Distribution]:
    """Return the latest distributions with their sites, newest first, and the one chosen, however old it is."""
    query = select(Distribution).options(joinedload(Distribution.site))
    latest = session.scalars(query.order_by(Distribution.starts_at.desc(), Distribution.id.desc()).limit(CHOICES)).all()
    if chosen_id is None or any(one.id == chosen_id for one in latest):
        return latest
    return [*session.scalars(query.where(Distribution.id == chosen_id)), *latest]


def _take(session: Session, fund_id: int, currency: str, amount: int) -> bool:
    """Take money out of a fund if it is there; of many at once, none may take what another took."""
    taken = session.execute(
        update(FundBalance)
        .where(
            FundBalance.fund_id == fund_id,
            FundBalance.currency == currency,
            FundBalance.spent + amount <= FundBalance.given,
        )
        .values(spent=FundBalance.spent + amount)
        .returning(FundBalance.fund_id)
    ).first()
    return taken is not None


def _too_little(left: int, currency: str) -> Message:
    if left <= 0:
        return msg("Nothing is left in this fund in this currency.")
    return msg("Only %(left)s is left in this fund.", left=f"{SYMBOLS[Currency(currency)]}{major(left):,.2f}")
