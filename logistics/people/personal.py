"""What is held about a person for the sake of their account, and how it is emptied when they leave.

The row of the account remains, without anything personal, so that hours worked still add up.
"""

from sqlalchemy import ColumnElement, String, case, cast, delete, func, literal, or_, select
from sqlalchemy.orm import Session

from ..audit import AuditLine
from ..clock import now
from ..errors import msg
from ..holding import Holding, Section, Whose
from ..outbox.models import OutboxMessage
from ..paging import Query
from . import roles
from .accounts import NO_PASSWORD, new_session_token
from .models import AccessRole, MailedLink, Person, PersonAccessRole, RecoveryCode
from .qualification_models import Agreement, EmergencyContact, HeldQualification, Qualification

GONE = "(–)"  # the name of an account that was deleted


def _account(whose: Whose) -> Query:
    columns = (
        Person.name,
        Person.email,
        Person.phone,
        Person.language,
        Person.created_at,
        Person.email_confirmed_at,
        Person.totp_confirmed_at,
        Person.age_group,
        Person.guardian_consent_at,
        Person.wants_call_outs,
        Person.wants_reminders,
        Person.wants_thanks,
        Person.calendar_hash.is_not(None),
    )
    return select(*columns).where(Person.id == whose.id)


ACCOUNT = Section(
    "account",
    msg("Your account"),
    {
        "name": msg("Name"),
        "email": msg("Email"),
        "phone": msg("Phone"),
        "language": msg("Language"),
        "created_at": msg("Made"),
        "email_confirmed_at": msg("Email confirmed"),
        "authenticator_since": msg("Authenticator app on since"),
        "age_group": msg("Age, as you say"),
        "guardian_consent_at": msg("Guardian's consent seen"),
        "wants_call_outs": msg("Wants call-outs"),
        "wants_reminders": msg("Wants reminders"),
        "wants_thanks": msg("Wants thank-yous"),
        "has_calendar_link": msg("Has a calendar link"),
    },
    _account,
    frozenset(),
)
ROLES = Section(
    "access_roles",
    msg("What your account may do"),
    {"role": msg("Access role")},
    lambda whose: (
        select(PersonAccessRole.role).where(PersonAccessRole.person_id == whose.id).order_by(PersonAccessRole.role)
    ),
    frozenset({"person_access_role.person_id"}),
)
QUALIFICATIONS = Section(
    "qualifications",
    msg("Your qualifications"),
    {
        "name": msg("Qualification"),
        "detail": msg("Which"),
        "declared_at": msg("Declared"),
        "confirmed_at": msg("Confirmed"),
        "expires_on": msg("Until"),
    },
    lambda whose: (
        select(
            Qualification.name,
            HeldQualification.detail,
            HeldQualification.declared_at,
            HeldQualification.confirmed_at,
            HeldQualification.expires_on,
        )
        .join(HeldQualification.qualification)
        .where(HeldQualification.person_id == whose.id)
        .order_by(HeldQualification.id)
    ),
    frozenset({"held_qualification.person_id"}),
)
AGREEMENTS = Section(
    "agreements",
    msg("What you agreed to"),
    {"kind": msg("Text"), "version": msg("Version"), "agreed_at": msg("When")},
    lambda whose: (
        select(Agreement.kind, Agreement.version, Agreement.agreed_at)
        .where(Agreement.person_id == whose.id)
        .order_by(Agreement.agreed_at, Agreement.kind)
    ),
    frozenset({"agreement.person_id"}),
)
CONTACT = Section(
    "emergency_contact",
    msg("Whom to call in an emergency"),
    {"name": msg("Name"), "phone": msg("Phone"), "relation": msg("Who they are to you"), "changed_at": msg("Changed")},
    lambda whose: select(
        EmergencyContact.name, EmergencyContact.phone, EmergencyContact.relation, EmergencyContact.changed_at
    ).where(EmergencyContact.person_id == whose.id),
    frozenset({"emergency_contact.person_id"}),
)
RECOVERY_CODES = Section(
    "recovery_codes",
    msg("Recovery codes (kept so that nobody can read them)"),
    {"used_at": msg("Used")},
    lambda whose: select(RecoveryCode.used_at).where(RecoveryCode.person_id == whose.id).order_by(RecoveryCode.id),
    frozenset({"recovery_code.person_id"}),
)
LINKS = Section(
    "mailed_links",
    msg("Links mailed to you (kept so that nobody can read them)"),
    {"purpose": msg("For"), "created_at": msg("Made"), "expires_at": msg("Until"), "used_at": msg("Used")},
    lambda whose: (
        select(MailedLink.purpose, MailedLink.created_at, MailedLink.expires_at, MailedLink.used_at)
        .where(MailedLink.person_id == whose.id)
        .order_by(MailedLink.id)
    ),
    frozenset({"mailed_link.person_id"}),
)


