"""The ledger as people read it: every movement, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from ..distributions.models import Distribution, Site
from ..paging import KeyedList, Query
from ..people.models import Person
from .aisle.models import AisleAct
from .lookup import is_called
from .models import Box, Location, Movement, Product, Size
from .transfers.models import Transfer, TransferLine


@dataclass(frozen=True)
class MovementFilter:
    """Which movements are looked for: of a box (by code or id), a product, for a reason, in [since, until)."""

    code: str = ""
    box_id: int = 0
    product_id: int = 0
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None


def _movement_keys(wanted: MovementFilter) -> Query:
    query: Query = select(Movement.id)
    if wanted.code or wanted.product_id:
        query = query.join(Box, Box.id == Movement.box_id)
    if wanted.code:
        query = query.where(is_called(wanted.code.strip().upper()))
    if wanted.product_id:
        query = query.join(Size, Size.id == Box.size_id).where(Size.product_id == wanted.product_id)
    if wanted.box_id:
        query = query.where(Movement.box_id == wanted.box_id)
    if wanted.reason:
        query = query.where(Movement.reason == wanted.reason)
    if wanted.since:
        query = query.where(Movement.at >= wanted.since)
    if wanted.until:
        query = query.where(Movement.at < wanted.until)
    return query.order_by(Movement.at.desc(), Movement.id.desc())


def _movement_rows(keys: Query) -> Query:
    key = keys.subquery()
    source, target = aliased(Location), aliased(Location)
    source_site, target_site = aliased(Site), aliased(Site)
    back, sent_to = aliased(Movement), aliased(Site)
    return (
        select(
            Movement.id,
            Movement.at,
            Movement.group_id,
            Movement.quantity,
            Movement.reason,
            Movement.note,
            Movement.distribution_id,
            Box.code,
            Product.name,
            Product.name_fr,
            Product.gender,
            Size.label,
            source.kind.label("from_kind"),
            source.name.label("from_name"),
            source_site.name.label("from_site"),
            source_site.name_fr.label("from_site_fr"),
            target.kind.label("to_kind"),
            target.name.label("to_name"),
            target_site.name.label("to_site"),
            target_site.name_fr.label("to_site_fr"),
            Distribution.title.label("distribution"),
            Distribution.starts_at.label("distribution_at"),
            Person.name.label("actor"),
            back.id.label("undone_by"),
            TransferLine.transfer_id,
            sent_to.name.label("sent_to"),
            sent_to.name_fr.label("sent_to_fr"),
            AisleAct.made_at,
        )
        .select_from(key)
        .join(Movement, Movement.id == key.c.id)
        .join(Box, Box.id == Movement.box_id)
        .join(Size, Size.id == Box.size_id)
        .join(Product, Product.id == Size.product_id)
        .join(source, source.id == Movement.from_id)
        .join(target, target.id == Movement.to_id)
        .outerjoin(source_site, source_site.id == source.warehouse_id)
        .outerjoin(target_site, target_site.id == target.warehouse_id)
        .outerjoin(Distribution, Distribution.id == Movement.distribution_id)
        .outerjoin(Person, Person.id == Movement.actor_id)
        .outerjoin(back, back.reverses_id == Movement.id)
        .outerjoin(TransferLine, TransferLine.id == Movement.transfer_line_id)
        .outerjoin(Transfer, Transfer.id == TransferLine.transfer_id)
        .outerjoin(sent_to, sent_to.id == Transfer.to_id)
        .outerjoin(AisleAct, AisleAct.movement_id == Movement.id)
        .order_by(Movement.at.desc(), Movement.id.desc())
    )


MOVEMENTS: KeyedList[MovementFilter] = KeyedList(_movement_keys, _movement_rows)
