"""Funds: what money is for, how much each was given, and what is left."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from .. import audit, names
from ..commands import command
from ..errors import Conflict, NotFound, msg
from ..money import Currency
from .inserting import insert_if_absent
from .models import Fund, FundBalance, Gift, GiftState

LONGEST_DESCRIPTION = 500
GENERAL, GENERAL_FR = "General fund", "Fonds général"


@dataclass(frozen=True)
class Standing:
    """One fund in one currency, in minor units."""

    currency: str
    given: int
    spent: int

    @property
    def left(self) -> int:
        """Return what may still be spent."""
        return self.given - self.spent


def open_funds(session: Session) -> Sequence[Fund]:
    """Return the funds that may be given to, general ones first."""
    return session.scalars(select(Fund).where(Fund.closed_at.is_(None)).order_by(Fund.restricted, Fund.id)).all()


def all_funds(session: Session) -> Sequence[Fund]:
    """Return every fund: open ones first, general ones first among them."""
    return session.scalars(select(Fund).order_by(Fund.closed_at.is_not(None), Fund.restricted, Fund.id)).all()


def fund_of(session: Session, fund_id: int) -> Fund:
    """Return one fund. Raises `NotFound`."""
    return names.get(session, Fund, fund_id)


def standings(session: Session, fund_ids: Collection[int] | None = None) -> dict[int, list[Standing]]:
    """Return what each fund was given and has spent, a currency each; of all funds unless told."""
    query = select(FundBalance).order_by(FundBalance.fund_id, FundBalance.currency.desc())
    if fund_ids is not None:
        query = query.where(FundBalance.fund_id.in_(fund_ids))
    found: dict[int, list[Standing]] = {}
    for row in session.scalars(query):
        found.setdefault(row.fund_id, []).append(Standing(row.currency, row.given, row.spent))
    return found


def totals(session: Session) -> list[Standing]:
    """Return what was given and spent over all funds, a currency each, pounds first."""
    rows = session.execute(
        select(FundBalance.currency, func.sum(FundBalance.given), func.sum(FundBalance.spent))
        .group_by(FundBalance.currency)
        .order_by(FundBalance.currency.desc())
    )
    return [Standing(currency, int(given), int(spent)) for currency, given, spent in rows]


def general_fund(session: Session) -> Fund:
    """Return, inside a transaction, the fund of gifts without a purpose; it is made when there is none."""
    query = select(Fund).where(Fund.restricted.is_(False), Fund.closed_at.is_(None)).order_by(Fund.id).limit(1)
    fund = session.scalars(query).first()
    if fund is None:
        insert_if_absent(
            session,
            Fund,
            name=GENERAL,
            name_fr=GENERAL_FR,
            name_key=GENERAL.casefold(),
            description="",
            restricted=False,
        )
        fund = session.scalars(query).first()
    if fund is None:  # a restricted or closed fund has the name
        raise Conflict(msg("There is no general fund yet. Choose one of the funds."), field="fund")
    return fund


def count_given(session: Session, fund_id: int, currency: str, amount: int) -> None:
    """Add a paid gift to its fund's balance, inside the transaction that says it is paid."""
    insert_if_absent(session, FundBalance, fund_id=fund_id, currency=currency, given=0, spent=0)
    session.execute(
        update(FundBalance)
        .where(FundBalance.fund_id == fund_id, FundBalance.currency == currency)
        .values(given=FundBalance.given + amount)
    )


@command
def create_fund(
    session: Session,
    *,
    actor_id: int,
    name: str,
    name_fr: str | None,
    description: str,
    description_fr: str | None,
    restricted: bool,
) -> int:
    """Set up a fund and return its id. Raises `Invalid` when the name is taken."""
    fund = Fund(restricted=restricted)
    _describe(session, fund, name, name_fr, description, description_fr)
    session.add(fund)
    session.flush()
    audit.record(session, actor_id, "fund.created", "fund", fund.id)
    return fund.id


@command
def change_fund(
    session: Session,
    *,
    actor_id: int,
    fund_id: int,
    name: str,
    name_fr: str | None,
    description: str,
    description_fr: str | None,
    restricted: bool,
) -> int:
    """Change how a fund is named and described.

    Raises `Invalid` when the name is taken, and `Conflict` when what gifts were given for would change:
    money given for one purpose may not become money for another.
    """
    fund = _locked(session, fund_id)
    if fund.restricted != restricted:
        if session.scalar(select(Gift.id).where(Gift.fund_id == fund_id).limit(1)) is not None:
            raise Conflict(
                msg("Gifts were made to this fund, so what it is for can't change. Close it and set up another."),
                field="restricted",
            )
        if restricted:
            _keep_a_general_fund(session, fund)
    _describe(session, fund, name, name_fr, description, description_fr)
    fund.restricted = restricted
    audit.record(session, actor_id, "fund.changed", "fund", fund_id)
    return fund_id


@command
def close_fund(session: Session, *, actor_id: int, fund_id: int) -> int:
    """Take a fund off the giving page. What it holds may still be spent. Raises `Conflict` for the last general one."""
    fund = _locked(session, fund_id)
    if fund.closed_at is None:
        _keep_a_general_fund(session, fund)
    return names.close(session, fund, actor_id)


@command
def reopen_fund(session: Session, *, actor_id: int, fund_id: int) -> int:
    """Offer a closed fund on the giving page again."""
    return names.reopen(session, _locked(session, fund_id), actor_id)


def gifts_behind(session: Session, fund_ids: Collection[int]) -> dict[int, tuple[int, list[Standing]]]:
    """Return for each fund how many paid gifts stand behind it, and what it was given, spent and has left."""
    rows = session.execute(
        select(Gift.fund_id, func.count())
        .where(Gift.fund_id.in_(fund_ids), Gift.state == GiftState.PAID)
        .group_by(Gift.fund_id)
    )
    counts = {fund_id: int(count) for fund_id, count in rows}
    money = standings(session, fund_ids)
    return {fund_id: (counts.get(fund_id, 0), money.get(fund_id, [])) for fund_id in fund_ids}


def left_in(session: Session, fund_id: int, currency: Currency | str) -> int:
    """Return what is left of a fund in one currency, in minor units."""
    balance = session.get(FundBalance, (fund_id, str(currency)), populate_existing=True)
    return balance.given - balance.spent if balance else 0


def _locked(session: Session, fund_id: int) -> Fund:
    # All funds in one order: whether another general fund stays open must not change meanwhile.
    funds = session.scalars(select(Fund).order_by(Fund.id).with_for_update()).all()
    for fund in funds:
        if fund.id == fund_id:
            return fund
    raise NotFound(Fund.NO_SUCH)


def _keep_a_general_fund(session: Session, leaving: Fund) -> None:
    others = select(Fund.id).where(Fund.restricted.is_(False), Fund.closed_at.is_(None), Fund.id != leaving.id)
    if not leaving.restricted and session.scalar(others.limit(1)) is None:
        raise Conflict(msg("Gifts without a purpose go here. Set up another general fund first."))


def _describe(
    session: Session, fund: Fund, name: str, name_fr: str | None, description: str, description_fr: str | None
) -> None:
    names.rename(session, fund, name, name_fr)
    fund.description = names.kept(description, LONGEST_DESCRIPTION, "description")
    fund.description_fr = names.kept(description_fr, LONGEST_DESCRIPTION, "description_fr") or None
