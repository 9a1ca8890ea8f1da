"""X-Provider-Key: a user's own key, from the request to its end."""

from collections.abc import AsyncGenerator, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.fernet import Fernet
from fastapi import FastAPI
from psycopg.sql import SQL, Identifier
from tests.api.worker import Anything
from tests.parts import CRON_SECRET, Person, Sql, make_settings
from tests.serving import serve

from supajobs.app import create_app
from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed, PermanentError

KEY = "sk-of-the-user-0123456789"
OTHER_KEY = "sk-another-of-the-user-987"


@pytest.fixture
def job_type(make_job_type: Callable[..., str]) -> str:
    return make_job_type(allows_provider_key=True)


@pytest.fixture
def seen() -> list[str | None]:
    """The keys that jobs were run with, in the order of their runs."""
    return []


@pytest.fixture
def app(stack: StackInfo, job_type: str, seen: list[str | None]) -> FastAPI:
    """Its handler notes its key; it refuses the first time, if it is asked to."""
    settings = make_settings(
        stack, api_runs_jobs=False, provider_key_secret=Fernet.generate_key().decode()
    )

    async def handle(job: RunningJob, params: Anything) -> Completed:
        key = await job.provider_key()
        seen.append(key.get_secret_value() if key else None)
        if params.model_dump().get("refuse") and len(seen) == 1:
            raise PermanentError("Not today.")
        return Completed(result="done")

    return create_app(settings, {job_type: JobType(job_type, Anything, handle)})


@pytest.fixture
async def unset_api(stack: StackInfo, job_type: str) -> AsyncGenerator[httpx.AsyncClient]:
    """An API without PROVIDER_KEY_SECRET."""

    async def never(job: RunningJob, params: Anything) -> Completed:
        raise AssertionError("a job was started")

    settings = make_settings(stack, api_runs_jobs=False)
    async with serve(
        create_app(settings, {job_type: JobType(job_type, Anything, never)})
    ) as client:
        yield client


async def run(client: httpx.AsyncClient, person: Person, job_id: str) -> Any:
    """The job after its run."""
    processed = await client.post(
        "/v1/queue/process",
        json={"time_budget_seconds": 10},
        headers={"Authorization": f"Bearer {CRON_SECRET}"},
    )
    assert processed.status_code == 200
    return (await client.get(f"/v1/jobs/{job_id}", headers=person.headers)).json()


def find_text(sql: Sql, text: str) -> list[str]:
    """The tables of the database that hold this text anywhere."""
    tables = sql.execute(
        "select schemaname, tablename from pg_tables "
        "where schemaname not in ('pg_catalog', 'information_schema')"
    ).fetchall()
    return [
        table["tablename"]
        for table in tables
        if sql.execute(
            SQL("select from {} as row where row::text like %s limit 1").format(
                Identifier(table["schemaname"], table["tablename"])
            ),
            [f"%{text}%"],
        ).rowcount
    ]


async def test_a_key_reaches_the_handler_and_is_nowhere_before_or_after(
    client: httpx.AsyncClient,
    person: Person,
    job_type: str,
    seen: list[str | None],
    sql: Sql,
    capfd: pytest.CaptureFixture[str],
) -> None:
    headers = {**person.headers, "X-Provider-Key": KEY}
    created = await client.post("/v1/jobs", json={"job_type": job_type}, headers=headers)
    assert created.status_code == 201
    job_id = created.json()["id"]
    [stored] = sql.execute(
        "select * from supajobs.provider_keys where job_id = %s", [job_id]
    ).fetchall()
    ciphertext = stored["ciphertext"]
    assert find_text(sql, ciphertext) == ["provider_keys"]
    assert find_text(sql, KEY) == []

    job = await run(client, person, job_id)
    assert (job["status"], job["result"]) == ("completed", "done")
    assert seen == [KEY]
    assert find_text(sql, ciphertext) == find_text(sql, KEY) == []
    listed = await client.get("/v1/jobs", headers=person.headers)
    printed = "".join(capfd.readouterr())
    for secret in (KEY, ciphertext):
        assert secret not in f"{created.text}{job}{listed.text}{printed}"


async def test_a_job_without_a_key_runs_without_one(
    client: httpx.AsyncClient, person: Person, job_type: str, seen: list[str | None]
) -> None:
    created = await client.post("/v1/jobs", json={"job_type": job_type}, headers=person.headers)
    await run(client, person, created.json()["id"])
    assert seen == [None]


