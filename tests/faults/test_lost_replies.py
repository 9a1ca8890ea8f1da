"""Every call commits, its answer is lost, and it is made again: with the same end, once."""

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.faults.proxy import LossyProxy, lossy_proxy
from tests.parts import NoParams, Person, Sql, enqueue, make_processor, make_settings, settle

from supajobs.database import Database
from supajobs.jobs import ClaimedJob, JobError, JobType, Progress, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed, Failed, Outcome, Released
from supajobs.queue import Beat, JobQueue

ReadJob = Callable[[UUID], Mapping[str, Any]]


@pytest.fixture
async def proxy(stack: StackInfo) -> AsyncGenerator[LossyProxy]:
    async with lossy_proxy(stack.api_url) as proxy:
        yield proxy


@pytest.fixture
async def queue(stack: StackInfo, proxy: LossyProxy) -> AsyncGenerator[JobQueue]:
    database = Database(make_settings(stack, supabase_url=proxy.url))
    yield JobQueue(database, patience=10)
    await database.close()


async def claim(queue: JobQueue, job_type: str) -> list[ClaimedJob]:
    return await queue.claim(claim_id=uuid4(), worker_id="test", max_jobs=5, job_types=[job_type])


async def test_enqueue(
    queue: JobQueue, proxy: LossyProxy, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    name = make_job_type()  # without a dedupe key: only the call's own key can hold it to one
    proxy.losses["enqueue_plan_job"] = 3
    enqueued = await queue.enqueue(user_id=person.id, job_type=name, params={})
    job_id = enqueued.job.id
    assert enqueued.outcome == "created"
    rows = sql.execute("select id from plan_generation_jobs where job_type = %s", [name]).fetchall()
    assert rows == [{"id": job_id}]
    assert proxy.lost["enqueue_plan_job"] == 3


async def test_claim(
    queue: JobQueue, proxy: LossyProxy, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    name = make_job_type()
    for _ in range(12):
        await enqueue(queue, person, name)
    proxy.losses["claim_plan_jobs"] = 2
    jobs = await claim(queue, name)
    assert len(jobs) == 5
    running = sql.execute(
        "select id from plan_generation_jobs where job_type = %s and status = 'processing'", [name]
    ).fetchall()
    assert {row["id"] for row in running} == {job.id for job in jobs}


async def test_heartbeat(
    queue: JobQueue,
    proxy: LossyProxy,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: ReadJob,
) -> None:
    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    [job] = await claim(queue, name)
    proxy.losses["heartbeat_plan_jobs"] = 1
    progress = Progress(phase="base", percentage=10, message="")
    [pulse] = await queue.heartbeat([Beat(job_id=job_id, claim_id=job.claim_id, progress=progress)])
    assert pulse.outcome == "held"
    assert read_job(job_id)["progress"] == progress.model_dump()


@pytest.mark.parametrize(
    ("function", "outcome", "told", "retries", "plans"),
    [
        ("complete_plan_jobs", Completed(plan={"n": 1}), "completed", 0, 1),
        ("fail_plan_jobs", Failed(JobError(code="x", message="x")), "retrying", 1, 0),
        ("release_plan_jobs", Released(), "released", 0, 0),
    ],
)
async def test_settles(
    queue: JobQueue,
    proxy: LossyProxy,
    person: Person,
    make_job_type: Callable[..., str],
    sql: Sql,
    function: str,
    outcome: Outcome,
    told: str,
    retries: int,
    plans: int,
) -> None:
    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    [job] = await claim(queue, name)
    proxy.losses[function] = 3
    settled = await settle(queue, job, outcome)
    assert proxy.lost[function] == 3
    assert settled.outcome == told
    row = sql.execute(
        "select retry_count, (select count(*) from plan_job_attempts where job_id = job.id) "
        "as attempts, (select count(*) from weekly_base_plans where job_id = job.id) as plans "
        "from plan_generation_jobs as job where id = %s",
        [job_id],
    ).fetchone()
    assert row == {"retry_count": retries, "attempts": 1, "plans": plans}


async def test_cancel(
    queue: JobQueue, proxy: LossyProxy, person: Person, make_job_type: Callable[..., str]
) -> None:
    job_id = await enqueue(queue, person, make_job_type())
    proxy.losses["cancel_plan_job"] = 2
    assert (await queue.cancel(job_id, person.id)).outcome == "cancelled"


async def test_a_processor_whose_every_function_loses_answers(
    queue: JobQueue, proxy: LossyProxy, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    async def write(job: RunningJob, params: NoParams) -> Completed:
        job.report(Progress(phase="base", percentage=50, message=""))
        return Completed(plan={"job": str(job.claimed.id)})

    name = make_job_type()
    for _ in range(30):
        await enqueue(queue, person, name)
    for function in ("claim_plan_jobs", "complete_plan_jobs", "heartbeat_plan_jobs"):
        proxy.losses[function] = 5
    processor = make_processor(queue, JobType(name, NoParams, write))
    assert await processor.drain() == {"completed": 30}
    [row] = sql.execute(
        "select count(*) as plans, count(distinct job_id) as jobs from weekly_base_plans "
        "where user_id = %s",
        [person.id],
    ).fetchall()
    assert row == {"plans": 30, "jobs": 30}
