"""What nobody should send, sent to every form that moves goods: it is refused in words, at 4xx, and nothing changes."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from logistics.db import db
from logistics.distributions.models import Site
from logistics.stock.arriving.models import Discard
from logistics.stock.counts.models import StockCount
from logistics.stock.models import TRANSIT_ID, Availability, Box, Level, Movement
from logistics.stock.transfers.models import Transfer, TransferLine
from logistics.web.filters import today

from .. import make
from ..browsing import Browser, text_of
from . import kit
from .test_counts import begin, sizes_of
from .test_transfers import line_ids, prepare, sent

NUMBERS = [
    "",
    "-5",
    "1.5",
    "1,5",
    "1000000000000",
    "9" * 400,
    "ten",
    "1e3",
    "0x10",
    "NaN",
    "٣\x00",
    "😀",
    "=1+1",
    "5 g",
]
ZERO = ["0", "00", "-0"]
TEXTS = ["a\x00b", "x" * 501]
DATES = ["1999-12-31", "9999-12-31", "0001-01-01", "2026-02-30", "soon", "\x00"]
CODES = ["nowhere", "a\x00b", "😀", "x" * 1000, "=HYPERLINK(1)", "%00", "'"]


@dataclass(frozen=True)
class World:
    """Boxes on a shelf, a stock-take of it, and one transfer that waits and one that is on the way."""

    at: kit.Depot
    code: str
    other_size: str
    alike: str
    far_shelf: int
    prepared: int
    sent: int
    take: int


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    at = kit.depot("S", "M", has_best_before=True)
    far = make.shelf(make.warehouse("Depot in Dunkirk"), "Z1").id
    soon = today() + timedelta(days=90)
    code, other, third = (kit.receive(at, 20, size=size, best_before=soon) for size in ("S", "M", "S"))
    made = World(at, code, other, third, far, prepare(at, far, code), sent(at, far, third), begin(at))
    yield made
    kit.sound()


@dataclass(frozen=True)
class Form:
    """A form: where it goes, what is right in it, and which of its fields are numbers, texts, dates, places, other things, codes.

    `elsewhere` are the fields that want a place of this warehouse (or of that where a transfer arrives).
    """

    path: str
    right: dict[str, Any]
    numbers: tuple[str, ...] = ()
    zero: bool = False
    texts: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def forms(world: World) -> dict[str, Form]:
    """Every form that moves, counts or receives goods, by what it does."""
    at, box = world.at, f"/stock/boxes/{world.code}"
    here, number, note = {"from": at.shelf}, {"quantity": "3"}, ("note",)
    prepared, way = f"/stock/transfers/{world.prepared}", f"/stock/transfers/{world.sent}"
    first, line = line_ids(world.prepared)[0], line_ids(world.sent)[0]
    seen = {f"seen_{line}": "20"}
    table = {"warehouse": at.warehouse_id, "product": at.product_id}
    date = {"best_before": (today() + timedelta(days=60)).isoformat()}
    return {
        "take out": Form(f"{box}/take-out", {**here, **number}, ("quantity",), texts=note, places=("from",)),
        "move": Form(f"{box}/move", {**here, **number, "to": at.other_shelf}, ("quantity",), places=("from", "to")),
        "split": Form(
            f"{box}/split",
            {**here, **number, "to": at.other_shelf},
            ("quantity",),
            texts=("new_code",),
            places=("from", "to"),
        ),
        "merge": Form(
            f"{box}/merge", {**here, **number, "into": world.alike}, ("quantity",), places=("from",), codes=("into",)
        ),
        "put in": Form(
            f"{box}/receive",
            {**number, "location_id": at.shelf, "source": "donated"},
            ("quantity",),
            texts=("note", "source"),
            dates=("best_before",),
            places=("location_id",),
        ),
        "count": Form(
            f"{box}/adjust",
            {"location": at.shelf, "counted": "19", "seen": "20", "reason": "lost"},
            ("counted",),
            texts=("note", "reason"),
            places=("location",),
        ),
        "date": Form(f"{box}/best-before", date, dates=("best_before",)),
        "receive": Form(
            "/stock/boxes",
            {"size_id": at.size, **number, "location_id": at.shelf, "source": "donated", **date},
            ("quantity",),
            texts=("note", "code", "source"),
            dates=("best_before",),
            places=("location_id",),
        ),
        "sort": Form(
            "/stock/sorting",
            {**table, "size_id": at.size, **number, "into": "new", "location_id": at.shelf, **date},
            ("quantity",),
            texts=("code",),
            dates=("best_before",),
            places=("location_id",),
            others=("size_id",),
            elsewhere=("location_id",),
        ),
        "sort packs": Form(
            "/stock/sorting",
            {**table, "size_id": at.size, "packs": "2", "pack_size": "6", "into": "new", "location_id": at.shelf}
            | date,
            ("packs", "pack_size"),
        ),
        "throw out": Form(
            "/stock/sorting/discards", {**table, "thrown": "2", "reason": "torn"}, ("thrown",), texts=("reason",)
        ),
        "prepare": Form(
            "/stock/transfers/new",
            {"from_id": at.warehouse_id, "to_id": kit.site_of(world.far_shelf), "codes": world.code},
            texts=note,
            others=("from_id", "to_id"),
            codes=("codes",),
        ),
        "add to transfer": Form(f"{prepared}/boxes", {"codes": world.other_size}, codes=("codes",)),
        "line of transfer": Form(f"{prepared}/lines/{first}", number, ("quantity",)),
        "receive transfer": Form(
            f"{way}/receive",
            {"shelf_id": world.far_shelf, f"arrived_{line}": "5", **seen},
            (f"arrived_{line}",),
            places=("shelf_id",),
            elsewhere=("shelf_id", f"shelf_{line}"),
        ),
        "missing": Form(
            f"{way}/lines/{line}/missing",
            {"quantity": "2", "seen": "20", "reason": "lost"},
            ("quantity",),
            texts=("note", "reason"),
        ),
        "more": Form(
            f"{way}/lines/{line}/more",
            {"quantity": "2", "shelf_id": world.far_shelf, "reason": "found"},
            ("quantity",),
            texts=("note", "reason"),
            places=("shelf_id",),
            elsewhere=("shelf_id",),
        ),
        "count for a stock-take": Form(
            f"/stock/takes/{world.take}/found",
            {"code": world.code, "location_id": at.shelf, "counted": "19"},
            ("counted",),
            codes=("code",),
        ),
    }


NAMES = [
    *("take out", "move", "split", "merge", "put in", "count", "date", "receive", "sort", "sort packs", "throw out"),
    *("prepare", "add to transfer", "line of transfer", "receive transfer", "missing", "more"),
    "count for a stock-take",
]
MAY_BE_ZERO = ("count", "receive", "receive transfer", "count for a stock-take")  # zero says something there


def wrong(world: World, name: str, form: Form) -> Iterator[dict[str, Any]]:
    """What is wrong in a form, one field at a time."""
    nowhere = ["999999", "-1", "x", "9" * 30, "1.5", "\x00", str(TRANSIT_ID), "1", "5"]
    odd: list[tuple[tuple[str, ...], list[Any]]] = [
        (form.numbers, NUMBERS + ([] if name in MAY_BE_ZERO else ZERO)),
        (form.texts, TEXTS),
        (form.dates, DATES),
        (form.others, nowhere[:6]),
        (form.places, nowhere),
        (form.elsewhere, [world.far_shelf if form.path.endswith("sorting") else world.at.shelf]),
        (form.codes, CODES),
    ]
    yield from ({field: value} for fields, values in odd for field in fields for value in values)


def everything() -> dict[str, Any]:
    """All that a form could have changed."""
    db.session.rollback()
    sums = {
        "movements": select(func.count()).select_from(Movement),
        "boxes": select(func.count(), func.max(Box.best_before)).select_from(Box),
        "levels": select(func.count(), func.sum(Level.quantity).filter(Level.outside.is_(False))),
        "on hand": select(func.sum(Availability.on_hand), func.sum(Availability.allocated)),
        "discards": select(func.count()).select_from(Discard),
        "transfers": select(func.count()).select_from(Transfer),
        "lines": select(func.count(), func.sum(TransferLine.quantity), func.sum(TransferLine.left)),
        "counts": select(func.count()).select_from(StockCount),
    }
    found = {what: tuple(db.session.execute(query).one()) for what, query in sums.items()}
    db.session.rollback()
    return found


@pytest.mark.parametrize("name", NAMES)
def test_what_is_wrong_is_refused_in_words_and_changes_nothing(
    world: World, warehouse_staff: Browser, name: str
) -> None:
    form, before = forms(world)[name], everything()
    for odd in wrong(world, name, form):
        if "" in odd.values() and name in ("sort packs", "receive transfer"):
            continue  # left empty, it says nothing
        answer = warehouse_staff.post(form.path, data={**form.right, **odd})
        assert answer.status_code in (404, 409, 422), (name, odd, answer.status_code)
        page = text_of(answer.get_data(as_text=True))
        assert "Error:" in page or "something to put right" in page or answer.status_code == 404, (name, odd, page)
        assert everything() == before, (name, odd)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_click_twice_does_it_once(world: World, warehouse_staff: Browser, name: str) -> None:
    form = forms(world)[name]
    data = {**form.right, "key": "0123456789abcdef"}
    warehouse_staff.send(form.path, data)
    after = everything()
    answer = warehouse_staff.send(form.path, data)
    assert answer.status_code == 303
    assert everything() == after


@pytest.mark.parametrize("name", NAMES)
def test_ten_megabytes_are_not_read(world: World, warehouse_staff: Browser, name: str) -> None:
    form, before = forms(world)[name], everything()
    answer = warehouse_staff.post(form.path, data={**form.right, "note": "x" * (10 * 1024 * 1024)})
    assert answer.status_code in (413, 422), (name, answer.status_code)
    assert everything() == before


CSVS = [
    *(
        "/stock?",
        "/stock/boxes?",
        "/stock/boxes?columns=note&columns=shelves&",
        "/stock/movements?",
        "/stock/products?",
    ),
    *("/stock/expiring?", "/stock/as-of?", "/stock/figures?", "/stock/transfers?", "/stock/below?"),
]


def test_a_formula_in_a_cell_is_harmless_in_every_download(world: World, warehouse_staff: Browser) -> None:
    formula = '=HYPERLINK("http://example.org";"Open")'
    hat = make.product(formula, sizes=("+1",), has_best_before=True)
    size_id, shelf = sizes_of(hat), make.shelf(db.session.get_one(Site, world.at.warehouse_id), "@home").id
    db.session.rollback()
    right = {"size_id": size_id, "quantity": "3", "location_id": shelf, "source": "donated", "note": formula}
    warehouse_staff.send("/stock/boxes", {**right, "best_before": (today() + timedelta(days=5)).isoformat()})
    shown = 0
    for path in CSVS:
        answer = warehouse_staff.get(f"{path}format=csv")
        assert answer.mimetype == "text/csv", path
        rows = csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")))
        for cell in (cell for row in rows for cell in row):
            shown += formula in cell
            assert not cell.startswith(("=", "+", "-", "@")) or cell.lstrip("-+").replace(".", "").isdigit(), path
    assert shown >= 5  # it is there, as text
