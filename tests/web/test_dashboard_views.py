"""All views of the operator's page: how they look, and what they are for who has no mouse."""

import pytest
from playwright.async_api import BrowserContext, Page, expect
from tests.clients.apis import Api
from tests.web.looking import look
from tests.web.test_dashboard import loaded, sign_in
from tests.web.test_views import reach_everything
from tests.web.trouble import MIXES, STORIES, Trouble

pytestmark = [pytest.mark.timeout(900)]


async def show(page: Page, dashboard: Api, view: str, title: str) -> None:
    await page.goto(f"{dashboard.address}/dashboard#/{view}")
    await page.reload()  # or the view before would be there for a moment, which looks the same
    await loaded(page, title)


async def test_all_views_are_fit_to_be_looked_at(
    desk: BrowserContext, dashboard: Api, trouble: Trouble
) -> None:
    page = await sign_in(desk, dashboard)
    for name, (view, title) in {
        "hours": ("hours", "Hours"),
        "week": ("hours?hours=168", "Hours"),
        "jobs": ("jobs", "Jobs"),
        "jobs-none": ("jobs?error=nobody_has_it", "Jobs"),
        "flow": (f"jobs/{trouble.flow}", MIXES),
        "job-gone": ("jobs/00000000-0000-0000-0000-000000000000", "Job"),
        "schedules": ("schedules", "Schedules"),
        "costs": ("costs", "Costs"),
        "nowhere": ("nowhere", "Not found"),
    }.items():
        await show(page, dashboard, view, title)
        await look(page, f"dashboard-{name}")
    numbers = page.get_by_text("The numbers")
    await page.goto(f"{dashboard.address}/dashboard#/hours")
    await numbers.click()
    await look(page, "dashboard-hours-numbers")


async def test_a_queue_without_jobs_says_so(desk: BrowserContext, dashboard: Api) -> None:
    page = await sign_in(desk, dashboard)
    for view, words in {
        "": "There are none: jobs start by the API",
        "hours": "Nothing has ended",
        "jobs": "No job yet",
        "schedules": "Nothing recurs yet",
        "costs": "Nothing was spent",
    }.items():
        await page.goto(f"{dashboard.address}/dashboard#/{view}")
        await expect(page.get_by_text(words)).to_be_visible()
        await look(page, f"dashboard-empty-{view or 'now'}")


async def test_all_of_it_can_be_reached_by_keyboard(
    phone: BrowserContext, dashboard: Api, trouble: Trouble
) -> None:
    page = await sign_in(phone, dashboard)
    for view, title in {
        "": "Now",
        "hours": "Hours",
        "jobs": "Jobs",
        f"jobs/{trouble.troubled}": STORIES,
        "schedules": "Schedules",
        "costs": "Costs",
        "nowhere": "Not found",
    }.items():
        await show(page, dashboard, view, title)
        await reach_everything(page)
