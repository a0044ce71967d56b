"""What happens at the stand-in for Stripe: sessions are made, paid, declined and expire, and events tell of it."""

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..clock import now
from ..commands import command
from . import shapes
from .models import PracticeEvent, PracticeObject
from .params import ApiError

LEAST = {"gbp": 30, "eur": 50}  # the smallest payments that Stripe takes
SHORTEST, LONGEST = timedelta(minutes=30), timedelta(hours=24)
AGAIN_AFTER = timedelta(seconds=20)  # when a webhook that did not arrive is sent again


def make_checkout(session: Session, params: dict[str, Any], base_url: str) -> dict[str, Any]:
    """Make a Checkout session from parameters whose types are right. Raises `ApiError` where Stripe would."""
    at = now()
    _refuse_what_stripe_refuses(params, at)
    expires_at = params.get("expires_at") or int((at + LONGEST).timestamp())
    body = shapes.checkout_session(params, base_url=base_url, created=int(at.timestamp()), expires_at=expires_at)
    kept = {"session": body, "payment_intent_data": params.get("payment_intent_data", {}), "title": _title(params)}
    session.add(
        PracticeObject(
            id=body["id"],
            kind="checkout.session",
            created_at=at,
            open_until=datetime.fromtimestamp(expires_at, UTC),
            body=kept,
        )
    )
    return body


