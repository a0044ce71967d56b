"""Stripe's objects, in the shapes of the API version that the gateway pins."""

import secrets
from typing import Any

from ..giving.gateway import API_VERSION

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

# What a session has besides what was asked for: nothing of it is used here, and a real answer has it.
_UNUSED = (
    "after_expiration",
    "allow_promotion_codes",
    "billing_address_collection",
    "client_secret",
    "collected_information",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer",
    "customer_account",
    "customer_details",
    "discounts",
    "integration_identifier",
    "invoice",
    "managed_payments",
    "origin_context",
    "payment_intent",
    "payment_link",
    "payment_method_collection",
    "payment_method_configuration_details",
    "permissions",
    "recovered_from",
    "saved_payment_method_options",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "subscription",
    "wallet_options",
)


def new_id(prefix: str, length: int = 24) -> str:
    """Return an id such as Stripe's: "pi_3Mt…"."""
    return f"{prefix}_{''.join(secrets.choice(LETTERS) for _ in range(length))}"


def checkout_session(params: dict[str, Any], *, base_url: str, created: int, expires_at: int) -> dict[str, Any]:
    """Return a new, open Checkout session for checked parameters; times in seconds since 1970."""
    session_id = new_id("cs_test", 58)
    prices = [(line["price_data"], line.get("quantity", 1)) for line in params["line_items"]]
    total = sum(price["unit_amount"] * quantity for price, quantity in prices)
    return {
        **dict.fromkeys(_UNUSED),
        "id": session_id,
        "object": "checkout.session",
        "adaptive_pricing": params.get("adaptive_pricing", {"enabled": True}),
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": created,
        "currency": prices[0][0]["currency"],
        "custom_fields": [],
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "customer_creation": params.get("customer_creation", "if_required"),
        "customer_email": params.get("customer_email"),
        "expires_at": expires_at,
        "invoice_creation": {
            "enabled": False,
            "invoice_data": {
                **dict.fromkeys(("account_tax_ids", "custom_fields", "description", "footer", "issuer")),
                "metadata": {},
                "rendering_options": None,
            },
        },
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": params.get("metadata", {}),
        "mode": "payment",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{base_url}/practice-stripe/checkout/{session_id}",
    }


def customer_details(email: str | None) -> dict[str, Any]:
    """Return what a completed session knows of who paid."""
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    nothing = dict.fromkeys(("business_name", "individual_name", "name", "phone"))
    return {**nothing, "address": address, "email": email, "tax_exempt": "none", "tax_ids": []}


def payment_intent(session: dict[str, Any], params: dict[str, Any], *, status: str, created: int) -> dict[str, Any]:
    """Return the payment of a session; `params` are those of its `payment_intent_data`."""
    nothing = (
        "application",
        "application_fee_amount",
        "automatic_payment_methods",
        "canceled_at",
        "cancellation_reason",
        "customer",
        "customer_account",
        "excluded_payment_method_types",
        "last_payment_error",
        "latest_charge",
        "managed_payments",
        "next_action",
        "on_behalf_of",
        "payment_method",
        "payment_method_configuration_details",
        "processing",
        "review",
        "setup_future_usage",
        "shipping",
        "source",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
    )
    intent_id = new_id("pi")
    return {
        **dict.fromkeys(nothing),
        "id": intent_id,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": session["amount_total"] if status == "succeeded" else 0,
        "capture_method": "automatic",
        "client_secret": f"{intent_id}_secret_{new_id('x')[2:]}",
        "confirmation_method": "automatic",
        "created": created,
        "currency": session["currency"],
        "description": params.get("description"),
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "receipt_email": params.get("receipt_email"),
        "status": status,
    }


def event(kind: str, thing: dict[str, Any], *, created: int) -> dict[str, Any]:
    """Return an event that says what happened to an object, as the object is now."""
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": created,
        "data": {"object": thing},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }


def page_of(things: list[dict[str, Any]], *, url: str, has_more: bool) -> dict[str, Any]:
    """Return a list object."""
    return {"object": "list", "data": things, "has_more": has_more, "url": url}
