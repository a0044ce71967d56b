"""From a gift that was started to the page on which it is paid."""

from ..config import Settings
from ..db import db
from ..errors import DomainError
from . import gateway
from .gifts import PAGE_OPEN, gift_of, give_up, keep_checkout
from .models import Gift, GiftState


def open_checkout(reference: str, settings: Settings) -> str:
    """Return the address where the donor goes next: Stripe's page, or the thanks page of a gift already settled.

    Called outside any transaction. Asked twice for the same gift it gives the same page. Raises
    `StripeUnavailable`, or `Invalid` when Stripe refuses the email; the gift has then failed.
    """
    gift = gift_of(db.session, reference)
    thanks = f"{settings.base_url}/give/thanks?gift={reference}"
    if gift.state != GiftState.STARTED:
        return thanks
    if gift.checkout_url:
        return gift.checkout_url
    try:
        checkout = gateway.create_checkout(_request(gift, settings, thanks))
    except DomainError:
        give_up(reference=reference)
        raise
    return keep_checkout(reference=reference, checkout_id=checkout.id, url=checkout.url or thanks)


def _request(gift: Gift, settings: Settings, thanks: str) -> gateway.CheckoutRequest:
    fund = (gift.fund.name_fr if gift.language == "fr" else None) or gift.fund.name
    return gateway.CheckoutRequest(
        reference=gift.reference,
        gift_id=gift.id,
        fund_id=gift.fund_id,
        amount=gift.amount,
        currency=gift.currency,
        title=f"{settings.org_name}: {fund}",
        email=gift.donor.email,
        language=gift.language,
        success_url=thanks,
        cancel_url=f"{settings.base_url}/give?gift={gift.reference}",
        expires_at=gift.created_at + PAGE_OPEN,
    )
