import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from tests.api.worker import Worker
from tests.parts import Person, Sql, enqueue
from tests.serving import eventually
from tests.wire import on_request

from supajobs.jobs import Job
from supajobs.queue.job_queue import JobQueue

Get = Callable[..., Coroutine[Any, Any, httpx.Response]]


@pytest.fixture
async def job_id(queue: JobQueue, person: Person, job_type: str) -> UUID:
    return await enqueue(queue, person, job_type, text="as requested")


@pytest.fixture
def get(client: httpx.AsyncClient, person: Person, job_id: UUID) -> Get:
    """Gets the job, with the query and the headers given."""

    async def get(headers: Mapping[str, str] | None = None, **query: object) -> httpx.Response:
        return await client.get(
            f"/v1/jobs/{job_id}",
            params={name: str(value) for name, value in query.items()},
            headers={**person.headers, **(headers or {})},
        )

    return get


async def test_a_waiting_job_tells_its_place_and_what_is_expected(
    client: httpx.AsyncClient, queue: JobQueue, worker: Worker, person: Person, job_type: str
) -> None:
    async def get() -> Any:
        url = f"/v1/jobs/{await enqueue(queue, person, job_type)}"
        return (await client.get(url, headers=person.headers)).json()

    first = await get()
    assert (first["position_in_queue"], first["estimated_duration"]) == (1, None)
    await worker.complete(await worker.claim())
    assert (await get())["position_in_queue"] == 1
    second = await get()
    assert (second["status"], second["position_in_queue"]) == ("pending", 2)
    assert second["estimated_duration"] >= 0
    assert second["estimated_completion_at"] >= second["created_at"]


async def test_nothing_is_expected_of_a_job_that_starts_just_after_the_wait(
    app: FastAPI,
    client: httpx.AsyncClient,
    queue: JobQueue,
    worker: Worker,
    person: Person,
    job_type: str,
) -> None:
    await enqueue(queue, person, job_type)
    await worker.complete(await worker.claim())  # now there is a usual duration
    url = f"/v1/jobs/{await enqueue(queue, person, job_type)}"

    async def claim_first(request: httpx.Request) -> None:
        if request.url.path.endswith("plan_job_position"):
            await worker.claim()

    on_request(app.state.find_parts().database, claim_first)
    job = (await client.get(url, headers=person.headers, params={"wait": 1})).json()
    assert job["status"] == "pending"
    assert (job["estimated_duration"], job["estimated_completion_at"]) == (None, None)


async def test_a_running_job_has_progress_and_no_place(get: Get, worker: Worker) -> None:
    await worker.beat(await worker.claim(), 42)
    job = (await get()).json()
    assert (job["status"], job["progress"]["percentage"]) == ("processing", 42)
    assert (job["position_in_queue"], job["estimated_duration"], job["duration_ms"]) == (None,) * 3


async def test_a_completed_job_has_its_result_and_duration(
    get: Get, worker: Worker, job_id: UUID, read_job: Callable[[UUID], Mapping[str, Any]]
) -> None:
    await worker.complete(await worker.claim(), {"answer": 42})
    job = (await get()).json()
    assert (job["status"], job["result"]) == ("completed", {"answer": 42})
    row = read_job(job_id)
    took: timedelta = row["completed_at"] - row["started_at"]
    assert job["duration_ms"] == took // timedelta(milliseconds=1)


async def test_the_etag_changes_with_what_can_be_seen(get: Get, worker: Worker) -> None:
    pending = await get()
    claimed = await worker.claim()
    running = await get()
    await worker.beat(claimed, 10)
    at_10 = await get()
    await worker.beat(claimed)
    lively = await get()
    await worker.complete(claimed, "done")
    completed = await get()
    tags = [each.headers["ETag"] for each in (pending, running, at_10, completed)]
    assert len(set(tags)) == 4
    assert all(tag.startswith('W/"') for tag in tags)
    assert lively.headers["ETag"] == at_10.headers["ETag"]
    assert lively.json()["updated_at"] > at_10.json()["updated_at"]


