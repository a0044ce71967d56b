"""The first page: the charity's front page for the world, the day's work for those who are signed in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta, tzinfo
from itertools import groupby

from flask import current_app, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..clock import midnight, now
from ..db import db
from ..distributions import listing as distributions
from ..distributions.models import Distribution, DistributionState
from ..distributions.words import STATE_KINDS, STATE_NAMES
from ..operations.board import standings_of
from ..operations.setup import first_steps
from ..paging import PAGE_SIZE, cut
from ..people.access import Permission, may
from ..shifts import own, signing
from ..shifts.views import list_page
from ..shifts.views.rows import heading, moment
from ..stock import disposing
from ..stock.arriving import drop_offs
from ..web import filters
from ..web.asked import page_number
from ..web.i18n import translate
from ..web.permission import everyone
from .blueprint import bp
from .needs import most_needed

SHOWN_NEEDS = 5


@bp.get("/")
@everyone
def home() -> str:
    """Show the front page, or to those who are signed in, their day."""
    if current_user.is_authenticated:
        return _today()
    needs, can_bring = most_needed(db.session, SHOWN_NEEDS), drop_offs.any_open(db.session)
    return render_template("public/home.html", needs=needs, can_bring=can_bring)


def _today() -> str:
    sees, takes = may(Permission.SEE_DISTRIBUTIONS), may(Permission.TAKE_SHIFTS)
    if takes and not sees:
        return _shifts_to_take()
    ahead = own.ahead(db.session, current_user.id) if takes else own.Ahead()
    found = today_and_tomorrow(db.session) if sees else []
    plans = may(Permission.PLAN_DISTRIBUTIONS)
    steps = first_steps(db.session) if may(Permission.MANAGE_SETUP) else []
    return render_template(
        "public/today.html",
        greeting=_greeting(current_user.name),
        day=filters.local_date(now()),
        next_shift=ahead.on[0].shift if ahead.on else None,
        late=signing.is_late,
        later=len(ahead.on) - 1,
        offered=ahead.offered,
        sees=sees,
        days=_by_day(found),
        more=len(found) == PAGE_SIZE,
        overdue=distributions.count_overdue(db.session, midnight(filters.local_date(now()), _zone())) if plans else 0,
        past_date=disposing.any_past(db.session) if may(Permission.MOVE_STOCK) else 0,
        standings=standings_of(db.session, found, filters.named) if found else {},
        steps=len(steps),
        done=sum(step.done for step in steps),
        state_names=STATE_NAMES,
        state_kinds=STATE_KINDS,
        heading=heading,
        moment=moment,
        translate=translate,
    )


def _shifts_to_take() -> str:
    """Show a volunteer's own home: what comes next, and one list to take the next shift from with one tap."""
    asked = list_page.asked()
    shown = list_page.show(replace(asked, mine="for" not in request.args), page_number(), current_user.id, level=3)
    roles, sites = shown.found.roles, shown.found.sites
    return render_template(
        "public/volunteer.html",
        greeting=_greeting(current_user.name),
        shown=shown,
        page=shown.found.page,
        fits=shown.fitting,
        wished=[filters.named(roles[role_id]) for role_id in shown.fitting.role_ids if role_id in roles],
        roles=roles,
        sites=sites,
        offered=[shift for shift in shown.found.mine if shift.lapses_at],
        later=sum(shift.on_it for shift in shown.found.mine) - 1,
        heading=heading,
        moment=moment,
    )


def today_and_tomorrow(session: Session) -> Sequence[Distribution]:
    """Return the distributions of today and tomorrow with their sites, the first PAGE_SIZE of them, in one query.

    One that began yesterday evening and ends today is today's too; one called off is nobody's work any more.
    """
    today = filters.local_date(now())
    begins, ends = midnight(today, _zone()), midnight(today + timedelta(days=2), _zone())
    query = (
        select(Distribution)
        .where(
            Distribution.starts_at >= begins - timedelta(days=1),
            Distribution.ends_at > begins,
            Distribution.starts_at < ends,
            Distribution.state != DistributionState.CANCELLED,
        )
        .options(joinedload(Distribution.site))
        .order_by(Distribution.starts_at, Distribution.id)
    )
    return session.scalars(cut(query, 1)).all()


def _zone() -> tzinfo:
    zone: tzinfo = current_app.extensions["shoreline_settings"].timezone
    return zone


def _by_day(found: Sequence[Distribution]) -> list[tuple[date, list[Distribution]]]:
    return [(day, list(rows)) for day, rows in groupby(found, lambda each: filters.local_date(each.starts_at))]


def _greeting(name: str) -> str:
    first = name.split(" ")[0]
    hour = now().astimezone(_zone()).hour
    if 5 <= hour < 12:
        return str(_("Good morning, %(name)s", name=first))
    if 12 <= hour < 18:
        return str(_("Good afternoon, %(name)s", name=first))
    return str(_("Good evening, %(name)s", name=first))
