"""A phone in the aisle, as its server sees it."""

import itertools
import json
from datetime import datetime, timedelta
from typing import Any

from werkzeug.test import TestResponse

from logistics.clock import now
from tests.stock import kit

from ..browsing import Browser

numbers = itertools.count(1)


def act(kind: str, code: str, *, ago: float = 0, moment: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """One act, made so many minutes ago, under a key of its own."""
    made_at = moment or now() - timedelta(minutes=ago)
    return {"key": f"key-{next(numbers):06}", "kind": kind, "code": code, "made_at": made_at.isoformat(), **fields}


def take(at: kit.Depot, code: str, quantity: int, **fields: Any) -> dict[str, Any]:
    return act("take", code, **{"shelf": at.shelf, "quantity": quantity, "reason": "given", **fields})


def count(at: kit.Depot, code: str, counted: int, expected: int, **fields: Any) -> dict[str, Any]:
    more = {"reason": "found" if counted > expected else "lost"} if counted != expected else {}
    return act("count", code, **{"shelf": at.shelf, "counted": counted, "expected": expected, **more, **fields})


def move(at: kit.Depot, code: str, quantity: int, **fields: Any) -> dict[str, Any]:
    return act("move", code, **{"shelf": at.shelf, "to": at.other_shelf, "quantity": quantity, **fields})


def put(at: kit.Depot, code: str, quantity: int, **fields: Any) -> dict[str, Any]:
    return act("put", code, **{"shelf": at.shelf, "quantity": quantity, "source": "donated", **fields})


def post(browser: Browser, body: bytes | str, **headers: str) -> TestResponse:
    """Send anything at all, with the token that the page would get."""
    return browser.post(
        "/stock/aisle/acts",
        csrf=False,
        data=body,
        content_type="application/json",
        headers={"X-CSRFToken": browser.csrf_token(), **headers},
    )


def send(browser: Browser, at: kit.Depot, *acts: Any) -> list[dict[str, Any]]:
    """Send acts as their own and return what became of each."""
    body = {"person": browser.person_id, "warehouse": at.warehouse_id, "acts": acts}
    answer = post(browser, json.dumps(body))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    results: list[dict[str, Any]] = answer.get_json()["results"]
    return results


def states(results: list[dict[str, Any]]) -> list[str]:
    return [result["state"] for result in results]
