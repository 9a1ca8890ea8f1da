"""What an operator changes: of which jobs, what became of them, and where the focus is then."""

import pytest
from playwright.async_api import BrowserContext, Route, expect
from tests.clients.apis import Api
from tests.parts import Sql
from tests.web.hearing import hear
from tests.web.test_dashboard import ADMIN, PASSWORD, loaded, make_admin, sign_in
from tests.web.test_story import heading
from tests.web.trouble import MIXES, REFUSED, REPORTS, Trouble

from supajobs.local.stack import StackInfo

pytestmark = [pytest.mark.timeout(900)]

REFUSED_JOBS = f"jobs?status=failed&error={REFUSED['code']}"


async def test_a_change_is_of_jobs_that_were_not_counted_too_and_says_what_it_left(
    desk: BrowserContext, dashboard: Api, trouble: Trouble, sql: Sql
) -> None:
    async def count_none(route: Route) -> None:
        await route.fulfill(json={"count": 0, "capped": True})

    page = await sign_in(desk, dashboard, REFUSED_JOBS)
    await loaded(page, "Jobs")
    await desk.route("**/dashboard/api/jobs/count", count_none)
    await page.get_by_role("button", name="Retry all…").click()
    status = page.get_by_role("dialog").get_by_role("status")
    await expect(status).to_contain_text("All older ones: failed, with the error")
    with sql.transaction():
        sql.execute(
            "select from plan_generation_jobs where error ->> 'code' = %s limit 1 for update",
            [REFUSED["code"]],
        )
        await page.get_by_role("button", name="Yes, all older ones").click()
        await hear(
            page,
            f"{trouble.refused - 1} jobs wait again. Not changed: 1 in use or changed meanwhile.",
        )


async def test_a_count_that_was_cut_says_so(
    desk: BrowserContext, dashboard: Api, trouble: Trouble
) -> None:
    async def cut(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={**await answer.json(), "capped": True})

    page = await sign_in(desk, dashboard, REFUSED_JOBS)
    await loaded(page, "Jobs")
    await desk.route("**/dashboard/api/jobs/count", cut)
    retry = page.get_by_role("button", name="Retry all…")
    await retry.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("status")).to_contain_text(
        f"At least {trouble.refused} jobs, and all older ones too"
    )
    await expect(dialog.get_by_role("button", name="Yes, at least")).to_be_enabled()
    await dialog.get_by_role("button", name="No", exact=True).click()
    await expect(retry).to_be_focused()


@pytest.mark.usefixtures("trouble")
async def test_it_is_of_what_is_looked_for(desk: BrowserContext, dashboard: Api) -> None:
    page = await sign_in(desk, dashboard, "jobs?status=constructor&since=2h")
    await loaded(page, "Jobs")
    await expect(page.get_by_label("Asked for since")).to_have_value("2h")
    cancel = page.get_by_role("button", name="Cancel all…")
    await cancel.click()
    await expect(page.get_by_role("dialog")).to_contain_text("of the last 2 hours")
    await page.keyboard.press("Escape")
    await page.get_by_label("Error").fill(REFUSED["code"])
    await expect(cancel).to_be_disabled()
    await page.get_by_role("button", name="Search").click()
    await expect(cancel).to_be_enabled()


async def test_who_cancels_by_keyboard_can_go_on(
    desk: BrowserContext, dashboard: Api, trouble: Trouble
) -> None:
    page = await sign_in(desk, dashboard, f"jobs/{trouble.flow}")
    await heading(page, MIXES)
    await page.get_by_role("button", name="Cancel").press("Enter")
    await expect(page.get_by_role("button", name="Retry")).to_be_focused()


async def test_a_message_stays_while_somebody_is_at_it(
    desk: BrowserContext, dashboard: Api, trouble: Trouble
) -> None:
    await desk.clock.install()
    page = await sign_in(desk, dashboard, f"jobs/{trouble.flow}")
    await heading(page, MIXES)
    await page.get_by_role("button", name="Cancel").click()
    messages = page.get_by_role("region", name="Messages")
    message = messages.get_by_text("cancelled")
    await message.hover()
    await desk.clock.run_for(60_000)
    await expect(message).to_be_visible()
    await messages.get_by_role("button", name="Dismiss").focus()
    await page.get_by_role("heading", level=1).hover()
    await desk.clock.run_for(60_000)
    await expect(message).to_be_visible()
    await page.get_by_role("heading", level=1).focus()
    await desk.clock.run_for(60_000)
    await expect(message).to_have_count(0)


@pytest.mark.usefixtures("trouble")
async def test_a_limit_of_less_than_a_cent_is_no_obstacle_to_others(
    desk: BrowserContext, dashboard: Api, sql: Sql
) -> None:
    sql.execute(
        "update plan_job_types set max_cost_per_user_month = 0.005 where job_type = %s", [REPORTS]
    )
    page = await sign_in(desk, dashboard)
    await page.get_by_role("button", name=f"Limits of {REPORTS}").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("At the same time").fill("7")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("button", name=f"Limits of {REPORTS}")).to_be_focused()


@pytest.mark.usefixtures("trouble")
async def test_an_api_that_hangs_is_away(desk: BrowserContext, dashboard: Api) -> None:
    async def hang(_: Route) -> None:
        """Neither answers nor hangs up."""

    page = await sign_in(desk, dashboard, "schedules")
    await desk.route("**/dashboard/api/now", hang)
    await page.get_by_role("link", name="Now").click()
    away = page.get_by_text("The API has been away since")
    await expect(away).to_be_visible()
    await desk.unroute("**/dashboard/api/now")
    await expect(away).to_have_count(0)
    await expect(page.get_by_role("table", name="Job types")).to_be_visible()


@pytest.mark.usefixtures("trouble")
async def test_past_the_oldest_schedule_there_are_no_more(
    desk: BrowserContext, dashboard: Api
) -> None:
    page = await sign_in(desk, dashboard, "schedules?after=00000000-0000-0000-0000-000000000000")
    await expect(page.get_by_role("heading", name="No more")).to_be_visible()


async def test_a_way_in_that_is_away_can_be_tried_again(
    desk: BrowserContext, dashboard: Api, stack: StackInfo
) -> None:
    await make_admin(stack)
    page = await desk.new_page()
    await page.goto(f"{dashboard.address}/dashboard")
    await desk.route("**/config.json", lambda route: route.abort())
    await page.get_by_text("By account").click()
    await page.get_by_label("E-mail").fill(ADMIN)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    await desk.unroute("**/config.json")
    await page.get_by_role("button", name="Sign in").click()
    await heading(page, "Now")
