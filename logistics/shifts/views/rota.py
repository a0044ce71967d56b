"""The rota on A4, for the wall: of a day, and of a distribution."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from flask import current_app, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...clock import midnight, now
from ...db import db
from ...distributions import service as distributions
from ...people.access import Permission, requires
from ...web import filters
from ...web.asked import day_asked, wants_csv
from ...web.csv import csv_response
from ...web.i18n import said
from ..day import rota
from ..day.running import Task
from .blueprint import bp


@bp.get("/rota")
@requires(Permission.RUN_DISTRIBUTIONS)
def day_rota() -> Response | str:
    """Show the rota of ?day=, today unless said."""
    day = day_asked("day") or filters.local_date(now())
    zone = current_app.extensions["shoreline_settings"].timezone
    tasks = rota.of_day(db.session, midnight(day, zone), midnight(day + timedelta(days=1), zone))
    if wants_csv():
        return _csv(f"rota-{day}.csv", tasks)
    return _page(tasks, day=day, before=day - timedelta(days=1), after=day + timedelta(days=1), d=None)


@bp.get("/distributions/<int:distribution_id>/rota")
@requires(Permission.RUN_DISTRIBUTIONS)
def distribution_rota(distribution_id: int) -> Response | str:
    """Show the rota of a distribution."""
    d = distributions.get(db.session, distribution_id)
    tasks = rota.of_distribution(db.session, distribution_id)
    if wants_csv():
        return _csv(f"rota-{distribution_id}.csv", tasks)
    return _page(tasks, d=d, day=filters.local_date(d.starts_at))


def _page(tasks: Sequence[Task], **values: Any) -> str:
    lines = [(task, rota.names(task), rota.blanks(task)) for task in tasks]
    return render_template("shifts/rota.html", lines=lines, said=said, **values)


def _csv(filename: str, tasks: Sequence[Task]) -> Response:
    header = [_("Starts"), _("Ends"), _("Role"), _("Where"), _("Distribution"), _("Who"), _("Free places")]

    def rows() -> Iterator[list[Any]]:
        for task in tasks:
            times = [filters.stamp(task.starts_at), filters.stamp(task.ends_at)]
            yield [*times, said(task.role), said(task.site), task.title or "", ", ".join(rota.names(task)), task.free]

    return csv_response(filename, header, rows())
