"""What giving holds about a person: gifts made under their confirmed email. The law has them kept: none is forgotten."""

from sqlalchemy import false, select

from ..errors import msg
from ..holding import Holding, Section, Whose
from ..paging import Query
from .models import Donor, Fund, Gift


def _theirs(query: Query, whose: Whose) -> Query:
    """Return a query of donors as far as they are certainly this person: anyone can type anyone's email."""
    return query.where(Donor.email == whose.email) if whose.confirmed else query.where(false())


DONOR = Section(
    "donor",
    msg("You as a donor"),
    {"name": msg("Name"), "email": msg("Email"), "language": msg("Language"), "created_at": msg("Since")},
    lambda whose: _theirs(select(Donor.name, Donor.email, Donor.language, Donor.created_at), whose),
    frozenset(),
)
GIFTS = Section(
    "gifts",
    msg("Your gifts"),
    {
        "reference": msg("Reference"),
        "name": msg("Name on the receipt"),
        "amount_in_pence_or_cents": msg("Amount (in pence or cents)"),
        "currency": msg("Currency"),
        "fund": msg("Fund"),
        "state": msg("State"),
        "created_at": msg("When"),
        "paid_at": msg("Paid"),
    },
    lambda whose: _theirs(
        select(
            Gift.reference,
            Gift.name,
            Gift.amount,
            Gift.currency,
            Fund.name,
            Gift.state,
            Gift.created_at,
            Gift.paid_at,
        )
        .join(Gift.donor)
        .join(Gift.fund)
        .order_by(Gift.id),
        whose,
    ),
    frozenset(),
)

HOLDING = Holding(sections=(DONOR, GIFTS), signs=frozenset({"spend.recorded_by"}))
