"""Spends: the list, recording one, taking one back."""

from collections.abc import Iterator
from typing import Any

from flask import flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db, stream
from ...paging import paginate
from ...people.access import Permission, requires
from ...web.asked import id_asked, page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import local_date, named, stamp
from ...web.forms import BaseForm
from ...web.redirects import see_other
from .. import funds, spending
from ..forms import SpendForm
from ..words import decimal_amount
from .blueprint import bp

Answer = Response | tuple[str, int]


@bp.get("/giving/spends")
@requires(Permission.SEE_GIVING)
def list_spends() -> Response | str:
    """List spends, newest first."""
    words, fund_id = searched(), id_asked("fund") or None
    query = spending.spends(words, fund_id)
    if wants_csv():
        header = [_("Day"), _("What"), _("Amount"), _("Currency"), _("Fund"), _("Distribution"), _("Taken back")]
        return csv_response("spends.csv", header, _csv_rows(query))
    return render_template(
        "giving/spends.html",
        page=paginate(db.session, query, page_number()),
        words=words,
        fund_id=fund_id,
        funds=funds.all_funds(db.session),
    )


def _csv_rows(query: Any) -> Iterator[list[Any]]:
    for spend, fund, distribution in stream(db.session, query):
        money = [decimal_amount(spend.amount), spend.currency.upper(), named(fund)]
        withdrawn = stamp(spend.withdrawn_at) if spend.withdrawn_at else ""
        yield [
            spend.spent_on,
            spend.what,
            *money,
            f"{distribution.id} {distribution.title}" if distribution else "",
            withdrawn,
        ]


@bp.route("/giving/spends/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_GIVING)
def new_spend() -> Answer:
    """Record what a fund paid for a distribution."""
    chosen_id, actor_id = id_asked("distribution") or None, current_user.id
    form = _spend_form(chosen_id)

    def record() -> int:
        return spending.record_spend.once(form.token)(
            actor_id=actor_id,
            fund_id=int(form.fund.data),
            distribution_id=int(form.distribution.data),
            amount=form.amount.minor or 0,
            currency=form.currency.data,
            what=form.what.data,
            spent_on=form.spent_on.data,
        )

    if form.accepts(record):
        flash(_("Recorded. The distribution's page shows it now."))
        return see_other(f"/distributions/{chosen_id}" if chosen_id is not None else "/giving/spends")
    return render_template("giving/spend_form.html", form=form, chosen_id=chosen_id), form.status


def _spend_form(chosen_id: int | None) -> SpendForm:
    return SpendForm(
        funds.all_funds(db.session),
        funds.standings(db.session),
        spending.distributions_to_choose(db.session, chosen_id),
        distribution=str(chosen_id) if chosen_id is not None else "",
        spent_on=local_date(now()),
    )


@bp.post("/giving/spends/<int:spend_id>/withdraw")
@requires(Permission.MANAGE_GIVING)
def withdraw_spend(spend_id: int) -> Response:
    """Take back a spend that was entered by mistake."""
    spending.withdraw_spend.once(BaseForm().token)(actor_id=current_user.id, spend_id=spend_id)
    flash(_("Taken back. Its money is in the fund again; the record stays."))
    return see_other("/giving/spends")
