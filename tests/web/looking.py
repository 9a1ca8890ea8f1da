"""How a view looks: on a phone and a desk, light and dark, to people and to axe."""

from functools import cache
from typing import Any, Literal

from playwright.async_api import Page
from tests.parts import PROJECT
from tests.web.chromium import read_axe

SCREENSHOTS = PROJECT / ".cache" / "screenshots"  # for people to look at; CI keeps them
WIDTHS = {360: 740, 1280: 900}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

_VIOLATIONS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 200)).join(' ')}`)"""
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@cache
def _axe() -> str:
    return read_axe()


_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
_SETTLED = """
() => Promise.allSettled(
  document.getAnimations()
    .filter((each) => each instanceof CSSTransition)
    .map((each) => each.finished)
)
"""


async def look(page: Page, name: str) -> None:
    """Keeps a picture of each form of the view, and holds each to the rules."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.evaluate(_axe())
    found: dict[str, Any] = {}
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.evaluate(_DRAWN)  # Chromium may not paint anew what appears in the same frame
        for width, height in WIDTHS.items():
            await page.set_viewport_size({"width": width, "height": height})
            form = f"{name}-{width}-{scheme}"
            # Colours on their way to others are neither's.
            await page.evaluate(_SETTLED)
            await page.screenshot(path=SCREENSHOTS / f"{form}.png", full_page=True)
            if overhang := await page.evaluate(_OVERHANG):
                found[f"{form} hangs over"] = overhang
            if violations := await page.evaluate(_VIOLATIONS):
                found[form] = violations
    await page.set_viewport_size({"width": 360, "height": WIDTHS[360]})
    assert found == {}, found
