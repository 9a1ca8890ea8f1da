"""The operator's page, in a real browser, over a queue with trouble in it."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, Route, expect
from tests.clients.apis import Api
from tests.parts import CRON_SECRET, TLS, Sql
from tests.serving import eventually
from tests.web.conftest import dashboard_environment
from tests.web.hearing import hear
from tests.web.looking import look
from tests.web.test_story import heading
from tests.web.trouble import MIXES, REFUSED, REPORTS, STORIES, Trouble

from supajobs.local.stack import StackInfo

pytestmark = [pytest.mark.timeout(900)]

ADMIN, PASSWORD = "ops@example.com", "correct horse battery"
# A page under test is never hidden: it is told that it is, and counts what it asks for from now on.
HIDE = """() => {
    window.isHidden = true
    Object.defineProperty(document, 'hidden', { get: () => window.isHidden })
    document.dispatchEvent(new Event('visibilitychange'))
    window.asked = 0
    const ask = window.fetch
    window.fetch = (...given) => { window.asked++; return ask(...given) }
}"""
# The other views come after the first one, also for when there is no server to have them from.
HAS_FETCHED = """(wanted) => wanted.split('|').every((each) =>
    performance.getEntriesByType('resource').some(({ name, responseStatus }) =>
        responseStatus === 200 && RegExp('/assets/' + each).test(name)))"""
SHOW = """() => {
    window.isHidden = false
    document.dispatchEvent(new Event('visibilitychange'))
}"""


async def sign_in(context: BrowserContext, dashboard: Api, view: str = "") -> Page:
    page = await context.new_page()
    await page.goto(f"{dashboard.address}/dashboard#/{view}")
    await page.get_by_label("Secret", exact=True).fill(CRON_SECRET)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    return page


async def loaded(page: Page, title: str) -> None:
    """The view of this title shows what was asked for, and nothing from before."""
    await heading(page, title)
    await expect(page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)


async def test_an_operator_sees_what_is_wrong(
    desk: BrowserContext, dashboard: Api, trouble: Trouble
) -> None:
    page = await sign_in(desk, dashboard)
    await heading(page, "Now")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=REPORTS))
    await expect(row.get_by_text("Paused")).to_be_visible()
    silent = page.get_by_role("row").filter(has_text="stories-7d9f-2")
    await expect(silent.get_by_text("Silent")).to_be_visible()
    await look(page, "dashboard-now")
    await page.set_viewport_size({"width": 1280, "height": 900})

    await page.get_by_role("link", name="Jobs", exact=True).click()
    await loaded(page, "Jobs")
    await page.get_by_text("Failed", exact=True).first.click()
    await page.get_by_role("link", name=re.compile(f"{str(trouble.troubled)[-8:]}$")).click()
    await heading(page, STORIES)
    attempts = page.get_by_role("region", name="Attempts")
    await expect(attempts.get_by_text("Lost: its processor went silent")).to_be_visible()
    await attempts.get_by_text("supajobs.errors.TemporaryError").first.click()
    await expect(attempts.get_by_text("stories/writing.py:88").first).to_be_visible()
    await expect(page.get_by_role("rowheader", name="chapter 2")).to_be_visible()
    await expect(page.get_by_text("502 Bad Gateway")).to_be_visible()
    await look(page, "dashboard-job")


async def test_filters_survive_a_reload_and_are_what_a_change_of_many_is_about(
    desk: BrowserContext, dashboard: Api, trouble: Trouble, sql: Sql
) -> None:
    page = await sign_in(desk, dashboard, "jobs")
    await page.get_by_text("Failed", exact=True).first.click()
    await page.get_by_label("Error").fill(REFUSED["code"])
    await page.get_by_label("Error").press("Enter")
    rows = page.get_by_role("table", name="Jobs").get_by_role("row")
    await expect(rows).to_have_count(1 + trouble.refused)
    await page.reload()
    await expect(rows).to_have_count(1 + trouble.refused)
    await expect(page.get_by_label("Error")).to_have_value(REFUSED["code"])

    await page.get_by_role("button", name="Retry all…").click()
    await expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text(
        f"{trouble.refused} jobs: failed, with the error {REFUSED['code']}."
    )
    await look(page, "dashboard-retry-many")
    await page.set_viewport_size({"width": 1280, "height": 900})
    await page.get_by_role("button", name=f"Yes, {trouble.refused} jobs").click()
    await hear(page, f"{trouble.refused} jobs wait again.")
    await expect(page.get_by_text("None of these")).to_be_visible()
    [retried] = sql.execute(
        "select count(*) from plan_generation_jobs where status = 'pending' and retry_count = 0 "
        "and job_type = %s and not is_held and completed_at is null and error is null",
        [STORIES],
    ).fetchall()
    assert retried["count"] >= trouble.refused


async def test_one_job_is_put_first_cancelled_and_retried(
    desk: BrowserContext, dashboard: Api, trouble: Trouble, sql: Sql
) -> None:
    page = await sign_in(desk, dashboard, f"jobs/{trouble.flow}")
    await heading(page, MIXES)
    await page.get_by_role("combobox", name="Priority").select_option("10")
    await page.get_by_role("button", name="Set the priority").click()
    await hear(page, "The priority of the job is 10.")
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Retry").click()
    await expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    [job] = sql.execute(
        "select status, priority from plan_generation_jobs where id = %s", [trouble.flow]
    ).fetchall()
    assert (job["status"], job["priority"]) == ("pending", 10)


@pytest.mark.usefixtures("trouble")
async def test_a_type_goes_on_and_its_limits_are_edited(
    desk: BrowserContext, dashboard: Api, sql: Sql
) -> None:
    page = await sign_in(desk, dashboard)
    await page.get_by_role("button", name=f"Resume {REPORTS}").click()
    await expect(page.get_by_role("button", name=f"Pause {REPORTS}")).to_be_visible()
    await page.get_by_role("button", name=f"Limits of {REPORTS}").click()
    dialog = page.get_by_role("dialog", name=f"Limits of {REPORTS}")
    at_a_time = dialog.get_by_label("Jobs at the same time")
    await expect(at_a_time).to_have_value("2")
    await at_a_time.fill("3000000000")
    await dialog.get_by_role("button", name="Save").click()
    await expect(at_a_time).to_have_attribute("aria-invalid", "true")
    await expect(at_a_time).to_be_focused()
    await expect(at_a_time).to_have_accessible_description(re.compile("less than or equal"))
    await look(page, "dashboard-limits")
    await page.set_viewport_size({"width": 1280, "height": 900})
    await at_a_time.fill("7")
    await dialog.get_by_label("Starts a minute").fill("30")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=REPORTS))
    await expect(row).to_contain_text("0 of 7")
    [limits] = sql.execute(
        "select max_running, starts_per_minute, paused_at from plan_job_types where job_type = %s",
        [REPORTS],
    ).fetchall()
    assert (limits["max_running"], limits["starts_per_minute"], limits["paused_at"]) == (
        7,
        30,
        None,
    )


async def test_what_keeps_a_job_waiting_is_said(
    desk: BrowserContext, dashboard: Api, trouble: Trouble, sql: Sql
) -> None:
    [made] = sql.execute(
        "select enqueue_plan_job(%s, %s, '{}') #>> '{job, id}' as id", [trouble.user, REPORTS]
    ).fetchall()
    page = await sign_in(desk, dashboard, f"jobs/{made['id']}")
    await heading(page, REPORTS)
    await expect(page.get_by_text("its type to go on: it is paused")).to_be_visible()
    await page.get_by_role("link", name="Jobs", exact=True).click()
    await expect(page.get_by_role("row").filter(has_text="paused").first).to_be_visible()


@pytest.mark.usefixtures("trouble")
async def test_what_no_job_is_looked_for_by_is_said(desk: BrowserContext, dashboard: Api) -> None:
    page = await sign_in(desk, dashboard, "jobs?status=lost&user_id=zzz")
    await expect(page.get_by_role("alert")).to_contain_text("status=lost, user_id=zzz")
    await loaded(page, "Jobs")
    user = page.get_by_label("User")
    await user.fill("nobody")
    await page.get_by_role("button", name="Search").click()
    await expect(user).to_be_focused()
    assert await user.evaluate("field => field.validity.patternMismatch")
    assert page.url.endswith("user_id=zzz")
    await user.fill("system")
    await page.get_by_role("button", name="Search").click()
    await expect(page.get_by_role("alert")).to_have_count(0)
    assert page.url.endswith("user_id=system")


@pytest.mark.usefixtures("trouble")
async def test_that_most_jobs_fail_is_part_of_the_verdict(
    desk: BrowserContext, dashboard: Api
) -> None:
    async def fail_most(route: Route) -> None:
        answer = await route.fetch()
        now = await answer.json()
        now["queue"]["total"] |= {"failed": 30, "success_rate": 0.1}
        now["health"] = {"status": "healthy", "reasons": []}
        await route.fulfill(response=answer, json=now)

    page = await sign_in(desk, dashboard)
    await desk.route("**/dashboard/api/now", fail_most)
    await page.reload()
    health = page.get_by_role("region", name="Health")
    await expect(health).to_contain_text("The queue does its work; most jobs fail")
    await health.get_by_role("link", name="30 jobs failed").click()
    await heading(page, "Jobs")
    await desk.unroute_all(behavior="wait")


@pytest.mark.usefixtures("trouble")
async def test_a_schedule_is_run_and_paused(desk: BrowserContext, dashboard: Api) -> None:
    page = await sign_in(desk, dashboard, "schedules")
    await page.get_by_role("button", name="Pause Every Monday").click()
    await expect(page.get_by_role("button", name="Resume Every Monday")).to_be_visible()
    await page.get_by_role("button", name="Run now: clean-up").click()
    await heading(page, STORIES)
    await expect(page.get_by_text("the system")).to_be_visible()


@pytest.mark.usefixtures("trouble")
async def test_what_is_shown_stays_while_the_api_is_away(
    desk: BrowserContext, dashboard: Api, page_dir: Path
) -> None:
    page = await sign_in(desk, dashboard)
    await heading(page, "Now")
    away = page.get_by_text("The API has been away since")
    await expect(page.get_by_role("table", name="Job types")).to_be_visible()
    await eventually(lambda: page.evaluate(HAS_FETCHED, "Costs|Chart.*js|Chart.*css"))
    await dashboard.kill()
    await expect(away).to_be_visible()
    await expect(page.get_by_role("table", name="Job types")).to_be_visible()
    health = page.get_by_role("region", name="Health")
    await expect(health).to_contain_text("Nothing is known of the queue since")
    await look(page, "dashboard-away")
    await page.get_by_role("link", name="Costs").click()
    await expect(page.get_by_text("The server does not answer")).to_be_visible()
    await look(page, "dashboard-away-nothing-known")
    await dashboard.start(**dashboard_environment(page_dir))
    await expect(away).to_have_count(0)
    await expect(page.get_by_role("region", name="Days")).to_be_visible()


@pytest.mark.usefixtures("trouble")
async def test_a_view_without_an_answer_breaks_no_other(
    desk: BrowserContext, dashboard: Api
) -> None:
    page = await sign_in(desk, dashboard, "schedules")
    await desk.route("**/dashboard/api/now", lambda route: route.fulfill(status=500))
    await page.get_by_role("link", name="Now").click()
    await expect(page.get_by_role("alert")).to_contain_text("This did not load.")
    await look(page, "dashboard-failure")
    await page.get_by_role("link", name="Schedules").click()
    await expect(page.get_by_text("Every Monday", exact=True)).to_be_visible()


@pytest.mark.usefixtures("trouble")
async def test_a_panel_that_breaks_breaks_no_other(desk: BrowserContext, dashboard: Api) -> None:
    async def spoil(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={**await answer.json(), "triggers": None})

    page = await sign_in(desk, dashboard, "schedules")
    await desk.route("**/dashboard/api/now", spoil)
    await page.get_by_role("link", name="Now").click()
    broken = page.get_by_role("region", name="Triggers").get_by_role("alert")
    await expect(broken).to_contain_text("This cannot be shown.")
    await expect(page.get_by_role("table", name="Processors")).to_be_visible()
    await look(page, "dashboard-broken-panel")
    await desk.unroute_all(behavior="ignoreErrors")  # the next one may find no API any more


async def test_it_asks_nothing_while_nobody_looks(desk: BrowserContext, dashboard: Api) -> None:
    page = await sign_in(desk, dashboard)
    await heading(page, "Now")
    await expect(page.get_by_role("region", name="All jobs")).to_be_visible()
    await page.evaluate(HIDE)
    # Two turns of what it would have asked every five seconds.
    await page.evaluate("() => new Promise((done) => setTimeout(done, 11_000))")
    assert await page.evaluate("window.asked") == 0
    await page.evaluate(SHOW)
    await eventually(lambda: page.evaluate("window.asked > 0"))


async def make_admin(stack: StackInfo) -> None:
    account = {"email": ADMIN, "password": PASSWORD, "email_confirm": True}
    async with httpx.AsyncClient(verify=TLS) as client:
        answer = await client.post(
            f"{stack.api_url}/auth/v1/admin/users",
            headers={"apikey": stack.secret_key, "Authorization": f"Bearer {stack.secret_key}"},
            json={**account, "app_metadata": {"role": "admin"}},
        )
    answer.raise_for_status()


async def test_who_has_no_session_signs_in(
    desk: BrowserContext, dashboard: Api, stack: StackInfo
) -> None:
    page = await desk.new_page()
    await page.goto(f"{dashboard.address}/dashboard#/schedules")
    await heading(page, "Sign in")
    await look(page, "dashboard-sign-in")
    await page.get_by_label("Secret", exact=True).fill("a guess")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await look(page, "dashboard-sign-in-refused")

    await make_admin(stack)
    await page.get_by_text("By account").click()
    await page.get_by_label("E-mail").fill(ADMIN)
    await page.get_by_label("Password").fill(PASSWORD)
    await look(page, "dashboard-sign-in-account")
    await page.get_by_role("button", name="Sign in").click()
    await heading(page, "Schedules")
    await page.get_by_role("button", name="Sign out").click()
    await heading(page, "Sign in")
    await page.reload()
    await heading(page, "Sign in")
