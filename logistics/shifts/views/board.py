"""The briefing board: for the coordinator's tablet and the big screen of a warehouse."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...clock import midnight, now
from ...db import db
from ...distributions import sites
from ...distributions.models import Site, SiteKind
from ...errors import Conflict, NotFound, msg, name_of
from ...people.access import Permission, requires
from ...web import filters
from ...web.asked import id_asked
from ...web.forms import BaseForm
from .. import signing
from ..day import attendance, briefing, presence, rota
from ..day.attendance import Mark
from ..day.briefing import Briefing
from ..qualifying import eligibility
from . import live
from .blueprint import bp
from .live import Tap

FRAME, PART = "shifts/board.html", "shifts/board_now.html"
SCREEN = "shifts/board_screen.html", "shifts/board_screen_now.html"  # for everyone in the hall to see


@bp.get("/board")
@requires(Permission.RUN_DISTRIBUTIONS)
def board() -> Response:
    """Show who is here, who is expected and what is to be filled; ?live=1 only what changes, ?screen=1 on a wall."""
    if "screen" in request.args:
        return live.page(*SCREEN, lambda: _on_a_wall(_read()))
    return live.page(FRAME, PART, _read)


@bp.post("/board")
@requires(Permission.RUN_DISTRIBUTIONS)
def act_on_board() -> Response:
    """Put someone on a shift, write down that they came, or that they went home."""
    tap, site_id, actor_id = live.tapped(), id_asked("site"), current_user.id

    def do(form: BaseForm) -> str:
        if tap.what == "assign":
            return _assign(form, tap, site_id)
        if tap.what == "home":
            presence.send_home.once(form.token)(actor_id=actor_id, site_id=site_id, person_id=tap.person_id)
            return str(_("Written down: gone home."))
        if tap.what not in set(Mark):
            raise NotFound(msg("There is no such step."))
        attendance.mark.once(form.token)(
            actor_id=actor_id, shift_id=tap.shift_id, person_id=tap.person_id, what=tap.what, seen=tap.seen
        )
        return marked(tap)

    return live.act(do, FRAME, PART, _read, f"/board?site={site_id}")


def _assign(form: BaseForm, tap: Tap, site_id: int) -> str:
    """Put someone on a shift. What they would be told if they signed up themselves is said of them."""
    actor_id = current_user.id
    try:
        signing.add_person.once(form.token)(actor_id=actor_id, shift_id=tap.shift_id, person_id=tap.person_id)
        presence.begin_shifts.once(form.token)(actor_id=actor_id, site_id=site_id, person_id=tap.person_id)
    except signing.Clash as clash:
        raise Conflict(msg("They are on %(role)s at that time.", role=name_of(clash.other))) from clash
    except eligibility.NotYet as refusal:
        raise Conflict(
            msg("They can’t take it yet. Their page tells them: “%(why)s”", why=refusal.message)
        ) from refusal
    return str(_("On the shift, and told by mail."))


def marked(tap: Tap) -> str:
    """Return what was written down, in a sentence."""
    said = {
        Mark.ARRIVED: _("Written down: arrived."),
        Mark.LEFT: _("Written down: left."),
        Mark.COMPLETED: _("Written down: was there."),
        Mark.NO_SHOW: _("Written down: did not come."),
        Mark.UNRECORDED: _("Taken back: nothing is written down."),
    }
    return str(said[Mark(tap.what)])


def _read() -> dict[str, Any]:
    offered = sites.open_sites(db.session, SiteKind.WAREHOUSE)
    today = filters.local_date(now())
    zone = current_app.extensions["shoreline_settings"].timezone
    since, until = midnight(today, zone), midnight(today + timedelta(days=1), zone)
    site = _chosen(offered, since, until)
    return {
        "sites": offered,
        "site": site,
        "today": today,
        "board": briefing.read(db.session, site.id, until) if site else None,
        "soon": now() + attendance.OPENS,
    }


def _on_a_wall(values: dict[str, Any]) -> dict[str, Any]:
    """Return what a board shows, with everyone's name as a wall may say it."""
    seen: Briefing | None = values["board"]
    if seen is None:
        return values
    people = {each.person_id: each.name for each in seen.free}
    people |= {each.person_id: each.name for task in seen.tasks for each in task.people}
    return {**values, "wall": rota.wall_names(people)}


def _chosen(offered: Sequence[Site], since: datetime, until: datetime) -> Site | None:
    """Return the warehouse that the address names, or else the one with the most to do today.

    Raises NotFound for one that is not there.
    """
    wanted, found = id_asked("site"), {site.id: site for site in offered}
    if wanted and wanted not in found:
        raise NotFound(Site.NO_SUCH)
    if wanted or len(found) < 2:
        return found[wanted] if wanted else next(iter(offered), None)
    busiest = [found[number] for number in briefing.busiest(db.session, since, until) if number in found]
    by_name: list[Site] = filters.by_name(offered)
    return next(iter(busiest or by_name))
