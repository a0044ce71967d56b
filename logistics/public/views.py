"""Pages of public, by subject."""

from . import give, home, needs
from .blueprint import bp

__all__ = ["bp", "give", "home", "needs"]
