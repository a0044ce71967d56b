"""Pages of people, by subject."""

from . import (
    account,
    admin,
    agreements,
    audit,
    authenticator,
    details,
    mailed,
    messages,
    privacy,
    qualifications,
    register,
    sign_in,
    volunteers,
)
from .blueprint import bp

__all__ = [
    "account",
    "admin",
    "agreements",
    "audit",
    "authenticator",
    "bp",
    "details",
    "mailed",
    "messages",
    "privacy",
    "qualifications",
    "register",
    "sign_in",
    "volunteers",
]
