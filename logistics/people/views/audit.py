"""The audit log: who did what, when."""

from collections.abc import Iterator
from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Select, or_, select

from ...audit import AuditLine
from ...db import db, stream
from ...paging import paginate
from ...web.asked import page_number, wants_csv
from ...web.csv import csv_response
from ...web.filters import stamp
from ..access import Permission, requires
from ..models import Person
from .blueprint import bp

FILTERS = ("q", "action", "subject", "id")


@bp.get("/admin/audit")
@requires(Permission.SEE_AUDIT)
def audit_log() -> str | Response:
    """List every change, newest first, by person, action and subject."""
    filters = {name: request.args.get(name, "").strip()[:80] for name in FILTERS}
    query = _query(filters)
    if wants_csv():
        header = [_("When"), _("Who"), _("Action"), _("Subject"), _("Id"), _("Details")]
        return csv_response("audit.csv", header, _rows(query))
    page = paginate(db.session, query, page_number())
    return render_template("admin/audit.html", page=page, filters=filters, details=_details)


def _query(filters: dict[str, str]) -> Select[AuditLine, str]:
    query = (
        select(AuditLine, Person.name)
        .outerjoin(Person, Person.id == AuditLine.actor_id)
        .order_by(AuditLine.at.desc(), AuditLine.id.desc())
    )
    if filters["q"]:
        query = query.where(
            or_(Person.name.icontains(filters["q"], autoescape=True), Person.email == filters["q"].lower())
        )
    if filters["action"]:
        query = query.where(AuditLine.action.icontains(filters["action"], autoescape=True))
    if filters["subject"]:
        query = query.where(AuditLine.subject == filters["subject"])
    if filters["id"]:
        query = query.where(AuditLine.subject_id == filters["id"])
    return query


def _rows(query: Select[AuditLine, str]) -> Iterator[list[Any]]:
    for line, name in stream(db.session, query):
        yield [stamp(line.at), name or _("Shoreline"), line.action, line.subject, line.subject_id, _details(line)]


def _details(line: AuditLine) -> str:
    """Return "quantity 5, fields name + phone"."""
    facts = {**line.details, **({"distribution": line.distribution_id} if line.distribution_id else {})}
    return ", ".join(
        f"{name} {' + '.join(map(str, value)) if isinstance(value, list) else value}" for name, value in facts.items()
    )