def _messages(whose: Whose) -> Query:
    columns = (
        OutboxMessage.kind,
        OutboxMessage.language,
        OutboxMessage.state,
        OutboxMessage.created_at,
        OutboxMessage.sent_at,
        OutboxMessage.params,
    )
    return select(*columns).where(_to(whose)).order_by(OutboxMessage.id)


MESSAGES = Section(
    "messages",
    msg("Messages to you"),
    {
        "kind": msg("Kind"),
        "language": msg("Language"),
        "state": msg("State"),
        "created_at": msg("Written"),
        "sent_at": msg("Sent"),
        "text": msg("Text"),
    },
    _messages,
    frozenset({"outbox_message.person_id"}),
)
ABOUT_ACCOUNT = Section(
    "changes_to_your_account",
    msg("What was done with your account"),
    {"at": msg("When"), "action": msg("What"), "by": msg("By")},
    lambda whose: (
        select(
            AuditLine.at,
            AuditLine.action,
            case(
                (AuditLine.actor_id == whose.id, literal("you")),
                (AuditLine.actor_id.is_(None), literal("Shoreline")),
                else_=literal("staff"),
            ),
        )
        .where(AuditLine.subject == "person", AuditLine.subject_id == str(whose.id))
        .order_by(AuditLine.id)
    ),
    frozenset(),
)
NOTED = Section(
    "what_others_wrote_down",
    msg("What others wrote down about you"),
    {"at": msg("When"), "action": msg("What"), "subject": msg("With what"), "number": msg("Its number")},
    lambda whose: (
        select(AuditLine.at, AuditLine.action, AuditLine.subject, cast(AuditLine.subject_id, String))
        .where(
            AuditLine.details["person_id"].as_integer() == whose.id,
            or_(AuditLine.actor_id.is_(None), AuditLine.actor_id != whose.id),
        )
        .order_by(AuditLine.id)
    ),
    frozenset(),
)
DONE_HERE = Section(
    "what_you_did",
    msg("What you did here"),
    {"at": msg("When"), "action": msg("What"), "subject": msg("With what"), "number": msg("Its number")},
    lambda whose: (
        select(AuditLine.at, AuditLine.action, AuditLine.subject, cast(AuditLine.subject_id, String))
        .where(
            AuditLine.actor_id == whose.id,
            or_(AuditLine.subject != "person", AuditLine.subject_id != str(whose.id)),
        )
        .order_by(AuditLine.id)
    ),
    frozenset({"audit_line.actor_id"}),
)


def forget(session: Session, whose: Whose) -> None:
    """Step: empty the account and whatever hangs on it; nobody can sign in to it any more.

    Raises `Conflict` for the last admin who can. Expects `roles.lock_admins` to have been called.
    """
    session.execute(delete(OutboxMessage).where(_to(whose)))
    for table in (HeldQualification, Agreement, EmergencyContact, RecoveryCode, MailedLink):
        session.execute(delete(table).where(table.person_id == whose.id))
    person = session.get_one(Person, whose.id, populate_existing=True)
    was_admin = AccessRole.ADMIN in person.roles
    person.access_roles.clear()
    person.email = f"deleted-{whose.id}@invalid"
    person.name, person.phone, person.language = GONE, None, "en"
    person.password_hash, person.session_token = NO_PASSWORD, new_session_token()
    person.email_confirmed_at = person.totp_secret = person.totp_confirmed_at = person.totp_last_step = None
    person.age_group = person.guardian_consent_at = person.guardian_consent_by = person.calendar_hash = None
    person.wants_call_outs = person.wants_reminders = person.wants_thanks = False
    person.disabled_at = person.deleted_at = now()
    if was_admin:
        roles.refuse_without_admin(session)
    session.flush()


def _to(whose: Whose) -> ColumnElement[bool]:
    mine = OutboxMessage.person_id == whose.id
    return or_(mine, func.lower(OutboxMessage.to_address) == whose.email) if whose.confirmed else mine


HOLDING = Holding(
    sections=(
        ACCOUNT,
        ROLES,
        QUALIFICATIONS,
        AGREEMENTS,
        CONTACT,
        RECOVERY_CODES,
        LINKS,
        MESSAGES,
        ABOUT_ACCOUNT,
        NOTED,
        DONE_HERE,
    ),
    signs=frozenset(
        {
            "person.guardian_consent_by",
            "held_qualification.confirmed_by",
            "privacy_notice.published_by",
            "agreement_text.published_by",
        }
    ),
    forget=forget,
)
