"""Pages of public, by subject."""

from . import give
from .blueprint import bp

__all__ = ["bp", "give"]
