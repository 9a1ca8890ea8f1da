import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import BaseModel
from tests.parts import NoParams, Person, Sql, enqueue, expire_lease, make_processor
from tests.serving import eventually

from supajobs.job_types import JobType, RunningJob
from supajobs.jobs import Progress
from supajobs.outcomes import Completed, PermanentError, RateLimitedError, Usage
from supajobs.queue.job_queue import JobQueue


class AnyParams(BaseModel, extra="allow"):
    """The params of a job type that takes what comes."""


class Loose(BaseModel):
    anything: Any


def deep(levels: int) -> Any:
    return [deep(levels - 1)] if levels else []


ReadJob = Callable[[UUID], Mapping[str, Any]]
MakeJobType = Callable[..., str]


async def succeed(job: RunningJob, params: NoParams) -> Completed:
    return Completed(result={"retry_count": job.claimed.retry_count})


async def run_forever(job: RunningJob, params: NoParams) -> Completed:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


async def test_drain_runs_what_is_due_and_counts_it(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    name = make_job_type()
    jobs = [await enqueue(queue, person, name) for _ in range(9)]
    processor = make_processor(queue, JobType(name, NoParams, succeed))
    assert await processor.drain() == {"completed": 9}
    assert await processor.drain() == {}
    assert {read_job(job)["status"] for job in jobs} == {"completed"}


async def test_it_runs_as_many_at_a_time_as_it_may(
    queue: JobQueue, person: Person, make_job_type: MakeJobType
) -> None:
    name, running, most = make_job_type(), 0, 0

    async def count(job: RunningJob, params: NoParams) -> Completed:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        return Completed()

    for _ in range(12):
        await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, count), concurrency=3)
    assert await processor.drain() == {"completed": 12}
    assert most == 3


