from collections.abc import Callable, Mapping
from typing import Any, LiteralString
from uuid import UUID

import httpx
import pytest
from psycopg.sql import SQL
from tests.api.worker import Anything, Worker
from tests.months import begin_in_a_month_that_lasts
from tests.parts import Person, Sql, enqueue, make_settings
from tests.serving import eventually, serve

from supajobs.app import create_app
from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed, PermanentError, Usage
from supajobs.queue.job_queue import JobQueue


@pytest.mark.parametrize("end", ["failed", "cancelled"])
async def test_a_failed_or_cancelled_job_is_pending_again(
    client: httpx.AsyncClient,
    queue: JobQueue,
    worker: Worker,
    person: Person,
    job_type: str,
    end: str,
) -> None:
    job_id = await enqueue(queue, person, job_type)
    if end == "failed":
        await worker.fail(await worker.claim())
    else:
        await queue.cancel(job_id, person.id)
    retried = await client.post(f"/v1/jobs/{job_id}/retry", headers=person.headers)
    assert (retried.status_code, retried.json()["status"]) == (200, "pending")
    assert (retried.json()["id"], retried.json()["error"]) == (str(job_id), None)
    assert retried.headers["Location"] == f"/v1/jobs/{job_id}"
    # As it would be if the first answer was lost:
    again = await client.post(f"/v1/jobs/{job_id}/retry", headers=person.headers)
    assert (again.status_code, again.json()) == (200, retried.json())
    got = await client.get(retried.headers["Location"], headers=person.headers)
    assert got.headers["ETag"] == retried.headers["ETag"].removesuffix('"') + '.1"'  # its place


async def test_a_newer_active_job_that_it_would_double_is_answered_instead(
    api: httpx.AsyncClient, queue: JobQueue, person: Person
) -> None:
    request = {"athlete_profile": {"ftp": 265, "weight_kg": 70, "age": 35}}
    older = (await api.post("/v1/plan/generate", json=request, headers=person.headers)).json()
    await queue.cancel(UUID(older["job_id"]), person.id)
    newer = (await api.post("/v1/plan/generate", json=request, headers=person.headers)).json()
    retried = await api.post(f"/v1/jobs/{older['job_id']}/retry", headers=person.headers)
    assert (retried.status_code, retried.json()["id"]) == (200, newer["job_id"])
    assert retried.headers["Location"] == f"/v1/jobs/{newer['job_id']}"


async def test_a_running_job_is_not_finished(
    client: httpx.AsyncClient, queue: JobQueue, worker: Worker, person: Person, job_type: str
) -> None:
    job_id = await enqueue(queue, person, job_type)
    await worker.claim()
    refused = await client.post(f"/v1/jobs/{job_id}/retry", headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "job_not_finished")


async def test_a_completed_job_has_nothing_to_retry(
    client: httpx.AsyncClient,
    queue: JobQueue,
    worker: Worker,
    person: Person,
    job_type: str,
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    job_id = await enqueue(queue, person, job_type)
    await worker.complete(await worker.claim())
    refused = await client.post(f"/v1/jobs/{job_id}/retry", headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "job_finished")
    assert "retry" in refused.json()["detail"]
    assert read_job(job_id)["status"] == "completed"


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("max_enqueues = 1, enqueue_window_seconds = 3600", "rate_limited"),
        ("max_cost_per_user_month = 1", "monthly_cost_reached"),
    ],
)
async def test_a_retry_is_held_to_the_limits_of_a_request(
    client: httpx.AsyncClient,
    queue: JobQueue,
    worker: Worker,
    person: Person,
    job_type: str,
    sql: Sql,
    limit: LiteralString,
    code: str,
) -> None:
    begin_in_a_month_that_lasts()
    sql.execute(
        SQL("update plan_job_types set {} where job_type = {}").format(SQL(limit), job_type)
    )
    job_id = await enqueue(queue, person, job_type)
    await worker.fail(await worker.claim(), Usage(cost_usd=5))
    refused = await client.post(f"/v1/jobs/{job_id}/retry", headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (429, code)
    assert int(refused.headers["Retry-After"]) > 0


async def test_a_retried_job_starts_at_once(
    stack: StackInfo, queue: JobQueue, person: Person, job_type: str
) -> None:
    runs: list[UUID] = []

    async def fail_once(job: RunningJob, params: Anything) -> Completed:
        runs.append(job.claimed.id)
        if len(runs) == 1:
            raise PermanentError("not now")
        return Completed()

    app = create_app(make_settings(stack), {job_type: JobType(job_type, Anything, fail_once)})
    async with serve(app) as client:
        headers = {**person.headers, "Prefer": "wait=60"}
        failed = await client.post("/v1/jobs", json={"job_type": job_type}, headers=headers)
        assert failed.json()["status"] == "failed"
        url = failed.headers["Location"]
        assert (await client.post(f"{url}/retry", headers=person.headers)).status_code == 200

        async def is_completed() -> bool:
            job = await client.get(f"{url}?wait=10", headers=person.headers)
            return job.json()["status"] == "completed"

        await eventually(is_completed)
    assert len(runs) == 2
