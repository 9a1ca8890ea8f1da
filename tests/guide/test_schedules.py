import asyncio
import os
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from tests.parts import Person, Sql, make_settings
from tests.shown import GUIDE, find_shown

from supajobs.app import find_wiring
from supajobs.local.stack import StackInfo
from supajobs.queue.schedule_book import NewSchedule
from supajobs.schedules import MAX_CATCH_UP, MIN_INTERVAL, PUNCTUAL, Timetable, next_times

PAGE = GUIDE / "schedules.md"
pytestmark = pytest.mark.usefixtures("rows")


async def test_a_digest_is_written_each_monday_at_six_where_its_user_is(
    load: Callable[[str], Any],
    stack: StackInfo,
    person: Person,
    sql: Sql,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in stack.environment.items():
        monkeypatch.setenv(name, value)
    weekly = load("weekly")
    weekly.jobs.settings = make_settings(stack, api_runs_jobs=False)
    async with weekly.jobs, find_wiring(weekly.jobs).open_worker() as worker:
        made = await weekly.subscribe(person.id, "Asia/Tokyo")
        assert await weekly.subscribe(person.id, "Asia/Tokyo") == made
        assert made.next_run_at
        due_at = made.next_run_at.astimezone(ZoneInfo("Asia/Tokyo"))
        assert (due_at.weekday(), f"{due_at:%H:%M}") == (0, "06:00")
        sql.execute("update plan_job_schedules set next_run_at = now() where id = %s", [made.id])
        assert (await worker.processor.drain())["completed"] == 1
    [row] = sql.execute(
        "select result, params from plan_generation_jobs where user_id = %s", [person.id]
    ).fetchall()
    assert row["params"]["time_zone"] == "Asia/Tokyo"
    scheduled_for = datetime.fromisoformat(row["params"]["scheduled_for"])
    assert row["result"] == f"cycling until {scheduled_for}"


async def test_a_user_asks_for_a_plan_each_monday(
    api: httpx.AsyncClient, person: Person, sql: Sql
) -> None:
    if not shutil.which("curl"):
        pytest.skip("there is no curl")
    [script] = [text for text in find_shown(PAGE, "sh") if text.startswith("curl ")]
    process = await asyncio.create_subprocess_exec(
        *(
            "sh",
            "-euc",
            script.replace("localhost:8000", str(api.base_url).removeprefix("http://")),
        ),
        env={**os.environ, "token": person.access_token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    answer, _ = await process.communicate()
    assert b"next_times" in answer
    rows = sql.execute("select name from plan_job_schedules where user_id = %s", [person.id])
    assert rows.fetchall() == [{"name": "weekly plan"}]


def test_the_expressions_of_the_page_can_be_read() -> None:
    found = re.findall(r"`((?:[\w*/,-]+ ){4}[\w*/,-]+)`", PAGE.read_text())
    assert len(found) == 4
    for cron in found:
        timetable = Timetable(cron=cron, time_zone="Europe/Madrid")
        assert next_times(timetable, datetime.now(ZoneInfo("UTC")), 1)


def test_options_and_bounds_are_those_of_the_code() -> None:
    page = PAGE.read_text()
    table = page.partition("## When")[2].partition("\n\n- ")[0]
    cells = re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"\w+", cell)}
    assert named == NewSchedule.model_fields.keys() - {"name", "job_type"}
    assert f"from {MIN_INTERVAL} s on" in table
    assert f"or `all`, {MAX_CATCH_UP} at a time" in table
    assert PUNCTUAL.total_seconds() == 600  # "ten minutes"
