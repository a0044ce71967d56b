"""Pages of people, by subject."""

from . import account, authenticator, mailed, register, sign_in
from .blueprint import bp

__all__ = ["account", "authenticator", "bp", "mailed", "register", "sign_in"]
