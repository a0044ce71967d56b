"""The forms of convoys."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from ...web.forms import BaseForm, Line, WholeNumber
from ..groups import convoys
from ..models import LARGEST_PARTY
from ..signing import LONGEST_REASON
from ..views.ticks import TicksForm

SEATS = _l("Seats in your car")
SEATS_HINT = _l("Your own included. 0 if you bring no car.")


class ConvoyForm(BaseForm):
    """A new convoy."""

    name = Line(_l("Name"), longest=convoys.LONGEST_NAME, description=_l("So that those who join know it: Ghent, May."))
    size = WholeNumber(
        _l("How many people?"), least=1, most=LARGEST_PARTY, description=_l("You included. Names can come later.")
    )
    lapse_hours = WholeNumber(
        _l("Hours before a shift at which places without a name go back to everyone"),
        least=1,
        most=convoys.MOST_LAPSE_HOURS,
        default=48,
        description=_l("You are reminded a day before that."),
    )
    seats = WholeNumber(SEATS, least=0, most=convoys.MOST_SEATS, default=0, description=SEATS_HINT)


class HoldForm(TicksForm):
    """Places to hold on the shifts that are ticked."""

    count = WholeNumber(
        _l("Places on each shift"), least=1, most=LARGEST_PARTY, description=_l("For all of you together.")
    )
    without_me = BooleanField(
        _l("I don’t come myself: hold them for the others"),
        description=_l("Then you need be neither free nor qualified, and can hold places on shifts at the same time."),
    )


class SeatsForm(BaseForm):
    """The seats of one's car."""

    seats = WholeNumber(SEATS, least=0, most=convoys.MOST_SEATS, description=SEATS_HINT)


class JoinForm(BaseForm):
    """Coming with a convoy."""

    seats = WholeNumber(SEATS, least=0, most=convoys.MOST_SEATS, default=0, description=SEATS_HINT)


class GiveBackForm(BaseForm):
    """Places to give back."""

    count = WholeNumber(_l("Places to give back"), least=1, most=LARGEST_PARTY)


class LeaveForm(BaseForm):
    """Leaving a convoy, or one of its shifts."""

    reason = Line(_l("Why can’t you come?"), longest=LONGEST_REASON, required=False)
