"""Pages of patterns: a day's shifts under one name, and their lines."""

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...db import db
from ...distributions import service as distributions
from ...distributions import sites
from ...distributions.models import Distribution, Site
from ...paging import paginate
from ...people.access import Permission, requires
from ...web import filters
from ...web.asked import day_asked, id_asked, page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.redirects import see_other
from ..forms.patterns import LineForm, PatternForm, clock
from ..pattern_models import PatternLine
from ..plans import laying, patterns, roles
from .blueprint import bp

PATH = "/shifts/patterns"


@bp.get("/shifts/patterns")
@requires(Permission.PLAN_SHIFTS)
def list_patterns() -> Response | str:
    """List the patterns of a day's shifts."""
    words = searched()
    query = patterns.search(words)
    if wants_csv():
        header = [_("Name"), _("Name in French"), _("Shifts"), _("People, at most"), _("Used")]
        rows = (
            [found.name, found.name_fr, lines, places, _("no") if found.closed_at else _("yes")]
            for found, lines, places in db.session.execute(query).all()
        )
        return csv_response("patterns.csv", header, rows)
    page = paginate(db.session, query, page_number())
    return render_template("shifts/patterns.html", page=page, words=words)


@bp.route("/shifts/patterns/new", methods=["GET", "POST"])
@requires(Permission.PLAN_SHIFTS)
def new_pattern() -> Response | tuple[str, int]:
    """Make a pattern: an empty one, or one of the shifts of ?day= (at ?site=) or of ?distribution=."""
    form, actor_id, zone = PatternForm(), current_user.id, filters.zone()
    day, site_id, distribution_id = day_asked("day"), id_asked("site"), id_asked("distribution")
    distribution, site = _asked(distribution_id, site_id)

    def make() -> int:
        if distribution_id:
            return laying.keep_distribution.once(form.token)(
                actor_id=actor_id, distribution_id=distribution_id, zone=zone, **form.answers
            )
        if day:
            return laying.keep_day.once(form.token)(
                actor_id=actor_id, day=day, site_id=site_id or None, zone=zone, **form.answers
            )
        return patterns.create.once(form.token)(actor_id=actor_id, **form.answers)

    if form.accepts(make):
        flash(_("%(name)s is there now.", name=form.name.data))
        return see_other(f"{PATH}/{form.result}")
    if form.is_submitted():
        distribution, site = _asked(distribution_id, site_id)
    return render_template(
        "shifts/pattern_form.html", form=form, pattern=None, distribution=distribution, day=day, site=site
    ), form.status


@bp.get("/shifts/patterns/<int:pattern_id>")
@requires(Permission.PLAN_SHIFTS)
def show_pattern(pattern_id: int) -> str:
    """Show a pattern's lines, and where it can be laid."""
    pattern = patterns.get(db.session, pattern_id)
    lines = patterns.lines_of(db.session, pattern_id)
    return render_template("shifts/pattern.html", pattern=pattern, lines=lines, hours=line_hours)


@bp.route("/shifts/patterns/<int:pattern_id>/edit", methods=["GET", "POST"])
@requires(Permission.PLAN_SHIFTS)
def edit_pattern(pattern_id: int) -> Response | tuple[str, int]:
    """Change what a pattern is called."""
    form, actor_id = PatternForm(obj=patterns.get(db.session, pattern_id)), current_user.id
    if form.accepts(lambda: patterns.rename.once(form.token)(actor_id=actor_id, pattern_id=pattern_id, **form.answers)):
        flash(_("Saved."))
        return see_other(f"{PATH}/{pattern_id}")
    pattern = patterns.get(db.session, pattern_id)
    return render_template("shifts/pattern_form.html", form=form, pattern=pattern), form.status


@bp.post("/shifts/patterns/<int:pattern_id>/close")
@requires(Permission.PLAN_SHIFTS)
def close_pattern(pattern_id: int) -> Response:
    """Offer a pattern no more."""
    patterns.close(actor_id=current_user.id, pattern_id=pattern_id)
    flash(_("It is no longer offered. The shifts it made stay; you can use it again any time."))
    return see_other(f"{PATH}/{pattern_id}")


@bp.post("/shifts/patterns/<int:pattern_id>/reopen")
@requires(Permission.PLAN_SHIFTS)
def reopen_pattern(pattern_id: int) -> Response:
    """Offer a closed pattern again."""
    patterns.reopen(actor_id=current_user.id, pattern_id=pattern_id)
    flash(_("It is offered again."))
    return see_other(f"{PATH}/{pattern_id}")


@bp.route("/shifts/patterns/<int:pattern_id>/lines/new", methods=["GET", "POST"])
@requires(Permission.PLAN_SHIFTS)
def new_line(pattern_id: int) -> Response | tuple[str, int]:
    """Add a shift to a pattern."""
    patterns.get(db.session, pattern_id)
    form, actor_id = LineForm(roles.open_roles(db.session), sites.open_sites(db.session)), current_user.id
    if form.accepts(
        lambda: patterns.add_line.once(form.token)(actor_id=actor_id, pattern_id=pattern_id, line=form.line)
    ):
        flash(_("Added."))
        return see_other(f"{PATH}/{pattern_id}/lines/new" if "again" in request.form else f"{PATH}/{pattern_id}")
    return _line_page(pattern_id, form, None)


@bp.route("/shifts/patterns/<int:pattern_id>/lines/<int:line_id>/edit", methods=["GET", "POST"])
@requires(Permission.PLAN_SHIFTS)
def edit_line(pattern_id: int, line_id: int) -> Response | tuple[str, int]:
    """Change a shift of a pattern, for days still to be planned."""
    line = patterns.get_line(db.session, pattern_id, line_id)
    offered = sites.open_sites(db.session, also=line.site_id)
    form = LineForm(roles.open_roles(db.session, also=line.role_id), offered, line)
    actor_id = current_user.id
    if form.accepts(
        lambda: patterns.change_line.once(form.token)(
            actor_id=actor_id, pattern_id=pattern_id, line_id=line_id, line=form.line
        )
    ):
        flash(_("Saved. Shifts that are there already stay as they are."))
        return see_other(f"{PATH}/{pattern_id}")
    return _line_page(pattern_id, form, line_id)


@bp.post("/shifts/patterns/<int:pattern_id>/lines/<int:line_id>/remove")
@requires(Permission.PLAN_SHIFTS)
def remove_line(pattern_id: int, line_id: int) -> Response:
    """Take a shift out of a pattern."""
    patterns.remove_line(actor_id=current_user.id, pattern_id=pattern_id, line_id=line_id)
    flash(_("Taken out of the pattern. Shifts that are there already stay."))
    return see_other(f"{PATH}/{pattern_id}")


def line_hours(line: PatternLine) -> str:
    """Return "09:30–12:30"."""
    return f"{clock(line.start_minute):%H:%M}–{clock(line.start_minute + line.minutes):%H:%M}"


def _line_page(pattern_id: int, form: LineForm, line_id: int | None) -> tuple[str, int]:
    pattern = patterns.get(db.session, pattern_id)
    lines = patterns.lines_of(db.session, pattern_id) if line_id is None else []
    return render_template(
        "shifts/pattern_line.html", form=form, pattern=pattern, line_id=line_id, lines=lines, hours=line_hours
    ), form.status


def _asked(distribution_id: int, site_id: int) -> tuple[Distribution | None, Site | None]:
    """Return the distribution and the site that the address names. Raises NotFound when there is no such one."""
    distribution = distributions.get(db.session, distribution_id) if distribution_id else None
    return distribution, sites.get(db.session, site_id) if site_id else None
