"""Who may do what in the demo: qualifications and the roles that need them, ages, agreements, whom to call."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ..people.models import AgeGroup, Person
from ..people.qualification_models import (
    Agreement,
    AgreementText,
    EmergencyContact,
    HeldQualification,
    Qualification,
)
from ..shifts.models import TAKES_A_PLACE, Role, RoleQualification, Shift, SignUp
from .rows import add_keyed_rows, add_rows
from .setting import Setting

LICENCE, FIRST_AID, FOOD, TOUR, BRIEFING, CHECKED = (
    "Driving licence",
    "First aid",
    "Food hygiene",
    "Warehouse tour",
    "Distribution briefing, today",
    "DBS check",
)
# name, French name, how one gets it, the same in French, and what it is like
QUALIFICATIONS: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
    (
        LICENCE,
        "Permis de conduire",
        "Show a coordinator your licence: category B, held for two years.",
        "Montrez votre permis à un coordinateur : catégorie B, depuis deux ans.",
        {"takes_detail": True},
    ),
    (
        FIRST_AID,
        "Premiers secours",
        "Show a coordinator your certificate, no older than three years.",
        "Montrez à un coordinateur votre attestation de moins de trois ans.",
        {"days_valid": 1095},
    ),
    (
        FOOD,
        "Hygiène alimentaire",
        "Take the free course online, and send a coordinator the certificate.",
        "Suivez le cours gratuit en ligne et envoyez l’attestation à un coordinateur.",
        {"days_valid": 1095},
    ),
    (
        TOUR,
        "Visite de l’entrepôt",
        "Every morning at 9:15. Once you have done it, say so here.",
        "Chaque matin à 9 h 15. Une fois faite, dites-le ici.",
        {"self_declared": True},
    ),
    (
        BRIEFING,
        "Briefing de distribution, aujourd’hui",
        "At 13:30 at the warehouse, before the van leaves.",
        "À 13 h 30 à l’entrepôt, avant le départ de la camionnette.",
        {"on_the_day": True, "days_valid": 1},
    ),
    (
        CHECKED,
        "Contrôle DBS",
        "For those who lead. Ask the office how to apply.",
        "Pour les responsables. Demandez au bureau comment faire.",
        {"days_valid": 1095},
    ),
)
NEEDED = {
    "Team lead": (FIRST_AID, CHECKED, BRIEFING),
    "Driver": (LICENCE, BRIEFING),
    "Line monitor": (BRIEFING,),
    "Hand out": (BRIEFING,),
    "Hot drinks": (FOOD, TOUR),
}
FROM_16 = ("Sorting table", "Hot drinks")
HARD = ("Driver", "Line monitor")
BRING = {
    "Driver": ("Your licence, and shoes that grip.", "Votre permis et des chaussures qui accrochent."),
    "Hand out": ("Warm clothes, gloves, water.", "Des vêtements chauds, des gants, de l’eau."),
    "Line monitor": ("Warm clothes and a head torch.", "Des vêtements chauds et une lampe frontale."),
}


def add_requirements(session: Session, setting: Setting) -> dict[str, int]:
    """Write the qualifications, and which role needs which; return their ids by name."""
    ids = add_rows(
        session,
        Qualification,
        [
            {
                "name": name,
                "name_fr": french,
                "name_key": name.casefold(),
                "description": how,
                "description_fr": comment,
                "self_declared": like.get("self_declared", False),
                "on_the_day": like.get("on_the_day", False),
                "takes_detail": like.get("takes_detail", False),
                "days_valid": like.get("days_valid"),
            }
            for name, french, how, comment, like in QUALIFICATIONS
        ],
    )
    found = {row[0]: number for row, number in zip(QUALIFICATIONS, ids, strict=True)}
    needs = [
        {
            "role_id": setting.roles[role],
            "qualification_id": found[name],
            "detail": "B" if name == LICENCE else "",
        }
        for role, names in NEEDED.items()
        for name in names
    ]
    add_keyed_rows(session, RoleQualification, needs)
    for role in setting.roles:
        bring = BRING.get(role, ("", None))
        session.execute(
            update(Role)
            .where(Role.id == setting.roles[role])
            .values(hard=role in HARD, minors=role in FROM_16, bring=bring[0], bring_fr=bring[1])
        )
    return found


def add_standing(session: Session, setting: Setting, at: datetime) -> None:
    """Write ages, agreements, contacts and what everyone on a shift of theirs has; a few still lack something."""
    coordinator = setting.accounts["coordinator"]
    people = list(session.scalars(select(Person.id).order_by(Person.id)))
    session.execute(update(Person).values(age_group=AgeGroup.ADULT))
    _agree(session, people, at)
    contacts = [
        {"person_id": person, "name": f"Contact {n}", "phone": f"+33 6 00 00 {n // 100:02} {n % 100:02}"}
        for n, person in enumerate(people)
        if n % 3
    ]
    add_keyed_rows(session, EmergencyContact, [{**row, "relation": "", "changed_at": at} for row in contacts])
    _qualify_crews(session, coordinator, at)
    _still_open(session, setting, at)
    _lead_and_mix(session, setting, at)


def _agree(session: Session, people: list[int], at: datetime) -> None:
    in_force = session.execute(
        select(AgreementText.kind, func.max(AgreementText.version)).group_by(AgreementText.kind)
    ).all()
    add_keyed_rows(
        session,
        Agreement,
        [
            {"person_id": person, "kind": kind, "version": version, "agreed_at": at}
            for person in people
            for kind, version in in_force
        ],
    )


def _qualify_crews(session: Session, coordinator: int, at: datetime) -> None:
    """Whoever is on a shift has what its role needs, seen by the coordinator."""
    rows = session.execute(
        select(SignUp.person_id, Qualification.id, Qualification.name)
        .join(SignUp.shift)
        .join(RoleQualification, RoleQualification.role_id == Shift.role_id)
        .join(Qualification, Qualification.id == RoleQualification.qualification_id)
        .where(SignUp.state.in_(TAKES_A_PLACE), Qualification.on_the_day.is_(False))
        .group_by(SignUp.person_id, Qualification.id, Qualification.name)
        .order_by(SignUp.person_id, Qualification.id)
    )
    add_rows(
        session,
        HeldQualification,
        [
            {
                "person_id": person,
                "qualification_id": number,
                "detail": "B" if name == LICENCE else "",
                "declared_at": at,
                "confirmed_at": at,
                "confirmed_by": coordinator,
                "expires_on": None if name == LICENCE else (at + timedelta(days=400)).date(),
            }
            for person, number, name in rows
        ],
    )


def _still_open(session: Session, setting: Setting, at: datetime) -> None:
    """Leave something to do: licences to confirm, one that has run out, two of 16 and 17, one consent to see."""
    ids = {name: number for number, name in session.execute(select(Qualification.id, Qualification.name))}
    held = {
        tuple(row) for row in session.execute(select(HeldQualification.person_id, HeldQualification.qualification_id))
    }
    volunteer, last = setting.accounts["volunteer"], setting.volunteers[-2:]
    said: list[tuple[int, int, str, date | None]] = [
        (volunteer, ids[LICENCE], "B", None),
        (volunteer, ids[TOUR], "", None),
    ]
    said += [(volunteer, ids[FIRST_AID], "", (at - timedelta(days=20)).date())]
    said += [(person, ids[FOOD], "", None) for person in last]
    add_rows(
        session,
        HeldQualification,
        [
            {
                "person_id": person,
                "qualification_id": number,
                "detail": detail,
                "declared_at": at - timedelta(days=1),
                "confirmed_at": at - timedelta(days=900) if until else None,
                "confirmed_by": setting.accounts["coordinator"] if until else None,
                "expires_on": until,
            }
            for person, number, detail, until in said
            if (person, number) not in held
        ],
    )
    young = setting.young
    session.execute(update(Person).where(Person.id.in_(young.values())).values(age_group=AgeGroup.MINOR))
    session.execute(
        update(Person)
        .where(Person.id == young["consented"])
        .values(guardian_consent_at=at, guardian_consent_by=setting.accounts["coordinator"])
    )


def _lead_and_mix(session: Session, setting: Setting, at: datetime) -> None:
    """Let one of its crew lead each shift of a distribution to come, and those who hand out be a mix."""
    first = select(func.min(SignUp.person_id)).where(SignUp.shift_id == Shift.id, SignUp.state.in_(TAKES_A_PLACE))
    session.execute(
        update(Shift)
        .where(Shift.distribution_id.is_not(None), Shift.cancelled_at.is_(None), Shift.ends_at > at)
        .values(lead_id=first.scalar_subquery())
    )
    session.execute(
        update(Shift)
        .where(Shift.role_id == setting.roles["Hand out"], Shift.starts_at > at)
        .values(experienced_minimum=1, newcomers_maximum=2)
    )
