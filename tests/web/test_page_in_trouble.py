"""The user's page where its browser, its rows or the queue are not as they should be."""

import json
import re

import pytest
from playwright.async_api import BrowserContext, Page, expect
from psycopg.types.json import Jsonb
from tests.clients.apis import Api
from tests.parts import Sql
from tests.web.looking import look
from tests.web.planner import Planner
from tests.web.test_story import (
    ask_for_a_ride_plan,
    create_account,
    heading,
    see_it_written,
    sign_up,
    take,
)

pytestmark = [pytest.mark.timeout(900)]

FULL = """() => {
    Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }
}"""
OFF = """Object.defineProperty(window, 'localStorage', {
    get() { throw new DOMException('denied', 'SecurityError') },
})"""


async def read_user_id(page: Page) -> str:
    return await page.evaluate("JSON.parse(localStorage.session).user.id")


async def test_one_odd_plan_takes_no_other_away(
    phone: BrowserContext, server: Api, planner: Planner, sql: Sql
) -> None:
    page = await sign_up(phone, server, "nia")
    await page.goto(f"{server.address}/#/plans/new")
    await ask_for_a_ride_plan(page)
    await see_it_written(page, planner, "12 weeks to a higher FTP")
    sql.execute(
        "insert into weekly_base_plans (user_id, plan) values (%s, '{}')",
        [await read_user_id(page)],
    )
    await page.goto(f"{server.address}/#/plans")
    await expect(page.get_by_text("This cannot be shown")).to_be_visible()
    await expect(page.get_by_role("link", name="12 weeks to a higher FTP")).to_be_visible()
    await look(page, "plans-with-an-odd-one")


async def test_plans_are_listed_to_the_last(phone: BrowserContext, server: Api, sql: Sql) -> None:
    page = await sign_up(phone, server, "oda")
    plan = {"discipline": "cycling", "starts_on": "2026-11-30", "ends_on": "2027-02-21"}
    plans = [Jsonb({**plan, "title": f"Plan {number}"}) for number in range(60)]
    sql.cursor().executemany(
        "insert into weekly_base_plans (user_id, plan) values (%s, %s)",
        [(await read_user_id(page), each) for each in plans],
    )
    await page.reload()
    cards = page.get_by_role("link", name=re.compile("^Plan "))
    await expect(cards).to_have_count(50)
    await page.get_by_role("button", name="Show more").click()
    await expect(cards).to_have_count(60)
    await expect(page.get_by_role("button", name="Show more")).to_have_count(0)


async def test_a_browser_that_has_no_room_keeps_nothing_from_being_asked_for(
    phone: BrowserContext, server: Api
) -> None:
    page = await sign_up(phone, server, "pam")
    await page.goto(f"{server.address}/#/plans/new")
    await expect(page.get_by_label("FTP (W)")).to_be_visible()
    await page.evaluate(FULL)
    await ask_for_a_ride_plan(page)
    await heading(page, "Request for a plan")


async def test_a_browser_that_keeps_nothing_shows_the_page(
    phone: BrowserContext, server: Api
) -> None:
    await phone.add_init_script(OFF)
    page = await phone.new_page()
    await page.goto(server.address)
    await create_account(page, "quin")
    await heading(page, "Your plans")


@pytest.mark.parametrize("kept", ["{", "null", '{"user": null}'])
async def test_a_session_that_is_damaged_is_signed_in_anew(
    phone: BrowserContext, server: Api, kept: str
) -> None:
    page = await phone.new_page()
    await page.goto(server.address)
    await page.evaluate(f"localStorage.session = {json.dumps(kept)}")
    await page.reload()
    await heading(page, "Create your account")


async def test_a_profile_that_is_damaged_is_forgotten(phone: BrowserContext, server: Api) -> None:
    page = await sign_up(phone, server, "rex")
    user_id = await read_user_id(page)
    await page.evaluate(f"localStorage['profile-{user_id}'] = '{{'")
    await page.goto(f"{server.address}/#/plans/new")
    await expect(page.get_by_label("FTP (W)")).to_have_value("")


async def test_a_job_whose_type_is_paused_is_not_next(
    phone: BrowserContext, server: Api, sql: Sql
) -> None:
    page = await sign_up(phone, server, "sol")
    await page.goto(f"{server.address}/#/plans/new")
    sql.execute("select pause_plan_jobs('training_plan')")
    await ask_for_a_ride_plan(page)
    await expect(page.get_by_role("status").filter(has_text="as soon as it may")).to_be_visible()
    sql.execute("select resume_plan_jobs('training_plan')")


async def test_what_is_taken_along_is_sound_whatever_its_words(
    phone: BrowserContext, server: Api, planner: Planner, sql: Sql
) -> None:
    page = await sign_up(phone, server, "tom")
    await page.goto(f"{server.address}/#/plans/new")
    await ask_for_a_ride_plan(page)
    await see_it_written(page, planner, "12 weeks to a higher FTP")
    sql.execute(
        "update weekly_base_plans set plan = jsonb_set(plan, '{title}', %s) where user_id = %s",
        [Jsonb("a\rBEGIN:VALARM"), await read_user_id(page)],
    )
    await page.reload()
    await expect(page.get_by_role("heading", name="VALARM", level=1)).to_be_visible()
    calendar = await take(page, "Calendar (.ics)")
    assert "X-WR-CALNAME:a\\nBEGIN:VALARM\r\n" in calendar
