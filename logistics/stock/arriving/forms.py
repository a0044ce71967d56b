"""The forms of drop-off points, slots and deliveries. Their fields are named as the services name what they refuse."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField
from wtforms.fields import SelectChoice

from ...errors import DomainError
from ...web.asked import number_in
from ...web.filters import by_name, day, local_date, named, when
from ...web.forms import (
    DAYS_OF_THE_WEEK,
    BaseForm,
    CheckboxesField,
    ClockTime,
    Line,
    Lines,
    WholeNumber,
)
from ..forms import Day, Pick
from ..lookup import LONGEST_NOTE
from . import booking, deliveries, drop_offs, lines, slots
from .models import BringerKind, DeliveryLine, DropOff, Measure, Slot
from .words import BRINGERS, MEASURES, meant, measured, what

ROWS = 8  # lines that a form asks for
FIRST_ROWS = 2  # of these, shown at once

WHO = [SelectChoice(bringer.value, label) for bringer, label in BRINGERS.items()]


class DropOffForm(BaseForm):
    """A drop-off point, as its public page shows it."""

    name = Line(_l("Name"), longest=DropOff.LONGEST_NAME, description=_l("Such as Dover town hall."))
    name_fr = Line(_l("Name in French"), longest=DropOff.LONGEST_NAME, required=False)
    slug = Line(
        _l("Address of its page"),
        longest=drop_offs.LONGEST_SLUG,
        required=False,
        description=_l("What stands after /drop-off/ in its address. Leave it empty, and it is made of the name."),
    )
    warehouse_id = Pick(
        _l("Which warehouse do the goods go to?"),
        invite=_l("Choose a warehouse."),
    )
    address = Line(_l("Where is it?"), longest=drop_offs.LONGEST_ADDRESS, description=_l("Street, house and town."))
    map_url = Line(
        _l("Link to a map"),
        longest=drop_offs.LONGEST_MAP,
        required=False,
        description=_l("Such as https://www.openstreetmap.org/…"),
        render_kw={"inputmode": "url", "autocomplete": "off"},
    )
    hours = Lines(_l("When is it open?"), longest=drop_offs.LONGEST_HOURS, render_kw={"rows": 3})
    hours_fr = Lines(_l("When is it open, in French"), longest=drop_offs.LONGEST_HOURS, render_kw={"rows": 3})
    takes = Lines(
        _l("What does it take?"),
        longest=drop_offs.LONGEST_TAKES,
        description=_l("What is welcome, how it should be packed, what it cannot take."),
        render_kw={"rows": 5},
    )
    takes_fr = Lines(_l("What does it take, in French"), longest=drop_offs.LONGEST_TAKES, render_kw={"rows": 5})

    def __init__(self, warehouses: Iterable[Any], obj: DropOff | None = None, **kwargs: Any) -> None:
        """Offer these warehouses."""
        super().__init__(obj=obj, **kwargs)
        choices = [(site.id, named(site)) for site in by_name(warehouses)]
        self.warehouse_id.offer(choices)
        if obj is None and len(choices) == 1 and not self.is_submitted():
            self.warehouse_id.data = choices[0][0]

    @property
    def answers(self) -> dict[str, Any]:
        """Return what `drop_offs.create` and `drop_offs.edit` take."""
        return {name: self[name].data for name in drop_offs.FIELDS}


class SlotsForm(BaseForm):
    """Slots planned in bulk."""

    weekdays = CheckboxesField(
        _l("On which days of the week?"),
        coerce=int,
        choices=[SelectChoice(number, label) for number, label in enumerate(DAYS_OF_THE_WEEK)],
        description=_l("Tick none for every day."),
    )
    opens = ClockTime(_l("From what time?"))
    closes = ClockTime(_l("Until what time?"))
    minutes = WholeNumber(
        _l("Minutes of one slot"),
        least=5,
        most=slots.DAY,
        required=False,
        description=_l("Leave it empty for one slot from beginning to end."),
    )
    capacity = WholeNumber(_l("Deliveries at most in one slot"), least=1, most=slots.MOST_PLACES)
    first = Day(_l("First day"))
    last = Day(_l("Last day"), description=_l("Leave it empty for one day only."))

    @property
    def answers(self) -> dict[str, Any]:
        """Return what `slots.plan` takes, but for the drop-off point and the time zone."""
        return {
            "weekdays": self.weekdays.data or list(range(7)),
            "opens": self.opens.data,
            "closes": self.closes.data,
            "minutes": self.minutes.data,
            "capacity": self.capacity.data,
            "first": self.first.data,
            "last": self.last.data or self.first.data,
        }

    def validate(self, extra_validators: Any = None) -> bool:
        """Require a first day."""
        valid = super().validate(extra_validators)
        if self.first.data is None and not self.first.errors:
            self.first.errors = [_("Enter a date, such as 2026-11-24.")]
            return False
        return valid


class LinesForm(BaseForm):
    """Rows of what, how much, and how that is counted; an empty row is none. `known` tells products by typed names."""

    known: Mapping[str, int] = {}

    @property
    def rows(self) -> Sequence[tuple[Any, Any, Any]]:
        """Return the fields of each row."""
        return [tuple(self[f"{name}_{row}"] for name in ("what", "amount", "measure")) for row in range(ROWS)]

    @property
    def given(self) -> list[dict[str, Any]]:
        """Return what commands take as lines."""
        return [
            {
                "row": row,
                "what": thing.data,
                "product_id": meant(thing.data, self.known),
                "amount": amount.data,
                "measure": measure.data,
            }
            for row, (thing, amount, measure) in enumerate(self.rows)
            if thing.data
        ]

    @property
    def first_hidden(self) -> int:
        """Return from which row on they are folded away."""
        used = [row for row, fields in enumerate(self.rows) if fields[0].data or fields[1].data or fields[0].errors]
        return max(FIRST_ROWS, *(row + 1 for row in used)) if used else FIRST_ROWS

    def validate(self, extra_validators: Any = None) -> bool:
        """Want an amount where something is named, and the other way round."""
        valid = super().validate(extra_validators)
        for thing, amount, _measure in self.rows:
            if thing.data and amount.data is None and not amount.errors:
                amount.errors = [_("How much is it, roughly?")]
                valid = False
            if amount.data is not None and not thing.data and not thing.errors:
                thing.errors = [_("Say what it is.")]
                valid = False
        return valid


for _row in range(ROWS):
    setattr(
        LinesForm,
        f"what_{_row}",
        Line(
            _l("What is it?"),
            longest=lines.LONGEST_WHAT,
            required=False,
            render_kw={"list": "things", "autocomplete": "off"},
        ),
    )
    setattr(LinesForm, f"amount_{_row}", WholeNumber(_l("Roughly how much?"), least=1, most=lines.MOST, required=False))
    setattr(
        LinesForm,
        f"measure_{_row}",
        SelectField(
            _l("In what?"),
            choices=[SelectChoice(measure.value, label) for measure, label in MEASURES.items()],
            default=Measure.BAG.value,
            validate_choice=False,
        ),
    )


def slot_choices(found: Iterable[Slot]) -> dict[str, list[tuple[int, str]]]:
    """Return slots as a select's choices, under their days, by the clock on the wall."""
    return {
        day(date): [(slot.id, when(slot.starts_at, slot.ends_at)) for slot in each]
        for date, each in groupby(found, lambda slot: local_date(slot.starts_at))
    }


