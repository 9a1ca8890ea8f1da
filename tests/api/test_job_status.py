"""In few words: how far a job is, and what a user has in the queue."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from tests.api.worker import Anything, Worker
from tests.parts import Person, Sql, enqueue, make_settings
from tests.serving import serve

from supajobs.app import create_app
from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.job_queue import JobQueue

PERSONAL = "private, no-cache"


async def test_a_job_is_told_as_a_progress_bar_shows_it(
    client: httpx.AsyncClient, queue: JobQueue, worker: Worker, person: Person, job_type: str
) -> None:
    job_id = await enqueue(queue, person, job_type)

    async def look() -> dict[str, Any]:
        answer = await client.get(f"/v1/jobs/{job_id}/status", headers=person.headers)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, PERSONAL)
        return answer.json()

    waiting = {
        "id": str(job_id),
        "job_id": str(job_id),
        "job_type": job_type,
        "status": "pending",
        "progress": None,
        "error": None,
        "position_in_queue": 1,
        "estimated_duration": None,
        "estimated_completion_at": None,
    }
    assert await look() == waiting
    claimed = await worker.claim()
    await worker.beat(claimed, 42)
    progress = {"phase": "work", "percentage": 42, "message": "…"}
    runs = {**waiting, "status": "processing", "position_in_queue": None, "progress": progress}
    assert await look() == runs
    seen = await client.get(f"/v1/jobs/{job_id}/status", headers=person.headers)
    again = {**person.headers, "If-None-Match": seen.headers["ETag"]}
    assert (await client.get(f"/v1/jobs/{job_id}/status", headers=again)).status_code == 304
    await worker.fail(claimed)
    ended = await look()
    assert (ended["status"], bool(ended["error"]["code"])) == ("failed", True)


async def test_what_is_expected_of_a_waiting_job(
    client: httpx.AsyncClient, queue: JobQueue, worker: Worker, person: Person, job_type: str
) -> None:
    await enqueue(queue, person, job_type)
    await worker.complete(await worker.claim())  # now there is a usual duration
    await enqueue(queue, person, job_type)
    url = f"/v1/jobs/{await enqueue(queue, person, job_type)}"
    status = (await client.get(f"{url}/status", headers=person.headers)).json()
    details = (await client.get(url, headers=person.headers)).json()
    assert status["position_in_queue"] == 2
    assert status["estimated_duration"] == details["estimated_duration"] >= 0
    assert status["estimated_completion_at"] >= details["created_at"]


async def get_queue(client: httpx.AsyncClient, person: Person) -> dict[str, Any]:
    """With its types by their name."""
    answer = await client.get("/v1/jobs/queue-status", headers=person.headers)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, PERSONAL)
    queue = answer.json()
    return {**queue, "job_types": {each.pop("job_type"): each for each in queue["job_types"]}}


async def test_a_user_is_told_of_their_own_jobs(
    client: httpx.AsyncClient,
    queue: JobQueue,
    worker: Worker,
    person: Person,
    sign_up: Callable[[], Awaitable[Person]],
    make_job_type: Callable[..., str],
    job_type: str,
) -> None:
    hidden, opened = make_job_type(), make_job_type(open_to_users=True)
    await enqueue(queue, person, job_type)
    await worker.claim()
    await enqueue(queue, person, job_type)
    await enqueue(queue, person, hidden)  # a server has asked for it
    stranger = await sign_up()
    await enqueue(queue, stranger, job_type)

    mine = await get_queue(client, person)

    assert (mine["pending"], mine["processing"]) == (2, 1)
    assert mine["job_types"][job_type] == {"pending": 1, "processing": 1, "retry_after": None}
    assert mine["job_types"][hidden] == {"pending": 1, "processing": 0, "retry_after": None}
    assert mine["job_types"][opened] == {"pending": 0, "processing": 0, "retry_after": None}
    assert "training_plan" in mine["job_types"]
    theirs = await get_queue(client, stranger)
    assert (theirs["pending"], theirs["processing"]) == (1, 0)
    assert hidden not in theirs["job_types"]


@pytest.fixture
def limited(make_job_type: Callable[..., str]) -> str:
    return make_job_type(max_enqueues=1, enqueue_window_seconds=600)


async def test_a_user_is_told_when_to_ask_for_more(
    stack: StackInfo, sql: Sql, person: Person, limited: str
) -> None:
    async def never(job: RunningJob, params: Anything) -> Completed:
        raise AssertionError("a job was started")

    settings = make_settings(stack, api_runs_jobs=False)
    app = create_app(settings, {limited: JobType(limited, Anything, never)})
    async with serve(app) as client:

        async def ask() -> httpx.Response:
            body = {"job_type": limited}
            return await client.post("/v1/jobs", json=body, headers=person.headers)

        before = await get_queue(client, person)
        assert before["job_types"][limited]["retry_after"] is None
        assert (await ask()).status_code == 201

        after = await get_queue(client, person)
        refused = await ask()
        assert refused.status_code == 429
        told = after["job_types"][limited]["retry_after"]
        assert int(refused.headers["Retry-After"]) <= told <= 600

        sql.execute("update plan_job_types set max_enqueues = 2 where job_type = %s", [limited])
        again = await get_queue(client, person)
        assert again["job_types"][limited]["retry_after"] is None


async def test_it_needs_a_user(client: httpx.AsyncClient) -> None:
    for url in ("/v1/jobs/queue-status", "/api/v1/jobs/queue-status"):
        refused = await client.get(url)
        assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
