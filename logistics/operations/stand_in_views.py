"""Choosing a stand-in for what is short, and the way back."""

from typing import Any

from flask import flash
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ..people.access import Permission, may, requires
from ..stock.stand_ins import choosing
from ..web import filters
from ..web.redirects import see_other
from .blueprint import bp, path
from .packing_forms import StandInBackForm, StandInForm
from .packing_views import Answer, list_page, pick_page


@bp.post("/distributions/<int:distribution_id>/stand-in")
@requires(Permission.PACK)
def choose_stand_in(distribution_id: int) -> Answer:
    """Take so many of a stand-in instead of what is short."""
    form, actor_id = StandInForm(), current_user.id
    if form.accepts(
        lambda: choosing.choose.once(form.token)(
            actor_id=actor_id,
            distribution_id=distribution_id,
            size_id=form.size.data or 0,
            by_size_id=form.by_size.data or 0,
            quantity=form.quantity.data or 0,
        )
    ):
        flash(_("Chosen, and promised to this distribution: %(count)s.", count=filters.number(form.quantity.data or 0)))
        return _back(distribution_id, form)
    return _refused(distribution_id, form)


@bp.post("/distributions/<int:distribution_id>/stand-in/back")
@requires(Permission.PACK)
def take_stand_in_back(distribution_id: int) -> Answer:
    """Ask again for what something stands in for."""
    form, actor_id = StandInBackForm(), current_user.id
    if form.accepts(
        lambda: choosing.take_back.once(form.token)(
            actor_id=actor_id,
            distribution_id=distribution_id,
            size_id=form.size.data or 0,
            by_size_id=form.by_size.data or 0,
        )
    ):
        flash(_("Asked for again: %(count)s. The stand-in is free for others.", count=filters.number(form.result)))
        return _back(distribution_id, form)
    return _refused(distribution_id, form)


def _on_list(form: Any) -> bool:
    return form.on.data == "list" and may(Permission.PLAN_DISTRIBUTIONS)


def _back(distribution_id: int, form: Any) -> Response:
    return see_other(path(distribution_id, "packing-list" if _on_list(form) else "pick"))


def _refused(distribution_id: int, form: Any) -> Answer:
    # The form that was refused is one of many on the page: what is wrong stands above it.
    return list_page(distribution_id, refused=form) if _on_list(form) else pick_page(distribution_id, form)
