"""What clients of the project may see: through supabase-py, as user A, user B and nobody."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from postgrest.exceptions import APIError
from supabase import AsyncClient, AsyncClientOptions
from tests.parts import Person, settle

from supajobs.jobs import Job
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.job_queue import JobQueue

JOB_COLUMNS = ",".join(Job.model_fields)


@pytest.fixture
async def nobody(stack: StackInfo) -> AsyncGenerator[AsyncClient]:
    async with httpx.AsyncClient() as http:
        options = AsyncClientOptions(httpx_client=http, auto_refresh_token=False)
        yield await AsyncClient.create(stack.api_url, stack.publishable_key, options)


@pytest.fixture
async def service(stack: StackInfo) -> AsyncGenerator[AsyncClient]:
    async with httpx.AsyncClient() as http:
        options = AsyncClientOptions(httpx_client=http, auto_refresh_token=False)
        yield await AsyncClient.create(stack.api_url, stack.secret_key, options)


async def read(client: AsyncClient, table: str, columns: str) -> list[Any]:
    answer = await client.from_(table).select(columns).execute()
    return list(answer.data)


async def test_users_see_their_own_jobs_and_plans_alone(
    queue: JobQueue,
    sign_up: Callable[[], Awaitable[Person]],
    make_job_type: Callable[..., str],
) -> None:
    job_type = make_job_type()
    user_a, user_b = await sign_up(), await sign_up()
    for person in (user_a, user_b):
        await queue.enqueue(user_id=person.id, job_type=job_type, params={"of": str(person.id)})
    for job in await queue.claim(claim_id=uuid4(), worker_id="w", max_jobs=2, job_types=[job_type]):
        await settle(queue, job, Completed(plan={"of": str(job.user_id)}))

    for person in (user_a, user_b):
        [job] = await read(person.supabase, "plan_generation_jobs", JOB_COLUMNS)
        assert job["params"] == {"of": str(person.id)}
        assert Job.model_validate(job).user_id == person.id
        [plan] = await read(person.supabase, "weekly_base_plans", "*")
        assert plan["plan"] == {"of": str(person.id)}
        assert plan["id"] == job["plan_id"]


@pytest.mark.parametrize(
    "column", ["claim_id", "worker_id", "lease_expires_at", "dedupe_key", "crash_count", "usage"]
)
async def test_users_do_not_see_the_inside_of_a_job(person: Person, column: str) -> None:
    with pytest.raises(APIError) as refused:
        await read(person.supabase, "plan_generation_jobs", column)
    assert refused.value.code == "42501"


@pytest.mark.parametrize(
    "table",
    [
        "plan_generation_jobs",
        "weekly_base_plans",
        "plan_job_types",
        "plan_job_costs",
        "plan_job_messages",
    ],
)
async def test_nobody_sees_nothing_and_users_write_nothing(
    nobody: AsyncClient, person: Person, table: str
) -> None:
    with pytest.raises(APIError) as unseen:
        await read(nobody, table, "*")
    assert unseen.value.code == "42501"
    row = {"user_id": str(person.id), "job_type": "x"}
    for write in (
        person.supabase.from_(table).insert(row),
        person.supabase.from_(table).update(row).eq("user_id", str(person.id)),
        person.supabase.from_(table).delete().eq("user_id", str(person.id)),
    ):
        with pytest.raises(APIError) as refused:
            await write.execute()
        # 42703/PGRST204: the table has no such column, which is said before rights are looked at.
        assert refused.value.code in {"42501", "42703", "PGRST204"}


@pytest.mark.parametrize(
    "table",
    [
        "lanes",
        "notifications",
        "processors",
        "provider_keys",
        "steps",
        "sweep",
        "trigger_calls",
        "trigger_schedules",
        "unsuccessful_attempts",
        "wake",
    ],
)
async def test_what_is_internal_is_not_served(
    nobody: AsyncClient, person: Person, service: AsyncClient, table: str
) -> None:
    for client in (nobody, person.supabase, service):
        with pytest.raises(APIError) as unknown:
            await read(client, table, "*")
        assert unknown.value.code == "PGRST205"
        with pytest.raises(APIError) as refused:
            await client.schema("supajobs").from_(table).select("*").execute()
        assert refused.value.code == "PGRST106"


@pytest.mark.parametrize(
    "view",
    [
        "plan_job_steps",
        "plan_job_notifications",
        "plan_jobs_active",
        "plan_jobs_stuck",
        "plan_job_attempts",
        "plan_job_errors",
        "plan_jobs_per_hour",
        "plan_job_durations",
        "plan_job_timeline",
        "plan_trigger_health",
    ],
)
async def test_the_views_of_the_queue_are_for_the_server(
    nobody: AsyncClient, person: Person, view: str
) -> None:
    for client in (nobody, person.supabase):
        with pytest.raises(APIError) as refused:
            await read(client, view, "*")
        assert refused.value.code == "42501"


@pytest.mark.parametrize(
    ("function", "params"),
    [
        ("claim_plan_jobs", {"p_claim_id": str(uuid4()), "p_worker_id": "me"}),
        ("claim_next_plan_job", {"p_worker_id": "me"}),
        ("enqueue_plan_job", {"p_user_id": str(uuid4()), "p_job_type": "x", "p_params": {}}),
        ("complete_plan_job", {"p_job_id": str(uuid4()), "p_claim_id": str(uuid4())}),
        ("cancel_plan_job", {"p_job_id": str(uuid4()), "p_user_id": str(uuid4())}),
        ("get_plan_job_key", {"p_job_id": str(uuid4()), "p_claim_id": str(uuid4())}),
        ("cleanup_expired_plan_jobs", {}),
        ("describe_plan_schema", {}),
        ("set_up_plan_job_processing", {"p_process_url": "https://x", "p_cron_secret": "x"}),
        ("describe_plan_triggers", {}),
        ("forget_plan_processor", {"p_worker_id": "me"}),
        ("pause_plan_jobs", {}),
        ("resume_plan_jobs", {}),
    ],
)
async def test_the_functions_are_for_the_server(
    nobody: AsyncClient, person: Person, function: str, params: dict[str, Any]
) -> None:
    for client in (nobody, person.supabase):
        with pytest.raises(APIError) as refused:
            await client.rpc(function, params).execute()
        assert refused.value.code == "42501"
