import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from tests.api.worker import Anything, Worker
from tests.parts import Person, Sql, enqueue, make_settings
from tests.serving import serve

from supajobs.app import create_app
from supajobs.job_types import JobType, RunningJob
from supajobs.jobs import Job, JobSummary
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.job_queue import JobQueue


def ids(answer: httpx.Response) -> list[UUID]:
    assert answer.status_code == 200, answer.text
    return [UUID(job["id"]) for job in answer.json()["jobs"]]


async def test_the_newest_come_first_without_params_and_results(
    client: httpx.AsyncClient, queue: JobQueue, worker: Worker, person: Person, job_type: str
) -> None:
    jobs = [await enqueue(queue, person, job_type, text="long") for _ in range(3)]
    await worker.complete(await worker.claim(), "longer")
    listed = await client.get("/v1/jobs", headers=person.headers)
    assert ids(listed) == jobs[::-1]
    assert "Link" not in listed.headers
    assert listed.headers["Cache-Control"] == "private, no-cache"
    oldest = listed.json()["jobs"][-1]
    assert oldest["status"] == "completed"
    assert oldest["duration_ms"] >= 0
    full = await client.get(f"/v1/jobs/{jobs[0]}", headers=person.headers)
    fields = JobSummary.model_fields.keys() | {"duration_ms", "job_id"}
    assert oldest == {name: value for name, value in full.json().items() if name in fields}
    assert Job.model_fields.keys() - JobSummary.model_fields.keys() == {"params", "result"}


async def test_nobody_sees_the_jobs_of_others(
    client: httpx.AsyncClient,
    queue: JobQueue,
    person: Person,
    sign_up: Callable[[], Awaitable[Person]],
    job_type: str,
) -> None:
    project_id = uuid4()
    await queue.enqueue(user_id=person.id, job_type=job_type, params={}, project_id=project_id)
    stranger = await sign_up()
    later = await enqueue(queue, stranger, job_type)
    from_there = (await client.get("/v1/jobs?limit=1", headers=person.headers)).json()["jobs"]
    assert from_there
    for query, seen in {
        "": [later],
        f"?job_type={job_type}": [later],
        f"?project_id={project_id}": [],
        "?status=pending&status=processing": [later],
    }.items():
        assert ids(await client.get(f"/v1/jobs{query}", headers=stranger.headers)) == seen


async def test_filters_all_have_to_hold(
    stack: StackInfo,
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    sql: Sql,
) -> None:
    types = [make_job_type(), make_job_type()]
    project_id = uuid4()

    async def never(job: RunningJob, params: Anything) -> Completed:
        raise AssertionError("a job was started")

    async def add(job_type: str, *, status: str, project: bool, age_hours: int) -> UUID:
        enqueued = await queue.enqueue(
            user_id=person.id,
            job_type=job_type,
            params={},
            project_id=project_id if project else None,
        )
        job_id = enqueued.job.id
        if status == "cancelled":
            await queue.cancel(job_id, person.id)
        if status == "processing":
            await queue.claim(claim_id=uuid4(), worker_id="w", max_jobs=1, job_types=[job_type])
        sql.execute(
            "update plan_generation_jobs set created_at = now() - make_interval(hours => %s) "
            "where id = %s",
            [age_hours, job_id],
        )
        return job_id

    running = await add(types[1], status="processing", project=False, age_hours=4)
    old = await add(types[0], status="cancelled", project=True, age_hours=3)
    waiting = await add(types[0], status="pending", project=True, age_hours=2)
    new = await add(types[1], status="pending", project=False, age_hours=1)

    since = (datetime.now(UTC) - timedelta(hours=2, minutes=30)).isoformat()
    job_types = {name: JobType(name, Anything, never) for name in types}
    app = create_app(make_settings(stack, api_runs_jobs=False), job_types)
    async with serve(app) as client:
        for filters, expected in (
            ({}, [new, waiting, old, running]),
            ({"status": "pending"}, [new, waiting]),
            ({"status": ["cancelled", "processing"]}, [old, running]),
            ({"job_type": types[0]}, [waiting, old]),
            ({"project_id": project_id}, [waiting, old]),
            ({"since": since}, [new, waiting]),
            ({"since": since, "job_type": types[0], "status": ["pending", "failed"]}, [waiting]),
            ({"since": since, "status": "cancelled"}, []),
        ):
            query = httpx.QueryParams(filters)  # pyright: ignore[reportArgumentType] - lists repeat
            answer = await client.get("/v1/jobs", params=query, headers=person.headers)
            assert ids(answer) == expected, filters


