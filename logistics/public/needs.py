"""What is needed, for everyone to read and for other sites to show.

Only sums over all that is planned and all that is to be kept: no place, no day, no distribution, and nothing about who is served.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from flask import current_app, jsonify, render_template
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ..db import db
from ..money import major
from ..operations.names import ONE_SIZE
from ..paging import cut_list
from ..stock.arriving import drop_offs, stop_signs
from ..stock.arriving.words import whole_name
from ..stock.models import Product, Unit
from ..stock.needs import NeedView
from ..stock.needs import needs as short_sizes
from ..stock.words import UNITS, for_whom, labels
from ..web import filters
from ..web.asked import page_number, wants_csv
from ..web.csv import csv_response
from ..web.permission import everyone
from .blueprint import bp

FRESH_SECONDS = 60  # how long others may keep the JSON


@dataclass(frozen=True)
class Needed:
    """One product that is needed, with the sizes that are, in their order."""

    product: Product
    sizes: Sequence[NeedView]

    @property
    def quantity(self) -> int:
        """Return how many are needed over all sizes, in the product's unit."""
        return sum(each.short for each in self.sizes)

    @property
    def lacked(self) -> int:
        """Return how many of them distributions ahead lack; the others are to be kept in stock."""
        return sum(each.lacked for each in self.sizes)

    @property
    def whom(self) -> str:
        """Return whom it is for, in the reader's language; nothing where that is anyone."""
        return for_whom(self.product.gender)

    @property
    def unit(self) -> str:
        """Return what it is counted in, in the reader's language; nothing for pieces."""
        return "" if self.product.unit == Unit.PIECE else str(UNITS[Unit(self.product.unit)])

    @property
    def several_sizes(self) -> bool:
        """Return whether it says something to name the sizes."""
        return any(each.size.label_key != ONE_SIZE for each in self.sizes)

    @property
    def unit_cost(self) -> int | None:
        """Return the pence that buy one, where one can be imagined: nobody gives for a gram."""
        return self.product.unit_cost if self.product.unit == Unit.PIECE else None


def needed(session: Session) -> list[Needed]:
    """Return what is needed by product, by category: first what distributions lack, each by name. Three queries at most."""
    sizes: dict[int, list[NeedView]] = {}
    for each in short_sizes(session):
        sizes.setdefault(each.product.id, []).append(each)
    found = [
        Needed(parts[0].product, sorted(parts, key=lambda part: (part.size.position, part.size.id)))
        for parts in sizes.values()
    ]
    return sorted(found, key=lambda one: (one.product.category, not one.lacked, one.product.name_key, one.product.id))


def most_needed(session: Session, count: int | None = None) -> list[Needed]:
    """Return the products that are needed, those that distributions lack first, the largest need first: some, or all.

    What is weighed comes last: 5,000 grams are no more than 20 tents.
    """
    return sorted(needed(session), key=lambda one: (not one.lacked, one.product.unit != Unit.PIECE, -one.quantity))[
        :count
    ]


@bp.get("/needs")
@everyone
def needs() -> Response | str:
    """Show all that is needed, by category."""
    found = needed(db.session)
    if wants_csv():
        return csv_response("needs.csv", _csv_header(), _csv_rows(found))
    page = cut_list(found, page_number())
    categories = [(name, list(rows)) for name, rows in groupby(page.rows, attrgetter("product.category"))]
    return render_template(
        "public/needs.html",
        page=page,
        categories=categories,
        stopped=stop_signs.stopped(db.session),
        whole_name=whole_name,
        can_bring=drop_offs.any_open(db.session),
    )


@bp.get("/needs.json")
@everyone
def needs_json() -> Response:
    """Say the same to machines, in the form that docs/needs-json.md describes."""
    answer = jsonify(
        organisation=current_app.extensions["shoreline_settings"].org_name,
        currency="gbp",
        needs=[_for_machines(each) for each in needed(db.session)],
        do_not_send=[_named(product) for product in stop_signs.stopped(db.session)],
    )
    if not current_user.is_authenticated:
        answer.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return answer


def _for_machines(one: Needed) -> dict[str, Any]:
    product = one.product
    return {
        **_named(product),
        "unit": product.unit,
        "needed": one.quantity,
        "for_distributions": one.lacked,
        "unit_cost": product.unit_cost,
        "sizes": [{"size": each.size.label, "needed": each.short} for each in one.sizes],
    }


def _named(product: Product) -> dict[str, Any]:
    return {
        "category": product.category,
        "product": product.name,
        "product_fr": product.name_fr,
        "gender": product.gender,
    }


def _csv_header() -> list[str]:
    return [
        _("Category"),
        _("Product"),
        _("For whom"),
        _("Size"),
        _("Needed"),
        _("Unit"),
        _("One costs, in pounds"),
        _("For distributions ahead"),
    ]


def _csv_rows(found: Sequence[Needed]) -> Iterator[list[Any]]:
    label = labels()
    for one in found:
        cost = "" if one.product.unit_cost is None else f"{major(one.product.unit_cost):.2f}"
        first = [label[one.product.category], filters.named(one.product), one.whom]
        for each in one.sizes:
            yield [*first, label[each.size.label], each.short, str(UNITS[Unit(one.product.unit)]), cost, each.lacked]