@pytest.mark.parametrize(
    ("error", "status", "code", "waits"),
    [
        (PermanentError("Your profile is empty.", code="empty"), "failed", "empty", None),
        (RateLimitedError(1000), "pending", "rate_limited", (995, 1005)),
        (TimeoutError(), "pending", "timeout", (-5, 0)),
        (httpx.ConnectError("refused"), "pending", "provider_unavailable", (-5, 10)),
        (KeyError("secret inside"), "pending", "internal_error", (-5, 10)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_errors_are_classified(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    sql: Sql,
    error: Exception,
    status: str,
    code: str,
    waits: tuple[float, float] | None,
) -> None:
    name = make_job_type(backoff_base_seconds=10)

    async def fail(job: RunningJob, params: NoParams) -> Completed:
        processor.stop()  # a TimeoutError is retried at once: there is to be no second try
        raise error

    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, fail))
    await processor.drain()
    row = sql.execute(
        "select *, extract(epoch from run_at - now())::float as wait "
        "from plan_generation_jobs where id = %s",
        [job_id],
    ).fetchone()
    assert row
    assert row["status"] == status
    assert row["error"]["code"] == code
    assert "secret inside" not in str(row["error"])
    if waits:
        assert waits[0] <= row["wait"] <= waits[1]
        assert row["retry_count"] == 1


async def test_params_that_no_longer_fit_fail_for_good(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    class Strict(BaseModel):
        number: int

    async def never(job: RunningJob, params: Strict) -> Completed:
        raise AssertionError("called with invalid params")

    name = make_job_type()
    job_id = await enqueue(queue, person, name, number="many")
    assert await make_processor(queue, JobType(name, Strict, never)).drain() == {"failed": 1}
    assert read_job(job_id)["error"]["code"] == "invalid_params"


@pytest.mark.parametrize("text", ["\0", "\ud800"], ids=ascii)
async def test_text_that_cannot_be_stored_is_cleaned(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    read_job: ReadJob,
    text: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def write(job: RunningJob, params: NoParams) -> Completed:
        job.report(Progress(phase=text, percentage=1, message=text))
        if params.model_extra:
            raise PermanentError(text, code=text, detail={text: text})
        return Completed(
            result={"text": text}, plan={text: [text]}, usage=Usage(model=f"small{text}")
        )

    name = make_job_type()
    good, bad = await enqueue(queue, person, name), await enqueue(queue, person, name, fails=True)
    processor = make_processor(queue, JobType(name, AnyParams, write))
    assert await processor.drain() == {"completed": 1, "failed": 1}
    assert read_job(good)["result"] == {"text": "\ufffd"}
    assert read_job(good)["usage"]["model"] == "small\ufffd"
    error = {"code": "\ufffd", "message": "\ufffd", "detail": {"\ufffd": "\ufffd"}}
    assert read_job(bad)["error"] == error
    assert capsys.readouterr().out.count("text_cleaned") == 2, "once for each job"


@pytest.mark.parametrize(
    ("result", "where"),
    [
        (object(), "result"),
        ({"weeks": [{"m": object()}]}, "result.weeks.0.m"),
        ({"m": b"\xff"}, "result.m"),
        ({"m": math.nan}, "result.m"),
        (Loose(anything={"m": [math.nan]}), "result.anything.m.0"),
        ({"m": {None: 1, "None": 2}}, "result.m.None"),
        ({"a\x00": 1, "a\ufffd": 2}, "result.a\ufffd"),
        (Loose(anything={1: 1, "1": 2}), "result.anything.1"),
        (deep(300), "result" + ".0" * 101),
        ("x" * 11_000_000, "result"),
    ],
    ids=[
        "object",
        "key",
        "bytes",
        "nan",
        "nan in a model",
        "null",
        "cleaned",
        "keys of a model",
        "deep",
        "large",
    ],
)
async def test_a_result_that_cannot_be_stored_fails_the_job_and_is_named(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    read_job: ReadJob,
    result: Any,
    where: str,
) -> None:
    async def write(job: RunningJob, params: NoParams) -> Completed:
        return Completed(result=result, usage=Usage(input_tokens=7))

    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    assert await make_processor(queue, JobType(name, NoParams, write)).drain() == {"failed": 1}
    row = read_job(job_id)
    assert row["error"]["code"] == "outcome_refused"
    assert row["error"]["detail"]["where"] == where
    assert row["retry_count"] == 0


async def test_a_handler_that_returns_nothing_fails_the_job_for_good(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    read_job: ReadJob,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def forget(job: RunningJob, params: NoParams) -> Any:
        pass

    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    assert await make_processor(queue, JobType(name, NoParams, forget)).drain() == {"failed": 1}
    assert read_job(job_id)["error"]["code"] == "internal_error"
    log = capsys.readouterr().out
    assert "handler_returned_no_outcome" in log
    assert "the handler returned nothing: return Completed(result=…)" in log


async def test_a_job_is_stopped_at_its_deadline(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    name = make_job_type(max_runtime_seconds=1, max_retries=0)
    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, run_forever))
    assert await processor.drain() == {"failed": 1}
    assert read_job(job_id)["error"]["code"] == "timeout"


async def test_progress_reaches_the_user_while_the_job_runs(
    queue: JobQueue, person: Person, make_job_type: MakeJobType
) -> None:
    name, seen = make_job_type(), asyncio.Event()

    async def report(job: RunningJob, params: NoParams) -> Completed:
        job.report(Progress(phase="build", percentage=50, message="halfway"))
        await seen.wait()
        return Completed()

    await enqueue(queue, person, name)
    draining = asyncio.create_task(make_processor(queue, JobType(name, NoParams, report)).drain())

    async def read_progress() -> Any:
        query = person.supabase.from_("plan_generation_jobs").select("progress")
        row: Any = (await query.eq("job_type", name).single().execute()).data
        return row["progress"]

    progress = await eventually(read_progress)
    seen.set()
    assert progress == {"phase": "build", "percentage": 50, "message": "halfway"}
    assert await draining == {"completed": 1}


async def test_heartbeats_keep_a_job_that_outlives_its_lease(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    name = make_job_type(lease_seconds=3)

    async def take_two_leases(job: RunningJob, params: NoParams) -> Completed:
        await asyncio.sleep(7)
        return Completed()

    job_type = JobType(name, NoParams, take_two_leases)
    job_id = await enqueue(queue, person, name)
    draining = asyncio.create_task(make_processor(queue, job_type).drain())
    await eventually(lambda: read_job(job_id)["status"] == "processing")
    rival = make_processor(queue, job_type)
    while not draining.done():
        assert await rival.drain() == {}, "the lease was lost under a live worker"
        await asyncio.sleep(0.1)
    assert await draining == {"completed": 1}
    assert read_job(job_id)["crash_count"] == 0


async def test_a_cancelled_job_is_stopped_by_its_heartbeat(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    name = make_job_type(lease_seconds=1)
    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, run_forever))
    draining = asyncio.create_task(processor.drain())
    await eventually(lambda: read_job(job_id)["status"] == "processing")
    await queue.cancel(job_id, person.id)
    assert await draining == {"cancelled": 1}
    assert read_job(job_id)["status"] == "cancelled"


async def test_a_worker_that_lost_its_job_lets_go(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql, read_job: ReadJob
) -> None:
    name, stopped = make_job_type(lease_seconds=1), asyncio.Event()

    async def notice(job: RunningJob, params: NoParams) -> Completed:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        raise AssertionError("unreachable")

    job_id = await enqueue(queue, person, name)
    loser = make_processor(queue, JobType(name, NoParams, notice))
    losing = asyncio.create_task(loser.drain(time_budget=120))
    await eventually(lambda: read_job(job_id)["status"] == "processing")
    sql.execute(  # somebody else's claim, as after a sweep
        "update plan_generation_jobs set claim_id = gen_random_uuid(), worker_id = 'rival', "
        "lease_expires_at = now() + interval '1 hour' where id = %s",
        [job_id],
    )
    async with asyncio.timeout(60):  # before its time is over
        await stopped.wait()
    assert await losing == {}
    assert read_job(job_id)["worker_id"] == "rival"


async def test_finished_work_is_handed_in_after_the_lease_was_swept(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql, read_job: ReadJob
) -> None:
    name, go_on = make_job_type(), asyncio.Event()

    async def finish_late(job: RunningJob, params: NoParams) -> Completed:
        await go_on.wait()
        return Completed(result="late but paid for")

    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, finish_late))
    draining = asyncio.create_task(processor.drain())
    await eventually(lambda: read_job(job_id)["status"] == "processing")
    expire_lease(sql, job_id)
    sql.execute("select supajobs.sweep()")
    assert read_job(job_id)["status"] == "pending"
    go_on.set()
    assert await draining == {"completed": 1}
    assert read_job(job_id)["result"] == "late but paid for"


async def test_a_spent_time_budget_releases_what_runs(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, run_forever))
    assert await processor.drain(time_budget=0.5) == {"released": 1}
    row = read_job(job_id)
    assert (row["status"], row["retry_count"], row["crash_count"]) == ("pending", 0, 0)


