"""What the stock holds about a person: who moved what, and files of theirs that wait to be imported."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..errors import msg
from ..holding import Holding, Section, Whose
from .models import ImportUpload

UPLOADS = Section(
    "uploads",
    msg("Files of yours that wait to be imported (kept for a day)"),
    {"kind": msg("Kind"), "created_at": msg("When")},
    lambda whose: (
        select(ImportUpload.kind, ImportUpload.created_at)
        .where(ImportUpload.person_id == whose.id)
        .order_by(ImportUpload.id)
    ),
    frozenset({"import_upload.person_id"}),
)


def forget(session: Session, whose: Whose) -> None:
    """Step: delete their files."""
    session.execute(delete(ImportUpload).where(ImportUpload.person_id == whose.id))


HOLDING = Holding(sections=(UPLOADS,), signs=frozenset({"movement.actor_id"}), forget=forget)