async def test_a_repeated_request_gets_the_job_and_leaves_its_key(
    client: httpx.AsyncClient, person: Person, job_type: str, seen: list[str | None]
) -> None:
    answers = [
        await client.post(
            "/v1/jobs",
            json={"job_type": job_type},
            headers={**person.headers, "Idempotency-Key": "one", **more},
        )
        for more in ({"X-Provider-Key": KEY}, {"X-Provider-Key": OTHER_KEY}, {})
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    [job_id] = {answer.json()["id"] for answer in answers}
    await run(client, person, job_id)
    assert seen == [KEY]


async def test_a_retry_needs_the_key_again(
    client: httpx.AsyncClient, person: Person, job_type: str, seen: list[str | None], sql: Sql
) -> None:
    created = await client.post(
        "/v1/jobs",
        json={"job_type": job_type, "params": {"refuse": True}},
        headers={**person.headers, "X-Provider-Key": KEY},
    )
    job_id = created.json()["id"]
    assert (await run(client, person, job_id))["status"] == "failed"
    assert (
        sql.execute("select from supajobs.provider_keys where job_id = %s", [job_id]).rowcount == 0
    )

    address = f"/v1/jobs/{job_id}/retry"
    refused = await client.post(address, headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "provider_key_required")
    headers = {**person.headers, "X-Provider-Key": OTHER_KEY}
    retried = await client.post(address, headers=headers)
    assert (retried.status_code, retried.json()["status"]) == (200, "pending")
    # As it would be if the first answer was lost:
    again = await client.post(address, headers={**person.headers, "X-Provider-Key": KEY})
    assert (again.status_code, again.json()) == (200, retried.json())
    assert (await run(client, person, job_id))["status"] == "completed"
    assert seen == [KEY, OTHER_KEY]


@pytest.mark.parametrize(
    "key", ["short", "x" * 513, "sk with spaces", "sk-ünicode-key", "sk-\ttab-key"]
)
async def test_what_cannot_be_a_key_is_refused_and_not_told(
    client: httpx.AsyncClient, person: Person, job_type: str, key: str
) -> None:
    refused = await client.post(
        "/v1/jobs",
        json={"job_type": job_type},
        headers=[
            *((name.encode(), value.encode()) for name, value in person.headers.items()),
            (b"X-Provider-Key", key.encode("latin-1")),
        ],
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert [error["field"] for error in refused.json()["errors"]] == ["header.X-Provider-Key"]
    assert key not in refused.text


async def test_a_type_that_takes_no_keys_refuses_them(
    client: httpx.AsyncClient, person: Person, job_type: str, sql: Sql
) -> None:
    sql.execute(
        "update plan_job_types set allows_provider_key = false where job_type = %s", [job_type]
    )
    headers = {**person.headers, "X-Provider-Key": KEY}
    refused = await client.post("/v1/jobs", json={"job_type": job_type}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "provider_key_not_allowed")
    created = await client.post("/v1/jobs", json={"job_type": job_type}, headers=person.headers)
    job_id = created.json()["id"]
    await client.delete(f"/v1/jobs/{job_id}", headers=person.headers)
    refused = await client.post(f"/v1/jobs/{job_id}/retry", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "provider_key_not_allowed")


async def test_a_plan_may_be_written_on_ones_own_key(
    stack: StackInfo, person: Person, sql: Sql
) -> None:
    allow = "update plan_job_types set allows_provider_key = %s where job_type = 'training_plan'"
    profile = {"athlete_profile": {"ftp": 265, "weight_kg": 70, "age": 35}}
    settings = make_settings(
        stack, api_runs_jobs=False, provider_key_secret=Fernet.generate_key().decode()
    )
    headers = {**person.headers, "X-Provider-Key": KEY}
    async with serve(create_app(settings)) as client:
        refused = await client.post("/v1/plan/generate", json=profile, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "provider_key_not_allowed")
        sql.execute(allow, [True])
        try:
            asked = await client.post("/v1/plan/generate", json=profile, headers=headers)
        finally:
            sql.execute(allow, [False])
    assert asked.status_code == 202
    job_id = UUID(asked.json()["job_id"])
    assert (
        sql.execute("select from supajobs.provider_keys where job_id = %s", [job_id]).rowcount == 1
    )


async def test_a_server_without_a_secret_takes_no_keys(
    unset_api: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    refused = await unset_api.post(
        "/v1/jobs",
        json={"job_type": job_type},
        headers={**person.headers, "X-Provider-Key": KEY},
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "provider_keys_not_offered")
