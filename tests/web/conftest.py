from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright
from tests.clients.apis import Api
from tests.programs import running
from tests.web.chromium import FLAGS, install, why_not

from supajobs.local.page import build_page
from supajobs.local.stack import StackInfo


@pytest.fixture(scope="session")
async def browser() -> AsyncGenerator[Browser]:
    if reason := why_not():
        pytest.skip(reason)
    chromium = install()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.program, args=FLAGS, env={**chromium.environment}
        )
        yield browser
        await browser.close()


@pytest.fixture
async def phone(browser: Browser) -> AsyncGenerator[BrowserContext]:
    """One person's browser, whose tabs come and go."""
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, timezone_id="Europe/Madrid", locale="en-GB"
    )
    context.set_default_timeout(60_000)  # for a busy machine
    yield context
    await context.close()


@pytest.fixture(scope="session")
def page_dir() -> Path:
    return build_page()


@pytest.fixture
async def server(stack: StackInfo, page_dir: Path, tmp_path: Path) -> AsyncGenerator[Api]:
    """The API with the page, to be killed. A worker runs its jobs, slowly enough to watch."""
    api = Api(stack, tmp_path)
    async with running("work", stack, tmp_path, PLANNER_SECONDS_PER_WEEK="0.4"):
        await api.start(PAGE_DIR=str(page_dir))
        yield api
        await api.kill()
