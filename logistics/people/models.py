"""People who have an account, and what guards it. Those served by a distribution are never here."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, one_of


class AccessRole(StrEnum):
    """What an account may do; the table of permissions is in `people.access`."""

    VOLUNTEER = "volunteer"
    WAREHOUSE = "warehouse"
    COORDINATOR = "coordinator"
    FUNDRAISER = "fundraiser"
    ADMIN = "admin"


class AgeGroup(StrEnum):
    """How old someone says they are. No birth date is kept."""

    ADULT = "adult"  # 18 or over
    MINOR = "16-17"


class Person(Base):
    """Anyone with an account. `email` is kept in lower case.

    Once someone has had their account deleted, `deleted_at` is set and nothing personal is left: the row remains so
    that hours worked still add up.
    """

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(30))
    language: Mapped[str] = mapped_column(String(5), default="en")
    password_hash: Mapped[str] = mapped_column(String(200))
    session_token: Mapped[str] = mapped_column(String(64), unique=True)  # changing it signs out everywhere
    created_at: Mapped[datetime]
    email_confirmed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None]  # the last 30-second step used, so that a code works once
    deleted_at: Mapped[datetime | None]

    age_group: Mapped[str | None] = mapped_column(String(10))  # as they say themselves
    guardian_consent_at: Mapped[datetime | None]  # seen by staff, for those of 16 and 17
    guardian_consent_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    # What they want mail about, beyond what a place they have makes necessary.
    wants_call_outs: Mapped[bool] = mapped_column(default=False, server_default=false())
    wants_reminders: Mapped[bool] = mapped_column(default=True, server_default=true())
    wants_thanks: Mapped[bool] = mapped_column(default=True, server_default=true())
    calendar_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # of their private feed's token

    access_roles: Mapped[list["PersonAccessRole"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="PersonAccessRole.role"
    )

    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("totp_confirmed_at IS NULL OR totp_secret IS NOT NULL", name="totp"),
        CheckConstraint("age_group IN ('adult', '16-17')", name="age_group"),
        Index("ix_person_name", "name"),
    )

    @property
    def roles(self) -> frozenset[AccessRole]:
        """Return the access roles of this account."""
        return frozenset(AccessRole(row.role) for row in self.access_roles)

    # What Flask-Login asks of an account.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        """Return whether this account may sign in."""
        return self.disabled_at is None

    def get_id(self) -> str:
        """Return what a session keeps: a token that changes when the account signs out everywhere."""
        return self.session_token


class PersonAccessRole(Base):
    """One access role of one account."""

    __tablename__ = "person_access_role"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)

    __table_args__ = (one_of("role", AccessRole),)


class RecoveryCode(Base):
    """A one-time code that stands in for the authenticator app; kept only as a hash."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("person_id", "code_hash"),)


class FailedSignIn(Base):
    """A failed sign-in, kept where every process sees it. `account` is a hash of the email typed."""

    __tablename__ = "failed_sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_failed_sign_in_account_at", "account", "at"),
        Index("ix_failed_sign_in_address_at", "address", "at"),
    )


class LinkPurpose(StrEnum):
    """What a mailed link is for."""

    CONFIRM_EMAIL = "confirm_email"
    RESET_PASSWORD = "reset_password"


class MailedLink(Base):
    """A link mailed to a person, good once until it expires; kept only as a hash."""

    __tablename__ = "mailed_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (one_of("purpose", LinkPurpose), Index("ix_mailed_link_person_id", "person_id"))


class PrivacyNotice(Base):
    """One version of the privacy notice in one language, counted from 1; the newest is the one shown."""

    __tablename__ = "privacy_notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(String(5))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (UniqueConstraint("language", "version"), CheckConstraint("version > 0", name="version"))
