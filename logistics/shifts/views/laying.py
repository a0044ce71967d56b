"""Pages that lay a pattern over days or a distribution, or copy a crew plan: first what would be made, then the deed."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from flask import flash, render_template, request
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db
from ...distributions import service as distributions
from ...distributions import sites
from ...distributions.models import Distribution, SiteKind
from ...errors import DomainError, Invalid, msg
from ...people.access import Permission, requires
from ...web import filters
from ...web.asked import day_asked, number_in
from ...web.forms import BaseForm
from ...web.redirects import see_other
from ..forms.patterns import DaysForm
from ..models import Shift
from ..plans import drafts, laying, patterns
from ..plans.drafts import Draft
from .blueprint import bp
from .patterns import PATH
from .words import skipped

MOST_SOURCES = 100


@bp.get("/shifts/patterns/from-a-day")
@requires(Permission.PLAN_SHIFTS)
def choose_day() -> Response | str:
    """Choose the warehouse day whose shifts become a pattern."""
    return render_template(
        "shifts/pattern_of_day.html",
        sites=filters.by_name(sites.open_sites(db.session, SiteKind.WAREHOUSE)),
        today=filters.local_date(now()),
    )


@bp.route("/shifts/patterns/<int:pattern_id>/days", methods=["GET", "POST"])
@requires(Permission.PLAN_SHIFTS)
def choose_days(pattern_id: int) -> Response | tuple[str, int]:
    """Choose the days to lay a pattern over; ?first= and ?last= (and ?on=, days of the week) show what it would make."""
    first, last, weekdays = day_asked("first"), day_asked("last"), _weekdays()
    form = DaysForm(data={"first_day": first, "last_day": last, "weekdays": weekdays})
    if form.accepts(lambda: _days(form.first_day.data, form.last_day.data, form.weekdays.data)):
        on = "".join(str(day) for day in form.weekdays.data)
        last_day = form.last_day.data or form.first_day.data
        return see_other(f"{PATH}/{pattern_id}/days?first={form.first_day.data}&last={last_day}&on={on}#made")
    days: list[date] = []
    if first and not form.is_submitted():
        try:
            days = _days(first, last, weekdays)
        except DomainError as error:
            form.refuse(error)
    return _days_page(pattern_id, form, BaseForm(), days)


@bp.post("/shifts/patterns/<int:pattern_id>/lay")
@requires(Permission.PLAN_SHIFTS)
def lay(pattern_id: int) -> Response | tuple[str, int]:
    """Lay a pattern over the days that are ticked."""
    form, actor_id, zone = BaseForm(), current_user.id, filters.zone()
    days = _ticked()
    if form.accepts(
        lambda: laying.lay_over_days.once(form.token)(actor_id=actor_id, pattern_id=pattern_id, days=days, zone=zone)
    ):
        flash(_told(form.result))
        return see_other(f"{PATH}/{pattern_id}")
    return _days_page(pattern_id, DaysForm(formdata=None), form, [])


@bp.route("/distributions/<int:distribution_id>/crew-plan", methods=["GET", "POST"])
@requires(Permission.PLAN_SHIFTS)
def crew_plan(distribution_id: int) -> Response | tuple[str, int]:
    """Give a distribution the shifts of a pattern, or of another distribution: ?of=pattern-3 or ?of=distribution-7."""
    form, actor_id, zone = BaseForm(), current_user.id, filters.zone()
    kind, number = _source(request.form.get("of") or request.args.get("of", ""))

    def make() -> Any:
        if kind == "pattern":
            return laying.lay_over_distribution.once(form.token)(
                actor_id=actor_id, pattern_id=number, distribution_id=distribution_id, zone=zone
            )
        if kind == "distribution":
            return laying.copy_crew_plan.once(form.token)(
                actor_id=actor_id, source_id=number, distribution_id=distribution_id, zone=zone
            )
        raise Invalid(msg("Choose a pattern, or a distribution to copy from."))

    if form.accepts(make):
        flash(_told(form.result))
        return see_other(f"/distributions/{distribution_id}")
    target = distributions.get(db.session, distribution_id)
    found: Sequence[Draft] = []
    if kind == "pattern":
        patterns.get(db.session, number)
        found = laying.plan_distribution(db.session, number, target, zone)
    elif kind == "distribution":
        found = laying.plan_copy(db.session, distributions.get(db.session, number), target, zone)
    return render_template(
        "shifts/crew_plan.html",
        form=form,
        d=target,
        over=target.state in ("closed", "cancelled"),
        of=f"{kind}-{number}",
        chosen=bool(kind),
        patterns=patterns.open_patterns(db.session),
        sources=_sources(distribution_id),
        **_seen(found),
    ), form.status


def _days_page(pattern_id: int, form: DaysForm, sure: BaseForm, days: Sequence[date]) -> tuple[str, int]:
    pattern = patterns.get(db.session, pattern_id)
    found = laying.plan_days(db.session, pattern_id, days, filters.zone())
    return render_template(
        "shifts/pattern_days.html",
        form=form,
        sure=sure,
        pattern=pattern,
        today=filters.local_date(now()),
        chosen=bool(days),
        most=drafts.MOST_SHIFTS,
        **_seen(found),
    ), max(form.status, sure.status)


def _seen(found: Sequence[Draft]) -> dict[str, Any]:
    """Return what a page shows of drafts: by day, how many would be made, and why the others would not."""
    reasons = Counter(draft.skip for draft in found if draft.skip)
    return {
        "days": [(day, list(of_day)) for day, of_day in groupby(found, key=lambda draft: draft.day)],
        "made": len(found) - reasons.total(),
        "reasons": [(skipped(reason), number) for reason, number in reasons.most_common()],
        "skipped": skipped,
    }


def _days(first: date | None, last: date | None, weekdays: Sequence[int]) -> list[date]:
    assert first is not None  # the form requires it
    return laying.days_between(first, last or first, weekdays, filters.local_date(now()))


def _weekdays() -> list[int]:
    return [number for number in range(7) if str(number) in request.args.get("on", "")]


def _ticked() -> list[date]:
    found = []
    for text in request.form.getlist("day")[: laying.MOST_DAYS + 1]:
        try:
            found.append(date.fromisoformat(text))
        except ValueError:
            continue
    return found


def _source(text: str) -> tuple[str, int]:
    kind, _dash, number = text.partition("-")
    return (kind, number_in(number)) if kind in ("pattern", "distribution") else ("", 0)


def _sources(but: int) -> Sequence[Any]:
    """Return the last distributions that have shifts, the newest first."""
    crewed = select(Shift.id).where(Shift.distribution_id == Distribution.id, Shift.cancelled_at.is_(None)).exists()
    return db.session.execute(
        select(Distribution.id, Distribution.title, Distribution.starts_at)
        .where(Distribution.id != but, crewed)
        .order_by(Distribution.starts_at.desc(), Distribution.id.desc())
        .limit(MOST_SOURCES)
    ).all()


def _told(done: dict[str, int]) -> str:
    said = [ngettext("%(num)d shift was made.", "%(num)d shifts were made.", done["made"])]
    if done["skipped"]:
        said.append(ngettext("%(num)d was left out.", "%(num)d were left out.", done["skipped"]))
    return " ".join(said)