async def test_stop_gives_jobs_the_grace_period_and_releases_the_rest(
    queue: JobQueue, person: Person, make_job_type: MakeJobType
) -> None:
    name, may_end = make_job_type(), [asyncio.Event(), asyncio.Event()]
    started: list[asyncio.Event] = []

    async def wait(job: RunningJob, params: NoParams) -> Completed:
        started.append(may_end[len(started)])
        await started[-1].wait()
        return Completed()

    for _ in may_end:
        await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, wait), grace_seconds=1)
    draining = asyncio.create_task(processor.drain())
    await eventually(lambda: len(started) == len(may_end))
    processor.stop()
    await asyncio.sleep(0.1)
    started[0].set()
    assert await draining == {"completed": 1, "released": 1}


async def test_a_handler_that_swallows_its_cancellation_is_left_behind(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supajobs.worker.runs.STOP_PATIENCE", 0.2)
    name, begun, let_go = make_job_type(), asyncio.Event(), asyncio.Event()

    async def cling(job: RunningJob, params: NoParams) -> Completed:
        begun.set()
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue
        return Completed()

    await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, cling))
    draining = asyncio.create_task(processor.drain())
    await begun.wait()
    processor.stop()
    assert await draining == {"released": 1}
    let_go.set()


async def test_work_starts_on_a_job_when_it_is_woken(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    name = make_job_type()
    processor = make_processor(queue, JobType(name, NoParams, succeed))
    working = asyncio.create_task(processor.work(poll_seconds=None))
    job_id = await enqueue(queue, person, name)
    await asyncio.sleep(0.3)
    assert read_job(job_id)["status"] == "pending"
    processor.wake()
    await eventually(lambda: read_job(job_id)["status"] == "completed")
    processor.stop()
    await working


async def test_work_polls_for_jobs_that_others_enqueued(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    name = make_job_type()
    processor = make_processor(queue, JobType(name, NoParams, succeed))
    working = asyncio.create_task(processor.work(poll_seconds=0.1))
    job_id = await enqueue(queue, person, name)
    await eventually(lambda: read_job(job_id)["status"] == "completed")
    processor.stop()
    await working
