"""Setting funds up, and the list of them."""

from collections.abc import Iterator
from typing import Any

from flask import flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from ...db import db
from ...paging import paginate
from ...people.access import Permission, requires
from ...web.asked import page_number, wants_csv
from ...web.csv import csv_response
from ...web.redirects import see_other
from .. import funds
from ..forms import FundForm
from ..models import Fund
from ..words import decimal_amount
from .blueprint import bp

Answer = Response | tuple[str, int]


@bp.get("/giving/funds")
@requires(Permission.SEE_GIVING)
def list_funds() -> Response | str:
    """List funds with what each was given, spent and has left."""
    if wants_csv():
        header = [_("Fund"), _("Purpose"), _("Open"), _("Currency"), _("Given"), _("Spent"), _("Left")]
        return csv_response("funds.csv", header, _csv_rows())
    query = select(Fund).order_by(Fund.closed_at.is_not(None), Fund.restricted, Fund.id)
    page = paginate(db.session, query, page_number())
    money = funds.gifts_behind(db.session, [fund.id for fund in page.rows])
    return render_template("giving/funds.html", page=page, money=money)


def _csv_rows() -> Iterator[list[Any]]:
    standings = funds.standings(db.session)
    for fund in funds.all_funds(db.session):
        purpose, is_open = (
            _("one purpose") if fund.restricted else _("general"),
            _("no") if fund.closed_at else _("yes"),
        )
        for one in standings.get(fund.id, []):
            yield [
                fund.name,
                purpose,
                is_open,
                one.currency.upper(),
                decimal_amount(one.given),
                decimal_amount(one.spent),
                decimal_amount(one.left),
            ]


@bp.route("/giving/funds/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_GIVING)
def new_fund() -> Answer:
    """Set up a fund."""
    form, actor_id = FundForm(), current_user.id
    if form.accepts(lambda: funds.create_fund.once(form.token)(actor_id=actor_id, **form.answers)):
        flash(_("Donors can now give to %(name)s.", name=form.name.data))
        return see_other("/giving/funds")
    return render_template("giving/fund_form.html", form=form, fund=None), form.status


@bp.route("/giving/funds/<int:fund_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_GIVING)
def edit_fund(fund_id: int) -> Answer:
    """Change how a fund is named and described."""
    fund, actor_id = funds.fund_of(db.session, fund_id), current_user.id
    form = FundForm(obj=fund, purpose="restricted" if fund.restricted else "general")
    if form.accepts(lambda: funds.change_fund.once(form.token)(actor_id=actor_id, fund_id=fund_id, **form.answers)):
        flash(_("Saved."))
        return see_other("/giving/funds")
    return render_template("giving/fund_form.html", form=form, fund=funds.fund_of(db.session, fund_id)), form.status


@bp.post("/giving/funds/<int:fund_id>/close")
@requires(Permission.MANAGE_GIVING)
def close_fund(fund_id: int) -> Response:
    """Take a fund off the giving page."""
    funds.close_fund(actor_id=current_user.id, fund_id=fund_id)
    flash(_("Closed. Nobody can give to it any more; what it holds can still be spent."))
    return see_other("/giving/funds")


@bp.post("/giving/funds/<int:fund_id>/reopen")
@requires(Permission.MANAGE_GIVING)
def reopen_fund(fund_id: int) -> Response:
    """Offer a fund on the giving page again."""
    funds.reopen_fund(actor_id=current_user.id, fund_id=fund_id)
    flash(_("Open again."))
    return see_other("/giving/funds")
