"""What a person does with the page, in a real browser."""

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect
from tests.clients.apis import Api
from tests.web.looking import look
from tests.web.planner import Planner

pytestmark = [pytest.mark.timeout(900)]

EXPECT_MS = 60_000
expect.set_options(timeout=EXPECT_MS)


FORGET_PROFILE = """() => {
    for (const key of Object.keys(localStorage).filter((each) => each !== 'session')) {
        localStorage.removeItem(key)
    }
}"""
READ_EVENTS = """async () => {
    const {access_token: token} = JSON.parse(localStorage.session)
    const answer = await fetch('v1/schedules', {headers: {authorization: `Bearer ${token}`}})
    const {schedules} = await answer.json()
    return schedules.map(({params}) => params.athlete_profile.event_date ?? null)
}"""


async def sign_up(context: BrowserContext, server: Api, name: str) -> Page:
    page = await context.new_page()
    await page.goto(server.address)
    await create_account(page, name)
    await heading(page, "Your plans")
    return page


async def create_account(page: Page, name: str) -> None:
    await page.get_by_label("E-mail").fill(f"{name}@example.com")
    await page.get_by_label("Password").fill("correct horse battery")
    await page.get_by_role("button", name="Create account").click()


async def heading(page: Page, name: str | re.Pattern[str]) -> None:
    await expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


async def ask_for_a_ride_plan(page: Page) -> None:
    await page.get_by_label("FTP (W)").fill("265")
    await page.get_by_label("Weight (kg)").fill("70")
    await page.get_by_label("Age", exact=True).fill("35")
    await page.get_by_role("button", name="Write the plan").click()


async def see_it_written(page: Page, planner: Planner, title: str) -> None:
    """A plan that was asked for: who sees that it is written is shown it once it is."""
    await expect(page.get_by_role("progressbar")).not_to_have_attribute("value", "0")
    planner.go_on()
    await heading(page, title)


async def test_a_plan_is_found_again_after_the_tab_was_closed_and_the_api_killed(
    phone: BrowserContext, server: Api, planner: Planner, page_dir: Path
) -> None:
    page = await sign_up(phone, server, "ada")
    await page.get_by_role("link", name="Ask for a plan").click()
    await ask_for_a_ride_plan(page)
    await heading(page, "Request for a plan")
    progress = page.get_by_role("progressbar")
    await expect(progress).not_to_have_attribute("value", "0")
    await server.kill()
    await page.close()
    planner.go_on()
    await server.start(PAGE_DIR=str(page_dir))

    page = await phone.new_page()
    await page.goto(server.address)
    await heading(page, "Your plans")
    await page.get_by_role("link", name="12 weeks to a higher FTP").click()
    await heading(page, "12 weeks to a higher FTP")
    await expect(page.get_by_role("heading", name="Week 12")).to_be_visible()


async def test_the_progress_goes_on_in_an_open_tab_while_the_api_is_killed(
    phone: BrowserContext, server: Api, planner: Planner, page_dir: Path
) -> None:
    page = await sign_up(phone, server, "eve")
    await page.get_by_role("link", name="Ask for a plan").click()
    await ask_for_a_ride_plan(page)
    await expect(page.get_by_role("progressbar")).not_to_have_attribute("value", "0")
    await server.kill()
    await server.start(PAGE_DIR=str(page_dir))
    planner.go_on()
    await heading(page, "12 weeks to a higher FTP")


async def test_what_was_cancelled_can_be_asked_for_again(
    phone: BrowserContext, server: Api, planner: Planner
) -> None:
    page = await sign_up(phone, server, "bob")
    await page.goto(f"{server.address}/#/plans/new")
    await page.get_by_text("Strength", exact=True).click()
    await page.get_by_role("button", name="Write the plan").click()
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_text("This request was cancelled.")).to_be_visible()
    await look(page, "request-cancelled")
    await page.get_by_role("button", name="Try again").click()
    await see_it_written(page, planner, "8 weeks to more muscle")
    await page.goto(f"{server.address}/#/jobs")
    await expect(page.get_by_text("Ready").last).to_be_visible()


async def test_a_plan_is_written_anew_every_monday(phone: BrowserContext, server: Api) -> None:
    page = await sign_up(phone, server, "cleo")
    await page.goto(f"{server.address}/#/schedules")
    await look(page, "schedules-none")
    await page.get_by_role("link", name="A plan every Monday").click()
    await page.get_by_role("link", name="Ask for a plan").click()
    await page.get_by_label("Event").fill(str(datetime.now(UTC).date() + timedelta(weeks=20)))
    await ask_for_a_ride_plan(page)
    await heading(page, "Request for a plan")
    # As on another device: what was asked for last is known all the same.
    await page.evaluate(FORGET_PROFILE)
    await page.goto(f"{server.address}/#/plans/repeat")
    await page.get_by_label("Time", exact=True).fill("07:30")
    await expect(page.get_by_text("Your event is left out")).to_be_visible()
    await look(page, "every-monday")
    await page.get_by_role("button", name="Write it every Monday").click()
    await expect(page.get_by_text("Every Monday at 07:30, Europe/Madrid")).to_be_visible()
    await expect(page.get_by_text(re.compile(r"^Mon, .* 07:30$"))).to_have_count(3)
    await look(page, "schedules")
    assert await page.evaluate(READ_EVENTS) == [None]
    await page.get_by_role("button", name="Pause").click()
    await expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Resume").click()
    await page.get_by_role("button", name="Delete").click()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Delete")).to_be_focused()
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Yes, delete it").click()
    await expect(page.get_by_text("Nothing recurs yet")).to_be_visible()
    await expect(page.get_by_role("heading", name="Schedules")).to_be_focused()


