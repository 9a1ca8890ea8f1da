"""JobQueue against the real functions; what each function does is in supabase/tests."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.parts import Person, Sql, expire_lease, settle

from supajobs.errors import (
    EnqueueRateLimitedError,
    IdempotencyConflictError,
    InvalidRequestError,
    UnknownJobTypeError,
    UserGoneError,
)
from supajobs.jobs import ClaimedJob, JobStatus, Progress
from supajobs.outcomes import Completed, Failed, JobError, Released, Usage
from supajobs.queue.answers import Beat
from supajobs.queue.job_queue import JobQueue

ERROR = JobError(code="refused", message="no")


async def claim(
    queue: JobQueue, job_type: str, *, max_jobs: int, worker: str = "test"
) -> list[ClaimedJob]:
    return await queue.claim(
        claim_id=uuid4(), worker_id=worker, max_jobs=max_jobs, job_types=[job_type]
    )


def enqueue_many(sql: Sql, person: Person, job_type: str, jobs: int) -> None:
    sql.execute(
        "select enqueue_plan_job(%s, %s, '{}') from generate_series(1, %s)",
        [person.id, job_type, jobs],
    )


def has_pending(sql: Sql, job_type: str) -> bool:
    query = "select from plan_generation_jobs where job_type = %s and status = 'pending' limit 1"
    return bool(sql.execute(query, [job_type]).fetchall())


async def claim_one(queue: JobQueue, job_type: str) -> ClaimedJob:
    [job] = await claim(queue, job_type, max_jobs=1)
    return job


async def test_a_job_from_request_to_result(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    job_type = make_job_type(lease_seconds=30, max_runtime_seconds=120)
    run_at = datetime.now(UTC) - timedelta(minutes=1)
    project_id = uuid4()
    enqueued = await queue.enqueue(
        user_id=person.id,
        job_type=job_type,
        params={"text": "søt 日本", "n": [1, 2.5, None, True]},
        priority=7,
        run_at=run_at,
        project_id=project_id,
        ttl_hours=1,
        trace_id="abc",
    )
    assert enqueued.outcome == "created"
    assert enqueued.job.status == JobStatus.PENDING
    assert enqueued.job.run_at == run_at
    assert enqueued.job.priority == 7
    assert await queue.get_active(person.id, job_type) == enqueued.job

    job = await claim_one(queue, job_type)
    assert job.id == enqueued.job.id
    assert job.params == {"text": "søt 日本", "n": [1, 2.5, None, True]}
    assert (job.project_id, job.trace_id) == (project_id, "abc")
    assert (job.lease_seconds, job.max_runtime_seconds) == (30, 120)

    progress = Progress(phase="base", percentage=40, message="Week 2")
    [pulse] = await queue.heartbeat([Beat(job_id=job.id, claim_id=job.claim_id, progress=progress)])
    assert pulse.outcome == "held"
    assert pulse.deadline == job.started_at + timedelta(seconds=120)
    active = await queue.get_active(person.id, job_type)
    assert active
    assert active.progress == progress

    usage = Usage(model="m", input_tokens=10, output_tokens=20, cost_usd=0.25)
    settled = await settle(
        queue, job, Completed(result="fin", plan={"title": "A plan"}, usage=usage)
    )
    assert settled.outcome == "completed"
    assert await queue.get_active(person.id, job_type) is None
    plan = sql.execute("select * from weekly_base_plans where job_id = %s", [job.id]).fetchone()
    assert plan
    assert plan["plan"] == {"title": "A plan"}
    attempt = sql.execute("select * from plan_job_attempts where job_id = %s", [job.id]).fetchone()
    assert attempt
    assert (attempt["model"], attempt["output_tokens"]) == ("m", 20)
    assert float(attempt["cost_usd"]) == 0.25


async def test_a_failure_waits_for_its_retry_as_long_as_it_was_told(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    job_type = make_job_type(max_retries=1)
    await queue.enqueue(user_id=person.id, job_type=job_type, params={})
    job = await claim_one(queue, job_type)

    settled = await settle(queue, job, Failed(ERROR, retry_after=0))
    assert settled.outcome == "retrying"
    assert settled.run_at
    assert (await settle(queue, job, Failed(ERROR))) == settled

    again = await claim_one(queue, job_type)
    assert again.retry_count == 1
    assert (await settle(queue, again, Failed(ERROR))).outcome == "failed"


async def test_a_released_job_is_unburned(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    job_type = make_job_type()
    await queue.enqueue(user_id=person.id, job_type=job_type, params={})
    job = await claim_one(queue, job_type)
    assert (await settle(queue, job, Released())).outcome == "released"
    row = read_job(job.id)
    assert (row["status"], row["retry_count"], row["crash_count"]) == ("pending", 0, 0)


async def test_cancel_and_retry(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    job_type = make_job_type()
    enqueued = await queue.enqueue(user_id=person.id, job_type=job_type, params={})
    assert (await queue.cancel(enqueued.job.id, uuid4())).outcome == "not_found"
    assert (await queue.cancel(enqueued.job.id, person.id)).outcome == "cancelled"
    retried = await queue.retry(enqueued.job.id, person.id)
    assert retried.outcome == "retried"
    assert retried.job
    assert retried.job.status == JobStatus.PENDING
    job = await claim_one(queue, job_type)
    assert (await queue.cancel(job.id, person.id)).outcome == "requested"
    [pulse] = await queue.heartbeat([Beat(job_id=job.id, claim_id=job.claim_id)])
    assert pulse.cancel_requested
    assert (await settle(queue, job, Completed(result=1))).outcome == "cancelled"


async def test_refusals_have_names(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    job_type = make_job_type()
    with pytest.raises(UnknownJobTypeError, match=r"no job type .* Add a row for it"):
        await queue.enqueue(user_id=person.id, job_type="nothing", params={})
    with pytest.raises(UserGoneError):
        await queue.enqueue(user_id=uuid4(), job_type=job_type, params={})
    with pytest.raises(InvalidRequestError) as refused:
        await queue.enqueue(user_id=person.id, job_type=job_type, params={}, priority=11)
    [error] = refused.value.errors
    assert "from 0 to 10" in error["message"]
    await queue.enqueue(user_id=person.id, job_type=job_type, params={}, idempotency_key="k")
    with pytest.raises(IdempotencyConflictError):
        await queue.enqueue(
            user_id=person.id, job_type=job_type, params={"other": 1}, idempotency_key="k"
        )


async def test_cleanup_deletes_what_has_expired(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    enqueued = await queue.enqueue(user_id=person.id, job_type=make_job_type(), params={})
    await queue.cancel(enqueued.job.id, person.id)
    sql.execute(
        "update plan_generation_jobs set expires_at = now() - interval '1 s' where id = %s",
        [enqueued.job.id],
    )
    assert await queue.cleanup() >= 1
    assert (await queue.cancel(enqueued.job.id, person.id)).outcome == "not_found"


async def test_requests_that_race_end_as_one_job(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    job_type = make_job_type(dedupe_by="user")
    answers = await asyncio.gather(
        *(queue.enqueue(user_id=person.id, job_type=job_type, params={}) for _ in range(20))
    )
    assert Counter(answer.outcome for answer in answers) == {"created": 1, "existing": 19}
    assert len({answer.job.id for answer in answers}) == 1


async def test_the_rate_limit_is_exact_when_requests_race(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    job_type = make_job_type(max_enqueues=5, enqueue_window_seconds=300)
    answers = await asyncio.gather(
        *(queue.enqueue(user_id=person.id, job_type=job_type, params={}) for _ in range(30)),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, EnqueueRateLimitedError)]
    assert len(refused) == 25
    assert all(295 <= int(error.headers["Retry-After"]) <= 300 for error in refused)
    [row] = sql.execute(
        "select count(*) as jobs from plan_generation_jobs where job_type = %s", [job_type]
    ).fetchall()
    assert row["jobs"] == 5


async def test_eight_claimers_take_each_of_a_thousand_jobs_once(
    queue: JobQueue,
    sign_up: Callable[[], Awaitable[Person]],
    make_job_type: Callable[..., str],
    sql: Sql,
) -> None:
    job_type = make_job_type()
    person = await sign_up()
    enqueue_many(sql, person, job_type, 1000)

    async def claim_all(worker: int) -> list[UUID]:
        taken: list[UUID] = []
        while jobs := await claim(queue, job_type, worker=str(worker), max_jobs=7):
            taken += [job.id for job in jobs]
        return taken

    hauls = await asyncio.gather(*(claim_all(worker) for worker in range(8)))
    taken = [job_id for haul in hauls for job_id in haul]
    assert len(taken) == len(set(taken)) == 1000
    assert all(hauls), "one claimer got nothing: the race did not take place"


async def test_copies_of_one_claim_in_flight_take_the_same_jobs(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    job_type = make_job_type()
    enqueue_many(sql, person, job_type, 40)
    claim_id = uuid4()
    hauls = await asyncio.gather(
        *(
            queue.claim(claim_id=claim_id, worker_id="w", max_jobs=5, job_types=[job_type])
            for _ in range(8)
        )
    )
    assert len({job.id for haul in hauls for job in haul}) == 5
    assert all(haul == hauls[0] for haul in hauls)


async def test_a_late_completion_counts_until_somebody_else_claims(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    job_type = make_job_type()
    for _ in range(2):
        await queue.enqueue(user_id=person.id, job_type=job_type, params={})
    unclaimed, reclaimed = [await claim_one(queue, job_type) for _ in range(2)]

    expire_lease(sql, unclaimed.id)
    assert (await settle(queue, unclaimed, Completed(plan={"late": True}))).outcome == "completed"

    expire_lease(sql, reclaimed.id)
    second = await claim_one(queue, job_type)
    assert (second.id, second.crash_count) == (reclaimed.id, 1)
    assert (await settle(queue, reclaimed, Completed(plan={"late": True}))).outcome == "stale"
    assert (await settle(queue, second, Completed(plan={"late": False}))).outcome == "completed"
    plans = sql.execute(
        "select plan from weekly_base_plans where job_id = %s", [second.id]
    ).fetchall()
    assert [row["plan"] for row in plans] == [{"late": False}]


async def test_the_fleets_limit_on_starts_is_exact_when_claims_race(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    job_type = make_job_type(starts_per_minute=20)
    enqueue_many(sql, person, job_type, 100)

    async def claim_on(worker: int) -> list[ClaimedJob]:
        hauls = [await claim(queue, job_type, worker=str(worker), max_jobs=3) for _ in range(5)]
        return [job for haul in hauls for job in haul]

    hauls = await asyncio.gather(*(claim_on(worker) for worker in range(8)))
    assert sum(map(len, hauls)) == 20

    # As if the minute were over for half of them.
    sql.execute(
        "update supajobs.starts set started_at = started_at - interval '1 minute' "
        "where job_type = %s and started_at <= "
        "(select percentile_disc(0.5) within group (order by started_at) from supajobs.starts "
        "where job_type = %s)",
        [job_type, job_type],
    )
    [over] = sql.execute(
        "select sum(jobs)::int as jobs from supajobs.starts "
        "where job_type = %s and started_at <= now() - interval '1 minute'",
        [job_type],
    ).fetchall()
    hauls = await asyncio.gather(*(claim_on(worker) for worker in range(8)))
    assert sum(map(len, hauls)) == over["jobs"] > 0


async def test_the_fleets_limit_on_running_jobs_is_exact_when_claims_race(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    job_type = make_job_type(max_running=5)
    enqueue_many(sql, person, job_type, 60)
    first, rest = [await claim(queue, job_type, max_jobs=3) for _ in range(2)]
    assert (len(first), len(rest)) == (3, 2)
    assert await claim(queue, job_type, max_jobs=3) == []
    await queue.complete([(job, Completed()) for job in [*first, *rest]])
    running, most = 0, 0

    async def work(worker: int) -> None:
        nonlocal running, most
        while has_pending(sql, job_type):
            jobs = await claim(queue, job_type, worker=str(worker), max_jobs=3)
            running += len(jobs)
            most = max(most, running)
            await asyncio.sleep(0.005)
            running -= len(jobs)  # before the queue knows: the count here is never too high
            if jobs:
                await queue.complete([(job, Completed()) for job in jobs])

    await asyncio.gather(*(work(worker) for worker in range(6)))
    assert 0 < most <= 5  # how many of them meet is chance


async def test_one_users_thousand_jobs_do_not_keep_anothers_waiting(
    queue: JobQueue,
    sign_up: Callable[[], Awaitable[Person]],
    make_job_type: Callable[..., str],
    sql: Sql,
) -> None:
    job_type, concurrency = make_job_type(), 4
    greedy, modest = await sign_up(), await sign_up()
    enqueue_many(sql, greedy, job_type, 1000)
    for _ in range(5):
        await queue.complete(
            [(job, Completed()) for job in await claim(queue, job_type, max_jobs=concurrency)]
        )
    await queue.enqueue(user_id=modest.id, job_type=job_type, params={})
    started = [
        job.user_id for _ in range(2) for job in await claim(queue, job_type, max_jobs=concurrency)
    ]
    assert modest.id in started


async def test_the_position_tells_when_it_will_be_done(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    job_type = make_job_type()
    job_ids = [
        (await queue.enqueue(user_id=person.id, job_type=job_type, params={})).job.id
        for _ in range(3)
    ]
    unknown = await queue.get_position(job_ids[2])
    assert unknown
    assert (unknown.position_in_queue, unknown.estimated_completion_at) == (3, None)

    [job] = await claim(queue, job_type, max_jobs=1)
    sql.execute(
        "update plan_generation_jobs set started_at = now() - interval '10 s' where id = %s",
        [job.id],
    )
    await queue.complete([(job, Completed())])
    known = await queue.get_position(job_ids[2])
    assert known
    assert known.position_in_queue == 2
    assert known.estimated_duration == pytest.approx(10, abs=1)
    assert known.estimated_completion_at
    ahead = known.estimated_completion_at - datetime.now(UTC)
    assert ahead.total_seconds() == pytest.approx(20, abs=2)
    assert await queue.get_position(uuid4()) is None
