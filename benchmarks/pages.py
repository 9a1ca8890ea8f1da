"""How long a phone waits for the pages: its CPU is a quarter as fast, and nothing is cached."""

import asyncio
import secrets
import statistics
from pathlib import Path
from uuid import uuid4

from playwright.async_api import Browser, StorageState, async_playwright
from tests.web import chromium

from benchmarks import app
from benchmarks.api import Api
from benchmarks.server import Server
from benchmarks.sizes import Sizes
from benchmarks.systems import supajobs
from benchmarks.table import Metric, Table
from supajobs.local.page import build_page

SLOWER = 4
JOBS = 20
SIGN_IN = "input[type=password]"
PLANS = "a[href$='plans/new']"
JOB_TYPES = "th[scope=row]"
# What has been drawn can be used once the thread that draws is free again.
NOTE_USABLE = """(() => {
    const watch = () => document.querySelector("%s")
        ? setTimeout(() => { window.usableAt = performance.now() })
        : requestAnimationFrame(watch)
    watch()
})()"""


def why_not(server: Server) -> str | None:
    """Why they cannot be loaded here, if so."""
    if server.api is None or server.api.publishable_key is None:
        return "it needs --publishable-key"
    return chromium.why_not()


def run(server: Server, sizes: Sizes) -> list[Table]:
    if server.api is None:
        raise LookupError("the pages come over HTTP")
    email = f"{uuid4()}@example.com"
    with supajobs.install(server) as ours:
        for _ in range(JOBS):
            ours.enqueue()
        try:
            took = asyncio.run(_load_pages(server.api, build_page(), email, sizes.page_loads))
        finally:
            ours.owner.execute(b"delete from auth.users where email = $1", [email])
    usable = {name: statistics.median(each) for name, each in took.items()}
    worst = {name: max(each) for name, each in took.items()}
    return [
        Table(
            title="From the address to a page that can be used",
            metrics=[Metric("median", "ms", usable, ()), Metric("longest", "ms", worst, ())],
            note=f"Nothing cached, the CPU of the browser {SLOWER} times slower, API beside it.",
        )
    ]


async def _load_pages(api: Api, page_dir: Path, email: str, times: int) -> dict[str, list[float]]:
    secret = secrets.token_urlsafe(24)
    shown = {"PAGE_DIR": str(page_dir), "DASHBOARD": "true", "CRON_SECRET": secret}
    installed = chromium.install()
    async with app.serve(api, job_seconds=None, **shown) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=installed.program, args=chromium.FLAGS, env={**installed.environment}
        )
        user = await _sign_up(browser, url, email)
        operator = await _sign_in(browser, f"{url}/dashboard", secret)
        loads = {
            "user's page, signed out": (url, None, SIGN_IN),
            "user's page, plans": (url, user, PLANS),
            "operator's page, signed out": (f"{url}/dashboard", None, SIGN_IN),
            "operator's page, now": (f"{url}/dashboard", operator, JOB_TYPES),
        }
        return {
            name: [await _load(browser, *load) for _ in range(times)]
            for name, load in loads.items()
        }


async def _sign_up(browser: Browser, url: str, email: str) -> StorageState:
    page = await browser.new_page()
    await page.goto(url)
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(uuid4().hex)
    await page.get_by_role("button", name="Create account").click()
    await page.locator(PLANS).wait_for()
    return await page.context.storage_state()


async def _sign_in(browser: Browser, url: str, secret: str) -> StorageState:
    page = await browser.new_page()
    await page.goto(url)
    await page.get_by_label("Secret", exact=True).fill(secret)
    await page.get_by_role("button", name="Sign in").click()
    await page.locator(JOB_TYPES).first.wait_for()
    return await page.context.storage_state()


async def _load(browser: Browser, url: str, session: StorageState | None, usable: str) -> float:
    """Milliseconds until there is what `usable` selects."""
    async with await browser.new_context(storage_state=session) as context:
        page = await context.new_page()
        devtools = await context.new_cdp_session(page)
        await devtools.send(  # pyright: ignore[reportUnknownMemberType] - a protocol without types
            "Emulation.setCPUThrottlingRate", {"rate": SLOWER}
        )
        await page.add_init_script(NOTE_USABLE % usable)
        await page.goto(url)
        noted = await page.wait_for_function("() => window.usableAt")
        return await noted.json_value()
