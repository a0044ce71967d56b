"""Planning a distribution, and the pages of sites.

The list of distributions and each one's own page are in `operations`: they show crew, goods and money.
"""

from itertools import groupby

from flask import Blueprint, flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ..db import db
from ..errors import Conflict
from ..paging import paginate
from ..people.access import Permission, requires
from ..web.asked import page_number, searched, wants_csv
from ..web.csv import csv_response
from ..web.i18n import translate
from ..web.redirects import see_other
from . import service, sites
from .forms import DistributionForm, SiteForm
from .models import GROUPS, SiteKind
from .words import KIND_NAMES

bp = Blueprint("distributions", __name__)


@bp.get("/distributions/new")
@requires(Permission.PLAN_DISTRIBUTIONS)
def new() -> str:
    """Show the form for a new distribution."""
    return _new_page(_new_form())


@bp.post("/distributions")
@requires(Permission.PLAN_DISTRIBUTIONS)
def create() -> Response | tuple[str, int]:
    """Plan a distribution."""
    form = _new_form()
    actor_id = current_user.id
    if form.accepts(lambda: service.create.once(form.token)(actor_id=actor_id, **form.plan)):
        flash(_("Planned. Next: what the van takes, and who comes along."))
        return see_other(f"/distributions/{form.result}")
    return _new_page(form), form.status


def _new_form() -> DistributionForm:
    return DistributionForm(sites.open_sites(db.session, SiteKind.MEETING_POINT))


def _new_page(form: DistributionForm) -> str:
    return render_template("distributions/form.html", form=form, distribution=None, groups=GROUPS)


@bp.get("/admin/sites")
@requires(Permission.MANAGE_SETUP)
def list_sites() -> Response | str:
    """List warehouses and meeting points."""
    words = searched()
    query = sites.search(words)
    if wants_csv():
        header = [_("Name"), _("Name in French"), _("Kind"), _("Open")]
        rows = (
            [each.name, each.name_fr, KIND_NAMES[SiteKind(each.kind)], _("no") if each.closed_at else _("yes")]
            for each in db.session.scalars(query).all()
        )
        return csv_response("sites.csv", header, rows)
    page = paginate(db.session, query, page_number())
    kinds = [(kind, list(rows)) for kind, rows in groupby(page.rows, lambda each: each.kind)]
    return render_template("distributions/sites.html", page=page, kinds=kinds, words=words, kind_names=KIND_NAMES)


@bp.route("/admin/sites/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_SETUP)
def new_site() -> Response | tuple[str, int]:
    """Make a site."""
    form = SiteForm()
    actor_id = current_user.id
    if form.accepts(lambda: sites.create.once(form.token)(actor_id=actor_id, kind=form.kind.data, **form.answers)):
        flash(_("%(name)s is there now.", name=form.name.data))
        return see_other("/admin/sites")
    return render_template("distributions/site_form.html", form=form, site=None), form.status


@bp.route("/admin/sites/<int:site_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_SETUP)
def edit_site(site_id: int) -> Response | tuple[str, int]:
    """Change what a site is called and where it is."""
    form = SiteForm(obj=sites.get(db.session, site_id))
    actor_id = current_user.id
    if form.accepts(lambda: sites.edit.once(form.token)(actor_id=actor_id, site_id=site_id, **form.answers)):
        flash(_("Saved."))
        return see_other("/admin/sites")
    return render_template("distributions/site_form.html", form=form, site=sites.get(db.session, site_id)), form.status


@bp.post("/admin/sites/<int:site_id>/close")
@requires(Permission.MANAGE_SETUP)
def close_site(site_id: int) -> Response:
    """Offer a site no more."""
    try:
        sites.close(actor_id=current_user.id, site_id=site_id)
        flash(_("Closed. Nothing new can be planned there; open it again any time."))
    except Conflict as error:
        flash(translate(error.message), "bad")
    return see_other("/admin/sites")


@bp.post("/admin/sites/<int:site_id>/reopen")
@requires(Permission.MANAGE_SETUP)
def reopen_site(site_id: int) -> Response:
    """Offer a closed site again."""
    sites.reopen(actor_id=current_user.id, site_id=site_id)
    flash(_("Open again."))
    return see_other("/admin/sites")
