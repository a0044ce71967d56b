"""The stock ledger and what hangs on it.

Movements are the truth. A `Level` (one box at one location) and an `Availability` (one size of one product in
one warehouse) are caches of them that carry the guards; `flask verify` recomputes both from the ground.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, one_of
from ..distributions.models import Site


class Gender(StrEnum):
    """Whom a product is made for, as ASSORT writes it."""

    NONE = "-"
    MALE = "Male"
    FEMALE = "Female"
    UNISEX_ADULT = "Unisex Adult"
    BOY = "Boy"
    GIRL = "Girl"
    UNISEX_KID = "Unisex Kid"
    UNISEX_BABY = "Unisex Baby"


class Unit(StrEnum):
    """What a product is counted in; quantities are integers."""

    PIECE = "piece"
    GRAM = "gram"
    MILLILITRE = "millilitre"


class Product(Base):
    """What a thing is: "Joggers, Male, XS–XXL". `name_key` is its name in lower case without outer spaces."""

    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    assort_id: Mapped[int | None] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(100))
    name_fr: Mapped[str | None] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(100))
    gender: Mapped[str] = mapped_column(String(20), default=Gender.NONE)
    category: Mapped[str] = mapped_column(String(60))
    size_range: Mapped[str] = mapped_column(String(120))
    unit: Mapped[str] = mapped_column(String(12), default=Unit.PIECE)
    has_best_before: Mapped[bool] = mapped_column(default=False)
    unit_cost: Mapped[int | None]  # pence one costs to buy, shown as "£7 buys one"
    pack_size: Mapped[int | None]  # how many units usually come in one pack
    closed_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]  # since when nobody should send any more of it
    allergens: Mapped[int | None]  # a sum of `diets.Allergen`; None: not known, 0: none
    diets: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # a sum of `diets.Diet`

    sizes: Mapped[list["Size"]] = relationship(order_by="Size.position", lazy="raise", back_populates="product")

    @property
    def is_food(self) -> bool:
        """Return whether anybody would ask what it contains: it goes off, or something is said of that."""
        return self.has_best_before or self.allergens is not None or bool(self.diets)

    __table_args__ = (
        UniqueConstraint("name_key", "gender"),
        one_of("gender", Gender),
        one_of("unit", Unit),
        CheckConstraint("unit_cost > 0", name="unit_cost"),
        CheckConstraint("pack_size BETWEEN 2 AND 100000", name="pack_size"),
        CheckConstraint("allergens BETWEEN 0 AND 16383", name="allergens"),
        CheckConstraint("diets BETWEEN 0 AND 63", name="diets"),
        Index("ix_product_category_name_key", "category", "name_key"),
    )


class Size(Base):
    """One size a product comes in. `share` is its part of the default size profile (any unit; 0 = none)."""

    __tablename__ = "size"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    label: Mapped[str] = mapped_column(String(40))
    label_key: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    share: Mapped[int] = mapped_column(default=0)

    product: Mapped[Product] = relationship(back_populates="sizes", lazy="raise")

    __table_args__ = (UniqueConstraint("product_id", "label_key"), CheckConstraint("share >= 0", name="share"))


class LocationKind(StrEnum):
    """Where goods can be: on a shelf, on a van, between two warehouses, or in the outside world (all the rest)."""

    SHELF = "shelf"
    VAN = "van"
    TRANSIT = "transit"
    DONATED = "donated"
    BOUGHT = "bought"
    HANDED_OUT = "handed_out"
    WRITTEN_OFF = "written_off"
    CONVERTED = "converted"


# What is on its way from one warehouse to another is at this one place, which is nobody's. A migration made it, under an
# id that no shelf could have.
TRANSIT_ID = 0
INSIDE = (LocationKind.SHELF, LocationKind.VAN, LocationKind.TRANSIT)

# The places of the outside world are one row each, made by the migrations under these ids.
OUTSIDE_IDS = {
    LocationKind.DONATED: 1,
    LocationKind.BOUGHT: 2,
    LocationKind.HANDED_OUT: 3,
    LocationKind.WRITTEN_OFF: 4,
    LocationKind.CONVERTED: 5,
}


class Location(Base):
    """A shelf of a warehouse, the van of a distribution, what is between warehouses, or a place of the outside world."""

    __tablename__ = "location"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    outside: Mapped[bool]
    name: Mapped[str] = mapped_column(String(60))
    name_key: Mapped[str] = mapped_column(String(60))
    warehouse_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    distribution_id: Mapped[int | None] = mapped_column(ForeignKey("distribution.id"), unique=True)
    closed_at: Mapped[datetime | None]

    warehouse: Mapped[Site | None] = relationship(lazy="raise")

    __table_args__ = (
        one_of("kind", LocationKind),
        CheckConstraint("outside = (kind NOT IN ('shelf', 'van', 'transit'))", name="outside"),
        CheckConstraint("(kind = 'shelf') = (warehouse_id IS NOT NULL)", name="shelf_has_warehouse"),
        CheckConstraint("(kind = 'van') = (distribution_id IS NOT NULL)", name="van_has_distribution"),
        UniqueConstraint("id", "outside"),
        UniqueConstraint("warehouse_id", "name_key"),
    )


def _where(postgresql: str, sqlite: str) -> dict[str, Any]:
    """Return what makes an index one of a part of its table, as each database writes that."""
    return {"postgresql_where": text(postgresql), "sqlite_where": text(sqlite)}


class Box(Base):
    """A labelled batch of one product in one size. `import_row` is the row it came from, to know it again.

    `expired` says that its best-before has passed: the worker marks it that day, and none of it is promised any more.
    """

    __tablename__ = "box"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    size_id: Mapped[int] = mapped_column(ForeignKey("size.id"))
    best_before: Mapped[date | None]
    expired: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(String(12))  # donated or bought
    note: Mapped[str] = mapped_column(String(500), default="")
    import_row: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]

    size: Mapped[Size] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("source IN ('donated', 'bought')", name="source"),
        CheckConstraint("best_before IS NOT NULL OR NOT expired", name="expired_has_date"),
        Index("ix_box_size_id_id", "size_id", "id"),
        # Codes that begin with something; the unique one is in the order of the database's language.
        Index("ix_box_code_prefix", "code", postgresql_ops={"code": "varchar_pattern_ops"}),
        # What will expire, and what has: the one to be marked in time, the other to be written off.
        Index("ix_box_best_before", "best_before", **_where("expired IS FALSE", "expired IS 0")),
        Index("ix_box_expired", "id", **_where("expired IS TRUE", "expired IS 1")),
        # What was bought is valued at what it cost, and is far less than what is given.
        Index("ix_box_bought", "id", **_where("source = 'bought'", "source = 'bought'")),
    )


class Level(Base):
    """How many units of one box are at one location: the sum of its movements there. 0 marks an empty box."""

    __tablename__ = "level"

    box_id: Mapped[int] = mapped_column(ForeignKey("box.id"), primary_key=True)
    location_id: Mapped[int] = mapped_column(primary_key=True)
    outside: Mapped[bool]
    quantity: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        ForeignKeyConstraint(["location_id", "outside"], ["location.id", "location.outside"]),
        CheckConstraint("quantity >= 0 OR outside", name="never_below_zero"),
        Index("ix_level_location_id_box_id", "location_id", "box_id"),
        # What the list of boxes shows: what is on a shelf or a van.
        Index(
            "ix_level_here",
            "box_id",
            "location_id",
            **_where("outside IS FALSE AND quantity > 0", "outside IS 0 AND quantity > 0"),
        ),
    )


class Availability(Base):
    """One size of one product in one warehouse.

    Available is on hand less allocated and less what is in expired boxes, and never negative. Whoever changes an
    allocation of this size here, takes from its shelves, or marks a box on them as expired, holds this row's lock.
    """

    __tablename__ = "availability"

    warehouse_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    size_id: Mapped[int] = mapped_column(ForeignKey("size.id"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(default=0)
    allocated: Mapped[int] = mapped_column(default=0)
    expired: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint(
            "allocated >= 0 AND expired >= 0 AND allocated + expired <= on_hand", name="never_promised_twice"
        ),
        Index("ix_availability_size_id", "size_id"),
    )


class Movement(Base):
    """n units of one box from one location to another; never edited, never deleted.

    Of several movements in one act (a packing, a return), each after the first has its id as `group_id`.
    `reverses_id` is the movement that this one undoes. What came in may name its delivery or its line of a
    purchase, and what goes to another warehouse its line of a transfer.
    """

    __tablename__ = "movement"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("movement.id"))
    box_id: Mapped[int] = mapped_column(ForeignKey("box.id"))
    from_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    quantity: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(500), default="")
    distribution_id: Mapped[int | None] = mapped_column(ForeignKey("distribution.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("movement.id"), unique=True)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    transfer_line_id: Mapped[int | None] = mapped_column(ForeignKey("transfer_line.id"))
    purchase_line_id: Mapped[int | None] = mapped_column(ForeignKey("purchase_line.id"))

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("from_id <> to_id", name="goes_somewhere"),
        Index("ix_movement_at_id", "at", "id"),
        Index("ix_movement_box_id_id", "box_id", "id"),
        Index("ix_movement_distribution_id", "distribution_id"),
        Index("ix_movement_from_id", "from_id"),
        Index("ix_movement_to_id", "to_id"),
        Index("ix_movement_group_id", "group_id"),
        Index("ix_movement_delivery_id", "delivery_id"),
        Index("ix_movement_transfer_line_id", "transfer_line_id"),
        Index("ix_movement_purchase_line_id", "purchase_line_id"),
    )


class PackingList(Base):
    """What a distribution should take, and from which warehouse."""

    __tablename__ = "packing_list"

    distribution_id: Mapped[int] = mapped_column(ForeignKey("distribution.id"), primary_key=True)
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    version: Mapped[int] = mapped_column(default=1)

    warehouse: Mapped[Site] = relationship(lazy="raise")

    __table_args__ = (Index("ix_packing_list_warehouse_id", "warehouse_id"),)


class PackingItem(Base):
    """One product on a packing list, as it was asked for: so many per person of some groups, or a total.

    `per_person_hundredths` is 100 for one each, 50 for one between two. `profile` maps size id (as text) to
    its share of the split. Either `total` alone is meant (per_person_hundredths NULL), or it follows from
    the groups.
    """

    __tablename__ = "packing_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    distribution_id: Mapped[int] = mapped_column(ForeignKey("packing_list.distribution_id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    per_person_hundredths: Mapped[int | None]
    groups: Mapped[list[str]] = mapped_column(JSON, default=list)
    total: Mapped[int]
    profile: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)

    product: Mapped[Product] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("distribution_id", "product_id"),
        CheckConstraint("total BETWEEN 0 AND 1000000", name="total"),
        CheckConstraint("per_person_hundredths BETWEEN 1 AND 100000", name="per_person"),
        Index("ix_packing_item_product_id", "product_id"),
    )


class PackingLine(Base):
    """One size of one product on a packing list. Short is planned less packed less allocated.

    `allocated` and `packed` change only under the lock of the Availability row of its warehouse and size.
    After the return, handed_out + came_back + lost = packed.
    """

    __tablename__ = "packing_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("packing_item.id", ondelete="CASCADE"))
    distribution_id: Mapped[int] = mapped_column(ForeignKey("packing_list.distribution_id"))
    size_id: Mapped[int] = mapped_column(ForeignKey("size.id"))
    planned: Mapped[int]
    allocated: Mapped[int] = mapped_column(default=0)
    packed: Mapped[int] = mapped_column(default=0)
    handed_out: Mapped[int | None]
    came_back: Mapped[int | None]
    lost: Mapped[int | None]

    size: Mapped[Size] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("distribution_id", "size_id"),
        CheckConstraint("planned BETWEEN 0 AND 1000000 AND allocated >= 0 AND packed >= 0", name="counts"),
        CheckConstraint("allocated = 0 OR allocated + packed <= planned", name="promise_within_plan"),
        CheckConstraint(
            "(handed_out IS NULL AND came_back IS NULL AND lost IS NULL) OR "
            "(handed_out >= 0 AND came_back >= 0 AND lost >= 0 AND handed_out + came_back + lost = packed)",
            name="return_adds_up",
        ),
        Index("ix_packing_line_item_id", "item_id"),
        Index("ix_packing_line_size_id", "size_id"),
    )


class ImportKind(StrEnum):
    """What an uploaded file lists."""

    BOXES = "boxes"
    PRODUCTS = "products"


class ImportUpload(Base):
    """A file between its preview and its import: kept for whoever sent it, gone once used or a day old.

    `new_warehouse` is the name of one that the import makes first. `mapping` says which of its columns is what, where
    they are not those of Boxtribute's export: {} until somebody said so.
    """

    __tablename__ = "import_upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    warehouse_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    new_warehouse: Mapped[str | None] = mapped_column(String(80))
    filename: Mapped[str] = mapped_column(String(80), default="")
    mapping: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]

    warehouse: Mapped[Site | None] = relationship(lazy="raise")

    __table_args__ = (
        one_of("kind", ImportKind),
        CheckConstraint(
            "(kind <> 'products') = (warehouse_id IS NOT NULL OR new_warehouse IS NOT NULL)"
            " AND (warehouse_id IS NULL OR new_warehouse IS NULL)",
            name="boxes_have_warehouse",
        ),
        Index("ix_import_upload_created_at", "created_at"),
        Index("ix_import_upload_person_id", "person_id"),
    )
