from collections.abc import Awaitable, Callable

import httpx
from tests.api.worker import Worker
from tests.parts import Person, enqueue

from supajobs.queue.job_queue import JobQueue


async def test_the_newest_job_on_its_way(
    client: httpx.AsyncClient,
    queue: JobQueue,
    worker: Worker,
    person: Person,
    sign_up: Callable[[], Awaitable[Person]],
    job_type: str,
) -> None:
    async def get_active() -> str | None:
        url = f"/v1/jobs/active?job_type={job_type}"
        answer = await client.get(url, headers=person.headers)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-cache"
        job = answer.json()["job"]
        return job and job["id"]

    assert await get_active() is None
    await enqueue(queue, await sign_up(), job_type)
    assert await get_active() is None
    older = await enqueue(queue, person, job_type)
    newer = await enqueue(queue, person, job_type)
    assert await get_active() == str(newer)
    await queue.cancel(newer, person.id)
    assert await get_active() == str(older)
    await worker.complete(await worker.claim())  # the stranger's
    await worker.complete(await worker.claim())
    assert await get_active() is None


async def test_it_is_the_whole_job(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    request = {"job_type": job_type, "params": {"a": 1}}
    created = await client.post("/v1/jobs", json=request, headers=person.headers)
    active = await client.get(f"/v1/jobs/active?job_type={job_type}", headers=person.headers)
    asked = {"existing", "why", "differs"}  # is of the request, not of the job
    job = {name: value for name, value in created.json().items() if name not in asked}
    assert active.json() == {"job": job}


async def test_no_type_is_meant_if_none_is_said(client: httpx.AsyncClient, person: Person) -> None:
    refused = await client.get("/v1/jobs/active", headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert [error["field"] for error in refused.json()["errors"]] == ["query.job_type"]


async def test_an_unknown_job_type_is_refused(client: httpx.AsyncClient, person: Person) -> None:
    for unknown in ("other", "%00", ""):
        refused = await client.get(f"/v1/jobs/active?job_type={unknown}", headers=person.headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown_job_type")
