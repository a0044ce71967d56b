"""How giving is spoken of on a page."""

from flask_babel import lazy_gettext as _l

from ..money import Currency
from .models import GiftState, StripeEventState

STATE_NAMES = {
    GiftState.STARTED: _l("Not paid yet"),
    GiftState.PAID: _l("Paid"),
    GiftState.EXPIRED: _l("Not paid, closed"),
    GiftState.FAILED: _l("Failed"),
}
STATE_KINDS = {
    GiftState.STARTED: "plain",
    GiftState.PAID: "ok",
    GiftState.EXPIRED: "plain",
    GiftState.FAILED: "bad",
}
EVENT_NAMES = {StripeEventState.WAITING: _l("Waiting"), StripeEventState.FAILED: _l("Failed")}
CURRENCY_NAMES = {Currency.GBP: _l("pounds (£)"), Currency.EUR: _l("euros (€)")}


def plain_amount(minor: int) -> str:
    """Return an amount as one types it into a form: "12" or "12.50"."""
    return f"{minor // 100}.{minor % 100:02}" if minor % 100 else str(minor // 100)


def decimal_amount(minor: int) -> str:
    """Return an amount as a spreadsheet reads it: "12.00"."""
    return f"{minor // 100}.{minor % 100:02}"
