"""The rota on A4, for the wall: of a day, and of a distribution."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
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


def _page(tasks: Sequence[Task], *, day: date, **values: Any) -> str:
    """Draw a rota that is headed by a day; if shifts begin on another one, each day has a heading of its own."""
    names = rota.names(tasks)
    lines: dict[date, list[Any]] = defaultdict(list)
    for task in tasks:
        lines[filters.local_date(task.starts_at)].append((task, rota.crew(task, names), rota.blanks(task)))
    return render_template("shifts/rota.html", days=lines, headed=any(each != day for each in lines), day=day, **values)


def _csv(filename: str, tasks: Sequence[Task]) -> Response:
    names = rota.names(tasks)
    header = [_("Starts"), _("Ends"), _("Role"), _("Where"), _("Distribution"), _("Who"), _("Free places")]

    def rows() -> Iterator[list[Any]]:
        for task in tasks:
            times = [filters.stamp(task.starts_at), filters.stamp(task.ends_at)]
            who = [_("%(name)s (lead)", name=name) if leads else name for name, leads in rota.crew(task, names)]
            yield [*times, said(task.role), said(task.site), task.title or "", ", ".join(who), task.free]

    return csv_response(filename, header, rows())
