"""How what the service says in codes reads on a page."""

from flask_babel import lazy_gettext as _l

from ..plans.drafts import Skip

_SKIPPED = {
    Skip.THERE: _l("there already"),
    Skip.CALLED_OFF: _l("called off that day"),
    Skip.PAST: _l("that time has passed"),
    Skip.FAR: _l("more than two years away"),
    Skip.ROLE_CLOSED: _l("the role is no longer used"),
    Skip.SITE_CLOSED: _l("the site is closed"),
    Skip.NO_SITE: _l("it has no site of its own: lay the pattern over a distribution"),
    Skip.NEEDS_DISTRIBUTION: _l("at a meeting point: lay the pattern over a distribution"),
}


def skipped(why: Skip) -> str:
    """Return why a shift is not made."""
    return str(_SKIPPED[why])