async def test_the_etag_changes_with_the_place_in_the_queue(
    client: httpx.AsyncClient,
    queue: JobQueue,
    worker: Worker,
    sign_up: Callable[[], Awaitable[Person]],
    job_type: str,
) -> None:
    first, second = await sign_up(), await sign_up()
    await enqueue(queue, first, job_type)
    url = f"/v1/jobs/{await enqueue(queue, second, job_type)}"
    behind = await client.get(url, headers=second.headers)
    await worker.claim()
    ahead = await client.get(url, headers=second.headers)
    assert (behind.json()["position_in_queue"], ahead.json()["position_in_queue"]) == (2, 1)
    assert behind.headers["ETag"] != ahead.headers["ETag"]
    for seen, wait, status in (
        (behind, 0, 200),
        (ahead, 0, 304),
        (behind, 60, 200),
        (ahead, 1, 304),
    ):
        headers = {**second.headers, "If-None-Match": seen.headers["ETag"]}
        again = await client.get(url, headers=headers, params={"wait": wait})
        assert again.status_code == status


async def test_floats_do_not_change_the_version(
    client: httpx.AsyncClient, queue: JobQueue, person: Person, job_type: str
) -> None:
    job_id = await enqueue(queue, person, job_type, numbers=[1.0, -0.5, 1e20, 0.1])
    version = (await client.get(f"/v1/jobs/{job_id}", headers=person.headers)).headers["ETag"]
    async with client.stream("GET", f"/v1/jobs/{job_id}/events", headers=person.headers) as events:
        lines = events.aiter_lines()
        while not (line := await anext(lines)).startswith("id: "):
            pass
    assert version == f'W/"{line.removeprefix("id: ")}.1"'


@pytest.mark.parametrize(
    ("if_none_match", "status"),
    [
        ('W/"{version}"', 304),
        ('"{version}"', 304),
        ('"other", W/"{version}", "more"', 304),
        ("*", 304),
        ('W/"other"', 200),
        ("{version}", 200),
        ('"a*"', 200),
        ("", 200),
    ],
)
async def test_who_has_the_present_state_is_not_sent_it_again(
    get: Get, if_none_match: str, status: int
) -> None:
    fresh = await get()
    version = fresh.headers["ETag"].removeprefix("W/").strip('"')
    answer = await get({"If-None-Match": if_none_match.replace("{version}", version)})
    assert answer.status_code == status
    assert bool(answer.content) == (status == 200)
    for header in ("ETag", "Cache-Control", "Vary"):
        assert answer.headers[header] == fresh.headers[header]


async def test_several_if_none_match_headers_are_one_list(
    client: httpx.AsyncClient, person: Person, job_id: UUID
) -> None:
    url = f"/v1/jobs/{job_id}"
    fresh = await client.get(url, headers=person.headers)
    own = [*person.headers.items(), ("If-None-Match", '"other"')]
    answer = await client.get(url, headers=[*own, ("If-None-Match", fresh.headers["ETag"])])
    assert answer.status_code == 304


async def test_only_the_user_may_keep_an_answer(get: Get) -> None:
    answer = await get()
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.headers["Vary"]


def watched(app: FastAPI) -> Mapping[UUID, Any]:
    return app.state.find_parts().watcher._watched


@pytest.mark.parametrize("with_tag", [True, False])
async def test_the_answer_waits_for_a_change(
    app: FastAPI, get: Get, worker: Worker, job_id: UUID, *, with_tag: bool
) -> None:
    headers = {"If-None-Match": (await get()).headers["ETag"]} if with_tag else {}
    waiting = asyncio.create_task(get(headers, wait=60))
    await eventually(lambda: job_id in watched(app))
    await worker.claim()
    answer = await waiting
    assert (answer.status_code, answer.json()["status"]) == (200, "processing")
    assert answer.headers["ETag"] == (await get()).headers["ETag"]
    assert answer.json()["position_in_queue"] is None


