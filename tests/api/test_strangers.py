"""What those get who have no token, and those who ask for what is somebody else's."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.api.worker import Worker
from tests.parts import CRON_SECRET, Person, enqueue

from supajobs.queue.job_queue import JobQueue

PROFILE = {"athlete_profile": {"ftp": 250, "weight_kg": 65, "age": 41}}

# Each route that is about one job, and how it may be asked.
OF_A_JOB: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "/v1/jobs/{id}", {}),
    ("GET", "/v1/jobs/{id}?wait=60", {}),
    ("GET", "/v1/jobs/{id}", {"If-None-Match": "*"}),
    ("GET", "/v1/jobs/{id}/status", {}),
    ("GET", "/v1/jobs/{id}/events", {}),
    ("DELETE", "/v1/jobs/{id}", {}),
    ("POST", "/v1/jobs/{id}/retry", {}),
    ("GET", "/v1/plan/status/{id}", {}),
]


def what_it_tells(answer: httpx.Response) -> tuple[int, Mapping[str, Any], Mapping[str, str]]:
    """All of it but what names the request."""
    own = {"date", "x-request-id", "traceparent"}
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    return answer.status_code, {**answer.json(), "trace_id": None}, headers


@pytest.mark.parametrize("state", ["pending", "processing", "completed", "failed"])
async def test_somebody_elses_job_and_no_job_look_the_same(
    client: httpx.AsyncClient,
    queue: JobQueue,
    worker: Worker,
    person: Person,
    sign_up: Callable[[], Awaitable[Person]],
    job_type: str,
    state: str,
) -> None:
    theirs, stranger = await enqueue(queue, person, job_type), await sign_up()
    if state != "pending":
        claimed = await worker.claim()
        if state == "completed":
            await worker.complete(claimed)
        if state == "failed":
            await worker.fail(claimed)
    for method, url, headers in OF_A_JOB:
        both = [
            await client.request(
                method, url.replace("{id}", str(job_id)), headers={**stranger.headers, **headers}
            )
            for job_id in (theirs, uuid4())
        ]
        assert what_it_tells(both[0]) == what_it_tells(both[1])
        assert (both[0].status_code, both[0].json()["code"]) == (404, "job_not_found")
    unchanged = await client.get(f"/v1/jobs/{theirs}", headers=person.headers)
    assert unchanged.json()["status"] == state


async def test_somebody_elses_plan_and_no_plan_look_the_same(
    api: httpx.AsyncClient, person: Person, sign_up: Callable[[], Awaitable[Person]]
) -> None:
    requested = await api.post("/v1/plan/generate", json=PROFILE, headers=person.headers)
    await api.post(
        "/v1/queue/process",
        json={"time_budget_seconds": 20},
        headers={"Authorization": f"Bearer {CRON_SECRET}"},
    )
    status = await api.get(requested.headers["Location"], headers=person.headers)
    plan_id = status.json()["plan_id"]
    assert (await api.get(f"/v1/plans/{plan_id}", headers=person.headers)).status_code == 200
    stranger = await sign_up()
    both = [
        await api.get(f"/v1/plans/{each}", headers=stranger.headers) for each in (plan_id, uuid4())
    ]
    assert what_it_tells(both[0]) == what_it_tells(both[1])
    assert (both[0].status_code, both[0].json()["code"]) == (404, "plan_not_found")


async def test_a_job_of_another_type_is_no_plan(
    client: httpx.AsyncClient, queue: JobQueue, person: Person, job_type: str
) -> None:
    job_id = await enqueue(queue, person, job_type)
    refused = await client.get(f"/v1/plan/status/{job_id}", headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (404, "job_not_found")


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", "/v1/jobs"),
        ("GET", "/v1/jobs"),
        ("GET", "/v1/jobs/active?job_type=x"),
        ("POST", "/v1/plan/generate"),
        ("GET", "/v1/plans/{id}"),
        *((method, url) for method, url, _ in OF_A_JOB),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}], ids=["no", "bad"])
async def test_nobody_gets_in_without_a_token(
    api: httpx.AsyncClient, method: str, url: str, headers: Mapping[str, str]
) -> None:
    body = {"job_type": "training_plan", "params": PROFILE} if url == "/v1/jobs" else PROFILE
    refused = await api.request(
        method,
        url.replace("{id}", str(uuid4())),
        json=body if method == "POST" else None,
        headers=headers,
    )
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
