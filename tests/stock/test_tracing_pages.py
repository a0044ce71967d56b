"""Trace through the pages: a box's, its delivery's and a distribution's."""

import pytest
from flask import Flask

from logistics.db import transaction
from logistics.distributions import service as distributions
from logistics.distributions.models import DistributionState

from ..browsing import Browser, text_of
from . import kit
from .test_tracing import brought, merge, pack, split


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot()


def out_and_back(at: kit.Depot, distribution: int, counts: tuple[int, int, int]) -> None:
    line = kit.line(at, distribution).id
    kit.leave(at, distribution)
    with transaction() as session:
        found = distributions.lock(session, distribution)
        distributions.advance(session, found, DistributionState.RETURNED, at.actor_id)
    kit.come_back(at, distribution, {line: counts})


def test_a_box_leads_back_and_forth(at: kit.Depot, warehouse_staff: Browser) -> None:
    (first, a), (second, b) = brought(at), brought(at)
    merge(at, a, b, 4)
    part = split(at, b, 5)
    distribution = pack(at, part, 3)
    assert f"/stock/boxes/{part}/trace" in warehouse_staff.page(f"/stock/boxes/{part}")
    page = warehouse_staff.page(f"/stock/boxes/{part}/trace")
    said = text_of(page)
    assert "may have come from any of these" in said
    assert said.count("May have come from there") == 2
    assert "May have gone there" not in said  # this box's goods did
    for path in (f"deliveries/{first}", f"deliveries/{second}", f"boxes/{a}/trace", f"boxes/{b}"):
        assert f"/stock/{path}" in page
    assert f"/distributions/{distribution}" in page
    assert "2 are still in these boxes." in said
    page = text_of(warehouse_staff.page(f"/stock/deliveries/{first}"))
    assert "Where its goods went" in page
    assert "May have gone there" in page
    lines = warehouse_staff.page(f"/stock/boxes/{part}/trace?format=csv").strip().splitlines()
    assert lines[0] == "\ufeffWay,What,How sure,Box,Day,How many,Handed out"
    assert [line.split(",")[0] for line in lines[1:]] == ["came from"] * 2 + ["went to"] * 4
    assert ",may have," in lines[1]
    assert ",sure," in lines[3]
    lines = warehouse_staff.page(f"/stock/deliveries/{first}?format=csv").strip().splitlines()
    assert ",may have," in lines[1]


def test_a_distribution_says_where_its_goods_came_from(
    at: kit.Depot, warehouse_staff: Browser, fundraiser: Browser
) -> None:
    delivery, code = brought(at, 20)
    given = kit.receive(at, 5)
    distribution = kit.planned(at, 12)
    from logistics.stock import packing

    for box, quantity in ((code, 10), (given, 2)):
        packing.pack(
            actor_id=None,
            distribution_id=distribution,
            size_id=at.size,
            code=box,
            from_id=at.shelf,
            quantity=quantity,
        )
    assert "Where its goods came from" not in warehouse_staff.page(f"/distributions/{distribution}")
    out_and_back(at, distribution, (9, 3, 0))
    page = warehouse_staff.page(f"/distributions/{distribution}")
    assert "Where its goods came from" in page
    assert f"/stock/deliveries/{delivery}" in page
    assert "10 packed, out of" in text_of(page)
    assert "Given, without a delivery" in text_of(page)
    assert "Where its goods came from" not in fundraiser.page(f"/distributions/{distribution}")
    fundraiser.page(f"/distributions/{distribution}/came-from.csv", 403)
    lines = warehouse_staff.page(f"/distributions/{distribution}/came-from.csv").strip().splitlines()
    assert lines[0] == "\ufeffWhat,How sure,Day,How many,Boxes"
    assert lines[1].endswith(f",10,{code}")
    assert lines[2].endswith(f",2,{given}")


def test_an_empty_box_and_one_that_is_not_there(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 0)
    page = text_of(warehouse_staff.page(f"/stock/boxes/{code}/trace"))
    assert "Nothing has been in this box yet." in page
    assert "Nothing of it went to a distribution so far." in page
    warehouse_staff.page("/stock/boxes/nowhere/trace", 404)
