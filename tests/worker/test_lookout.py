"""How often a worker asks that has nothing to do, and how late it is for what comes."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.parts import NoParams, Person, Sql, enqueue, make_processor
from tests.serving import eventually
from tests.wire import on_request

from supajobs.job_types import JobType, RunningJob
from supajobs.outcomes import Completed
from supajobs.queue import answers
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.schedule_book import NewSchedule
from supajobs.worker.lookout import Lookout
from supajobs.worker.presence import Presence
from supajobs.worker.processor import Processor
from supajobs.worker.schedules import Scheduler

MakeJobType = Callable[..., str]
ReadJob = Callable[[UUID], Mapping[str, Any]]
LONG = 3600.0  # s; longer than any test

FASTER = 100  # than a worker in its own time, so that one stands for a fleet of as many
MOST_CALLS = 5.0  # a second, of a hundred idle workers


async def succeed(_job: RunningJob, _params: NoParams) -> Completed:
    return Completed()


@contextlib.asynccontextmanager
async def working(processor: Processor, first: float, longest: float) -> AsyncGenerator[None]:
    work = asyncio.create_task(processor.work(poll_seconds=first, idle_seconds=longest))
    try:
        yield
    finally:
        processor.stop()
        await work


@pytest.fixture
def calls(database: Database) -> list[str]:
    """All that goes out."""
    calls: list[str] = []

    async def note(request: httpx.Request) -> None:
        calls.append(request.url.path.rpartition("/")[2])

    on_request(database, note)
    return calls


async def test_a_hundred_idle_workers_make_five_calls_a_second_at_most(
    queue: JobQueue,
    make_job_type: MakeJobType,
    calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("presence.NOTE_SECONDS", "schedules.LOOK_SECONDS"):
        module, _, constant = name.partition(".")
        seconds = {"NOTE_SECONDS": 30.0, "LOOK_SECONDS": 60.0}[constant]
        monkeypatch.setattr(f"supajobs.worker.{module}.{constant}", seconds / FASTER)
    processor = make_processor(queue, JobType(make_job_type(), NoParams, succeed))
    async with working(processor, 2.0 / FASTER, 30.0 / FASTER):
        processor.wake()
        await eventually(lambda: len(calls) > 10)  # 2, 4, 8, 16, 30, 30
        before, seconds = len(calls), 5.0
        await asyncio.sleep(seconds)
        later = calls[before:]
    assert 0 < len(later) <= MOST_CALLS * seconds
    assert set(later) <= {"note_plan_processor", "claim_plan_jobs", "get_due_plan_job_schedules"}


async def test_the_pauses_grow_while_nothing_comes(queue: JobQueue) -> None:
    presence = Presence(queue, "worker", [], concurrency=1, running=lambda: 0)
    lookout = Lookout(presence, Scheduler(queue.schedules, lambda: None), *[lambda: None] * 2)

    def draw() -> float:
        pauses = [lookout.draw_pause() for _ in range(200)]
        assert max(pauses) - min(pauses) > max(pauses) / 10  # or all would ask at one moment
        return max(pauses)

    with lookout.looking(2.0, 30.0):
        steps = list[float]()
        for _ in range(6):
            steps.append(draw())
            lookout.note(found=False)
        assert steps == pytest.approx([2, 4, 8, 16, 30, 30], rel=0.05)
        lookout.note(found=True)
        assert draw() == pytest.approx(2, rel=0.05)


async def test_a_worker_that_has_long_been_idle_finds_what_others_enqueue(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    read_job: ReadJob,
    calls: list[str],
) -> None:
    name = make_job_type()
    processor = make_processor(queue, JobType(name, NoParams, succeed))
    async with working(processor, 0.05, 0.4):
        await eventually(lambda: calls.count("note_plan_processor") > 6)
        job_id = await enqueue(queue, person, name)
        await eventually(lambda: read_job(job_id)["status"] == "completed")


async def test_a_worker_that_does_not_look_for_long_starts_what_it_knows_to_be_due(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    name = make_job_type()
    run_at = datetime.now(UTC) + timedelta(seconds=2)
    enqueued = await queue.enqueue(user_id=person.id, job_type=name, params={}, run_at=run_at)
    processor = make_processor(queue, JobType(name, NoParams, succeed))
    async with working(processor, LONG, LONG):
        job = await eventually(
            lambda: (job := read_job(enqueued.job.id))["status"] == "completed" and job
        )
    assert job["started_at"] >= job["run_at"]


async def test_a_wait_costs_no_call_while_it_lasts(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    read_job: ReadJob,
    calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker that has nothing else makes the calls of an idle one, and no others."""

    async def ask(job: RunningJob, _params: NoParams) -> Completed:
        return Completed(result=await job.wait_for("approval", timeout=timedelta(days=2)))

    monkeypatch.setattr("supajobs.worker.presence.NOTE_SECONDS", 0.02)
    notes = ["note_plan_processor"] * 50
    job_type = make_job_type()
    job_id = await enqueue(queue, person, job_type)
    processor = make_processor(queue, JobType(job_type, NoParams, ask))
    async with working(processor, LONG, LONG):
        await eventually(lambda: read_job(job_id)["waiting_for"] == "approval")
        await eventually(lambda: calls[-5:] == notes[:5])  # it has looked for more, and is idle
        begun = len(calls)
        await eventually(lambda: len(calls) >= begun + len(notes))
        assert calls[begun : begun + len(notes)] == notes
        assert read_job(job_id)["waiting_for"] == "approval"
        await queue.signals.send(job_id, person.id, "approval", "yes")
        await eventually(lambda: read_job(job_id)["status"] == "completed")


