"""The page as it is given out, and what its views are like for who has no mouse."""

import gzip
import re
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect
from tests.clients.apis import Api
from tests.web.looking import look
from tests.web.planner import Planner
from tests.web.test_story import ask_for_a_ride_plan, heading, see_it_written, sign_up

pytestmark = [pytest.mark.timeout(900)]

FIRST_VIEW_BYTES = 150_000  # of scripts, gzipped
VIEWS = {
    "": "Your plans",
    "plans/new": "New plan",
    "jobs": "History",
    "schedules": "Schedules",
    "account": "Account",
    "nowhere": "Not found",
}
FOCUSABLE = "a[href], button, input, select, summary"
# Of radio buttons in one group, Tab reaches one; the arrows reach the others.
LIST_WANTED = f"""() => [...document.querySelectorAll('{FOCUSABLE}')]
    .filter((each) => each.checkVisibility() && (each.type !== 'radio' || each.checked)).length"""
NOTE_FOCUSED = """() => {
    const seen = (window.seen ??= new Set())
    if (document.activeElement.matches('%s')) seen.add(document.activeElement)
    return seen.size
}"""


@pytest.mark.parametrize("name", ["index.html", "dashboard.html"])
def test_the_first_view_is_small_and_has_no_charts(page_dir: Path, name: str) -> None:
    index = (page_dir / name).read_text()
    scripts = [page_dir / name[1:] for name in re.findall(r'(?:src|href)="(/[^"]+\.js)"', index)]
    assert scripts
    assert sum(len(gzip.compress(file.read_bytes())) for file in scripts) <= FIRST_VIEW_BYTES
    assert not any(b"uplot" in file.read_bytes() for file in scripts)
    assert any(b"uplot" in file.read_bytes() for file in page_dir.rglob("*.js"))


async def test_all_of_it_can_be_reached_and_used_by_keyboard(
    phone: BrowserContext, server: Api
) -> None:
    page = await phone.new_page()
    await page.goto(server.address)
    await look(page, "sign-in")
    await heading(page, "Create your account")
    await page.keyboard.press("Tab")
    await page.keyboard.type("keys@example.com")
    await page.keyboard.press("Tab")
    await page.keyboard.type("correct horse battery")
    await page.keyboard.press("Enter")
    await heading(page, "Your plans")
    for address, title in VIEWS.items():
        await page.goto(f"{server.address}/#/{address}")
        await page.reload()
        await heading(page, title)
        await expect(page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)
        await reach_everything(page)


async def reach_everything(page: Page) -> None:
    wanted, reached = await page.evaluate(LIST_WANTED), 0
    for _ in range(wanted + 8):  # a date alone has four stops
        await page.keyboard.press("Tab")
        reached = await page.evaluate(NOTE_FOCUSED % FOCUSABLE)
    assert reached == wanted, page.url


async def test_what_is_wrong_is_said_where_it_is_wrong(phone: BrowserContext, server: Api) -> None:
    page = await sign_up(phone, server, "flo")
    await page.goto(f"{server.address}/#/plans/new")
    await page.get_by_label("Hours a week").fill("3")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"):
        await page.get_by_role("checkbox", name=day).check(force=True)
    await ask_for_a_ride_plan(page)
    hours = page.get_by_label("Hours a week")
    await expect(hours).to_have_attribute("aria-invalid", "true")
    await expect(hours).to_have_accessible_description(re.compile("too short to train anything"))
    await expect(hours).to_be_focused()
    await look(page, "new-plan-refused")
    await hours.fill("4")
    await expect(hours).not_to_have_attribute("aria-invalid", "true")
    # What was refused is not what one begins with the next time.
    await page.reload()
    await expect(hours).to_have_value("")


async def test_the_other_views(phone: BrowserContext, server: Api, planner: Planner) -> None:
    page = await sign_up(phone, server, "gil")
    await page.goto(f"{server.address}/#/jobs")
    await expect(page.get_by_text("Nothing asked for yet")).to_be_visible()
    await look(page, "history-none")
    await page.goto(f"{server.address}/#/plans/new")
    await page.get_by_text("Strength", exact=True).click()
    await page.get_by_text("Gym", exact=True).click()
    await look(page, "new-strength-plan")
    await page.get_by_role("button", name="Write the plan").click()
    await see_it_written(page, planner, "8 weeks to more muscle")
    await look(page, "strength-plan")
    await page.get_by_role("link", name="Charts").click()
    await page.get_by_text("The numbers").first.click()
    await expect(page.get_by_role("img", name=re.compile("Weekly sets"))).to_be_visible()
    await look(page, "strength-charts")
    await page.get_by_role("link", name="Calendar").click()
    await page.get_by_role("link", name=re.compile("Full body A")).first.click()
    await expect(page.get_by_role("heading", name="Exercises")).to_be_visible()
    await look(page, "strength-session")
    await page.goto(f"{server.address}/#/")
    await expect(page.get_by_role("link", name="8 weeks to more muscle")).to_be_visible()
    await look(page, "plans")
    for address in ("jobs", "account", "nowhere"):
        await page.goto(f"{server.address}/#/{address}")
        await heading(page, VIEWS[address])
        await expect(page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)
        await look(page, address)


async def test_a_view_that_does_not_load_breaks_nothing_else(
    phone: BrowserContext, server: Api
) -> None:
    page = await sign_up(phone, server, "hal")
    await phone.route(re.compile("/assets/RepeatPlan"), lambda route: route.abort())
    await page.goto(f"{server.address}/#/plans/repeat")
    await heading(page, "Something broke")
    await look(page, "broken")
    await page.get_by_role("link", name="Schedules").click()
    await heading(page, "Schedules")


