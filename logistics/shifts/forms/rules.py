"""The form of what is decided for all shifts."""

from flask_babel import lazy_gettext as _l

from ...web.forms import BaseForm, WholeNumber
from .. import rules


class RulesForm(BaseForm):
    """Rules for all shifts."""

    offer_hours = WholeNumber(
        _l("Hours for which a place from a waiting list is offered"),
        least=1,
        most=rules.MOST_OFFER_HOURS,
        description=_l("Half the time that is left, when the shift is nearer than that. Then it goes to the next."),
    )
    hard_in_a_row = WholeNumber(
        _l("Days in a row with hard work that a stay is proposed"),
        least=1,
        most=rules.MOST_HARD,
        description=_l("Which roles are hard is set at the role. People may still book more by themselves."),
    )
    cancel_hours = WholeNumber(
        _l("Hours before a new shift from which leaving it asks why"),
        most=rules.MOST_CANCEL_HOURS,
        description=_l("For shifts planned from now on. Each can have its own."),
    )
