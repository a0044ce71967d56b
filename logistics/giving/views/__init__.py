"""Pages of giving, by subject, and the webhook."""

from . import events, funds, gifts, hook, overview, spends
from .blueprint import bp

__all__ = ["bp", "events", "funds", "gifts", "hook", "overview", "spends"]