async def test_a_plan_can_be_taken_along(
    phone: BrowserContext, server: Api, planner: Planner
) -> None:
    page = await sign_up(phone, server, "dora")
    await look(page, "no-plan")
    await page.goto(f"{server.address}/#/plans/new")
    await look(page, "new-plan")
    await ask_for_a_ride_plan(page)
    await see_it_written(page, planner, "12 weeks to a higher FTP")
    await look(page, "plan")

    table = await take(page, "Table (.csv)")
    sessions = list(csv.DictReader(table.splitlines()))
    assert len(sessions) == 12 * 5
    assert sessions[0].keys() >= {"date", "title", "minutes", "tss"}
    calendar = await take(page, "Calendar (.ics)")
    assert calendar.startswith("BEGIN:VCALENDAR\r\n")
    assert calendar.count("BEGIN:VEVENT") == len(sessions)
    assert all(len(line.encode()) <= 75 for line in calendar.split("\r\n"))

    await page.get_by_role("link", name=re.compile("sweet spot")).first.click()
    await expect(page.get_by_role("heading", name="Step by step")).to_be_visible()
    await look(page, "session")
    workout = ET.fromstring(await take(page, "Zwift (.zwo)"))  # noqa: S314 - our own page wrote it
    seconds = sum(
        int(step.get("Duration") or 0)
        + int(step.get("Repeat") or 0)
        * (int(step.get("OnDuration") or 0) + int(step.get("OffDuration") or 0))
        for step in workout.iter()
    )
    assert seconds == 60 * int(sessions[0]["minutes"])


async def test_a_title_is_no_formula_in_a_table(
    phone: BrowserContext, server: Api, planner: Planner
) -> None:
    async def spoil(route: Route) -> None:
        answer = await route.fetch()
        stored = await answer.json()
        stored["plan"]["weeks"][0]["sessions"][0]["title"] = "=1+1"
        await route.fulfill(response=answer, json=stored)

    page = await sign_up(phone, server, "ira")
    await phone.route(re.compile(r"/plans/[0-9a-f-]{36}$"), spoil)
    await page.goto(f"{server.address}/#/plans/new")
    await ask_for_a_ride_plan(page)
    await see_it_written(page, planner, "12 weeks to a higher FTP")
    [first, *_] = csv.DictReader((await take(page, "Table (.csv)")).splitlines())
    assert first["title"] == "'=1+1"


async def test_the_next_user_is_shown_nothing_of_the_one_before(
    phone: BrowserContext, server: Api, planner: Planner
) -> None:
    page = await sign_up(phone, server, "joy")
    await page.goto(f"{server.address}/#/plans/new")
    await ask_for_a_ride_plan(page)
    await see_it_written(page, planner, "12 weeks to a higher FTP")
    address = page.url
    await page.get_by_role("link", name="Account").click()
    await page.get_by_role("button", name="Sign out").click()
    await create_account(page, "kim")
    await heading(page, "Your plans")
    assert await page.evaluate("Object.keys(localStorage)") == ["session"]
    await page.goto(address)
    await expect(page.get_by_role("alert")).to_contain_text("There is nothing here.")
    await expect(page.get_by_role("heading", name="12 weeks to a higher FTP")).to_have_count(0)


async def test_the_history_tells_by_itself_what_has_ended(
    phone: BrowserContext, server: Api, planner: Planner
) -> None:
    page = await sign_up(phone, server, "leo")
    await page.goto(f"{server.address}/#/plans/new")
    await ask_for_a_ride_plan(page)
    await expect(page.get_by_role("progressbar")).not_to_have_attribute("value", "0")
    await page.get_by_role("link", name="History").click()
    await expect(page.get_by_role("listitem").filter(has_text="Training plan")).to_have_count(1)
    await expect(page.get_by_role("listitem").filter(has_text="Ready")).to_have_count(0)
    planner.go_on()
    await expect(page.get_by_role("listitem").filter(has_text="Ready")).to_have_count(1)


async def take(page: Page, name: str) -> str:
    async with page.expect_download() as coming:
        await page.get_by_role("button", name=name).click()
    with (await (await coming.value).path()).open(newline="") as file:
        return file.read()
