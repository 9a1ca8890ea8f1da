"""Schedules that processors take, whoever wakes them."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from tests.parts import NoParams, Person, Sql, enqueue, make_processor
from tests.serving import eventually
from tests.wire import on_request

from supajobs.errors import InvalidRequestError
from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.schedule_book import NewSchedule
from supajobs.worker.schedules import Scheduler

MakeJobType = Callable[..., str]
MINUTE = timedelta(minutes=1)


async def succeed(job: RunningJob, params: NoParams) -> Completed:
    return Completed()


@pytest.fixture(autouse=True)
def _no_others(sql: Sql) -> None:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    sql.execute("delete from plan_job_schedules")


@pytest.fixture
def looks(database: Database) -> Counter[str]:
    """The calls that go out, by function."""
    looks = Counter[str]()

    async def count(request: httpx.Request) -> None:
        looks[request.url.path.rpartition("/")[2]] += 1

    on_request(database, count)
    return looks


async def schedule(
    queue: JobQueue, sql: Sql, person: Person, job_type: str, due_in: timedelta, **more: Any
) -> UUID:
    """An hourly schedule whose next time is so far from now."""
    new = NewSchedule.of(
        name=f"{job_type} {len(more)}", job_type=job_type, interval_seconds=3600, **more
    )
    made, _ = await queue.schedules.create(person.id, new)
    starts_at = datetime.now(UTC) + due_in
    sql.execute(
        "update plan_job_schedules set starts_at = %s, next_run_at = %s where id = %s",
        [starts_at, starts_at, made.id],
    )
    return made.id


def read(sql: Sql, schedule_id: UUID) -> dict[str, Any]:
    row = sql.execute("select * from plan_job_schedules where id = %s", [schedule_id]).fetchone()
    assert row
    return row


async def test_a_drain_begins_by_taking_what_is_due(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql
) -> None:
    name = make_job_type()
    schedule_id = await schedule(queue, sql, person, name, -MINUTE)
    assert await make_processor(queue, JobType(name, NoParams, succeed)).drain() == {"completed": 1}
    row = read(sql, schedule_id)
    assert row["last_outcome"] == "created"
    assert row["next_run_at"] == row["starts_at"] + 60 * MINUTE
    [job] = sql.execute("select * from plan_generation_jobs where job_type = %s", [name]).fetchall()
    assert (job["id"], job["user_id"]) == (row["last_job_id"], person.id)


async def test_more_than_are_taken_at_a_time_are_taken_by_one_drain(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    sql: Sql,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "supajobs.queue.schedule_book.ScheduleBook.get_due.__kwdefaults__",
        {"max_rows": 2, "without": ()},
    )
    name = make_job_type()
    for number in range(5):
        await schedule(queue, sql, person, name, -MINUTE, **dict.fromkeys("abcde"[:number]))
    assert await make_processor(queue, JobType(name, NoParams, succeed)).drain() == {"completed": 5}


async def test_those_that_cannot_be_read_keep_no_others_behind_them(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    sql: Sql,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "supajobs.queue.schedule_book.ScheduleBook.get_due.__kwdefaults__",
        {"max_rows": 2, "without": ()},
    )
    monkeypatch.setattr("supajobs.worker.schedules.LOOK_AGAIN_SECONDS", 0.0)
    name = make_job_type()
    for number in range(3):
        await schedule(queue, sql, person, name, -2 * MINUTE, **dict.fromkeys("abcde"[:number]))
    sql.execute(
        "update plan_job_schedules"
        " set interval_seconds = null, cron = '0 6 * * *', time_zone = 'Mars/Base'"
        " where job_type = %s",
        [name],
    )
    readable = await schedule(queue, sql, person, name, -MINUTE, **dict.fromkeys("abcd"))
    scheduler = Scheduler(queue.schedules, lambda: None)
    for _ in range(3):
        await scheduler.look()
    assert read(sql, readable)["last_outcome"] == "created"


async def test_an_app_may_ask_for_a_schedule_that_is_over(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql
) -> None:
    over = datetime.now(UTC) - MINUTE
    new = NewSchedule.of(name="daily", job_type=make_job_type(), interval_seconds=60, ends_at=over)
    with pytest.raises(InvalidRequestError, match="ends_at"):
        await queue.schedules.put(person.id, new)
    kept = new.model_copy(update={"ends_at": datetime.now(UTC) + 60 * MINUTE})
    made = await queue.schedules.put(person.id, kept)
    sql.execute(
        "update plan_job_schedules set ends_at = %s, next_run_at = null where id = %s",
        [over, made.id],
    )
    assert (await queue.schedules.put(person.id, new)).id == made.id


async def test_drains_do_not_look_again_before_something_is_due(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql, looks: Counter[str]
) -> None:
    name = make_job_type()
    processor = make_processor(queue, JobType(name, NoParams, succeed))
    for _ in range(3):
        await enqueue(queue, person, name)
        assert await processor.drain() == {"completed": 1}
    assert looks["get_due_plan_job_schedules"] == 1
    assert looks["run_plan_job_schedules"] == 0


async def test_a_processor_that_nobody_wakes_takes_a_schedule_at_its_time(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql
) -> None:
    name = make_job_type()
    schedule_id = await schedule(queue, sql, person, name, timedelta(seconds=1))
    processor = make_processor(queue, JobType(name, NoParams, succeed))
    working = asyncio.create_task(processor.work(poll_seconds=None))
    processor.wake()
    row = await eventually(lambda: (row := read(sql, schedule_id)) and row["last_job_id"] and row)
    assert row["last_run_at"] >= row["starts_at"]
    query = "select from plan_generation_jobs where id = %s and status = 'completed'"
    await eventually(lambda: sql.execute(query, [row["last_job_id"]]).fetchall())
    processor.stop()
    await working


async def test_a_processor_that_is_busy_takes_schedules_all_the_same(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql
) -> None:
    name, finish = make_job_type(), asyncio.Event()

    async def wait_for_the_other(job: RunningJob, params: NoParams) -> Completed:
        if len(
            started := sql.execute(
                "select from plan_job_schedules where last_job_id is not null"
            ).fetchall()
        ):
            finish.set()
        await finish.wait()
        return Completed(result=len(started))

    schedule_id = await schedule(queue, sql, person, name, timedelta(seconds=1))
    await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, wait_for_the_other))
    assert await processor.drain() == {"completed": 2}
    assert read(sql, schedule_id)["last_outcome"] == "created"


async def test_jobs_run_where_schedules_cannot_be_taken(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql
) -> None:
    name = make_job_type()
    await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, succeed))
    # As in a project whose migrations are older than its processors.
    sql.execute("alter function get_due_plan_job_schedules rename to get_due_not")
    try:
        with structlog.testing.capture_logs() as logs:
            assert await processor.drain() == {"completed": 1}
    finally:
        sql.execute("alter function get_due_not rename to get_due_plan_job_schedules")
    [failure] = [entry for entry in logs if entry["event"] == "schedules_untaken"]
    assert failure["log_level"] == "warning"


async def test_a_schedule_that_cannot_be_read_keeps_no_other_from_being_taken(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql
) -> None:
    name = make_job_type()
    broken = await schedule(queue, sql, person, name, -2 * MINUTE)
    await schedule(queue, sql, person, name, -MINUTE, priority=8)
    sql.execute(
        "update plan_job_schedules set interval_seconds = null, cron = 'now', time_zone = 'UTC'"
        " where id = %s",
        [broken],
    )
    with structlog.testing.capture_logs() as logs:
        processor = make_processor(queue, JobType(name, NoParams, succeed))
        assert await processor.drain() == {"completed": 1}
    unread = [entry["schedule_id"] for entry in logs if entry["event"] == "schedule_unreadable"]
    assert set(unread) == {str(broken)}
    assert read(sql, broken)["last_run_at"] is None


async def test_processors_that_look_at_the_same_time_take_each_occurrence_once(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql
) -> None:
    name = make_job_type()
    for number in range(10):
        new = NewSchedule.of(name=f"{name} {number}", job_type=name, interval_seconds=3600)
        await queue.schedules.create(person.id, new)
    sql.execute("update plan_job_schedules set next_run_at = now()")
    processors = [make_processor(queue, JobType(name, NoParams, succeed)) for _ in range(4)]
    settled = await asyncio.gather(*(processor.drain() for processor in processors))
    assert sum(each.get("completed", 0) for each in settled) == 10
    jobs = sql.execute("select from plan_generation_jobs where job_type = %s", [name]).fetchall()
    assert len(jobs) == 10


async def test_what_another_one_holds_is_looked_for_again_soon(
    stack: StackInfo,
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    sql: Sql,
    looks: Counter[str],
) -> None:
    """It may die with it."""
    name = make_job_type()
    schedule_id = await schedule(queue, sql, person, name, -MINUTE)
    looks.clear()
    processor = make_processor(queue, JobType(name, NoParams, succeed))
    with Sql.connect(stack.db_url) as other:
        other.execute("select from plan_job_schedules for update")
        working = asyncio.create_task(processor.work(poll_seconds=None))
        processor.wake()
        await eventually(lambda: looks["get_due_plan_job_schedules"] > 1)
        other.rollback()
    await eventually(lambda: read(sql, schedule_id)["last_job_id"])
    processor.stop()
    await working