async def test_a_session_that_nobody_renews_is_no_white_page(
    phone: BrowserContext, server: Api
) -> None:
    page = await sign_up(phone, server, "ivo")
    await page.evaluate("""() => {
        const session = JSON.parse(localStorage.session)
        localStorage.session = JSON.stringify({...session, expires_at: 1})
    }""")
    await phone.route("**/auth/v1/**", lambda route: route.abort())
    await page.reload()
    await expect(page.get_by_role("status").filter(has_text="Loading")).to_be_visible()
    await expect(page.get_by_role("alert")).to_contain_text("Supabase does not answer")
    await phone.unroute("**/auth/v1/**")
    await page.get_by_role("button", name="Try again").click()
    await heading(page, "Your plans")


async def test_a_session_that_was_ended_elsewhere_says_so(
    phone: BrowserContext, server: Api
) -> None:
    page = await sign_up(phone, server, "jan")
    ended = await page.evaluate("""async () => {
        const config = await (await fetch('config.json')).json()
        const session = JSON.parse(localStorage.session)
        localStorage.session = JSON.stringify({...session, expires_at: 1})
        const headers = {
            apikey: config.publishable_key,
            authorization: `Bearer ${session.access_token}`,
        }
        const place = `${config.supabase_url}/auth/v1/logout?scope=global`
        return (await fetch(place, {method: 'POST', headers})).status
    }""")
    assert ended == 204
    await page.reload()
    await heading(page, "Sign in")
    await expect(page.get_by_role("alert")).to_contain_text("Your session is over.")
    await look(page, "session-over")
    await page.get_by_label("E-mail").fill("jan@example.com")
    await page.get_by_label("Password").fill("correct horse battery")
    await page.get_by_role("button", name="Sign in").click()
    await heading(page, "Your plans")
    await page.get_by_role("link", name="Account").click()
    await page.get_by_role("button", name="Sign out").click()
    await heading(page, "Create your account")
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_an_address_that_has_no_id_is_not_found(phone: BrowserContext, server: Api) -> None:
    page = await sign_up(phone, server, "kai")
    for address in ("plans/zzz", "plans/zzz/charts", "jobs/zzz", "jobs/1?x=1"):
        await page.goto(f"{server.address}/#/{address}")
        await heading(page, "Not found")
        await page.goto(f"{server.address}/#/plans/new?x=1")
        await heading(page, "New plan")


async def test_names_may_be_long_and_of_any_direction(phone: BrowserContext, server: Api) -> None:
    page = await sign_up(phone, server, "lea")
    await page.evaluate(
        """async (names) => {
            const {access_token: token} = JSON.parse(localStorage.session)
            const headers = {authorization: `Bearer ${token}`, 'content-type': 'application/json'}
            const params = {athlete_profile: {ftp: 265, weight_kg: 70, age: 35}}
            for (const name of names) {
                const body = {name, job_type: 'training_plan', params, interval_seconds: 3600}
                await fetch('v1/schedules', {method: 'POST', headers, body: JSON.stringify(body)})
            }
        }""",
        ["x" * 100, "\u202e" + "ש" * 60, "<b>bold</b>"],
    )
    await page.goto(f"{server.address}/#/schedules")
    await expect(page.get_by_role("article")).to_have_count(3)
    await look(page, "schedules-long-names")
    await page.get_by_role("button", name="Delete xxx").click()
    await look(page, "schedule-delete")
    await page.get_by_role("button", name="Yes, delete it").click()
    await expect(page.get_by_role("article")).to_have_count(2)


async def test_when_a_schedule_is_due_is_said_in_words(phone: BrowserContext, server: Api) -> None:
    page = await sign_up(phone, server, "noa")
    said = {
        "*/10 * * * *": "Every 10 minutes, UTC",
        "30 7 * * 1": "Every Monday at 07:30, UTC",
        "5 0 * * SUN": "Every Sunday at 00:05, UTC",
        "0 9 * * *": "Every day at 09:00, UTC",
        "0 9 1 * *": "By cron “0 9 1 * *”, UTC",
    }
    await page.evaluate(
        """async (crons) => {
            const {access_token: token} = JSON.parse(localStorage.session)
            const headers = {authorization: `Bearer ${token}`, 'content-type': 'application/json'}
            const params = {athlete_profile: {ftp: 265, weight_kg: 70, age: 35}}
            for (const cron of crons) {
                const body = {name: cron, job_type: 'training_plan', params, cron, time_zone: 'UTC'}
                await fetch('v1/schedules', {method: 'POST', headers, body: JSON.stringify(body)})
            }
        }""",
        list(said),
    )
    await page.goto(f"{server.address}/#/schedules")
    for cron, words in said.items():
        await expect(page.get_by_role("article", name=cron)).to_contain_text(words)


async def test_charts_are_drawn_in_a_language_that_is_none(
    phone: BrowserContext, server: Api, planner: Planner
) -> None:
    await phone.add_init_script("""
        Object.defineProperty(Navigator.prototype, 'language', {get: () => 'en-US@posix'})
    """)
    page = await sign_up(phone, server, "mia")
    await page.goto(f"{server.address}/#/plans/new")
    await ask_for_a_ride_plan(page)
    await see_it_written(page, planner, "12 weeks to a higher FTP")
    await page.get_by_role("link", name="Charts").click()
    await expect(page.locator("canvas").first).to_be_visible()