async def test_pages_hold_each_job_once_while_others_come_in(
    client: httpx.AsyncClient, queue: JobQueue, person: Person, job_type: str, sql: Sql
) -> None:
    sql.execute(
        "select enqueue_plan_job(%s, %s, '{}') from generate_series(1, 250)", [person.id, job_type]
    )
    rows = sql.execute(
        "select id from plan_generation_jobs where user_id = %s order by id desc", [person.id]
    ).fetchall()

    async def go_on_requesting() -> None:
        while True:
            await enqueue(queue, person, job_type)

    requesting = asyncio.create_task(go_on_requesting())
    seen: list[UUID] = []
    url = f"/v1/jobs?limit=30&status=pending&status=failed&job_type={job_type}"
    while url:
        page = await client.get(url, headers=person.headers)
        seen += ids(page)
        assert 1 <= len(ids(page)) <= 30
        url = page.links.get("next", {}).get("url", "")
        assert not url or url.startswith("/v1/jobs?")
    assert not requesting.done()
    requesting.cancel()
    assert len(seen) == len(set(seen))
    assert [job_id for job_id in seen if job_id in {row["id"] for row in rows}] == [
        row["id"] for row in rows
    ]


async def test_the_next_page_keeps_the_filters(
    client: httpx.AsyncClient, queue: JobQueue, person: Person, job_type: str
) -> None:
    for _ in range(2):
        await enqueue(queue, person, job_type)
    query = {"limit": "1", "status": ["pending", "failed"], "since": "2026-01-01T00:00:00+00:00"}
    page = await client.get("/api/v1/jobs", params=query, headers=person.headers)
    following = httpx.URL(page.links["next"]["url"])
    assert following.is_relative_url
    assert following.path == "/api/v1/jobs"
    kept = following.params.remove("cursor")
    assert kept == httpx.QueryParams(query)
    assert len(ids(await client.get(following, headers=person.headers))) == 1


async def test_a_last_page_that_is_full_has_no_next(
    client: httpx.AsyncClient, queue: JobQueue, person: Person, job_type: str
) -> None:
    for _ in range(2):
        await enqueue(queue, person, job_type)
    page = await client.get("/v1/jobs?limit=2", headers=person.headers)
    assert len(ids(page)) == 2
    assert "Link" not in page.headers


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=done", "query.status.0"),
        ("status=pending&status=", "query.status.1"),
        ("project_id=mine", "query.project_id"),
        ("since=yesterday", "query.since"),
        ("since=2026-01-01T00:00:00", "query.since"),
        ("limit=0", "query.limit"),
        ("limit=101", "query.limit"),
        ("limit=many", "query.limit"),
        ("cursor=", "query.cursor"),
        ("cursor=nonsense", "query.cursor"),
        ("cursor=%00", "query.cursor"),
        ("cursor=AAAAAAAAAAAAAAAAAAAAA", "query.cursor"),
        ("cursor=AAAAAAAAAAAAAAAAAAAAAAA", "query.cursor"),
        ("cursor=%C3%A9AAAAAAAAAAAAAAAAAAAAA", "query.cursor"),
        ("cursor=AAAAAAAAAAAAAAAAAAAAAA==", "query.cursor"),
        ("cursor=AAAAAAAAAAAAAAAAAAAAAB", "query.cursor"),
        ("cursor=AAAAAAAAAA AAAAAAAAAAAA", "query.cursor"),
        ("state=pending", "query.state"),
    ],
)
async def test_what_is_not_understood_is_refused(
    client: httpx.AsyncClient, person: Person, query: str, field: str
) -> None:
    refused = await client.get(f"/v1/jobs?{query}", headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert [error["field"] for error in refused.json()["errors"]] == [field]


@pytest.mark.parametrize("unknown", ["other", "", "%00", "a,b", "eq.x", "%F0%9F%9A%B4"])
async def test_an_unknown_job_type_is_refused(
    client: httpx.AsyncClient, person: Person, unknown: str
) -> None:
    refused = await client.get(f"/v1/jobs?job_type={unknown}", headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_job_type")
