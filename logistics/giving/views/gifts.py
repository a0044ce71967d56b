"""The list of gifts, and one gift."""

from collections.abc import Iterator
from typing import Any

from flask import current_app, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...db import db, stream
from ...money import Currency
from ...paging import paginate
from ...people.access import Permission, requires
from ...web.asked import day_asked, id_asked, page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import named, stamp
from .. import funds
from ..gifts import Wanted, gift_of, gifts
from ..models import GiftState
from ..words import CURRENCY_NAMES, STATE_KINDS, STATE_NAMES, decimal_amount
from .blueprint import bp


@bp.get("/giving/gifts")
@requires(Permission.SEE_GIVING)
def list_gifts() -> Response | str:
    """List gifts, newest first."""
    wanted = _wanted()
    query = gifts(wanted, current_app.extensions["shoreline_settings"].timezone)
    if wants_csv():
        return csv_response("gifts.csv", _csv_header(), _csv_rows(query))
    return render_template(
        "giving/gifts.html",
        page=paginate(db.session, query, page_number()),
        wanted=wanted,
        filtered=wanted != Wanted(),
        funds=funds.all_funds(db.session),
        currencies=CURRENCY_NAMES,
        state_names=STATE_NAMES,
        state_kinds=STATE_KINDS,
    )


@bp.get("/giving/gifts/<reference>")
@requires(Permission.SEE_GIVING)
def show_gift(reference: str) -> str:
    """Show one gift."""
    gift = gift_of(db.session, reference)
    return render_template(
        "giving/gift.html",
        gift=gift,
        state_name=STATE_NAMES[GiftState(gift.state)],
        kind=STATE_KINDS[GiftState(gift.state)],
    )


def _wanted() -> Wanted:
    state, currency = request.args.get("state", ""), request.args.get("currency", "")
    return Wanted(
        words=searched(),
        fund_id=id_asked("fund") or None,
        state=state if state in set(GiftState) else "",
        currency=currency if currency in set(Currency) else "",
        first_day=day_asked("from"),
        last_day=day_asked("to"),
    )


def _csv_header() -> list[str]:
    gift = [_("Reference"), _("Started"), _("Paid"), _("State"), _("Amount"), _("Currency"), _("Fund")]
    return [*gift, _("Donor"), _("Name on the receipt"), _("Email")]


def _csv_rows(query: Any) -> Iterator[list[Any]]:
    for gift in stream(db.session, query):
        paid_at = stamp(gift.paid_at) if gift.paid_at else ""
        money = [decimal_amount(gift.amount), gift.currency.upper(), named(gift.fund)]
        who = [gift.donor.name, gift.name, gift.donor.email]
        yield [gift.reference, stamp(gift.created_at), paid_at, STATE_NAMES[GiftState(gift.state)], *money, *who]
