"""A distribution with a crew and goods to take, for tests of the whole day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from logistics import verify
from logistics.db import db
from logistics.distributions.models import Distribution, DistributionState
from logistics.stock.models import PackingLine, Size

from ..browsing import Browser, text_of
from ..stock import kit as stock

ODD = "🧦\u202e日本 <script>"


@dataclass(frozen=True)
class Plan:
    """A distribution of one product from one warehouse."""

    depot: stock.Depot
    id: int
    codes: list[str]

    @property
    def path(self) -> str:
        return f"/distributions/{self.id}"


def plan(on_hand: int = 100, total: int = 60, *labels: str, **fields: object) -> Plan:
    """A planned distribution, its packing list, and a box of each size; shifts are the test's."""
    depot = stock.depot(*labels)
    codes = [stock.receive(depot, on_hand, size=label) for label in depot.sizes] if on_hand else []
    made = stock.distribution(depot, **fields)
    if total:
        stock.plan(depot, made, total, dict.fromkeys(depot.sizes, 1))
    return Plan(depot, made, codes)


def found(distribution_id: int) -> Distribution:
    db.session.rollback()
    return db.session.get_one(Distribution, distribution_id)


def state(distribution_id: int) -> str:
    return found(distribution_id).state


def lines(distribution_id: int) -> dict[str, PackingLine]:
    """Packing lines by size."""
    db.session.rollback()
    rows = db.session.execute(
        select(Size.label, PackingLine)
        .join(Size, Size.id == PackingLine.size_id)
        .where(PackingLine.distribution_id == distribution_id)
    )
    return dict(rows.all())


def pack(plan: Plan, browser: Browser) -> None:
    browser.send(f"{plan.path}/pack", {"all": "1"})


def out(plan: Plan, browser: Browser) -> None:
    """Pack all and let the van leave."""
    pack(plan, browser)
    browser.send(f"{plan.path}/dispatch")
    assert state(plan.id) == DistributionState.OUT


def count(plan: Plan, handed_out: int, came_back: int, lost: int, label: str = "One size") -> dict[str, object]:
    """The form of a return for one line."""
    line_id = lines(plan.id)[label].id
    return {
        f"handed_out-{line_id}": handed_out,
        f"came_back-{line_id}": came_back,
        f"lost-{line_id}": lost,
        "shelf": plan.depot.shelf,
    }


def refused(browser: Browser, path: str, data: dict[str, Any], status: int) -> str:
    """Send a form that is refused, and return the words of the page."""
    return text_of(browser.send(path, data, status).get_data(as_text=True))


def item(plan: Plan, **changed: Any) -> dict[str, Any]:
    """The form that puts the plan's product on its packing list."""
    return {"product": plan.depot.product_id, "mode": "total", "total": "60", **changed}


def change(plan: Plan, **changed: Any) -> dict[str, Any]:
    """The form of a change of plan, as it stands unless told."""
    stands = found(plan.id)
    return {
        "title": stands.title,
        "site_id": stands.site_id,
        "starts_at": wall(stands.starts_at),
        "ends_at": wall(stands.ends_at),
        "expected_men": stands.expected_men,
        "version": stands.version,
        **changed,
    }


def wall(moment: datetime) -> str:
    """A moment as a form takes it."""
    return moment.astimezone(ZoneInfo("Europe/Paris")).strftime("%Y-%m-%dT%H:%M:%S")


def in_order() -> None:
    """Assert that all is in order, in every part."""
    db.session.rollback()
    assert list(verify.problems(db.session)) == []
    db.session.rollback()


def reads(browser: Browser, path: str) -> str:
    """The words of a page."""
    return text_of(browser.page(path))
