"""Pages of public, by subject."""

from . import drop_off, give, home, needs
from .blueprint import bp

__all__ = ["bp", "drop_off", "give", "home", "needs"]
