"""How often each route asks Supabase: a request of a user is one question."""

from collections.abc import AsyncGenerator

import httpx
import pytest
from fastapi import FastAPI
from tests.api.worker import Worker
from tests.parts import Person, enqueue
from tests.serving import serve
from tests.wire import on_request

from supajobs.queue.job_queue import JobQueue


class Counted:
    """The API to one user, with the questions that it asked Supabase meanwhile."""

    def __init__(self, client: httpx.AsyncClient, app: FastAPI) -> None:
        self._client = client
        self._asked: list[str] = []
        on_request(app.state.find_parts().database, self._note)

    async def _note(self, request: httpx.Request) -> None:
        self._asked.append(request.url.path.removeprefix("/rest/v1/"))

    async def request(self, method: str, url: str, status: int, **options: object) -> list[str]:
        self._asked.clear()
        answer = await self._client.request(method, url, **options)  # pyright: ignore[reportArgumentType]
        assert answer.status_code == status
        return list(self._asked)


@pytest.fixture
async def counted(app: FastAPI, person: Person) -> AsyncGenerator[Counted]:
    async with serve(app) as client:
        client.headers.update(person.headers)
        await client.get("/v1/jobs")  # fetches the project's keys, once per process
        yield Counted(client, app)


TABLE = "plan_generation_jobs"
GET = "rpc/get_plan_job"


async def test_reading(
    counted: Counted, queue: JobQueue, worker: Worker, person: Person, job_type: str
) -> None:
    url = f"/v1/jobs/{await enqueue(queue, person, job_type)}"
    assert await counted.request("GET", url, 200) == [GET]
    assert await counted.request("GET", url, 304, headers={"If-None-Match": "*"}) == [GET]
    assert await counted.request("GET", f"{url}/status", 200) == [GET]
    in_all = await counted.request("GET", "/v1/jobs/queue-status", 200)
    assert in_all == ["rpc/describe_plan_user_queue"]
    assert await counted.request("GET", "/v1/jobs", 200) == [TABLE]
    assert await counted.request("GET", f"/v1/jobs/active?job_type={job_type}", 200) == [TABLE]
    claimed = await worker.claim()
    assert await counted.request("GET", url, 200) == [GET]
    await worker.complete(claimed)
    assert await counted.request("GET", url, 200) == [GET]
    assert await counted.request("GET", f"{url}?wait=60", 200) == [GET]


async def test_writing(counted: Counted, queue: JobQueue, person: Person, job_type: str) -> None:
    body = {"job_type": job_type}
    assert await counted.request("POST", "/v1/jobs", 201, json=body) == ["rpc/enqueue_plan_job"]
    url = f"/v1/jobs/{await enqueue(queue, person, job_type)}"
    assert await counted.request("DELETE", url, 200) == ["rpc/cancel_plan_job"]
    assert await counted.request("POST", f"{url}/retry", 200) == ["rpc/retry_plan_job"]


async def test_refusing(counted: Counted) -> None:
    for method, url in (("GET", "/v1/jobs/1"), ("GET", "/v1/jobs?limit=0"), ("POST", "/v1/jobs")):
        assert await counted.request(method, url, 422) == []
