"""Deliveries: what is expected, what is here and waits to be sorted, and one delivery's page."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from ...clock import midnight, now
from ...commands import Command
from ...db import db, stream
from ...errors import DomainError
from ...paging import paginate
from ...people.access import Permission, requires
from ...web.asked import id_asked, page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import either, local_date, stamp, zone
from ...web.forms import BaseForm
from ...web.i18n import translate
from ...web.redirects import see_other
from ..arriving import deliveries as service
from ..arriving import listing, things, trace, words
from ..arriving.forms import EnterForm, arrival_form
from ..arriving.listing import Show, Wanted
from ..arriving.models import BringerKind, Delivery, DeliveryState
from ..models import Movement
from ..tracing import destinations
from ..warehouses import warehouses
from ..words import UNITS
from .blueprint import bp, one_of
from .tracing import csv_header, went_rows


@bp.get("/stock/deliveries")
@requires(Permission.SEE_STOCK)
def deliveries() -> Response | str:
    """List deliveries: what is expected unless something else is asked for."""
    sites = warehouses(db.session)
    site = one_of(sites, id_asked("warehouse"))
    show = request.args.get("show", "")
    wanted = Wanted(
        Show(show) if show in set(Show) else Show.EXPECTED, searched(), site.id if site else 0, id_asked("slot")
    )
    query = listing.find(wanted, midnight(local_date(now()), zone()))
    if wants_csv():
        return _csv(query)
    page = paginate(db.session, query, page_number())
    return render_template(
        "stock/deliveries.html",
        page=page,
        days=_by_day(page.rows, wanted.show),
        wanted=wanted,
        sites=sites,
        counts=listing.counts(db.session, wanted),
        unsorted=words.summed(service.waiting(db.session, wanted.warehouse_id)),
        words=words,
        listing=listing,
        today=local_date(now()),
    )


def _by_day(rows: Sequence[Delivery], show: Show) -> list[tuple[date, list[Delivery]]]:
    def day(each: Delivery) -> date:
        planned = each.slot.starts_at if each.slot else each.created_at
        return local_date(each.arrived_at or each.created_at if show != Show.EXPECTED else planned)

    return [(found, list(each)) for found, each in groupby(rows, day)]


def _csv(query: Select[Any]) -> Response:
    header = [_("Starts"), _("Ends"), _("Warehouse"), _("Drop-off point"), _("Who"), _("Name"), _("What"), _("State")]
    header += [_("Here since"), _("Sorted")]
    return csv_response("deliveries.csv", header, _csv_rows(query))


def _csv_rows(query: Select[Any]) -> Iterator[Sequence[Any]]:
    for each in stream(db.session, query):
        yield (
            stamp(each.slot.starts_at) if each.slot else "",
            stamp(each.slot.ends_at) if each.slot else "",
            either(each.warehouse.name, each.warehouse.name_fr),
            either(each.drop_off.name, each.drop_off.name_fr) if each.drop_off else "",
            words.BRINGERS[BringerKind(each.bringer)],
            each.name,
            words.listed(each.lines),
            words.STATES[DeliveryState(each.state)],
            stamp(each.arrived_at) if each.arrived_at else "",
            stamp(each.sorted_at) if each.sorted_at else "",
        )


@bp.get("/stock/deliveries/<int:delivery_id>")
@requires(Permission.SEE_STOCK)
def delivery(delivery_id: int) -> Response | tuple[str, int]:
    """Show one delivery, what can be done with it, and where its goods went."""
    found = service.get(db.session, delivery_id)
    if wants_csv():
        forth = destinations.of_delivery(db.session, found.id)
        return csv_response(f"delivery-{found.id}.csv", csv_header(), went_rows(forth))
    return _page(found, _arrival(found))


def _arrival(found: Delivery) -> Any:
    if found.state != DeliveryState.ANNOUNCED:
        return BaseForm()
    return arrival_form(found.lines, things.by_name(db.session))


def _page(found: Delivery, form: Any) -> tuple[str, int]:
    boxes = select(Movement.id).where(Movement.delivery_id == found.id).limit(1)
    became = trace.became(db.session, found.id, page_number()) if found.arrived_at else None
    page = render_template(
        "stock/delivery.html",
        delivery=found,
        form=form,
        things=things.names(db.session) if found.state == DeliveryState.ANNOUNCED else [],
        begun=found.state == DeliveryState.ARRIVED and db.session.scalar(boxes) is not None,
        words=words,
        became=became,
        forth=destinations.of_delivery(db.session, found.id) if became and became.boxes.total else None,
        thrown=words.thrown_out(became.discards) if became else "",
        units=UNITS,
        late=listing.is_late(found),
        needs_time=listing.needs_time(found),
    )
    return page, form.status


@bp.get("/stock/deliveries/new")
@requires(Permission.MOVE_STOCK)
def new_delivery() -> tuple[str, int]:
    """Show the form for a delivery that came unannounced."""
    return _new_page(_enter_form())


@bp.post("/stock/deliveries")
@requires(Permission.MOVE_STOCK)
def enter_delivery() -> Response | tuple[str, int]:
    """Write down a delivery that came unannounced."""
    form = _enter_form()
    actor_id = current_user.id
    if form.accepts(
        lambda: service.enter.once(form.token)(
            actor_id=actor_id,
            warehouse_id=form.warehouse_id.data,
            bringer=form.bringer.data,
            name=form.name.data or "",
            note=form.note.data or "",
            given=form.given,
        )
    ):
        flash(_("Written down. It waits to be sorted."))
        return see_other(f"/stock/deliveries/{form.result}")
    return _new_page(form)


def _enter_form() -> EnterForm:
    form = EnterForm()
    form.offer(warehouses(db.session), things.by_name(db.session))
    return form


def _new_page(form: EnterForm) -> tuple[str, int]:
    return render_template("stock/delivery_new.html", form=form, things=things.names(db.session)), form.status


@bp.post("/stock/deliveries/<int:delivery_id>/arrived")
@requires(Permission.MOVE_STOCK)
def delivery_arrived(delivery_id: int) -> Response | tuple[str, int]:
    """Write down that a delivery is here, and what came of each line."""
    found = service.get(db.session, delivery_id)
    told = [line for line in found.lines if f"came_{line.id}" in request.form]  # the same when it is sent again
    lines = [line.id for line in told]
    form = arrival_form(told, things.by_name(db.session))
    actor_id = current_user.id
    if form.accepts(
        lambda: service.mark_arrived.once(form.token)(
            actor_id=actor_id,
            delivery_id=delivery_id,
            came={str(line_id): form[f"came_{line_id}"].data for line_id in lines},
            more=form.given,
        )
    ):
        flash(_("It is here, and waits to be sorted."))
        return see_other(f"/stock/deliveries/{delivery_id}")
    return _page(service.get(db.session, delivery_id), form)


@bp.post("/stock/deliveries/<int:delivery_id>/expected-again")
@requires(Permission.MOVE_STOCK)
def expect_again(delivery_id: int) -> Response | tuple[str, int]:
    """Take back that a delivery is here."""
    return _change(delivery_id, service.take_back_arrival, lambda: _("It is expected again."))


@bp.post("/stock/deliveries/<int:delivery_id>/sorted")
@requires(Permission.MOVE_STOCK)
def delivery_sorted(delivery_id: int) -> Response | tuple[str, int]:
    """Write down that nothing of a delivery waits to be sorted any more."""
    return _change(delivery_id, service.mark_sorted, lambda: _("Sorted: nothing of it waits any more."))


@bp.post("/stock/deliveries/<int:delivery_id>/sort-again")
@requires(Permission.MOVE_STOCK)
def sort_again(delivery_id: int) -> Response | tuple[str, int]:
    """Take back that a delivery is sorted."""
    return _change(delivery_id, service.sort_again, lambda: _("It waits to be sorted again."))


@bp.post("/stock/deliveries/<int:delivery_id>/cancel")
@requires(Permission.MOVE_STOCK)
def call_off_delivery(delivery_id: int) -> Response | tuple[str, int]:
    """Take an announced delivery off the list."""
    return _change(delivery_id, service.call_off, lambda: _("Called off. Its place is free again."))


def _change(delivery_id: int, change: Command[Any, int], done: Callable[[], str]) -> Response | tuple[str, int]:
    """Do it and go back to the delivery's page; a refusal is told there."""
    token, actor_id = BaseForm().token, current_user.id
    try:
        change.once(token)(actor_id=actor_id, delivery_id=delivery_id)
    except DomainError as error:
        if error.status == 404:
            raise
        found = service.get(db.session, delivery_id)
        form = _arrival_unsent(found)
        form.status = error.status
        form.form_errors.append(translate(error.message))
        return _page(found, form)
    flash(done())
    return see_other(f"/stock/deliveries/{delivery_id}")


def _arrival_unsent(found: Delivery) -> Any:
    if found.state != DeliveryState.ANNOUNCED:
        return BaseForm(formdata=None)
    return arrival_form(found.lines, things.by_name(db.session), formdata=None)
