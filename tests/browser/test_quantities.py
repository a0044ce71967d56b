"""What a number comes to is shown while it is typed, and the server reckons the same."""

import pytest
from flask import Flask

from .. import make
from ..stock import kit
from ..stock.test_quantities import depot
from .conftest import OpenBrowser


@pytest.mark.parametrize(
    ("fields", "typed", "chosen", "shown", "meant"),
    [
        ({"pack_size": 12}, "6", "x12", "= 72 pieces", 72),
        ({"pack_size": 12}, "6 x 10", "x12", "= 60 pieces", 60),
        ({"unit": "gram"}, "2,5", "kg", "= 2,500 grams", 2500),
        ({"unit": "gram"}, "2.5 kg", "", "= 2,500 grams", 2500),
        ({"pack_size": 12}, "72", "", "", 72),
    ],
)
def test_what_it_comes_to_is_shown(
    app: Flask, open_browser: OpenBrowser, fields: dict[str, object], typed: str, chosen: str, shown: str, meant: int
) -> None:
    at = depot(**fields)
    code = kit.receive(at, 10_000)
    page = open_browser(make.person("warehouse"))
    page.goto(f"/stock/boxes/{code}")
    page.get_by_text("Take out", exact=True).click()
    form = page.locator("form[action$='/take-out']")
    form.locator("select").select_option(chosen)
    form.get_by_label("How many?", exact=True).fill(typed)
    assert form.locator("output").text_content() == shown
    form.get_by_role("button").click()
    page.get_by_text(f"Taken out: {meant}").wait_for()
    assert kit.level(code, at.shelf) == 10_000 - meant
