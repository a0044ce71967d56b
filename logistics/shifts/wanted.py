"""Which shifts a list shows, and what that means to the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, bindparam, exists, or_, select

from ..clock import now
from ..distributions.models import Site
from .day_models import RoleWish
from .models import Role, Shift, SignUp, SignUpState

_shift, _sign_up, _role, _site = (thing.__table__.c for thing in (Shift, SignUp, Role, Site))
_wish = RoleWish.__table__.c
ME: ColumnElement[int] = bindparam("person_id", type_=Integer)


@dataclass(frozen=True)
class Wanted:
    """Which shifts a list shows: those that begin from `since` (none: from now on) until before `until`, if any.

    `words` are looked for in the names of role and site. `person_id` is for whom: with `wished` only roles that they
    wished for, if they wished for any; with `free` only shifts with a place, outside the times of their own, and
    none of `not_yet`, the roles that they may not do yet, nor of `not_these`, single shifts that are not theirs.
    """

    role_id: int | None = None
    site_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    person_id: int = 0
    wished: bool = False
    free: bool = False
    not_yet: tuple[int, ...] = ()
    not_these: tuple[int, ...] = ()

    @property
    def shape(self) -> tuple[bool, ...]:
        """Return what is asked for, without the values: one statement serves all of one shape."""
        one = self.role_id is not None, self.site_id is not None
        return *one, self.until is not None, bool(self.words), self.wished, self.free

    @property
    def values(self) -> dict[str, Any]:
        """Return the values that the statement of this shape takes."""
        known: dict[str, Any] = {"since": self.since or now()}
        if self.until is not None:
            known["until"] = self.until
        if self.role_id is not None:
            known["role_id"] = self.role_id
        if self.site_id is not None:
            known["site_id"] = self.site_id
        if self.words:
            known["words"] = f"%{self.words.replace('/', '//').replace('%', '/%').replace('_', '/_')}%"
        if self.wished or self.free:
            known["person_id"] = self.person_id
        if self.free:
            known["not_yet"] = list(self.not_yet)
            known["not_these"] = list(self.not_these)
        return known


def conditions(role: bool, site: bool, until: bool, words: bool, wished: bool, free: bool) -> list[ColumnElement[bool]]:
    """Return what a shift must be to be in a list of this shape."""
    which = [_shift.cancelled_at.is_(None), _shift.starts_at >= bindparam("since")]
    if until:
        which.append(_shift.starts_at < bindparam("until"))
    if role:
        which.append(_shift.role_id == bindparam("role_id"))
    if site:
        which.append(_shift.site_id == bindparam("site_id"))
    if words:
        which.append(or_(_shift.role_id.in_(_called(_role)), _shift.site_id.in_(_called(_site))))
    if wished:
        wishes = select(_wish.role_id).where(_wish.person_id == ME)
        which.append(or_(_shift.role_id.in_(wishes), ~exists(wishes)))
    if free:
        which += [_shift.filled < _shift.maximum, ~_clashing()]
        which.append(_shift.role_id.not_in(bindparam("not_yet", expanding=True)))
        which.append(_shift.id.not_in(bindparam("not_these", expanding=True)))
    return which


def _called(of: Any) -> Select[int]:
    pattern = bindparam("words", type_=String)
    return select(of.id).where(or_(of.name.ilike(pattern, escape="/"), of.name_fr.ilike(pattern, escape="/")))


def _clashing() -> ColumnElement[bool]:
    other = Shift.__table__.alias("other")
    return exists(
        select(other.c.id)
        .join(SignUp.__table__, _sign_up.shift_id == other.c.id)
        .where(
            _sign_up.person_id == ME,
            _sign_up.state == SignUpState.CONFIRMED,
            other.c.starts_at < _shift.ends_at,
            other.c.ends_at > _shift.starts_at,
        )
    )
