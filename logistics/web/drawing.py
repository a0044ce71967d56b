"""Drawing pages fast: rows of long lists whose HTML follows from their values alone are drawn once for all."""

from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask.templating import Environment as FlasksEnvironment

from .i18n import spoken

MOST_KEPT = 8192  # rows of each language, of half a kilobyte each


class Environment(FlasksEnvironment):
    """Jinja's environment, which gives its templates the globals themselves, and not a ChainMap over them.

    A page copies them once for itself and compares them once for each file it imports; no template changes them.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of a template."""
        return super().make_globals(d) if d else self.globals


class Drawer:
    """Draws with one macro of a template, whose arguments must be all that its HTML follows from."""

    def __init__(self, template: str, macro: str) -> None:
        """Take the template's path and the macro's name."""
        self.template, self.macro = template, macro
        self.kept: dict[tuple[str, ZoneInfo], Callable[..., str]] = {}

    def here(self) -> Callable[..., str]:
        """Return what draws a row in this request's language, and by the clock of its charity."""
        place = spoken(), current_app.extensions["shoreline_settings"].timezone
        if place not in self.kept:
            self.kept[place] = lru_cache(MOST_KEPT)(self._draw)
        return self.kept[place]

    def _draw(self, *values: Any) -> str:
        module = current_app.jinja_env.get_template(self.template).module
        return str(getattr(module, self.macro)(*values))
