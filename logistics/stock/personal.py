"""What the stock holds about a person: who moved what, and files of theirs that wait to be imported,
and deliveries they announced."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..errors import msg
from ..holding import Holding, Section, Whose
from .aisle import models as aisle
from .arriving import personal as arriving
from .counts import models as counts
from .kits import models as kits
from .models import ImportUpload
from .narrowing import personal as narrowing
from .purchases import models as purchases
from .transfers import models as transfers

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
    """Step: delete their files and their filters, and let go of the deliveries they announced."""
    session.execute(delete(ImportUpload).where(ImportUpload.person_id == whose.id))
    arriving.forget(session, whose)
    narrowing.forget(session, whose)


HOLDING = Holding(
    sections=(UPLOADS, arriving.DELIVERIES, narrowing.FILTERS),
    signs=frozenset({"movement.actor_id", "label.made_by"})
    | aisle.SIGNS
    | arriving.SIGNS
    | counts.SIGNS
    | kits.SIGNS
    | purchases.SIGNS
    | transfers.SIGNS,
    forget=forget,
)
