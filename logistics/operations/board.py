"""What the pages show of a distribution across crew, goods and money, read in a fixed number of queries."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session, joinedload

from ..clock import now
from ..distributions.models import BEFORE_OUT, Distribution
from ..distributions.service import NO_SUCH
from ..errors import NotFound, name_of
from ..giving import funds, spending
from ..giving.spending import SpendView
from ..shifts import crew
from ..shifts.crew import CrewView
from ..shifts.models import TAKES_A_PLACE, Role, Shift, SignUp, SignUpState
from ..stock import packing_lists
from ..stock.models import PackingLine, PackingList
from ..stock.packing_lists import ItemView, LineView
from ..stock.words import labelled
from ..web.filters import money
from . import readiness
from .dispatch import Missing
from .names import Named, line_name, product_name
from .readiness import FundLeft, Goods, Standing, Step


@dataclass(frozen=True)
class Standings:
    """One line each for crew, goods and money."""

    crew: Standing
    goods: Standing
    money: Standing


@dataclass(frozen=True)
class Outcome:
    """What a distribution gave, in units and people served."""

    handed_out: int
    came_back: int
    lost: int
    people: int


@dataclass(frozen=True)
class Board:
    """One distribution as its page shows it."""

    d: Distribution
    packing_list: PackingList | None
    items: Sequence[ItemView]
    crew: CrewView
    spends: Sequence[SpendView]
    goods: Goods
    standings: Standings
    funds: Sequence[FundLeft]
    gifts: int  # paid, into the funds that paid for it

    @property
    def before_out(self) -> bool:
        """Return whether the van has not left yet."""
        return self.d.state in BEFORE_OUT

    @property
    def lines(self) -> list[tuple[ItemView, LineView]]:
        """Return every line with its item."""
        return [(item, line) for item in self.items for line in item.lines]

    @property
    def on_the_van(self) -> int:
        """Return how many units left and are not counted yet."""
        return 0 if self.before_out else sum(line.packed for _item, line in self.lines if not line.counted)

    @property
    def lacking(self) -> Missing:
        """Return what is missing for it to leave as planned."""
        return Missing(self.crew.short, sum(max(0, line.planned - line.packed) for _item, line in self.lines))

    @property
    def next_step(self) -> Step | None:
        """Return the one next step."""
        left = any(line.allocated for _item, line in self.lines)
        return readiness.next_step(self.d.state, self.goods, left_to_pick=left, on_the_van=bool(self.on_the_van))

    @property
    def outcome(self) -> Outcome:
        """Return what it gave, as far as it is counted."""
        return Outcome(
            sum(item.handed_out for item in self.items),
            sum(item.came_back for item in self.items),
            sum(item.lost for item in self.items),
            sum(self.d.served.values()),
        )

    @property
    def costs(self) -> dict[str, int]:
        """Return what it cost in minor units, by currency."""
        return _costs(self.spends)


def board(session: Session, distribution_id: int, named: Named) -> Board:
    """Return one distribution for its page, in eight queries. Raises NotFound."""
    found = session.execute(
        select(Distribution, PackingList)
        .outerjoin(PackingList, PackingList.distribution_id == Distribution.id)
        .where(Distribution.id == distribution_id)
        .options(joinedload(Distribution.site), joinedload(PackingList.warehouse))
    ).one_or_none()
    if found is None:
        raise NotFound(NO_SUCH)
    d, packing_list = found
    items = packing_lists.sheet(session, d.id)
    seen = _goods(packing_list, items, named)
    view = crew.crew_of(session, [d.id])[d.id]
    spends = spending.money_of(session, [d.id])[d.id]
    behind = funds.gifts_behind(session, {spend.fund.id for spend in spends}) if spends else {}
    left = _left(spends)
    standings = Standings(
        readiness.crew(view, d.state, named),
        readiness.goods(seen, d.state),
        readiness.money(_costs(spends), left, d.state),
    )
    gifts = sum(count for count, _balances in behind.values())
    return Board(d, packing_list, items, view, spends, seen, standings, left, gifts)


def standings_of(session: Session, distributions: Sequence[Distribution], named: Named) -> dict[int, Standings]:
    """Return how several distributions stand, in three queries however many they are."""
    ids = [d.id for d in distributions]
    crews, costs = crew.crew_of(session, ids), spending.money_of(session, ids)
    goods = totals(session, ids)
    return {
        d.id: Standings(
            readiness.crew(crews[d.id], d.state, named),
            readiness.goods(goods[d.id], d.state),
            readiness.money(_costs(costs[d.id]), _left(costs[d.id]), d.state),
        )
        for d in distributions
    }


@dataclass(frozen=True)
class CalledOff:
    """A shift that was called off, and how many people were told: those on it, and those who waited for a place."""

    shift_id: int
    name: str
    name_fr: str | None
    told: int


def called_off(session: Session, distribution_id: int) -> list[CalledOff]:
    """Return the shifts of a distribution that were called off, in the order they would have started, in one query."""
    told_then = and_(
        SignUp.shift_id == Shift.id,
        SignUp.state == SignUpState.CANCELLED,
        SignUp.changed_at >= Shift.cancelled_at,
    )
    rows = session.execute(
        select(Shift.id, Role.name, Role.name_fr, func.count(SignUp.id))
        .join(Shift.role)
        .outerjoin(SignUp, told_then)
        .where(Shift.distribution_id == distribution_id, Shift.cancelled_at.is_not(None))
        .group_by(Shift.id, Role.id)
        .order_by(Shift.starts_at, Shift.id)
    )
    return [CalledOff(*row) for row in rows]


def is_crew(session: Session, distribution_id: int, person_id: int) -> bool:
    """Return whether someone is on a shift of a distribution, or was until lately, and so may know where it is."""
    mine = (
        select(SignUp.id)
        .join(SignUp.shift)
        .where(
            Shift.distribution_id == distribution_id,
            Shift.cancelled_at.is_(None),
            Shift.ends_at > now() - crew.PLACE_KNOWN,
            SignUp.person_id == person_id,
            SignUp.state.in_(TAKES_A_PLACE),
        )
    )
    return session.scalar(mine.limit(1)) is not None


def _goods(packing_list: PackingList | None, items: Sequence[ItemView], named: Named) -> Goods:
    lines = [(item, line) for item in items for line in item.lines]
    return Goods(
        has_list=packing_list is not None,
        planned=sum(line.planned for _item, line in lines),
        packed=sum(line.packed - line.extra for _item, line in lines),
        extra=sum(line.extra for _item, line in lines),
        short=[(line.short, _short_name(items, item, line, named)) for item, line in lines if line.short],
    )


def _short_name(items: Sequence[ItemView], item: ItemView, line: LineView, named: Named) -> str:
    """Return what a line is called among these: the product where it has one size, the size where it is the only."""
    if len(item.lines) == 1:
        return product_name(item.product, named)
    return labelled(line.size.label) if len(items) == 1 else line_name(item.product, line.size, named)


NO_LIST = Goods(False, 0, 0)


def totals(session: Session, ids: Sequence[int] | Select[int]) -> dict[int, Goods]:
    """Return the goods of several distributions (their ids, or a query for them) as totals, in one query.

    Once the van has left nothing is short any more: what was not packed stayed behind. Of those that a query gives,
    one without a packing list is left out.
    """
    beyond = PackingLine.packed - PackingLine.planned
    extra = case((beyond > 0, beyond), else_=0)
    lacking = PackingLine.planned - PackingLine.packed - PackingLine.allocated
    short = case((and_(Distribution.state.in_(BEFORE_OUT), lacking > 0), lacking), else_=0)
    figures = (PackingLine.planned, PackingLine.packed - extra, short, extra)
    rows = session.execute(
        select(PackingList.distribution_id, *(func.coalesce(func.sum(figure), 0) for figure in figures))
        .join(Distribution, Distribution.id == PackingList.distribution_id)
        .outerjoin(PackingLine, PackingLine.distribution_id == PackingList.distribution_id)
        .where(PackingList.distribution_id.in_(ids))
        .group_by(PackingList.distribution_id)
    )
    found = {} if isinstance(ids, Select) else dict.fromkeys(ids, NO_LIST)
    for number, planned, packed, missing, more in rows:
        found[number] = Goods(True, int(planned), int(packed), [(int(missing), "")] if missing else [], int(more))
    return found


def _left(spends: Sequence[SpendView]) -> list[FundLeft]:
    """Return what the funds that paid still hold, of each the currencies that it paid in."""
    paid = {(spend.fund.id, spend.currency): spend for spend in spends}
    return [FundLeft(name_of(each.fund), each.left, money(abs(each.left), each.currency)) for each in paid.values()]


def _costs(spends: Sequence[SpendView]) -> dict[str, int]:
    costs: Counter[str] = Counter()
    for spend in spends:
        costs[spend.currency] += spend.amount
    return dict(costs)
