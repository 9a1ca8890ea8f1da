"""Handlers that wait: they end, nobody holds their job, and they go on over their saved steps."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import JsonValue
from tests.parts import NoParams, Person, Sql, enqueue, make_processor
from tests.worker.claims import QuietQueue, make_job
from tests.worker.computing import Task, compute

from supajobs.job_types import JobType, RunningJob, SyncRunningJob
from supajobs.outcomes import Completed, Failed, Suspended, Usage
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.job_signals import JobSignals
from supajobs.waits import Snooze, WaitTimeoutError
from supajobs.worker.runs import Run

ReadJob = Callable[[UUID], Mapping[str, Any]]
MakeJobType = Callable[..., str]
TWO_DAYS = timedelta(days=2)


def end_wait(sql: Sql, job_id: UUID) -> None:
    """Its time has come."""
    sql.execute("update supajobs.waits set until = now() where job_id = %s", [job_id])
    sql.execute(
        "update plan_generation_jobs set run_at = now() where id = %s and status = 'pending'",
        [job_id],
    )


def read_attempts(sql: Sql, job_id: UUID) -> list[str]:
    rows = sql.execute(
        "select outcome from plan_job_attempts where job_id = %s order by ended_at", [job_id]
    )
    return [row["outcome"] for row in rows]


async def sleeper(job: RunningJob, params: NoParams) -> Completed:
    draft = await job.step("draft", write_draft)
    await job.sleep("cool down", hours=6)
    return Completed(result=[draft, job.attempt])


async def write_draft() -> JsonValue:
    return str(datetime.now(UTC))


def sync_sleeper(job: SyncRunningJob, params: NoParams) -> Completed:
    draft = job.step("draft", lambda: str(datetime.now(UTC)))
    job.sleep("cool down", timedelta(hours=6))
    return Completed(result=[draft, job.attempt])


@pytest.mark.parametrize("handle", [sleeper, sync_sleeper])
async def test_a_job_sleeps_and_goes_on(
    handle: Any,
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    read_job: ReadJob,
    sql: Sql,
) -> None:
    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, handle))
    began = datetime.now(UTC)
    assert await processor.drain() == {"suspended": 1}
    job = read_job(job_id)
    assert (job["status"], job["waiting_for"], job["lease_expires_at"]) == (
        *("pending", "cool down"),
        None,
    )
    assert timedelta(hours=6) <= job["run_at"] - began < timedelta(hours=6, minutes=1)
    assert await processor.drain() == {}

    end_wait(sql, job_id)
    assert await processor.drain() == {"completed": 1}
    job = read_job(job_id)
    draft, attempt = job["result"]
    assert datetime.fromisoformat(draft) < job["started_at"]  # it was saved before
    assert (attempt, job["retry_count"], job["crash_count"]) == (1, 0, 0)
    assert read_attempts(sql, job_id) == ["suspended", "completed"]


async def test_a_process_waits_as_well(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob, sql: Sql
) -> None:
    name = make_job_type()
    job_type = JobType(name, Task, compute.handle, runs_in="process")
    processor = make_processor(queue, job_type)
    job_id = await enqueue(queue, person, name, do="wait")
    assert await processor.drain() == {"suspended": 1}
    end_wait(sql, job_id)
    assert await processor.drain() == {"suspended": 1}  # for a signal now
    assert read_job(job_id)["waiting_for"] == "approval"
    end_wait(sql, job_id)
    assert await processor.drain() == {"suspended": 1}  # as nobody answered, it snoozes
    assert read_job(job_id)["waiting_for"] is None


async def approved(job: RunningJob, params: NoParams) -> Completed:
    try:
        return Completed(result=await job.wait_for("approval", timeout=TWO_DAYS))
    except Exception as error:
        if isinstance(error, WaitTimeoutError):
            raise
        return Completed(result="swallowed")


@pytest.mark.parametrize("payload", [{"by": "Ada"}, None, [1]])
async def test_a_job_waits_for_a_signal(
    payload: JsonValue,
    queue: JobQueue,
    signals: JobSignals,
    person: Person,
    make_job_type: MakeJobType,
    read_job: ReadJob,
) -> None:
    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, approved))
    assert await processor.drain() == {"suspended": 1}
    assert read_job(job_id)["waiting_for"] == "approval"
    told = await signals.send(job_id, person.id, "approval", payload)
    assert (told.outcome, told.payload) == ("stored", payload)
    assert await processor.drain() == {"completed": 1}
    assert read_job(job_id)["result"] == payload


async def test_a_signal_may_be_there_before(
    queue: JobQueue,
    signals: JobSignals,
    person: Person,
    make_job_type: MakeJobType,
    read_job: ReadJob,
    sql: Sql,
) -> None:
    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    await signals.send(job_id, person.id, "approval", "yes")
    assert (await signals.send(job_id, person.id, "approval", "no")).payload == "yes"
    processor = make_processor(queue, JobType(name, NoParams, approved))
    assert await processor.drain() == {"completed": 1}
    assert read_job(job_id)["result"] == "yes"
    assert sql.execute("select from supajobs.signals where job_id = %s", [job_id]).rowcount == 0


async def test_one_that_comes_as_the_handler_runs_is_not_lost(
    queue: JobQueue,
    signals: JobSignals,
    person: Person,
    make_job_type: MakeJobType,
    read_job: ReadJob,
) -> None:
    name = make_job_type()
    job_id = await enqueue(queue, person, name)

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        async def signal() -> None:
            await signals.send(job_id, person.id, "approval", "yes")

        await job.step("look", signal)  # after what was there has been read
        return await approved(job, params)

    processor = make_processor(queue, JobType(name, NoParams, handle))
    assert await processor.drain() == {"suspended": 1, "completed": 1}
    assert read_job(job_id)["result"] == "yes"


async def test_a_time_that_is_over_is_told_apart_from_an_empty_signal(
    queue: JobQueue,
    signals: JobSignals,
    person: Person,
    make_job_type: MakeJobType,
    read_job: ReadJob,
    sql: Sql,
) -> None:
    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, approved))
    assert await processor.drain() == {"suspended": 1}
    end_wait(sql, job_id)
    assert (await signals.send(job_id, person.id, "approval", None)).outcome == "too_late"
    assert await processor.drain() == {"failed": 1}
    assert read_job(job_id)["error"] == {
        "code": "wait_timed_out",
        "message": "Nobody answered in time.",
        "detail": {"name": "approval"},
    }


async def test_a_snooze_costs_no_retry(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob, sql: Sql
) -> None:
    name = make_job_type(max_retries=0, max_crashes=1)
    job_id = await enqueue(queue, person, name)
    runs = 0

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        nonlocal runs
        runs += 1
        if runs < 3:
            raise Snooze(0)
        return Completed()

    processor = make_processor(queue, JobType(name, NoParams, handle))
    settled = Counter[str]()
    for _ in range(3):
        sql.execute("update plan_generation_jobs set run_at = now() where id = %s", [job_id])
        settled.update(await processor.drain())
    assert settled == {"suspended": 2, "completed": 1}
    assert read_attempts(sql, job_id) == ["suspended", "suspended", "completed"]


async def test_a_cancelled_job_sleeps_no_more(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, sleeper))
    assert await processor.drain() == {"suspended": 1}
    assert (await queue.cancel(job_id, person.id)).outcome == "cancelled"
    assert read_job(job_id)["status"] == "cancelled"
    await queue.retry(job_id, person.id)
    assert await processor.drain() == {"suspended": 1}  # it waits on until it first would have


# Without a database


async def run(handle: Any, queue: QuietQueue | None = None) -> Any:
    run = Run(make_job(), queue or QuietQueue(), on_progress=lambda: None)
    return await run.handle(JobType("test", NoParams, handle))


async def test_what_was_spent_before_a_wait_is_told() -> None:
    async def handle(job: RunningJob, params: NoParams) -> Completed:
        job.spend(Usage(cost_usd=0.5))
        await job.sleep("nap", minutes=1, seconds=30)
        return Completed()

    expected = Suspended("nap", kind="sleep", seconds=90, usage=Usage(cost_usd=0.5))
    assert await run(handle) == expected


async def test_no_time_is_no_wait() -> None:
    async def handle(job: RunningJob, params: NoParams) -> Completed:
        await job.sleep("nap", 0 * TWO_DAYS)
        await job.sleep("sooner", hours=-1)
        with pytest.raises(WaitTimeoutError):
            await job.wait_for("approval", timeout=timedelta(0))
        return Completed()

    assert await run(handle) == Completed()


Wait = Callable[[RunningJob], Awaitable[JsonValue]]
IMPOSSIBLE: dict[str, Wait] = {
    "too long": lambda job: job.sleep("nap", days=366, seconds=1),
    "no number": lambda job: job.sleep("nap", seconds=float("nan")),
    "too long for a signal": lambda job: job.wait_for("approval", timeout=timedelta(days=367)),
    "no name": lambda job: job.sleep("", days=1),
    "too long a name": lambda job: job.sleep("x" * 256, days=1),
}


@pytest.mark.parametrize("wait", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
async def test_an_impossible_wait_is_an_error(wait: Wait) -> None:
    async def handle(job: RunningJob, params: NoParams) -> Completed:
        with pytest.raises(ValueError, match="a wait"):
            await wait(job)
        return Completed()

    assert await run(handle) == Completed()
    with pytest.raises(ValueError, match="366 days"):
        Snooze(367 * 86_400)


async def test_two_waits_have_two_names() -> None:
    async def handle(job: RunningJob, params: NoParams) -> Completed:
        await job.sleep("nap", seconds=0)
        await job.sleep("nap", seconds=1)
        return Completed()

    outcome = await run(handle)
    assert isinstance(outcome, Failed)
    assert outcome.cause
    assert outcome.cause.message == "the job has two waits named 'nap'"


async def test_waits_side_by_side_suspend_the_job() -> None:
    async def handle(job: RunningJob, params: NoParams) -> Completed:
        async with asyncio.TaskGroup() as group:
            group.create_task(job.wait_for("one", timeout=TWO_DAYS))
            group.create_task(job.wait_for("other", timeout=TWO_DAYS))
        return Completed()

    outcome = await run(handle)
    assert isinstance(outcome, Suspended)
    assert outcome.name == "one"


async def test_an_error_beside_a_wait_is_an_error() -> None:
    async def handle(job: RunningJob, params: NoParams) -> Completed:
        async def fail() -> None:
            raise RuntimeError

        async with asyncio.TaskGroup() as group:
            group.create_task(job.wait_for("one", timeout=TWO_DAYS))
            group.create_task(fail())
        return Completed()

    assert isinstance(await run(handle), Failed)


async def test_steps_without_an_answer_are_saved_before_the_wait() -> None:
    queue = QuietQueue()

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        await job.step("first", write_draft)
        queue.is_reachable = False
        await job.step("draft", write_draft)
        queue.steps.clear()
        queue.is_reachable = True
        raise Snooze(1)

    assert isinstance(await run(handle, queue), Suspended)
    assert list(queue.steps) == ["draft"]
