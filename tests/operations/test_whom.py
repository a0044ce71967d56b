"""Lines of the same name are told apart by whom they are for, wherever they are named."""

from flask import Flask
from sqlalchemy import select

from logistics.db import db
from logistics.stock import packing_lists, receiving
from logistics.stock.models import Box, Size

from .. import make
from ..browsing import Browser
from ..stock import kit as stock
from . import kit


def plan_for(*genders: str) -> tuple[kit.Plan, list[str]]:
    """A distribution of joggers for these, 60 on the list and 50 there of each; with the codes of their boxes."""
    plan, codes = kit.plan(0, 0), []
    for gender in genders:
        product_id = make.product("Joggers", gender=gender, sizes=("M",)).id
        size_id = db.session.scalars(select(Size.id).where(Size.product_id == product_id)).one()
        codes.append(
            receiving.receive_new_box(
                actor_id=plan.depot.actor_id, size_id=size_id, quantity=50, location_id=plan.depot.shelf
            )
        )
        packing_lists.set_item(
            actor_id=plan.depot.actor_id,
            distribution_id=plan.id,
            product_id=product_id,
            per_person_hundredths=None,
            groups=[],
            total=60,
            profile={},
        )
    return plan, codes


def test_from_the_goods_line_to_the_timeline(app: Flask, coordinator: Browser) -> None:
    plan, codes = plan_for("Male", "Boy")
    words = kit.reads(coordinator, plan.path)
    assert "10 × Joggers (boys), 10 × Joggers (men)" in words
    assert "planned 60 Joggers (boys)" in words
    words = kit.refused(coordinator, f"{plan.path}/pack", {"code": codes[1], "quantity": 51}, 409)
    assert "Only 50 of Joggers (boys) M can be packed" in words
    kit.pack(plan, coordinator)
    coordinator.send(f"{plan.path}/put-back", {"code": codes[1], "to": plan.depot.shelf, "quantity": 10})
    coordinator.send(f"{plan.path}/pack", {"code": codes[1], "quantity": 10})
    words = kit.reads(coordinator, plan.path)
    assert "put 10 Joggers (boys) M back on C4" in words
    assert f"packed 10 Joggers (boys) M from box {codes[1]}" in words
    coordinator.send(f"{plan.path}/dispatch")
    words = kit.reads(coordinator, f"{plan.path}/return")
    assert "Joggers (men) M 50 packed" in words
    assert "Joggers (boys) M 50 packed" in words
    coordinator.send(f"{plan.path}/return", {})
    words = kit.refused(coordinator, f"{plan.path}/close", {}, 409)
    assert "50 × Joggers (men) M, 50 × Joggers (boys) M" in words


def test_in_french(app: Flask) -> None:
    browser = Browser(app).sign_in(make.person("coordinator", language="fr"))
    plan, _codes = plan_for("Male", "Boy")
    assert "10 × Joggers (garçons), 10 × Joggers (hommes)" in kit.reads(browser, plan.path)


def test_a_list_of_another_size_is_refused_by_whom_it_is_for(app: Flask, coordinator: Browser) -> None:
    plan, codes = plan_for("Male", "Girl")
    size_id = db.session.scalars(select(Box.size_id).where(Box.code == codes[0])).one()
    line = {"code": codes[1], "size": size_id, "from": plan.depot.shelf, "quantity": 1}
    words = kit.refused(coordinator, f"{plan.path}/pack", line, 422)
    assert f"Box {codes[1]} holds Joggers (girls) M, not this." in words
    stock.sound()
