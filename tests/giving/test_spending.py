"""Spends and funds: the fundraiser's pages, and the rules behind them."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.audit import AuditLine
from logistics.clock import now
from logistics.db import db
from logistics.distributions.models import DistributionState
from logistics.errors import Conflict, Invalid, NotFound
from logistics.giving import funds
from logistics.giving.models import Fund, Spend
from logistics.giving.spending import money_of, record_spend, withdraw_spend

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries
from .helpers import balance, deliver, event, fund, give, problems
from .test_webhook import COMPLETED, PAID, at_stripe


def given(app: Flask, pounds: str, **changed: str) -> str:
    """A gift, paid the whole way round; return its reference."""
    from logistics.giving.webhook import apply_waiting

    reference = give(Browser(app), amount=pounds, **changed)
    deliver(app, event(app, COMPLETED, at_stripe(reference, **{**PAID, "payment_intent": f"pi_{reference}"})))
    apply_waiting()
    return reference


def spend(**changed: Any) -> int:
    values: dict[str, Any] = {
        "actor_id": make.person("fundraiser").id,
        "amount": 1000,
        "currency": "gbp",
        "what": "Fuel",
        "spent_on": date(2026, 11, 24),
    }
    return record_spend(**{**values, **changed})


def test_a_fundraiser_records_a_spend_of_a_gift_on_a_distribution(app: Flask, fundraiser: Browser) -> None:
    fund_id = fund()
    given(app, "100")
    distribution_id = make.distribution(title="Hoodies").id
    page = fundraiser.page(f"/giving/spends/new?distribution={distribution_id}")
    assert f'<option selected value="{distribution_id}">' in page
    form = {
        "distribution": str(distribution_id),
        "fund": str(fund_id),
        "amount": "46",
        "currency": "gbp",
        "what": "Fuel for the van",
        "spent_on": "2026-11-24",
        "key": "k",
    }
    answer = fundraiser.send(f"/giving/spends/new?distribution={distribution_id}", form)
    assert answer.location == f"/distributions/{distribution_id}"
    fundraiser.send(f"/giving/spends/new?distribution={distribution_id}", form)  # pressed twice
    assert balance(fund_id) == (10_000, 4_600)
    said = text_of(fundraiser.page("/giving/spends"))
    assert "£46 · Fuel for the van" in said
    assert "£54 left of £100" in text_of(fundraiser.page("/giving"))
    line = db.session.scalars(
        select(AuditLine).where(AuditLine.action == "spend.recorded").order_by(AuditLine.id)
    ).one()
    assert line.distribution_id == distribution_id
    (view,) = money_of(db.session, [distribution_id])[distribution_id]
    assert (view.fund.id, view.amount, view.currency, view.what) == (fund_id, 4600, "gbp", "Fuel for the van")
    assert funds.gifts_behind(db.session, [fund_id])[fund_id] == (1, [funds.Standing("gbp", 10_000, 4_600)])
    assert problems() == []


def test_more_than_is_left_is_refused_and_named(app: Flask, fundraiser: Browser) -> None:
    fund_id, distribution_id = fund(), make.distribution().id
    given(app, "20.50")
    spend(fund_id=fund_id, distribution_id=distribution_id, amount=800)
    form = {"distribution": str(distribution_id), "fund": str(fund_id), "currency": "gbp", "what": "Cups"}
    page = fundraiser.send("/giving/spends/new", {**form, "amount": "12.51", "spent_on": "2026-11-24"}, 409)
    assert "Only £12.50 is left in this fund." in page.get_data(as_text=True)
    assert 'value="12.51"' in page.get_data(as_text=True)
    euros = fundraiser.send(
        "/giving/spends/new", {**form, "amount": "1", "currency": "eur", "spent_on": "2026-11-24"}, 409
    )
    assert "Nothing is left in this fund in this currency." in euros.get_data(as_text=True)
    spend(fund_id=fund_id, distribution_id=distribution_id, amount=1250)
    assert balance(fund_id) == (2050, 2050)
    assert problems() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", ""),
        ("amount", "0"),
        ("amount", "-5"),
        ("amount", "🎁"),
        ("amount", "99999999999"),
        ("what", ""),
        ("what", "x" * 201),
        ("what", "a\x00b"),
        ("fund", ""),
        ("fund", "999"),
        ("fund", "99999999999999"),
        ("fund", "x"),
        ("distribution", ""),
        ("distribution", "999"),
        ("currency", "usd"),
        ("spent_on", ""),
        ("spent_on", "tomorrow"),
        ("spent_on", "0001-01-01"),
        ("spent_on", "2026-02-30"),
    ],
)
def test_what_is_refused_at_its_field(app: Flask, fundraiser: Browser, field: str, value: str) -> None:
    form = {
        "distribution": str(make.distribution().id),
        "fund": str(fund(given=100_000)),
        "amount": "46",
        "currency": "gbp",
        "what": "Fuel",
        "spent_on": "2026-11-24",
    }
    page = fundraiser.send("/giving/spends/new", {**form, field: value}, 422).get_data(as_text=True)
    assert f'id="{field}-error"' in page
    assert db.session.scalars(select(Spend)).all() == []


def test_a_spend_entered_by_mistake_is_taken_back_and_kept(app: Flask, fundraiser: Browser) -> None:
    fund_id, distribution_id = fund(), make.distribution().id
    given(app, "10")
    spend_id = spend(fund_id=fund_id, distribution_id=distribution_id)
    fundraiser.send(f"/giving/spends/{spend_id}/withdraw")
    assert balance(fund_id) == (1000, 0)
    assert "Taken back" in fundraiser.page("/giving/spends")
    assert money_of(db.session, [distribution_id]) == {distribution_id: []}
    with pytest.raises(Conflict):
        withdraw_spend(actor_id=fundraiser.person_id, spend_id=spend_id)
    with pytest.raises(NotFound):
        withdraw_spend(actor_id=fundraiser.person_id, spend_id=999)
    assert balance(fund_id) == (1000, 0)
    assert problems() == []


def test_a_cancelled_distribution_and_a_closed_fund_may_still_cost(app: Flask, fundraiser: Browser) -> None:
    """A van was hired before the plan broke; and closing a fund does not take its money away."""
    fund()
    winter = fund("Winter appeal", restricted=True)
    given(app, "30", fund=str(winter))
    fundraiser.send(f"/giving/funds/{winter}/close")
    distribution_id = make.distribution(state=DistributionState.CANCELLED).id
    spend(fund_id=winter, distribution_id=distribution_id)
    assert balance(winter) == (3000, 1000)


def test_many_distributions_in_one_query(app: Flask) -> None:
    fund_id = fund(given=100_000)
    ids = [make.distribution().id for _ in range(3)]
    for distribution_id in ids[:2]:
        spend(fund_id=fund_id, distribution_id=distribution_id, spent_on=date(2026, 11, 24))
        spend(fund_id=fund_id, distribution_id=distribution_id, spent_on=date(2026, 11, 20), what="Cups")
    found = money_of(db.session, ids)
    assert [[view.what for view in found[one]] for one in ids] == [["Cups", "Fuel"], ["Cups", "Fuel"], []]
    assert money_of(db.session, []) == {}


def test_an_admin_sets_funds_up_through_pages(app: Flask, admin: Browser, browser: Browser) -> None:
    assert "Set up a fund" in admin.page("/giving/funds")
    form = {
        "name": " Winter appeal ",
        "name_fr": "Appel d’hiver",
        "description": "Sleeping bags and tents.",
        "description_fr": "",
        "purpose": "restricted",
    }
    admin.send("/giving/funds/new", form)
    admin.send("/giving/funds/new", {**form, "name": "General", "name_fr": "", "purpose": "general"})
    assert "Winter appeal" in browser.page("/give")
    browser.get("/language/fr")
    assert "Appel d’hiver" in browser.page("/give")
    taken = admin.send("/giving/funds/new", {**form, "name": "WINTER APPEAL"}, 422).get_data(as_text=True)
    assert "Another fund has this name." in taken
    winter = db.session.scalars(select(Fund).where(Fund.name == "Winter appeal")).one()
    admin.send(f"/giving/funds/{winter.id}/edit", {**form, "name": "Cold nights"})
    assert "Cold nights" in admin.page("/giving/funds")
    admin.page("/giving/funds/999/edit", 404)


def test_money_given_for_one_purpose_never_becomes_general(app: Flask, admin: Browser) -> None:
    fund()
    winter = fund("Winter appeal", restricted=True)
    form = {"name": "Winter appeal", "purpose": "general"}
    admin.send(f"/giving/funds/{winter}/edit", form)  # nobody has given yet
    admin.send(f"/giving/funds/{winter}/edit", {**form, "purpose": "restricted"})
    give(Browser(app), fund=str(winter))
    page = admin.send(f"/giving/funds/{winter}/edit", form, 409).get_data(as_text=True)
    assert "what it is for can&#39;t change" in page


def test_the_last_general_fund_stays(app: Flask, admin: Browser) -> None:
    general = fund()
    admin.send(f"/giving/funds/{general}/close", status=409)
    admin.send(f"/giving/funds/{general}/edit", {"name": "General", "purpose": "restricted"}, 409)
    second = fund("Second general")
    admin.send(f"/giving/funds/{general}/close")
    admin.send(f"/giving/funds/{second}/close", status=409)
    admin.send(f"/giving/funds/{general}/reopen")
    admin.send(f"/giving/funds/{second}/close")
    assert [one.id for one in funds.open_funds(db.session)] == [general]


def test_gifts_are_found_filtered_and_exported(app: Flask, fundraiser: Browser) -> None:
    fund()
    winter = fund("Winter appeal", restricted=True)
    first = given(app, "10", name="Zoé Martin", email="zoe@example.org", fund=str(winter), currency="eur")
    second = give(Browser(app), amount="5", name="=cmd()", email="ann@example.org")

    def found(query: str) -> set[str]:
        page = fundraiser.page(f"/giving/gifts?{query}")
        return {reference for reference in (first, second) if reference in page}

    assert found("") == {first, second}
    assert found("q=ZO%C3%89%20martin".replace("%C3%89", "%C3%A9")) == {first}
    assert found("q=ann%40example") == {second}
    assert found(f"q={second.lower()}") == {second}
    assert found("q=%25") == set()
    assert found(f"fund={winter}") == {first}
    assert found("state=paid") == {first}
    assert found("state=started&currency=gbp") == {second}
    assert found("currency=eur") == {first}
    today = now().astimezone(app.extensions["shoreline_settings"].timezone).date().isoformat()
    assert found(f"from={today}&to={today}") == {first, second}
    assert found("to=2020-01-01") == set()
    assert found("from=nonsense&fund=x&state=y&currency=z&page=zz") == {first, second}
    exported = fundraiser.get("/giving/gifts?format=csv").get_data(as_text=True)
    assert f"{first}," in exported
    assert "10.00,EUR,Winter appeal" in exported
    assert "'=cmd()" in exported  # no spreadsheet runs it
    assert fundraiser.page("/giving/gifts/NONE", 404)


@pytest.mark.parametrize("path", ["/giving/spends", "/giving/funds", "/giving/events"])
def test_lists_are_exported_too(app: Flask, fundraiser: Browser, path: str) -> None:
    fund_id = fund(given=10_000)
    spend(fund_id=fund_id, distribution_id=make.distribution().id)
    deliver(app, event(app, COMPLETED, {"id": "cs_1"}))
    answer = fundraiser.get(f"{path}?format=csv")
    assert answer.mimetype == "text/csv"
    assert answer.get_data(as_text=True).count("\n") >= 2


@pytest.mark.parametrize(
    ("path", "post"),
    [
        ("/giving", False),
        ("/giving/gifts", False),
        ("/giving/funds", False),
        ("/giving/funds/new", True),
        ("/giving/spends", False),
        ("/giving/spends/new", True),
        ("/giving/events", False),
    ],
)
def test_only_those_who_keep_the_books_see_them(
    app: Flask, browser: Browser, volunteer: Browser, coordinator: Browser, path: str, post: bool
) -> None:
    for other in (volunteer, coordinator):
        other.page(path, 403)
        if post:
            other.send(path, {}, 403)
    assert browser.get(path).location.startswith("/sign-in?next=")


def test_the_service_refuses_what_the_form_would(app: Flask) -> None:
    fund_id, distribution_id = fund(given=10_000), make.distribution().id
    for wrong in ({"amount": 0}, {"amount": -5}, {"amount": 10**12}, {"fund_id": 999}, {"distribution_id": 999}):
        with pytest.raises(Invalid):
            spend(**{"fund_id": fund_id, "distribution_id": distribution_id, **wrong})
    assert balance(fund_id) == (10_000, 0)


@pytest.mark.parametrize("path", ["/giving", "/giving/gifts", "/giving/funds", "/giving/spends", "/give"])
def test_a_page_takes_the_same_queries_whatever_the_data(app: Flask, fundraiser: Browser, path: str) -> None:
    def fill(number: int) -> None:
        fund_id = fund(f"Fund {number}", restricted=number > 1, given=100_000)
        give(Browser(app), fund=str(fund_id), email=f"d{number}@example.org")
        spend(fund_id=fund_id, distribution_id=make.distribution().id)
        make.product(unit_cost=500 + number)

    fill(1)
    with queries() as few:
        fundraiser.page(path)
    for number in range(2, 8):
        fill(number)
    with queries() as many:
        assert "Fund 7" in fundraiser.page(path)
    assert len(many) == len(few)