class BookForm(LinesForm):
    """A delivery that somebody announces. `warned` are the products of which they were told not to send any more."""

    warned = HiddenField()
    slot_id = Pick(_l("When do you come?"), invite=_l("Choose a time."))
    bringer = RadioField(
        _l("Who brings it?"),
        choices=WHO,
        default=BringerKind.DONOR,
        validate_choice=False,
    )
    name = Line(_l("Your name, or your group’s"), longest=deliveries.LONGEST_NAME, render_kw={"autocomplete": "name"})
    email = Line(
        _l("Email"),
        longest=254,
        description=_l("We send you a link by which you can change the time or call it off."),
        render_kw={"autocomplete": "email", "type": "email", "inputmode": "email"},
    )
    phone = Line(
        _l("Phone"),
        longest=booking.LONGEST_PHONE,
        required=False,
        render_kw={"autocomplete": "tel", "type": "tel", "inputmode": "tel"},
    )
    note = Lines(_l("Anything we should know?"), longest=LONGEST_NOTE, render_kw={"rows": 3})

    def offer(self, found: Iterable[Slot], known: Mapping[str, int]) -> None:
        """Set the times to choose from, and the products that are known by name."""
        self.slot_id.offer(slot_choices(found))
        self.known = known

    @property
    def warned_ids(self) -> list[int]:
        """Return the products that the page warned of."""
        return sorted({number_in(each) for each in (self.warned.data or "").split(",")[:ROWS]} - {0})

    def refuse(self, error: DomainError) -> None:
        """Show a refusal; the next try says which products it warned of."""
        super().refuse(error)
        if isinstance(error, booking.Unwanted):
            self.warned.data = ",".join(str(each) for each in error.product_ids)


class TimeForm(BaseForm):
    """Another time for a delivery."""

    slot_id = Pick(_l("When do you come?"), invite=_l("Choose a time."))

    def offer(self, found: Iterable[Slot]) -> None:
        """Set the times to choose from."""
        self.slot_id.offer(slot_choices(found))


class EnterForm(LinesForm):
    """A delivery that came unannounced."""

    warehouse_id = Pick(_l("At which warehouse?"), invite=_l("Choose a warehouse."))
    bringer = RadioField(_l("Who brought it?"), choices=WHO, default=BringerKind.DONOR, validate_choice=False)
    name = Line(
        _l("Name"),
        longest=deliveries.LONGEST_NAME,
        required=False,
        description=_l("Of a group or a supplier, say. It is forgotten after 90 days."),
    )
    note = Lines(_l("Note"), longest=LONGEST_NOTE, render_kw={"rows": 2})

    def offer(self, warehouses: Iterable[Any], known: Mapping[str, int]) -> None:
        """Set the warehouses, and the products that are known by name."""
        choices = [(site.id, named(site)) for site in by_name(warehouses)]
        self.warehouse_id.offer(choices)
        if len(choices) == 1 and not self.is_submitted():
            self.warehouse_id.data = choices[0][0]
        self.known = known


def arrival_form(announced: Sequence[DeliveryLine], known: Mapping[str, int], **kwargs: Any) -> Any:
    """Return the form for what came: a number for each line announced, named came_<line id>, and rows for more."""
    fields = {
        f"came_{line.id}": WholeNumber(
            _("%(what)s, announced: %(amount)s", what=what(line), amount=measured(line.amount, line.measure)),
            least=0,
            most=lines.MOST,
            default=line.amount,
        )
        for line in announced
    }
    form: Any = type("ArrivalForm", (LinesForm,), fields)(**kwargs)
    form.known = known
    return form
