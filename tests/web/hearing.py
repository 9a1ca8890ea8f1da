"""What the page says in passing: on a busy machine it may be gone before the test looks."""

from playwright.async_api import Page
from tests.serving import eventually

LISTEN = """
window.heard = []
new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
        if (target.closest?.('[aria-live]')) {
            window.heard.push(...Array.from(addedNodes, (each) => each.textContent))
        }
    }
}).observe(document, { childList: true, subtree: true })
"""


async def hear(page: Page, words: str) -> None:
    """Waits until it is said, if it was not since the page was loaded."""
    await eventually(
        lambda: page.evaluate("(words) => heard.some((each) => each.includes(words))", words)
    )
