"""Goods before they are stock: where they can be brought, what was announced or came, what was thrown out."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...db import Base, one_of
from ...distributions.models import Site
from ...errors import msg
from ...names import Named
from ..models import Product


class DropOff(Named, Base):
    """A point where goods can be brought, on a public page under `slug`. They go to its warehouse."""

    __tablename__ = "drop_off"
    NO_SUCH = msg("There is no such drop-off point.")
    NAME_TAKEN = msg("There is a drop-off point of this name already.")

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    address: Mapped[str] = mapped_column(String(300))
    map_url: Mapped[str] = mapped_column(String(500), default="")
    hours: Mapped[str] = mapped_column(String(300), default="")
    hours_fr: Mapped[str | None] = mapped_column(String(300))
    takes: Mapped[str] = mapped_column(Text, default="")
    takes_fr: Mapped[str | None] = mapped_column(Text)

    warehouse: Mapped[Site] = relationship(lazy="raise")

    __table_args__ = (Index("ix_drop_off_warehouse_id", "warehouse_id"),)


class Slot(Base):
    """A time at which so many deliveries can come to a drop-off point; `booked` changes by conditional update."""

    __tablename__ = "slot"

    id: Mapped[int] = mapped_column(primary_key=True)
    drop_off_id: Mapped[int] = mapped_column(ForeignKey("drop_off.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    booked: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]

    drop_off: Mapped[DropOff] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("drop_off_id", "starts_at"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("capacity BETWEEN 1 AND 1000", name="capacity"),
        CheckConstraint("booked >= 0 AND booked <= capacity", name="never_overbooked"),
        Index("ix_slot_starts_at", "starts_at"),
    )


class DeliveryState(StrEnum):
    """Announced, here and unsorted, sorted into boxes, or never came."""

    ANNOUNCED = "announced"
    ARRIVED = "arrived"
    SORTED = "sorted"
    CANCELLED = "cancelled"


class BringerKind(StrEnum):
    """Who brings a delivery."""

    DONOR = "donor"
    GROUP = "group"
    SUPPLIER = "supplier"


class Delivery(Base):
    """Goods announced or received. Its lines are not stock until they are sorted into boxes.

    `reference` is its public name, in the address of whoever announced it; nobody can guess it. Name, email and
    phone are those of whoever brings it, and are deleted a while after it came (`forgotten_at`).
    """

    __tablename__ = "delivery"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[str] = mapped_column(String(10), default=DeliveryState.ANNOUNCED)
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    drop_off_id: Mapped[int | None] = mapped_column(ForeignKey("drop_off.id"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id"))
    bringer: Mapped[str] = mapped_column(String(10), default=BringerKind.DONOR)
    name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    language: Mapped[str] = mapped_column(String(5), default="en")
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    arrived_at: Mapped[datetime | None]
    sorted_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]

    warehouse: Mapped[Site] = relationship(lazy="raise")
    slot: Mapped[Slot | None] = relationship(lazy="raise")
    drop_off: Mapped[DropOff | None] = relationship(lazy="raise")
    lines: Mapped[list["DeliveryLine"]] = relationship(order_by="DeliveryLine.id", lazy="raise")

    __table_args__ = (
        one_of("state", DeliveryState),
        one_of("bringer", BringerKind),
        CheckConstraint("(state IN ('arrived', 'sorted')) = (arrived_at IS NOT NULL)", name="arrived_at"),
        CheckConstraint("(state = 'sorted') = (sorted_at IS NOT NULL)", name="sorted_at"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_at"),
        Index("ix_delivery_state_id", "state", "id"),
        Index("ix_delivery_slot_id", "slot_id"),
        Index("ix_delivery_warehouse_id_id", "warehouse_id", "id"),
    )


class Measure(StrEnum):
    """How unsorted goods are reckoned: nobody has counted them yet."""

    PALLET = "pallet"
    BAG = "bag"
    BOX = "box"
    KILOGRAM = "kilogram"
    PIECE = "piece"


class DeliveryLine(Base):
    """One kind of goods in a delivery: what, and roughly how much. `came` is what was found on arrival."""

    __tablename__ = "delivery_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"))
    what: Mapped[str] = mapped_column(String(200))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    amount: Mapped[int]
    measure: Mapped[str] = mapped_column(String(10))
    came: Mapped[int | None]

    product: Mapped[Product | None] = relationship(lazy="raise")

    __table_args__ = (
        one_of("measure", Measure),
        CheckConstraint("amount BETWEEN 1 AND 100000", name="amount"),
        CheckConstraint("came BETWEEN 0 AND 100000", name="came"),
        Index("ix_delivery_line_delivery_id", "delivery_id"),
        Index("ix_delivery_line_product_id", "product_id"),
    )


class DiscardReason(StrEnum):
    """Why something given cannot be given on."""

    TORN = "torn"
    DIRTY = "dirty"
    CONSPICUOUS = "conspicuous"
    UNSUITABLE = "unsuitable"


class Discard(Base):
    """Pieces thrown out while sorting. They never were stock. A mistake is withdrawn, not deleted."""

    __tablename__ = "discard"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    reason: Mapped[str] = mapped_column(String(12))
    quantity: Mapped[int]
    withdrawn_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("reason", DiscardReason),
        CheckConstraint("quantity BETWEEN 1 AND 1000000", name="quantity"),
        Index("ix_discard_at", "at"),
        Index("ix_discard_delivery_id", "delivery_id"),
        Index("ix_discard_product_id", "product_id"),
    )
