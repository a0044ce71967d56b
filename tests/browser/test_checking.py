"""What is asked of every page finds what is wrong, also where much of the page was found good before."""

import pytest
from playwright.sync_api import Browser, Page

from .checking import bring_axe, problems_of

PAGE = """<!doctype html><html lang="en"><head><title>A page</title></head>
<body><header>{header}</header><main>{main}</main></body></html>"""


@pytest.fixture
def page(chromium: Browser) -> Page:
    context = chromium.new_context(viewport={"width": 640, "height": 700})
    bring_axe(context)
    return context.new_page()


def wrong_with(page: Page, header: str, main: str) -> list[str]:
    # A new document each time, as axe is brought along by opening one.
    page.route("http://page.test/", lambda route: route.fulfill(body=PAGE.format(header=header, main=main)))
    page.goto("http://page.test/")
    page.unroute_all()
    return problems_of(page)


def test_a_part_that_was_good_hides_nothing_in_the_other(page: Page) -> None:
    good, bad = "<p>Good</p>", '<p>Bad</p><img src="data:,">'
    assert wrong_with(page, good, good) == []
    assert wrong_with(page, good, good) == []
    assert "image-alt" in wrong_with(page, good, bad)[0]
    assert "image-alt" in wrong_with(page, bad, good)[0]
    assert "image-alt" in wrong_with(page, bad, good)[0]  # what was wrong is not remembered as good
    page.context.close()


def test_what_sticks_out_and_ids_used_twice(page: Page) -> None:
    wide = '<p style="width: 500px">Wide</p>'
    assert "sticks out" in wrong_with(page, "", wide)[0]
    assert wrong_with(page, '<p id="a">One</p>', "<p>Other</p>") == []
    assert wrong_with(page, "", '<p id="a">Two</p>') == []
    assert wrong_with(page, '<p id="a">One</p>', '<p id="a">Two</p>') == ["the id a is used twice"]
    page.context.close()
