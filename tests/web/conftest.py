import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright
from tests.clients.apis import Api
from tests.parts import CRON_SECRET, Sql, make_processor
from tests.pristine import Pristine
from tests.web.chromium import FLAGS, install, why_not
from tests.web.hearing import LISTEN
from tests.web.planner import Planner
from tests.web.trouble import Trouble, make_trouble

from supajobs.handlers.training_plan import create_training_plan_type
from supajobs.local.page import build_page
from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue


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
    await context.add_init_script(LISTEN)
    yield context
    await context.close()


@pytest.fixture(scope="session")
def page_dir() -> Path:
    return build_page()


@pytest.fixture
async def planner(queue: JobQueue) -> AsyncGenerator[Planner]:
    """Who writes the plans that are asked for."""
    planner = Planner()
    processor = make_processor(queue, create_training_plan_type(planner.write))
    working = asyncio.create_task(processor.work(poll_seconds=0.2))
    yield planner
    processor.stop()
    await working


@pytest.fixture
async def server(
    stack: StackInfo, page_dir: Path, tmp_path: Path, planner: Planner
) -> AsyncGenerator[Api]:
    """The API with the page, to be killed. The planner writes what it is asked for."""
    api = Api(stack, tmp_path)
    await api.start(PAGE_DIR=str(page_dir))
    yield api
    await api.kill()


@pytest.fixture
def emptied(pristine: Pristine) -> None:
    """Takes away what the test before has left, while no API runs that could be in its way."""
    pristine.restore()


@pytest.fixture
async def trouble(
    sql: Sql,
    queue: JobQueue,
    emptied: None,
) -> Trouble:
    return await make_trouble(sql, queue)


@pytest.fixture
async def dashboard(
    stack: StackInfo,
    page_dir: Path,
    tmp_path: Path,
    emptied: None,
) -> AsyncGenerator[Api]:
    """The API with the page, to be killed, over a queue that is empty. Nobody runs jobs."""
    api = Api(stack, tmp_path)
    await api.start(**dashboard_environment(page_dir))
    yield api
    await api.kill()


def dashboard_environment(page_dir: Path) -> dict[str, str]:
    """Of an API with the operator's page."""
    return {"PAGE_DIR": str(page_dir), "DASHBOARD": "true", "CRON_SECRET": CRON_SECRET}


@pytest.fixture
async def desk(browser: Browser) -> AsyncGenerator[BrowserContext]:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 900}, timezone_id="Europe/Madrid", locale="en-GB"
    )
    context.set_default_timeout(60_000)  # for a busy machine
    await context.add_init_script(LISTEN)
    yield context
    await context.close()
