"""The forms of purchases. Their fields are named as the services name what they refuse."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, ValidationError

from ..giving.forms import CURRENCIES, fund_label, refuse_no_id
from ..giving.funds import Standing
from ..giving.models import Fund
from ..money import Currency
from ..stock.forms import Day, Pick, shelf_choices
from ..stock.ledger import MOST
from ..stock.lookup import LONGEST_NOTE
from ..stock.models import Location, Product
from ..stock.purchases.receiving import LONGEST_SUPPLIER, MOST_BOXES
from ..stock.quantities import Quantity
from ..web.asked import number_in
from ..web.forms import Amount, BaseForm, Line, Lines, Required, WholeNumber

ROWS, SHOWN_ROWS = 12, 3
PRICED = {"inputmode": "decimal", "autocomplete": "off"}


class PurchaseFormBase(BaseForm):
    """What a fund bought of a supplier, and what was paid in all."""

    supplier = Line(_l("From whom?"), longest=LONGEST_SUPPLIER, description=_l("The shop or company."))
    bought_on = DateField(_l("On which day?"), validators=[Required(_l("Enter a day."))])
    fund = SelectField(_l("From which fund?"), validators=[Required(_l("Choose a fund."))], validate_choice=False)
    currency = RadioField(_l("In"), choices=CURRENCIES, default=Currency.GBP.value, validate_choice=False)
    carriage = Amount(_l("Carriage and other costs"), render_kw=PRICED)
    amount = Amount(
        _l("Paid in all"),
        validators=[Required(_l("Enter an amount such as 12 or 12.50."))],
        description=_l("As on the bill. It must be what the lines and other costs add up to."),
        render_kw=PRICED,
    )
    note = Lines(_l("Note"), longest=LONGEST_NOTE, render_kw={"rows": 2})
    known: Mapping[str, int]

    def offer(self, funds: Iterable[Fund], left: Mapping[int, Sequence[Standing]], known: Mapping[str, int]) -> None:
        """Set the funds, with what each has left, and the sizes by the names that may be typed."""
        self.fund.choices = [("", ""), *((str(fund.id), fund_label(fund, left.get(fund.id, ()))) for fund in funds)]
        self.known = known

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """Return the fields row by row: what, packs, size of a pack, price."""
        return [tuple(self[f"{name}_{row}"] for name in ("what", "packs", "size", "price")) for row in range(ROWS)]

    @property
    def first_hidden(self) -> int:
        """Return how many rows are open: those filled in and at least a few."""
        filled = [
            number for number, row in enumerate(self.rows) if any(field.data or field.errors for field in row[:2])
        ]
        return min(ROWS, max(SHOWN_ROWS, *(number + 1 for number in filled), SHOWN_ROWS))

    @property
    def lines(self) -> list[dict[str, int]]:
        """Return what was bought, as the service takes it."""
        return [
            {
                "row": row,
                "size_id": self.known[typed(self[f"what_{row}"].data)],
                "packs": self[f"packs_{row}"].data,
                "pack_size": self[f"size_{row}"].data or 1,
                "price": self[f"price_{row}"].minor or 0,
            }
            for row in range(ROWS)
            if self[f"what_{row}"].data
        ]

    def validate_currency(self, field: Any) -> None:
        """Take pounds and euros only."""
        if field.data not in set(Currency):
            raise ValidationError(_("Choose pounds or euros."))

    def validate_fund(self, field: Any) -> None:
        """Take an id; the service knows whether there is such a fund."""
        refuse_no_id(field)

    def validate_bought_on(self, field: Any) -> None:
        """Take a day that a charity can mean."""
        if isinstance(field.data, date) and not 2000 <= field.data.year <= 2100:
            raise ValidationError(_("Enter a year between 2000 and 2100."))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check also that each row that says anything says all of it, and of a product that is known."""
        valid = super().validate(extra_validators)
        for what, packs, size, price in self.rows:
            said = any((what.data, packs.data, price.data))
            if said and not what.errors and typed(what.data) not in self.known:
                what.errors = [*what.errors, str(_("Choose a product and size from the list."))]
            if said and packs.data is None and not packs.errors:
                packs.errors = [*packs.errors, str(_("Enter a whole number."))]
            if said and not (price.data or "").strip() and not price.errors:
                price.errors = [*price.errors, str(_("Enter an amount such as 12 or 12.50."))]
            valid = valid and not any(field.errors for field in (what, packs, size, price))
        return valid


def _fields(row: int) -> dict[str, Any]:
    return {
        f"what_{row}": Line(
            _l("Product and size"), longest=250, required=False, render_kw={"list": "things", "autocomplete": "off"}
        ),
        f"packs_{row}": WholeNumber(_l("How many?"), least=1, most=MOST, required=False),
        f"size_{row}": WholeNumber(_l("Packs of"), least=1, most=MOST, required=False),
        f"price_{row}": Amount(_l("Price each"), render_kw=PRICED),
    }


PurchaseForm: Any = type(
    "PurchaseForm", (PurchaseFormBase,), {name: each for row in range(ROWS) for name, each in _fields(row).items()}
)


def typed(text: str | None) -> str:
    """Return the form in which names that are typed are compared."""
    return " ".join((text or "").split()).casefold()


class ReceiveLineForm(BaseForm):
    """What came of one line of a purchase, and into which box or boxes."""

    seen = HiddenField(filters=[number_in])
    quantity = Quantity(_l("How many in each box?"))
    boxes = WholeNumber(_l("How many boxes like that?"), least=1, most=MOST_BOXES, default=1)
    location_id = Pick(_l("Onto which shelf?"), invite=_l("Choose a shelf."))
    best_before = Day(_l("Best before"), asked=True)
    undated = BooleanField(_l("There is no date on it"))
    code = Line(
        _l("Into a box that is there already"),
        longest=40,
        required=False,
        description=_l("Its code. Empty: new boxes with the next free numbers."),
    )

    def offer(self, shelves: Iterable[Location], product: Product) -> None:
        """Set the shelves; only what has a best-before is asked for it."""
        self.location_id.offer(shelf_choices(shelves))
        self.quantity.offer(product)
        if not product.has_best_before:
            del self.best_before
            del self.undated
