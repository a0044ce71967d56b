"""One distribution's own page, its history, and a change of its plan."""

from flask import flash, render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from ..db import db
from ..distributions import sites
from ..distributions.forms import DistributionForm
from ..distributions.models import GROUPS, DistributionState, SiteKind
from ..distributions.words import GROUP_NAMES
from ..people.access import Permission, may, requires
from ..shifts import crew
from ..stock.kits import needing
from ..stock.models import Size
from ..stock.tracing import origins
from ..stock.tracing import words as trace_words
from ..web import filters
from ..web.asked import page_number, wants_csv
from ..web.csv import csv_response
from ..web.redirects import see_other
from . import (
    board,
    day_views,
    impact,
    list_views,
    my_data_views,
    packing_views,
    purchase_views,
    replan,
    stand_in_views,
    timeline,
)
from .blueprint import before_out, bp, distribution, early, path
from .names import line_name
from .readiness import Step

__all__ = ["bp", "day_views", "list_views", "my_data_views", "packing_views", "purchase_views", "stand_in_views"]

AFTERWARDS = (DistributionState.RETURNED, DistributionState.CLOSED)


@bp.app_template_global()
def impact_of(person_id: int) -> impact.Impact | None:
    """Return what someone's shifts helped with, for a page of theirs in any part."""
    return impact.impact(db.session, person_id)


@bp.get("/distributions/<int:distribution_id>")
@requires(Permission.SEE_DISTRIBUTIONS)
def show(distribution_id: int) -> str:
    """Show how a distribution stands across crew, goods and money, and what happened."""
    seen = board.board(db.session, distribution_id, filters.named)
    happened = timeline.latest(db.session, distribution_id)
    return render_template(
        "operations/show.html",
        board=seen,
        items=seen.items,
        kit_parts=needing.of_distribution(db.session, distribution_id) if seen.before_out else [],
        part_name=_part_name,
        packing_list=seen.packing_list,
        editing=False,
        d=seen.d,
        before_out=seen.before_out,
        early=early(seen.d),
        next_step=_for_me(seen.next_step),
        crew_names=crew.names(db.session, distribution_id),
        called_off=board.called_off(db.session, distribution_id) if seen.d.state == DistributionState.CANCELLED else [],
        outcome=_outcome(seen),
        place=_place(seen),
        came_from=_came_from(seen),
        trace_words=trace_words,
        happened=happened[: timeline.LATEST],
        more_happened=len(happened) > timeline.LATEST,
        group_names=GROUP_NAMES,
    )


def _part_name(size: Size) -> str:
    return line_name(size.product, size, filters.named)


_WHO_STEPS = {
    Step.LIST: Permission.PLAN_DISTRIBUTIONS,
    Step.PICK: Permission.PACK,
    Step.DISPATCH: Permission.RUN_DISTRIBUTIONS,
    Step.RETURN: Permission.RUN_DISTRIBUTIONS,
    Step.CLOSE: Permission.RUN_DISTRIBUTIONS,
}


def _for_me(step: Step | None) -> Step | None:
    """Return the next step if whoever looks may take it."""
    return step if step is not None and may(_WHO_STEPS[step]) else None


def _outcome(seen: board.Board) -> board.Outcome | None:
    """Return what it gave, once there is something to say."""
    said = seen.d.state == DistributionState.CLOSED or bool(seen.outcome.handed_out or seen.outcome.people)
    return seen.outcome if seen.d.state in AFTERWARDS and said else None


def _place(seen: board.Board) -> str:
    """Return exactly where it is, for those who plan it and for its crew; for others nothing."""
    if may(Permission.PLAN_DISTRIBUTIONS) or board.is_crew(db.session, seen.d.id, current_user.id):
        return seen.d.site.place
    return ""


def _came_from(seen: board.Board) -> list[origins.Source]:
    """Return where its goods came from, once the van has left, for those who see stock."""
    if seen.d.state not in (DistributionState.OUT, *AFTERWARDS) or not may(Permission.SEE_STOCK):
        return []
    return origins.for_distribution(db.session, seen.d.id)


@bp.get("/distributions/<int:distribution_id>/came-from.csv")
@requires(Permission.SEE_STOCK)
def came_from(distribution_id: int) -> Response:
    """Give the list of where a distribution's goods came from."""
    found = distribution(distribution_id)
    header = [_("What"), _("How sure"), _("Day"), _("How many"), _("Boxes")]
    rows = (
        (
            trace_words.brought(each.kind, each.at),
            trace_words.certainty(each.sure),
            filters.local_date(each.at),
            each.quantity,
            " ".join(row.code for row in each.boxes),
        )
        for each in origins.for_distribution(db.session, found.id)
    )
    return csv_response(f"distribution-{found.id}-came-from.csv", header, rows)


@bp.get("/distributions/<int:distribution_id>/history")
@requires(Permission.SEE_DISTRIBUTIONS)
def history(distribution_id: int) -> Response | str:
    """Show all that happened to a distribution, newest first."""
    found = distribution(distribution_id)
    if wants_csv():
        rows = ([filters.stamp(each.at), each.text] for each in timeline.all_lines(db.session, distribution_id))
        return csv_response(f"distribution-{distribution_id}.csv", [_("When"), _("What")], rows)
    page = timeline.page(db.session, distribution_id, page_number())
    return render_template("operations/history.html", d=found, page=page)


@bp.route("/distributions/<int:distribution_id>/edit", methods=["GET", "POST"])
@requires(Permission.PLAN_DISTRIBUTIONS)
def edit(distribution_id: int) -> Response | tuple[str, int]:
    """Change the plan; shifts move along, and what is planned per person is recounted."""
    form = _plan_form(distribution_id)
    actor_id = current_user.id
    if form.accepts(
        lambda: replan.change.once(form.token)(
            actor_id=actor_id, distribution_id=distribution_id, version=form.seen_version, **form.plan
        )
    ):
        told = ngettext("%(num)d shift moved along.", "%(num)d shifts moved along.", form.result)
        flash(_("The plan is changed.") + (f" {told}" if form.result else ""))
        return see_other(path(distribution_id))
    found = distribution(distribution_id)
    if not form.is_submitted() and not before_out(found):
        return see_other(path(distribution_id))
    return render_template("distributions/form.html", form=form, distribution=found, groups=GROUPS), form.status


def _plan_form(distribution_id: int) -> DistributionForm:
    found = distribution(distribution_id)
    return DistributionForm(sites.open_sites(db.session, SiteKind.MEETING_POINT, also=found.site_id), obj=found)
