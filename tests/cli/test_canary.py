"""The job that `supajobs setup` sends: how far it comes, and that nobody else can send one."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import httpx
import pytest
from tests.parts import Person, Sql, make_settings, settle
from tests.serving import eventually, serve

from supajobs.app import create_app
from supajobs.cli.setup.canary import CanaryError, send_canary
from supajobs.jobs import ClaimedJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed, Failed, JobError
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue

Claim = Callable[[], Awaitable[ClaimedJob]]


@pytest.fixture
def claim(queue: JobQueue) -> Claim:
    """Takes the canary that is sent, as a processor would."""

    async def look() -> list[ClaimedJob]:
        return await queue.claim(
            claim_id=uuid4(), worker_id="the worker", max_jobs=1, job_types=["canary"]
        )

    async def claim() -> ClaimedJob:
        [job] = await eventually(look)
        return job

    return claim


def assert_nothing_is_left(sql: Sql) -> None:
    assert sql.execute("select from auth.users where email like '%canary%'").fetchall() == []
    for table in ("plan_generation_jobs", "plan_job_attempts"):
        left = sql.execute(f"select from {table} where job_type = 'canary'".encode())
        assert left.fetchall() == []


async def test_a_processor_completes_it(stack: StackInfo, database: Database, sql: Sql) -> None:
    async with serve(create_app(make_settings(stack))) as api:
        sending = asyncio.create_task(send_canary(database, timeout=10))
        headers = {"Authorization": "Bearer a-secret-for-the-trigger"}
        while not sending.done():
            await api.post("/v1/queue/process", headers=headers)
            await asyncio.sleep(0.1)
    job = await sending
    assert job.worker_id
    assert job.started_at
    assert job.started_at >= job.created_at
    assert_nothing_is_left(sql)


async def test_nobody_takes_it(database: Database, sql: Sql) -> None:
    with pytest.raises(CanaryError, match=r"No processor took the canary in 1 s\.") as refused:
        await send_canary(database, timeout=1)
    assert "supajobs work" in refused.value.remedy
    assert_nothing_is_left(sql)


async def test_it_is_taken_and_not_completed(database: Database, sql: Sql, claim: Claim) -> None:
    sending = asyncio.create_task(send_canary(database, timeout=2))
    await claim()
    with pytest.raises(CanaryError, match="the worker took the canary, and had not completed it"):
        await sending
    assert_nothing_is_left(sql)


async def test_it_fails(database: Database, queue: JobQueue, sql: Sql, claim: Claim) -> None:
    sending = asyncio.create_task(send_canary(database, timeout=10))
    error = JobError(code="no_room", message="There is none")
    await settle(queue, await claim(), Failed(error, retryable=False))
    with pytest.raises(CanaryError, match="ended as failed: no_room: There is none"):
        await sending
    assert_nothing_is_left(sql)


async def test_somebody_deletes_it(database: Database, sql: Sql) -> None:
    sending = asyncio.create_task(send_canary(database, timeout=10))
    delete = "delete from plan_generation_jobs where job_type = 'canary' returning id"
    await eventually(lambda: sql.execute(delete).fetchall())
    with pytest.raises(CanaryError, match="Somebody deleted the canary"):
        await sending
    assert_nothing_is_left(sql)


async def test_it_is_called_off(database: Database, sql: Sql, claim: Claim) -> None:
    sending = asyncio.create_task(send_canary(database, timeout=10))
    await claim()
    sending.cancel()
    await asyncio.wait({sending})
    assert sending.cancelled()
    assert_nothing_is_left(sql)


async def test_a_trigger_of_the_project_refuses_its_user(
    stack: StackInfo, database: Database
) -> None:
    with Sql.connect(stack.superuser_db_url, autocommit=True) as superuser:
        superuser.execute(
            "create function pg_temp.refuse() returns trigger language plpgsql as "
            "$$begin raise exception 'no profile'; end$$; "
            "create trigger refuse before insert on auth.users "
            "for each row execute function pg_temp.refuse()"
        )
        try:
            with pytest.raises(CanaryError, match="No user could be made") as refused:
                await send_canary(database, timeout=1)
        finally:
            superuser.execute("drop trigger refuse on auth.users")
    assert "auth.users" in refused.value.remedy


async def test_no_user_can_ask_for_one(api: httpx.AsyncClient, person: Person) -> None:
    tools = (await api.get("/v1/tools", headers=person.headers)).json()["tools"]
    assert "canary" not in {tool["name"] for tool in tools}
    for path, body in (("/v1/jobs", {"job_type": "canary"}), ("/v1/tools/canary", {})):
        answer = await api.post(path, json=body, headers=person.headers)
        assert answer.status_code in {404, 422}
        assert answer.json()["code"] in {"tool_not_found", "unknown_job_type"}


async def test_it_costs_a_user_nothing(
    queue: JobQueue, claim: Claim, person: Person, sql: Sql
) -> None:
    await queue.enqueue(user_id=person.id, job_type="canary", params={})
    await settle(queue, await claim(), Completed())
    assert sql.execute("select from plan_job_costs where job_type = 'canary'").fetchall() == []
    sql.execute("delete from plan_generation_jobs where job_type = 'canary'")
