"""What happened to a distribution and who did it: its audit lines, as a colleague would tell them.

SENTENCES says how each action is told. An action that is not in it, or whose details are not as expected, is told
in general words, so that a new kind of line never breaks a page.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Select, literal, select, union_all
from sqlalchemy.orm import Session

from ..audit import AuditLine
from ..distributions.models import Site
from ..paging import Page, paginate
from ..people.models import Person
from ..stock.models import Gender, Product
from ..stock.words import for_whom, labelled
from ..web import filters
from ..web.i18n import spoken
from .names import ONE_SIZE

Details = Mapping[str, Any]
NAMES = ("product", "by", "warehouse")  # details that are names
LATEST = 12  # shown on the distribution's page; the rest is one link away

FIELDS = {
    "title": _l("the title"),
    "site_id": _l("the site"),
    "starts_at": _l("the start"),
    "ends_at": _l("the end"),
    "notes": _l("the notes"),
    "expected": _l("the people expected"),
}


@dataclass(frozen=True)
class Happening:
    """One line of a timeline: when, and what in words, who included."""

    at: datetime
    text: str


def latest(session: Session, distribution_id: int) -> Sequence[Happening]:
    """Return the last things that happened to a distribution, newest first, in one query (in French, two).

    One more than LATEST are returned when there are more.
    """
    return _told(session, session.execute(_lines(distribution_id).limit(LATEST + 1)).all())


def page(session: Session, distribution_id: int, number: int) -> Page[Happening]:
    """Return one page of all that happened to a distribution, newest first."""
    found = paginate(session, _lines(distribution_id), number)
    return Page(_told(session, found.rows), found.number, found.total, found.size)


def all_lines(session: Session, distribution_id: int) -> Sequence[Happening]:
    """Return all that happened to a distribution, newest first, for a download: at most some hundreds of lines."""
    return _told(session, session.execute(_lines(distribution_id)).all())


def _lines(distribution_id: int) -> Select[Any]:
    return (
        select(AuditLine.at, AuditLine.action, AuditLine.details, Person.name)
        .join_from(AuditLine, Person, AuditLine.actor_id == Person.id, isouter=True)
        .where(AuditLine.distribution_id == distribution_id)
        .order_by(AuditLine.id.desc())
    )


def _told(session: Session, rows: Sequence[Any]) -> list[Happening]:
    french = _french_names(session, rows) if spoken() == "fr" else {}
    return [
        _tell(
            at,
            action,
            details | {key: french[key, details[key]] for key in NAMES if (key, details.get(key)) in french},
            name,
        )
        for at, action, details, name in rows
    ]


def _french_names(session: Session, rows: Sequence[Any]) -> dict[tuple[str, Any], str]:
    """Return the French names of the products and warehouses in some lines, which keep their first names only."""
    names = {key: {row.details[key] for row in rows if isinstance(row.details.get(key), str)} for key in NAMES}
    products, stand_ins = (
        select(literal(key), Product.name, Product.name_fr).where(Product.name.in_(names[key]))
        for key in ("product", "by")
    )
    warehouses = select(literal("warehouse"), Site.name, Site.name_fr).where(Site.name.in_(names["warehouse"]))
    found = session.execute(union_all(products, stand_ins, warehouses))
    return {(key, name): name_fr for key, name, name_fr in found if name_fr}


def _tell(at: datetime, action: str, details: Details, name: str | None) -> Happening:
    who = name or _("Shoreline")
    return Happening(at, str(_("%(who)s %(did)s", who=who, did=sentence(action, details))))


def sentence(action: str, details: Details) -> str:
    """Return what was done, to follow the name of who did it; never fails."""
    tell = SENTENCES.get(action)
    if tell is not None:
        try:
            return tell(details)
        except (AttributeError, KeyError, TypeError, ValueError):
            pass
    return str(_("made a change (%(action)s)", action=action))


def _changed(details: Details) -> str:
    fields = [str(FIELDS[field]) for field in details["fields"] if field in FIELDS]
    starts_at = datetime.fromisoformat(details["starts_at"])
    if details["fields"] in (["starts_at"], ["ends_at", "starts_at"]):
        return str(_("moved the start to %(day)s, %(time)s", day=filters.day(starts_at), time=filters.time(starts_at)))
    if not fields:
        return str(_("saved the plan without changing it"))
    return str(_("changed %(what)s", what=", ".join(fields)))


def _list_changed(details: Details) -> str:
    if "warehouse" in details:
        return str(_("chose %(warehouse)s to pack from", warehouse=details["warehouse"]))
    if not details["quantity"]:
        return str(_("took %(product)s off the packing list", product=_product(details)))
    return str(_("planned %(quantity)s %(product)s", quantity=_figure(details, "quantity"), product=_product(details)))


def _stood_in(details: Details) -> dict[str, str]:
    """Return what a line about a stand-in says: how many of what, instead of what."""
    by = {"product": details["by"], "gender": details["by_gender"], "size": details["by_size"]}
    return {"quantity": _figure(details, "quantity"), "what": _sized(details), "by": _sized(by)}


def _product(details: Details) -> str:
    """Return a product with whom it is for; lines of before say its name alone."""
    whom = for_whom(details.get("gender", Gender.NONE))
    return str(_("%(product)s (%(whom)s)", product=details["product"], whom=whom)) if whom else str(details["product"])


def _sized(details: Details) -> str:
    size = "" if details["size"].casefold() == ONE_SIZE else f" {labelled(details['size'])}"
    return f"{_product(details)}{size}"


def _goods(details: Details) -> dict[str, str]:
    """Return what a line about one box says: how many of what."""
    return {
        "quantity": _figure(details, "quantity"),
        "what": _sized(details),
        "code": details["code"],
        "shelf": details["shelf"],
    }


def _promise_taken(details: Details) -> str:
    return str(
        _(
            "took back the promise of %(quantity)s %(what)s: box %(code)s holds less than was thought",
            **_goods({"shelf": "", **details}),
        )
    )


def _promise_expired(details: Details) -> str:
    return str(
        _(
            "took back the promise of %(quantity)s %(what)s: what is there is past its date",
            **_goods({"shelf": "", **details}),
        )
    )


def _packed_all(details: Details) -> str:
    return str(
        ngettext(
            "packed all that was left: %(quantity)s from %(num)d box",
            "packed all that was left: %(quantity)s from %(num)d boxes",
            details["boxes"],
            quantity=_figure(details, "quantity"),
        )
    )


def _counted(details: Details) -> str:
    return str(
        _(
            "counted: %(handed_out)s handed out, %(came_back)s came back, %(lost)s lost or spoiled",
            **{name: _figure(details, name) for name in ("handed_out", "came_back", "lost")},
        )
    )


def _recounted(details: Details) -> str:
    return str(
        _(
            "corrected a count: now %(handed_out)s handed out, %(came_back)s came back, %(lost)s lost or spoiled",
            **{name: _figure(details, name) for name in ("handed_out", "came_back", "lost")},
        )
    )


def _debriefed(details: Details) -> str:
    if any(field.startswith("served_") for field in details["fields"]):
        return str(
            ngettext(
                "wrote down %(people)s person served",
                "wrote down %(people)s people served",
                details["people"],
                people=_figure(details, "people"),
            )
        )
    return str(_("wrote the debrief"))


def _shift_moved(details: Details) -> str:
    starts_at = datetime.fromisoformat(details["starts_at"])
    return str(
        ngettext(
            "moved a shift to %(day)s, %(time)s and told %(num)d person",
            "moved a shift to %(day)s, %(time)s and told %(num)d people",
            details["told"],
            day=filters.short_day(starts_at),
            time=filters.time(starts_at),
        )
    )


def _called_out(details: Details) -> str:
    return str(
        ngettext(
            "asked %(num)d person to fill in on a shift", "asked %(num)d people to fill in on a shift", details["asked"]
        )
    )


def _crewed(details: Details) -> str:
    if "pattern" in details:
        return str(ngettext("added %(num)d shift of a pattern", "added %(num)d shifts of a pattern", details["made"]))
    return str(
        ngettext(
            "copied %(num)d shift of another distribution",
            "copied %(num)d shifts of another distribution",
            details["made"],
        )
    )


def _called_off(details: Details) -> str:
    return str(
        ngettext(
            "called off a shift and told %(num)d person",
            "called off a shift and told %(num)d people",
            details["told"],
        )
    )


def _money(details: Details) -> str:
    return filters.money(details["amount"], details["currency"])


def _figure(details: Details, name: str) -> str:
    return filters.number(int(details[name]))


SENTENCES: dict[str, Callable[[Details], str]] = {
    "distribution.created": lambda d: str(_("planned this distribution")),
    "distribution.changed": _changed,
    "distribution.packing": lambda d: str(_("began packing")),
    "distribution.packed": lambda d: str(_("packed %(quantity)s %(what)s from box %(code)s", **_goods(d))),
    "distribution.packed_all": _packed_all,
    "distribution.put_back": lambda d: str(_("put %(quantity)s %(what)s back on %(shelf)s", **_goods(d))),
    "distribution.promise_taken": _promise_taken,
    "distribution.promise_expired": _promise_expired,
    "distribution.out": lambda d: str(_("sent the van off")),
    "distribution.returned": lambda d: str(_("brought the van back")),
    "distribution.counted": _counted,
    "distribution.recounted": _recounted,
    "distribution.debriefed": _debriefed,
    "distribution.closed": lambda d: str(_("closed the books")),
    "distribution.cancelled": lambda d: str(_("called the distribution off")),
    "packing_list.changed": _list_changed,
    "packing_list.recounted": lambda d: str(_("changed the number of people, so the packing list was counted again")),
    "packing_list.stood_in": lambda d: str(_("chose %(quantity)s %(by)s instead of %(what)s", **_stood_in(d))),
    "packing_list.stood_in_back": lambda d: str(
        _("asked for %(quantity)s %(what)s again instead of %(by)s", **_stood_in(d))
    ),
    "shift.created": lambda d: str(_("added a shift")),
    "shift.changed": lambda d: str(_("changed a shift")),
    "shift.moved": _shift_moved,
    "shift.called_off": _called_off,
    "shift.called_out": _called_out,
    "distribution.pattern_laid": _crewed,
    "distribution.crew_copied": _crewed,
    "shift.hours_corrected": lambda d: str(_("corrected hours worked on a shift")),
    "shift.signed_up": lambda d: str(_("signed up for a shift")),
    "shift.waiting_joined": lambda d: str(_("joined the waiting list of a shift")),
    "shift.waiting_left": lambda d: str(_("left the waiting list of a shift")),
    "shift.offered": lambda d: str(_("offered a free place to the next in line")),
    "shift.offer_accepted": lambda d: str(_("took the place they were offered")),
    "shift.offer_declined": lambda d: str(_("said no to the place they were offered")),
    "shift.offer_lapsed": lambda d: str(_("passed on a place whose offer had lapsed")),
    "shift.person_added": lambda d: str(_("put someone on a shift")),
    "shift.person_added_beyond": lambda d: str(_("put someone on a full shift, beyond its places")),
    "shift.person_removed": lambda d: str(_("took someone off a shift")),
    "shift.sign_up_cancelled": lambda d: str(_("can't come to a shift any more")),
    "spend.recorded": lambda d: str(_("recorded a cost of %(amount)s", amount=_money(d))),
    "spend.withdrawn": lambda d: str(_("took back a cost of %(amount)s", amount=_money(d))),
}
