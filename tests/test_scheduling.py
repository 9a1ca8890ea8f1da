"""Having jobs recur from Python, with and without an event loop."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel
from tests.parts import Person, Sql, make_settings

from supajobs import Completed, JobType, Priority, RunningJob, Schedule, Supajobs
from supajobs.app import find_wiring
from supajobs.errors import InvalidRequestError, NotRunningError, UnknownJobTypeError, UserGoneError
from supajobs.local.stack import StackInfo


class StoryRequest(BaseModel):
    hero: str
    time_zone: str | None = None
    scheduled_for: datetime | None = None


FOX = StoryRequest(hero="Fox")


async def tell(job: RunningJob, request: StoryRequest) -> Completed:
    return Completed(result=request.model_dump(mode="json"))


@pytest.fixture
def story(make_job_type: Callable[..., str]) -> JobType[StoryRequest]:
    return JobType(make_job_type(), StoryRequest, tell)


@pytest.fixture
def jobs(stack: StackInfo, story: JobType[StoryRequest]) -> Supajobs:
    return Supajobs(make_settings(stack, api_runs_jobs=False), job_types=[story])


async def test_what_is_asked_for_at_each_start_is_one_schedule(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person, sql: Sql
) -> None:
    async def start(**options: Any) -> Schedule:
        given: Any = {"cron": "0 6 * * MON", "time_zone": "Europe/Madrid", **options}
        async with jobs:
            return await jobs.schedule(story, FOX, user_id=person.id, name="weekly", **given)

    first = await start()
    assert (first.user_id, first.job_type, first.name) == (person.id, story.name, "weekly")
    assert first.params == {"hero": "Fox", "time_zone": None, "scheduled_for": None}
    assert await start() == first
    changed = await start(time_zone="America/New_York", priority=Priority.HIGH)
    assert (changed.id, changed.time_zone, changed.priority) == (first.id, "America/New_York", 8)
    assert changed.next_run_at != first.next_run_at
    hourly = await start(cron=None, time_zone=None, interval_seconds=3600)
    assert (hourly.id, hourly.cron, hourly.priority) == (first.id, None, 5)
    assert await start(cron=None, time_zone=None, interval_seconds=3600) == hourly
    rows = sql.execute("select from plan_job_schedules where user_id = %s", [person.id])
    assert len(rows.fetchall()) == 1


async def test_a_pause_outlasts_a_start(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person
) -> None:
    async with jobs:
        made = await jobs.schedule(
            story, FOX, user_id=person.id, name="often", interval_seconds=900
        )
        paused = await jobs.queue.schedules.change(made, {"is_paused": True})
        assert paused.paused_at
        again = await jobs.schedule(
            story, FOX, user_id=person.id, name="often", interval_seconds=900
        )
        assert again == paused
        resumed = await jobs.queue.schedules.change(paused, {"is_paused": False})
        assert resumed.paused_at is None


async def test_the_first_interval_ends_when_it_has_passed(
    jobs: Supajobs, story: JobType[StoryRequest]
) -> None:
    async with jobs:
        made = await jobs.schedule(
            story, {"hero": "Fox"}, user_id=None, name=str(uuid4()), interval_seconds=900
        )
    assert made.user_id is None
    assert made.starts_at
    assert made.next_run_at == made.starts_at + timedelta(seconds=900)
    assert abs(made.starts_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_each_job_gets_the_time_of_its_occurrence(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person, sql: Sql
) -> None:
    due_at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=3)
    async with jobs, find_wiring(jobs).open_worker() as worker:
        made = await jobs.schedule(
            story,
            FOX,
            user_id=person.id,
            name="a",
            cron="* * * * *",
            time_zone="Asia/Tokyo",
            catch_up="all",
            overlap="queue",
        )
        sql.execute(
            "update plan_job_schedules set starts_at = %s, next_run_at = %s where id = %s",
            [due_at, due_at, made.id],
        )
        settled = await worker.processor.drain()
    rows = sql.execute(
        "select result from plan_generation_jobs where user_id = %s order by id", [person.id]
    ).fetchall()
    assert settled["completed"] == len(rows) >= 4
    assert {row["result"]["time_zone"] for row in rows} == {"Asia/Tokyo"}
    times = [datetime.fromisoformat(row["result"]["scheduled_for"]) for row in rows]
    assert times == [due_at + timedelta(minutes=number) for number in range(len(rows))]


def test_a_program_without_an_event_loop_has_jobs_recur(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person
) -> None:
    with jobs.sync() as queue:
        made = queue.schedule(story, FOX, user_id=person.id, name="sync", interval_seconds=900)
        assert made.interval_seconds == 900
        with pytest.raises(InvalidRequestError) as refused:
            queue.schedule(story, FOX, user_id=person.id, name="sync", cron="often")
    assert refused.value.errors[0]["field"] == "time_zone"


async def test_what_cannot_be_is_refused(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person
) -> None:
    daily: dict[str, Any] = {"cron": "0 6 * * *", "time_zone": "UTC", "name": "daily"}
    urgent: dict[str, Any] = {**daily, "priority": "urgent"}
    never: dict[str, Any] = {**daily, "cron": "0 0 30 2 *"}
    too_long: dict[str, Any] = {**daily, "ttl_hours": 40_000}
    with pytest.raises(NotRunningError):
        await jobs.schedule(story, FOX, user_id=person.id, **daily)
    async with jobs:
        for error, field, asked in (
            (InvalidRequestError, "params.hero", jobs.schedule(story, {}, user_id=None, **daily)),
            (
                InvalidRequestError,
                "priority",
                jobs.schedule(story, FOX, user_id=None, **urgent),
            ),
            (
                InvalidRequestError,
                "cron",
                jobs.schedule(story, FOX, user_id=None, **never),
            ),
            (
                InvalidRequestError,
                "ttl_hours",
                jobs.schedule(story, FOX, user_id=None, **too_long),
            ),
            (UserGoneError, "", jobs.schedule(story, FOX, user_id=uuid4(), **daily)),
            (UnknownJobTypeError, "", jobs.schedule("no_such", {}, user_id=None, **daily)),
        ):
            with pytest.raises(error) as refused:
                await asyncio.wait_for(asked, 30)
            if isinstance(refused.value, InvalidRequestError):
                assert refused.value.errors[0]["field"] == field
        made = await jobs.schedule(story, FOX, user_id=person.id, **daily)
        for field, value in (("ttl_hours", 40_000), ("priority", 40_000), ("name", "")):
            with pytest.raises(InvalidRequestError) as refused:
                await jobs.queue.schedules.change(made, {field: value})
            assert refused.value.errors[0]["field"] == field