async def test_a_heartbeat_alone_is_no_change(
    app: FastAPI, get: Get, worker: Worker, job_id: UUID
) -> None:
    claimed = await worker.claim()
    waiting = asyncio.create_task(get(wait=60))
    await eventually(lambda: job_id in watched(app))
    await worker.beat(claimed)
    seen = await get()
    heard = Job.model_validate(seen.json()).updated_at
    await eventually(lambda: watched(app)[job_id].job.updated_at == heard)
    await worker.beat(claimed, 7)
    assert (await waiting).json()["progress"]["percentage"] == 7


async def test_a_state_that_is_already_another_is_answered_at_once(get: Get, app: FastAPI) -> None:
    answer = await get({"If-None-Match": 'W/"an-older-one"'}, wait=60)
    assert (answer.status_code, answer.json()["status"]) == (200, "pending")


async def test_a_job_that_has_ended_is_answered_at_once(get: Get, worker: Worker) -> None:
    await worker.complete(await worker.claim())
    answer = await get(wait=60)
    assert (answer.status_code, answer.json()["status"]) == (200, "completed")
    again = await get({"If-None-Match": answer.headers["ETag"]}, wait=60)
    assert again.status_code == 304


async def test_when_the_time_is_up_the_answer_is_the_present_state(get: Get) -> None:
    answer = await get(wait=1)
    assert (answer.status_code, answer.json()["position_in_queue"]) == (200, 1)
    again = await get({"If-None-Match": answer.headers["ETag"]}, wait=1)
    assert (again.status_code, again.content) == (304, b"")


async def test_a_job_that_is_deleted_meanwhile_is_answered_as_it_was(
    app: FastAPI, get: Get, sql: Sql, job_id: UUID
) -> None:
    waiting = asyncio.create_task(get(wait=60))
    await eventually(lambda: job_id in watched(app))
    sql.execute("delete from plan_generation_jobs where id = %s", [job_id])
    answer = await waiting
    assert (answer.status_code, answer.json()["status"]) == (200, "pending")
    assert (await get()).status_code == 404


async def test_nobody_waits_for_a_client_that_has_left(
    app: FastAPI, get: Get, job_id: UUID
) -> None:
    waiting = asyncio.create_task(get(wait=60))
    await eventually(lambda: job_id in watched(app))
    waiting.cancel()
    await eventually(lambda: not watched(app))


@pytest.mark.parametrize("wait", ["-1", "61", "1.5", "soon", "", "9" * 5000])
async def test_an_impossible_wait_is_refused(get: Get, wait: str) -> None:
    refused = await get(wait=wait)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["query.wait"]


async def test_an_id_that_is_none_is_refused(client: httpx.AsyncClient, person: Person) -> None:
    for job_id in ("1", f"{uuid4()}x", "%00", "active "):
        refused = await client.get(f"/v1/jobs/{job_id}", headers=person.headers)
        assert refused.status_code == 422
        assert [error["field"] for error in refused.json()["errors"]] == ["path.job_id"]


async def test_head_is_get_without_a_body(
    app: FastAPI, client: httpx.AsyncClient, person: Person, job_id: UUID
) -> None:
    url = f"/v1/jobs/{job_id}"
    for address in ("/health", "/health/ready", "/v1/jobs", "/api/v1/jobs", url, "/v1/nowhere"):
        got = await client.get(address, headers=person.headers)
        head = await client.head(address, headers=person.headers)
        assert (head.status_code, head.content) == (got.status_code, b"")
        for name in ("Content-Type", "ETag", "Cache-Control"):
            assert head.headers.get(name) == got.headers.get(name)
    assert (await client.head(f"{url}/events", headers=person.headers)).status_code == 200
    await eventually(lambda: not watched(app))
    assert (await client.head(f"{url}/retry", headers=person.headers)).status_code == 405