def _refuse_what_stripe_refuses(params: dict[str, Any], at: datetime) -> None:
    if params.get("mode") != "payment":
        raise ApiError(400, "This practice Stripe takes payments only: mode must be payment.", param="mode")
    for name in ("success_url", "line_items"):
        if not params.get(name):
            raise ApiError(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
    for number, line in enumerate(params["line_items"]):
        price, path = line.get("price_data", {}), f"line_items[{number}][price_data]"
        if not price.get("product_data") or "unit_amount" not in price:
            raise ApiError(400, f"Missing required param: {path}.", code="parameter_missing", param=path)
        if price["currency"] not in LEAST:
            raise ApiError(400, f"Invalid currency: {price['currency']}", param=f"{path}[currency]")
        if price["unit_amount"] * line.get("quantity", 1) < LEAST[price["currency"]]:
            raise ApiError(400, "The amount is too small.", code="amount_too_small")
    email = params.get("customer_email")
    if email is not None and (parseaddr(email)[1] != email or "@" not in email or not email.isascii()):
        raise ApiError(400, f"Invalid email address: {email}", code="email_invalid", param="customer_email")
    expires_at = params.get("expires_at")
    if expires_at is not None:
        earliest, latest = (at + SHORTEST).timestamp() - 60, (at + LONGEST).timestamp() + 60
        if not earliest <= expires_at <= latest:
            raise ApiError(400, "expires_at must be 30 minutes to 24 hours from now.", param="expires_at")


def checkout(session: Session, checkout_id: str) -> PracticeObject:
    """Return a Checkout session. Raises `ApiError` (404)."""
    return _object(session, "checkout.session", checkout_id)


def payment_intent(session: Session, intent_id: str) -> dict[str, Any]:
    """Return a payment intent. Raises `ApiError` (404)."""
    return _object(session, "payment_intent", intent_id).body


@command
def pay(session: Session, *, checkout_id: str, at_once: bool = True) -> str:
    """Pay an open session, and return where its donor goes next.

    `at_once` False is a payment that takes days, as from a bank account: complete and not paid yet
    (`settle_later` ends it). A session that is complete or has expired stays as it is.
    """
    row = _locked(session, checkout_id)
    body = row.body["session"]
    if body["status"] == "open":
        status = "succeeded" if at_once else "processing"
        intent = shapes.payment_intent(body, row.body["payment_intent_data"], status=status, created=_seconds())
        session.add(PracticeObject(id=intent["id"], kind="payment_intent", created_at=now(), body=intent))
        changed = {
            "status": "complete",
            "payment_status": "paid" if at_once else "unpaid",
            "payment_intent": intent["id"],
            "customer_details": shapes.customer_details(body["customer_email"]),
            "url": None,
        }
        _change(session, row, changed, "checkout.session.completed")
    return str(body["success_url"])


@command
def settle_later(session: Session, *, checkout_id: str, paid: bool) -> bool:
    """Say how a payment that takes days has ended. False when it is not such a payment."""
    row = _locked(session, checkout_id)
    body = row.body["session"]
    if body["status"] != "complete" or body["payment_status"] != "unpaid":
        return False
    intent = session.get_one(PracticeObject, body["payment_intent"])
    intent.body = {**intent.body, "status": "succeeded" if paid else "requires_payment_method"}
    outcome = "succeeded" if paid else "failed"
    changed = {"payment_status": "paid"} if paid else {}
    _change(session, row, changed, f"checkout.session.async_payment_{outcome}")
    return True


def expire(session: Session, checkout_id: str) -> dict[str, Any]:
    """End an open session, inside a transaction. Raises `ApiError` when it is complete or has expired."""
    row = _locked(session, checkout_id)
    if row.body["session"]["status"] != "open":
        raise ApiError(400, 'Only Checkout Sessions with a status in ["open"] can be expired.')
    return _change(session, row, {"status": "expired", "url": None}, "checkout.session.expired")


@command
def expire_old(session: Session) -> int:
    """End the open sessions whose time is over, and return how many there were."""
    over = session.scalars(
        select(PracticeObject.id).where(PracticeObject.open_until <= now()).order_by(PracticeObject.id)
    ).all()
    for checkout_id in over:
        if _locked(session, checkout_id).open_until is not None:
            expire(session, checkout_id)
    return len(over)


def anything_due(session: Session) -> bool:
    """Return whether a session has to expire or an event to be delivered."""
    at = now()
    old = session.scalar(select(PracticeObject.id).where(PracticeObject.open_until <= at).limit(1))
    return old is not None or session.scalar(_undelivered(at).limit(1)) is not None


@command
def take_undelivered(session: Session) -> dict[str, Any] | None:
    """Return an event to be delivered now; until `AGAIN_AFTER` nobody else is given it."""
    at = now()
    first = _undelivered(at).order_by(PracticeEvent.due_at, PracticeEvent.id).limit(1)
    event: dict[str, Any] | None = session.scalars(
        update(PracticeEvent)
        .where(
            PracticeEvent.id == first.with_for_update(skip_locked=True).scalar_subquery(),
            PracticeEvent.delivered_at.is_(None),
            PracticeEvent.due_at <= at,
        )
        .values(due_at=at + AGAIN_AFTER)
        .returning(PracticeEvent.body)
    ).one_or_none()
    return event


@command
def delivered(session: Session, *, event_id: str) -> bool:
    """Keep that the webhook took an event."""
    event = session.get_one(PracticeEvent, event_id)
    event.delivered_at = now()
    event.body = {**event.body, "pending_webhooks": 0}
    return True


def events(session: Session, limit: int, kinds: list[str], after: str | None) -> tuple[list[dict[str, Any]], bool]:
    """Return the newest events first, from the one behind `after`, and whether there are more."""
    query = select(PracticeEvent.body).order_by(PracticeEvent.created_at.desc(), PracticeEvent.id.desc())
    if kinds:
        query = query.where(PracticeEvent.type.in_(kinds))
    if after is not None:
        last = session.get(PracticeEvent, after)
        if last is None:
            raise ApiError(404, f"No such event: '{after}'", code="resource_missing", param="starting_after")
        older = (PracticeEvent.created_at < last.created_at) | (
            (PracticeEvent.created_at == last.created_at) & (PracticeEvent.id < last.id)
        )
        query = query.where(older)
    found = session.scalars(query.limit(limit + 1)).all()
    return list(found[:limit]), len(found) > limit


def _change(session: Session, row: PracticeObject, changed: dict[str, Any], kind: str) -> dict[str, Any]:
    """Change a session and write down the event that tells of it."""
    body: dict[str, Any] = {**row.body["session"], **changed}
    row.body = {**row.body, "session": body}
    row.open_until = None
    event = shapes.event(kind, body, created=_seconds())
    session.add(PracticeEvent(id=event["id"], type=kind, created_at=now(), due_at=now(), body=event))
    session.flush()
    return body


def _locked(session: Session, checkout_id: str) -> PracticeObject:
    row = session.get(PracticeObject, checkout_id, with_for_update=True, populate_existing=True)
    return row if row is not None and row.kind == "checkout.session" else _missing("checkout.session", checkout_id)


def _object(session: Session, kind: str, object_id: str) -> PracticeObject:
    row = session.get(PracticeObject, object_id)
    return row if row is not None and row.kind == kind else _missing(kind, object_id)


def _missing(kind: str, object_id: str) -> Any:
    raise ApiError(404, f"No such {kind}: '{object_id}'", code="resource_missing", param="id")


def _undelivered(at: datetime) -> Any:
    return select(PracticeEvent.id).where(PracticeEvent.delivered_at.is_(None), PracticeEvent.due_at <= at)


def _title(params: dict[str, Any]) -> str:
    return str(params["line_items"][0]["price_data"]["product_data"]["name"])


def _seconds() -> int:
    return int(now().timestamp())