async def test_it_takes_a_schedule_when_it_is_due(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql, read_job: ReadJob
) -> None:
    name = make_job_type()
    made, _ = await queue.schedules.create(
        person.id, NewSchedule.of(name="often", job_type=name, interval_seconds=60)
    )
    sql.execute(
        "update plan_job_schedules set next_run_at = now() + interval '2 seconds' where id = %s",
        [made.id],
    )
    processor = make_processor(queue, JobType(name, NoParams, succeed))
    query = "select last_job_id from plan_job_schedules where id = %s and last_job_id is not null"
    async with working(processor, LONG, LONG):
        row = await eventually(lambda: sql.execute(query, [made.id]).fetchone())
        await eventually(lambda: read_job(row["last_job_id"])["status"] == "completed")


async def test_a_schedule_that_nobody_can_take_is_not_looked_at_each_time(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql, calls: list[str]
) -> None:
    name = make_job_type()
    sql.execute("delete from plan_job_schedules")  # what others left may fall due meanwhile
    made, _ = await queue.schedules.create(
        person.id, NewSchedule.of(name="broken", job_type=name, interval_seconds=60)
    )
    sql.execute(  # due for a while: a slow answer is not to make it seem due after the look
        "update plan_job_schedules set interval_seconds = null, cron = 'no such time', "
        "time_zone = 'UTC', next_run_at = now() - interval '10 seconds' where id = %s",
        [made.id],
    )
    calls.clear()  # of making it
    processor = make_processor(queue, JobType(name, NoParams, succeed))
    async with working(processor, 0.05, 0.1):
        await eventually(lambda: calls.count("note_plan_processor") > 12)
    assert calls.count("get_due_plan_job_schedules") == 1
    sql.execute("delete from plan_job_schedules where id = %s", [made.id])


async def test_it_tells_of_messages_that_nobody_has_sent(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql, calls: list[str]
) -> None:
    name = make_job_type()
    told = asyncio.Event()
    processor = make_processor(queue, JobType(name, NoParams, succeed), on_settled=told.set)
    async with working(processor, 0.05, 0.1):
        await eventually(lambda: calls.count("note_plan_processor") > 2)
        sql.execute(  # as of a job that the sweep failed
            "insert into supajobs.notifications (job_id, user_id, job_type, event, occurred_at) "
            "values (gen_random_uuid(), %s, %s, 'job.failed', now())",
            [person.id, name],
        )
        told.clear()
        await eventually(told.is_set)
    sql.execute("delete from supajobs.notifications where job_type = %s", [name])


def test_a_database_that_does_not_tell_is_asked_for_all_each_time() -> None:
    noted = answers.NOTED.validate_python({"outcome": "noted"})
    assert (noted.jobs_due_in, noted.schedules_due_in, noted.messages_due_in) == (0, 0, 0)
