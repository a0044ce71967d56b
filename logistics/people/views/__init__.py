"""Pages of people, by subject."""

from . import account, admin, audit, authenticator, mailed, privacy, register, sign_in
from .blueprint import bp

__all__ = ["account", "admin", "audit", "authenticator", "bp", "mailed", "privacy", "register", "sign_in"]
