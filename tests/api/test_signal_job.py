from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.api.worker import Worker
from tests.parts import Person, Sql, enqueue, settle

from supajobs.outcomes import Suspended
from supajobs.queue.job_queue import JobQueue

ReadJob = Callable[[UUID], Mapping[str, Any]]


async def suspend(queue: JobQueue, worker: Worker) -> None:
    job = await worker.claim()
    waiting = Suspended("approval", kind="signal", seconds=3600)
    assert (await settle(queue, job, waiting)).outcome == "suspended"


async def test_a_job_is_told_what_it_waits_for(
    client: httpx.AsyncClient,
    queue: JobQueue,
    worker: Worker,
    person: Person,
    job_type: str,
) -> None:
    url = f"/v1/jobs/{await enqueue(queue, person, job_type)}"
    await suspend(queue, worker)
    shown = (await client.get(url, headers=person.headers)).json()
    assert (shown["status"], shown["waiting_for"]) == ("pending", "approval")
    assert shown["position_in_queue"] is None
    listed = (await client.get("/v1/jobs", headers=person.headers)).json()["jobs"]
    assert listed[0]["waiting_for"] == "approval"

    told = await client.post(f"{url}/signals/approval", headers=person.headers, json={"by": "Ada"})
    assert told.status_code == 201
    answer = told.json()
    assert (answer["existing"], answer["payload"]) == (False, {"by": "Ada"})
    assert answer["job"]["waiting_for"] is None
    again = await client.post(f"{url}/signals/approval", headers=person.headers, json="other")
    assert (again.status_code, again.json()["existing"]) == (200, True)
    assert again.json()["payload"] == {"by": "Ada"}


@pytest.mark.parametrize(("body", "payload"), [(b"", None), (b"null", None), (b"[1]", [1])])
async def test_any_json_is_a_payload(
    body: bytes,
    payload: Any,
    client: httpx.AsyncClient,
    queue: JobQueue,
    person: Person,
    job_type: str,
) -> None:
    url = f"/v1/jobs/{await enqueue(queue, person, job_type)}/signals/approval"
    headers = {**person.headers, "Content-Type": "application/json"}
    told = await client.post(url, headers=headers, content=body)
    assert (told.status_code, told.json()["payload"]) == (201, payload)


async def test_what_comes_too_late_is_a_conflict(
    client: httpx.AsyncClient,
    queue: JobQueue,
    worker: Worker,
    person: Person,
    job_type: str,
    sql: Sql,
) -> None:
    job_id = await enqueue(queue, person, job_type)
    await suspend(queue, worker)
    sql.execute("update supajobs.waits set until = now() where job_id = %s", [job_id])
    url = f"/v1/jobs/{job_id}/signals/approval"
    late = await client.post(url, headers=person.headers, json=1)
    assert (late.status_code, late.json()["code"]) == (409, "signal_too_late")
    await client.delete(f"/v1/jobs/{job_id}", headers=person.headers)
    ended = await client.post(url, headers=person.headers, json=1)
    assert (ended.status_code, ended.json()["code"]) == (409, "job_finished")


async def test_somebody_elses_job_is_not_there(
    client: httpx.AsyncClient,
    queue: JobQueue,
    person: Person,
    sign_up: Callable[[], Awaitable[Person]],
    job_type: str,
) -> None:
    theirs = await enqueue(queue, await sign_up(), job_type)
    for job_id in (theirs, uuid4()):
        url = f"/v1/jobs/{job_id}/signals/approval"
        refused = await client.post(url, headers=person.headers, json=1)
        assert (refused.status_code, refused.json()["code"]) == (404, "job_not_found")


@pytest.mark.parametrize(
    ("name", "payload"),
    [("x" * 256, 1), ("approval", "x" * 16_384), ("approval", "a\x00b"), ("a%00b", 1)],
    ids=["long name", "long payload", "a NUL in it", "a NUL in the name"],
)
async def test_what_cannot_be_kept_is_refused(
    name: str,
    payload: Any,
    client: httpx.AsyncClient,
    queue: JobQueue,
    person: Person,
    job_type: str,
) -> None:
    url = f"/v1/jobs/{await enqueue(queue, person, job_type)}/signals/{name}"
    refused = await client.post(url, headers=person.headers, json=payload)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def test_a_name_may_have_a_slash(
    client: httpx.AsyncClient, queue: JobQueue, person: Person, job_type: str
) -> None:
    url = f"/v1/jobs/{await enqueue(queue, person, job_type)}/signals"
    for name in ("chapters/2", "chapters%2F3"):
        told = await client.post(f"{url}/{name}", headers=person.headers)
        assert told.status_code == 201
    again = await client.post(f"{url}/chapters/3", headers=person.headers)
    assert again.status_code == 200
