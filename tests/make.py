"""Plain builder functions: each makes one thing with sensible defaults, commits it, and returns it.

They write rows directly, so that a test of one part does not depend on another's pages. What moves goods,
fills places or counts money goes through the services.
"""

import itertools
import secrets
from datetime import datetime, timedelta

from logistics.clock import now
from logistics.db import transaction
from logistics.distributions.models import Distribution, Site, SiteKind
from logistics.people.models import AgeGroup, Person, PersonAccessRole
from logistics.shifts.group_models import Convoy, ConvoyMember
from logistics.shifts.models import Role, Shift
from logistics.stock.models import Location, LocationKind, Product, Size

counter = itertools.count(1)


def person(*roles: str, name: str = "", email: str = "", language: str = "en") -> Person:
    """An account that can sign in, with these access roles (volunteer unless told). Its password matches nothing."""
    number = next(counter)
    with transaction() as session:
        made = Person(
            email=email or f"person{number}@example.org",
            name=name or f"Person {number}",
            language=language,
            password_hash="!",
            session_token=secrets.token_hex(16),
            created_at=now(),
            email_confirmed_at=now(),
            age_group=AgeGroup.ADULT,
        )
        made.access_roles = [PersonAccessRole(role=role) for role in roles or ("volunteer",)]
        session.add(made)
    return made


def warehouse(name: str = "") -> Site:
    name = name or f"Warehouse {next(counter)}"
    with transaction() as session:
        made = Site(kind=SiteKind.WAREHOUSE, name=name, name_key=name.casefold())
        session.add(made)
    return made


def meeting_point(name: str = "", place: str = "") -> Site:
    name = name or f"Meeting point {next(counter)}"
    with transaction() as session:
        made = Site(kind=SiteKind.MEETING_POINT, name=name, name_key=name.casefold(), place=place)
        session.add(made)
    return made


def shelf(site: Site, name: str = "") -> Location:
    name, warehouse_id = name or f"C{next(counter)}", site.id
    with transaction() as session:
        made = Location(
            kind=LocationKind.SHELF, outside=False, name=name, name_key=name.casefold(), warehouse_id=warehouse_id
        )
        session.add(made)
    return made


def product(
    name: str = "",
    *,
    gender: str = "-",
    sizes: tuple[str, ...] = ("One size",),
    category: str = "Tops",
    has_best_before: bool = False,
    unit_cost: int | None = None,
) -> Product:
    name = name or f"Product {next(counter)}"
    shares = {"XS": 5, "S": 30, "M": 40, "L": 20, "XL": 5} if gender == "Male" else {}
    with transaction() as session:
        made = Product(
            name=name,
            name_key=name.casefold(),
            gender=gender,
            category=category,
            size_range=", ".join(sizes),
            has_best_before=has_best_before,
            unit_cost=unit_cost,
        )
        made.sizes = [
            Size(label=label, label_key=label.casefold(), position=place, share=shares.get(label, 0))
            for place, label in enumerate(sizes)
        ]
        session.add(made)
    return made


def distribution(
    site: Site | None = None,
    *,
    title: str = "Hoodies",
    starts_at: datetime | None = None,
    hours: float = 2.5,
    **fields: object,
) -> Distribution:
    starts_at = starts_at or now() + timedelta(days=1)
    site_id = (site or meeting_point()).id
    with transaction() as session:
        made = Distribution(
            title=title,
            site_id=site_id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=hours),
            created_at=now(),
            **{"expected_men": 200, **fields},
        )
        session.add(made)
    return made


def role(name: str = "", *, name_fr: str | None = None) -> Role:
    name = name or f"Role {next(counter)}"
    with transaction() as session:
        made = Role(name=name, name_fr=name_fr, name_key=name.casefold())
        session.add(made)
    return made


def shift(
    distribution: Distribution | None = None,
    *,
    of_role: Role | None = None,
    site: Site | None = None,
    starts_at: datetime | None = None,
    hours: float = 3,
    minimum: int = 1,
    maximum: int = 6,
    **fields: object,
) -> Shift:
    """A shift of a distribution, at its site and time unless told; without one, at a warehouse, in two days."""
    starts_at = starts_at or (distribution.starts_at if distribution else now() + timedelta(days=2))
    site_id = site.id if site else distribution.site_id if distribution else warehouse().id
    distribution_id, role_id = distribution.id if distribution else None, (of_role or role()).id
    with transaction() as session:
        made = Shift(
            distribution_id=distribution_id,
            role_id=role_id,
            site_id=site_id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=hours),
            minimum=minimum,
            maximum=maximum,
            created_at=now(),
            **fields,
        )
        session.add(made)
    return made


def convoy(leader: Person, size: int = 8) -> Convoy:
    """A group that comes together, with its leader in it."""
    with transaction() as session:
        made = Convoy(
            name="Convoy",
            leader_id=leader.id,
            size=size,
            lapse_hours=48,
            join_hash=secrets.token_hex(32),
            created_at=now(),
        )
        session.add(made)
        session.flush()
        session.add(ConvoyMember(convoy_id=made.id, person_id=leader.id, joined_at=now()))
    return made
