"""What is asked of every page in a real browser."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page

AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROWEST = 320  # CSS pixels, WCAG 1.4.10


@cache
def axe_source() -> str:
    return AXE.read_text(encoding="utf-8")


class Watched:
    """Collects what a page complains of: console errors, exceptions, violations of the security policy."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.page = page
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium reports every answer of 400 and above; a refused form is one of those and is meant.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")


def check(page: Page) -> None:
    """See that the page that is open passes axe-core's rules and does not scroll sideways at 320 px."""
    try:
        found = problems_of(page)
    except Error as error:  # a click just before was still opening the next page
        if "context was destroyed" not in str(error):
            raise
        page.wait_for_load_state()
        found = problems_of(page)
    if found:
        raise AssertionError("\n".join([page.url, *found]))


def problems_of(page: Page) -> list[str]:
    """Return what axe-core finds in the page that is open, what scrolls sideways at 320 px, and ids used twice.

    A page is its frame (what stands around) and its main part. Where both have been found good at this width, on this
    page or on others, and they share no id, there is nothing new to find, and nobody looks again.
    """
    page.wait_for_load_state("domcontentloaded")  # whoever tapped may not have waited for what came of it
    main, frame, twice = page.evaluate(PARTS)
    width = (page.viewport_size or {}).get("width")
    parts = {(width, name, sha256(html.encode()).digest()) for name, html in (("main", main), ("frame", frame))}
    found = [f"the id {name} is used twice" for name in twice]
    if not parts <= FOUND_GOOD:
        found += violations(page)
        found += [f"sticks out at {NARROWEST} px: {what}" for what in sideways(page)]
    if not found:
        FOUND_GOOD.update(parts)
    return found


# Width, which part, and the hash of what it is made of.
FOUND_GOOD: set[tuple[int | None, str, bytes]] = set()
# What neither axe nor a ruler looks at, and differs each time, is left out: hidden values, where links and forms lead,
# scripts (what they did is in the page), a title's words. What somebody ticked is put in.
PARTS = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  const copy = document.documentElement.cloneNode(true);
  for (const e of copy.querySelectorAll("script")) e.remove();
  for (const e of copy.querySelectorAll("input[type=hidden], input[hidden]")) e.removeAttribute("value");
  for (const name of ["href", "action", "formaction"])
    for (const e of copy.querySelectorAll(`body [${name}]`)) e.setAttribute(name, name === "href" ? e.hash : "");
  for (const e of copy.querySelectorAll("input")) e.toggleAttribute("data-on", e.checked);
  for (const e of copy.querySelectorAll("head title")) e.textContent = e.textContent.trim() ? "…" : "";
  const main = copy.querySelector("main");
  main?.remove();
  const around = [copy, copy.querySelector("body")].map((e) => e.cloneNode(false).outerHTML);
  around.push(copy.querySelector("head").outerHTML);
  return [around.join("") + (main?.outerHTML ?? ""), copy.outerHTML, ids.filter((id, i) => ids.indexOf(id) < i)];
}"""


def bring_axe(context: BrowserContext) -> None:
    """Let every page that opens have axe-core at hand: as the browser's own, not bound by the page's policy."""
    context.add_init_script(axe_source())


def violations(page: Page) -> list[str]:
    """Return one line for each element that breaks a rule."""
    found: list[dict[str, Any]] = page.evaluate(
        """async (rules) => (await axe.run({runOnly: {type: "tag", values: rules}, resultTypes: ["violations"]}))
           .violations""",
        RULES,
    )
    return [
        f"{rule['id']} ({rule['help']}): {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def sideways(page: Page) -> list[str]:
    """Return what sticks out of the window at 320 px."""
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": NARROWEST, "height": 700})
    out: list[str] = page.evaluate(
        """(width) => document.documentElement.scrollWidth <= width ? [] :
           [...document.querySelectorAll("body *")]
             .filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest("[data-scrolls], .table-sheet"))
             .map((e) => e.outerHTML.slice(0, 150)).slice(0, 3).concat(`${document.documentElement.scrollWidth} px wide`)""",
        NARROWEST,
    )
    page.set_viewport_size(size)
    return out
