"""What stands before anything happens: accounts, sites, shelves, roles, funds."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from ..distributions.models import Site, SiteKind
from ..giving.models import Fund
from ..people.models import Person, PersonAccessRole
from ..shifts.models import Role
from ..stock.models import Location, LocationKind
from . import content
from .rows import add_keyed_rows, add_rows


@dataclass
class Setting:
    """The ids of what the rest of the demo refers to, by name."""

    accounts: dict[str, int] = field(default_factory=dict)  # access role -> person
    volunteers: list[int] = field(default_factory=list)
    young: dict[str, int] = field(default_factory=dict)  # of 16 and 17: whose guardian has "consented", or "not"
    sites: dict[str, int] = field(default_factory=dict)
    shelves: dict[str, list[int]] = field(default_factory=dict)  # warehouse -> its shelves
    roles: dict[str, int] = field(default_factory=dict)
    funds: dict[str, int] = field(default_factory=dict)

    @property
    def main_warehouse(self) -> int:
        """Return the site of the warehouse that distributions are packed from."""
        return self.sites[content.WAREHOUSES[0][0]]


def make_setting(session: Session, volunteers: int, password_hash: str, at: datetime) -> Setting:
    """Write accounts, sites, shelves, roles and funds as of `at`."""
    setting = Setting()
    _people(session, setting, volunteers, password_hash, at)
    _places(session, setting)
    roles = [*content.CREW_ROLES, *content.WAREHOUSE_ROLES]
    ids = add_rows(
        session,
        Role,
        [
            {"name": name, "name_fr": french, "name_key": name.casefold(), "description": what, "description_fr": quoi}
            for name, french, what, quoi, _least, _most in roles
        ],
    )
    setting.roles = {role[0]: number for role, number in zip(roles, ids, strict=True)}
    ids = add_rows(
        session,
        Fund,
        [
            {
                "name": name,
                "name_fr": french,
                "name_key": name.casefold(),
                "restricted": restricted,
                "description": what,
                "description_fr": quoi,
            }
            for name, french, restricted, what, quoi in content.FUNDS
        ],
    )
    setting.funds = {fund[0]: number for fund, number in zip(content.FUNDS, ids, strict=True)}
    return setting


def _people(session: Session, setting: Setting, volunteers: int, password_hash: str, at: datetime) -> None:
    def row(email: str, name: str, language: str) -> dict[str, object]:
        return {
            "email": email,
            "name": name,
            "language": language,
            "password_hash": password_hash,
            "created_at": at,
            "session_token": secrets.token_urlsafe(32),
            "email_confirmed_at": at,
        }

    ids = add_rows(session, Person, [row(email, name, "en") for email, name, _role in content.ACCOUNTS])
    setting.accounts = {account[2]: number for account, number in zip(content.ACCOUNTS, ids, strict=True)}
    firsts, lasts = content.FIRST_NAMES, content.LAST_NAMES
    setting.volunteers = add_rows(
        session,
        Person,
        [
            row(
                f"v{n:04}@example.org",
                f"{firsts[n % len(firsts)]} {lasts[n * 7 % len(lasts)]}",
                "fr" if n % 3 == 0 else "en",
            )
            for n in range(1, volunteers + 1)
        ],
    )
    ids = add_rows(session, Person, [row(email, name, "en") for email, name in content.YOUNG])
    setting.young = dict(zip(("consented", "not"), ids, strict=True))
    everyone = (*setting.volunteers, *setting.young.values())
    given = [*setting.accounts.items(), *(("volunteer", number) for number in everyone)]
    add_keyed_rows(session, PersonAccessRole, [{"person_id": number, "role": role} for role, number in given])


def _places(session: Session, setting: Setting) -> None:
    named = [(*names, SiteKind.WAREHOUSE) for names in content.WAREHOUSES]
    named += [(*names, SiteKind.MEETING_POINT) for names in content.MEETING_POINTS]
    ids = add_rows(
        session,
        Site,
        [
            {"kind": kind, "name": name, "name_fr": french, "name_key": name.casefold(), "place": ""}
            for name, french, kind in named
        ],
    )
    setting.sites = {site[0]: number for site, number in zip(named, ids, strict=True)}
    for warehouse, shelves in content.SHELVES.items():
        setting.shelves[warehouse] = add_rows(
            session,
            Location,
            [
                {
                    "kind": LocationKind.SHELF,
                    "outside": False,
                    "name": shelf,
                    "name_key": shelf.casefold(),
                    "warehouse_id": setting.sites[warehouse],
                }
                for shelf in shelves
            ],
        )
