"""Files that somebody uploaded: kept from their preview until they are imported, or for a day."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from ..clock import now
from ..commands import command
from ..errors import Invalid, NotFound, msg
from .importing_boxes import BoxPlan, plan_boxes, write_boxes
from .importing_here import warehouse_named
from .importing_products import plan_products, write_products
from .lookup import open_warehouse
from .models import ImportKind, ImportUpload
from .spreadsheets.learning import remember_mapping, teach, value_key
from .spreadsheets.matching import PREFIX, SHELF, ColumnMapping, Unknown, look
from .spreadsheets.planning import checked, plan

KEPT = timedelta(days=1)


@command
def keep(
    session: Session,
    *,
    actor_id: int,
    kind: str,
    content: bytes,
    warehouse_id: int | None = None,
    new_warehouse: str = "",
    filename: str = "",
    mapped: bool = False,
) -> int:
    """Keep a file until it is imported; return its id. Files a day old go.

    `mapped`: its columns are to be matched first (see `map_columns`). Its boxes go into a warehouse that is there, or into `new_warehouse`, which the import makes unless there is one of
    this name. Raises `Invalid` or `Conflict` at either.
    """
    if new_warehouse and warehouse_id:
        raise Invalid(msg("Choose a warehouse, or name a new one, not both."), "new_warehouse")
    if new_warehouse:
        there = warehouse_named(session, new_warehouse, "new_warehouse")
        warehouse_id = there.id if there else None
    if warehouse_id is not None:
        open_warehouse(session, warehouse_id)
    session.execute(delete(ImportUpload).where(ImportUpload.created_at < now() - KEPT))
    upload = ImportUpload(
        kind=ImportKind(kind),
        person_id=actor_id,
        warehouse_id=warehouse_id,
        new_warehouse=new_warehouse.strip() if new_warehouse and warehouse_id is None else None,
        filename=filename[-80:],
        mapping={} if mapped else None,
        content=content,
        created_at=now(),
    )
    session.add(upload)
    session.flush()
    return upload.id


@command
def map_columns(
    session: Session,
    *,
    actor_id: int,
    upload_id: int,
    columns: Mapping[str, int],
    name: str,
    prefix: str = PREFIX,
    shelf: str = SHELF,
) -> int:
    """Say which column of a kept file is what (our fields to places, from 0), and remember it; return the file's id.

    Raises NotFound, and Invalid at `column_<field>` or `name`.
    """
    upload = kept(session, actor_id, upload_id)
    layout = look(upload.content)
    found = checked(layout, columns)
    remember_mapping(session, layout.headings, name, found)
    upload.mapping = ColumnMapping({str(what): key for what, key in found.items()}, prefix, shelf).plain()
    return upload_id


@command
def match_values(
    session: Session,
    *,
    actor_id: int,
    upload_id: int,
    matches: Sequence[Mapping[str, Any]],
    new: Sequence[Sequence[str]],
) -> int:
    """Remember what values of a kept file mean, and which are new (each a kind, context and text); return how many.

    Raises NotFound, and Invalid for what can't be meant.
    """
    upload = kept(session, actor_id, upload_id)
    mapping = ColumnMapping(**(upload.mapping or {"columns": {}}))
    found = [[kind, context, value_key(text)] for kind, context, text in new]
    upload.mapping = replace(mapping, new=[*mapping.new, *(each for each in found if each not in mapping.new)]).plain()
    return teach(session, actor_id, matches)


@command
def use(
    session: Session, *, actor_id: int, upload_id: int, add_missing: bool = False, add_warehouses: bool = True
) -> dict[str, int]:
    """Import a kept file and let go of it; return how many of each thing. Raises `Invalid` when a row is bad."""
    upload = kept(session, actor_id, upload_id)
    warehouse = target(upload)
    if warehouse is not None:
        what, _unknown = planned(session, upload, warehouse, add_missing=add_missing, add_warehouses=add_warehouses)
        done = write_boxes(session, what, warehouse, actor_id=actor_id)
    else:
        done = write_products(session, plan_products(session, upload.content), actor_id=actor_id)
    session.delete(upload)
    return done


@command
def discard(session: Session, *, actor_id: int, upload_id: int) -> int:
    """Let go of a kept file without importing it."""
    session.delete(kept(session, actor_id, upload_id))
    return upload_id


def planned(
    session: Session, upload: ImportUpload, warehouse: str, *, add_missing: bool, add_warehouses: bool
) -> tuple[BoxPlan, Sequence[Unknown]]:
    """Return what importing a kept file of boxes would do, and which values of it are not known."""
    if upload.mapping is None:
        return plan_boxes(session, upload.content, warehouse, add_missing=add_missing), ()
    mapping = ColumnMapping(**upload.mapping) if upload.mapping else ColumnMapping({})
    return plan(session, upload.content, warehouse, mapping, add_missing=add_missing, add_warehouses=add_warehouses)


def target(upload: ImportUpload) -> str | None:
    """Return the name of the warehouse into which a file's boxes go; none for a file of products."""
    return upload.warehouse.name if upload.warehouse is not None else upload.new_warehouse


def kept(session: Session, person_id: int, upload_id: int) -> ImportUpload:
    """Return a file that this person uploaded in the last day. Raises `NotFound`, also for somebody else's."""
    upload = session.scalars(
        select(ImportUpload)
        .where(
            ImportUpload.id == upload_id,
            ImportUpload.person_id == person_id,
            ImportUpload.created_at >= now() - KEPT,
        )
        .options(joinedload(ImportUpload.warehouse))
    ).one_or_none()
    if upload is None:
        raise NotFound(msg("This file is not here any more: it was imported, or is older than a day."))
    return upload
