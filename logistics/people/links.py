"""Links sent by mail: good once, for one person and purpose, until they expire. Only their hash is kept."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from ..clock import now
from ..errors import NotFound, msg
from .models import LinkPurpose, MailedLink

LIFETIME = {LinkPurpose.CONFIRM_EMAIL: timedelta(days=3), LinkPurpose.RESET_PASSWORD: timedelta(hours=1)}
INVITATION_LIFETIME = timedelta(days=7)


class SpentLink(NotFound):
    """The link was used, is too old, or was never sent."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(msg("This link was used already, or is too old."))


def make_link(session: Session, person_id: int, purpose: LinkPurpose, lifetime: timedelta | None = None) -> str:
    """Step: store a new link and return its token, which only the mail will know."""
    token = secrets.token_urlsafe(32)
    at = now()
    session.add(
        MailedLink(
            person_id=person_id,
            purpose=purpose,
            token_hash=_hash(token),
            created_at=at,
            expires_at=at + (lifetime or LIFETIME[purpose]),
        )
    )
    return token


def whose_link(session: Session, purpose: LinkPurpose, token: str) -> int:
    """Return whose link this is. Raises `SpentLink` for one that is used, too old or made up."""
    person_id = session.scalar(select(MailedLink.person_id).where(*_good(purpose, token)))
    if person_id is None:
        raise SpentLink
    return person_id


def use_link(session: Session, purpose: LinkPurpose, token: str) -> int:
    """Step: use a link up and return whose it was; of two at once one wins. Raises `SpentLink` like `whose_link`."""
    person_id: int | None = session.scalar(
        update(MailedLink).where(*_good(purpose, token)).values(used_at=now()).returning(MailedLink.person_id)
    )
    if person_id is None:
        raise SpentLink
    return person_id


def spend_links(session: Session, person_id: int, purpose: LinkPurpose) -> None:
    """Step: make every other link of this purpose useless."""
    session.execute(
        update(MailedLink)
        .where(MailedLink.person_id == person_id, MailedLink.purpose == purpose, MailedLink.used_at.is_(None))
        .values(used_at=now())
    )


def purge(session: Session) -> None:
    """Step: delete links that were used or are too old."""
    session.execute(delete(MailedLink).where(or_(MailedLink.used_at.is_not(None), MailedLink.expires_at <= now())))


def _good(purpose: LinkPurpose, token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        MailedLink.token_hash == _hash(token),
        MailedLink.purpose == purpose,
        MailedLink.used_at.is_(None),
        MailedLink.expires_at > now(),
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
