"""Jobs without a user: the service's own, and nobody else's."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
from tests.parts import TLS, NoParams, Person, Sql, enqueue, make_processor

from supajobs.job_types import JobType, RunningJob
from supajobs.jobs import JobStatus
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed, UnavailableError, Usage
from supajobs.queue.job_queue import JobQueue

MakeJobType = Callable[..., str]


async def enqueue_for_nobody(queue: JobQueue, job_type: str) -> UUID:
    return (await queue.enqueue(user_id=None, job_type=job_type, params={})).job.id


async def test_a_job_without_a_user_runs_through_an_error_to_its_end(
    queue: JobQueue, make_job_type: MakeJobType, sql: Sql
) -> None:
    name = make_job_type(notifies=True, backoff_base_seconds=0)
    owners: list[UUID | None] = []

    async def clean_up(job: RunningJob, params: NoParams) -> Completed:
        owners.append(job.user_id)
        job.spend(Usage(model="m", cost_usd=0.5))
        if job.attempt == 1:
            raise UnavailableError
        return Completed(result={"deleted": 3})

    job_id = await enqueue_for_nobody(queue, name)
    processor = make_processor(queue, JobType(name, NoParams, clean_up))
    assert await processor.drain() == {"retrying": 1, "completed": 1}

    job = (await queue.get(job_id, None)).job
    assert job
    assert (job.user_id, job.status) == (None, JobStatus.COMPLETED)
    assert job.result == {"deleted": 3}
    assert owners == [None, None]
    [spent] = sql.execute(
        "select cost_usd::float as usd from plan_user_costs where user_id is null "
        "and job_type = %s",
        [name],
    ).fetchall()
    assert spent == {"usd": 1.0}
    told = sql.execute("select from supajobs.notifications where job_id = %s", [job_id])
    assert told.rowcount == 0


async def test_it_is_cancelled_and_retried_in_nobodys_name(
    queue: JobQueue, person: Person, make_job_type: MakeJobType
) -> None:
    name = make_job_type()
    job_id = await enqueue_for_nobody(queue, name)
    active = await queue.get_active(None, name)
    assert active
    assert active.id == job_id
    assert (await queue.cancel(job_id, person.id)).outcome == "not_found"
    assert (await queue.cancel(job_id, None)).outcome == "cancelled"
    assert (await queue.retry(job_id, person.id)).outcome == "not_found"
    assert (await queue.retry(job_id, None)).outcome == "retried"


async def test_users_and_strangers_see_only_what_is_not_the_systems(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    stack: StackInfo,
    api: httpx.AsyncClient,
) -> None:
    name = make_job_type()
    job_id, own_id = await enqueue_for_nobody(queue, name), await enqueue(queue, person, name)

    seen = await person.supabase.from_("plan_generation_jobs").select("id").execute()
    assert [UUID(job["id"]) for job in seen.data] == [own_id]  # pyright: ignore[reportArgumentType, reportCallIssue, reportIndexIssue, reportOptionalSubscript] - supabase's JSON
    anonymous = {"apikey": stack.publishable_key}
    async with httpx.AsyncClient(base_url=stack.api_url, headers=anonymous, verify=TLS) as http:
        refused = await http.get("/rest/v1/plan_generation_jobs?select=id")
        assert refused.is_client_error, refused.text
        for headers in ({}, person.headers):
            asked: dict[str, Any] = {"p_user_id": None, "p_job_type": name, "p_params": {}}
            refused = await http.post("/rest/v1/rpc/enqueue_plan_job", json=asked, headers=headers)
            assert refused.is_client_error, refused.text

    for method, path in (
        ("GET", f"/v1/jobs/{job_id}"),
        ("DELETE", f"/v1/jobs/{job_id}"),
        ("POST", f"/v1/jobs/{job_id}/retry"),
        ("GET", f"/v1/jobs/{job_id}/events"),
    ):
        answer = await api.request(method, path, headers=person.headers)
        assert answer.status_code == 404, answer.text
    listed = (await api.get("/v1/jobs", headers=person.headers)).json()["jobs"]
    assert [UUID(job["id"]) for job in listed] == [own_id]


async def test_no_request_of_a_user_makes_one(person: Person, api: httpx.AsyncClient) -> None:
    body: dict[str, Any] = {"job_type": "training_plan", "params": {}, "user_id": None}
    refused = await api.post("/v1/jobs", json=body, headers=person.headers)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "user_id"


async def test_the_system_and_users_take_turns(
    queue: JobQueue,
    sign_up: Callable[[], Awaitable[Person]],
    make_job_type: MakeJobType,
) -> None:
    name = make_job_type()
    people = [await sign_up(), await sign_up()]
    for _ in range(5):
        await enqueue_for_nobody(queue, name)
    for person in people * 2:
        await enqueue(queue, person, name)

    claimed = await queue.claim(claim_id=uuid4(), worker_id="w", max_jobs=9, job_types=[name])
    one, two = (person.id for person in people)
    assert [job.user_id for job in claimed] == [None, one, two, None, one, two, None, None, None]


async def test_the_deletion_of_a_user_leaves_it(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql
) -> None:
    name = make_job_type()
    job_id, own_id = await enqueue_for_nobody(queue, name), await enqueue(queue, person, name)
    sql.execute("delete from auth.users where id = %s", [person.id])
    assert (await queue.get(job_id, None)).job
    assert (await queue.get(own_id, person.id)).job is None
