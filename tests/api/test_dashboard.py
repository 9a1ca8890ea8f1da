"""The operator's page: what it is told, and of what it changes."""

from collections.abc import AsyncGenerator, Callable
from uuid import UUID

import httpx
import pytest
from tests.parts import CRON_SECRET, Person, enqueue, make_settings
from tests.serving import serve

from supajobs.app import create_app
from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue


@pytest.fixture
async def dashboard(stack: StackInfo) -> AsyncGenerator[httpx.AsyncClient]:
    """A browser that has signed in."""
    settings = make_settings(stack, dashboard=True, api_runs_jobs=False)
    async with serve(create_app(settings)) as client:
        client.base_url = client.base_url.join("/dashboard")
        answer = await client.post("/session", json={"secret": CRON_SECRET})
        assert answer.status_code == 204
        yield client


@pytest.fixture
def job_type(make_job_type: Callable[..., str]) -> str:
    return make_job_type()


@pytest.fixture
async def job_id(queue: JobQueue, person: Person, job_type: str) -> UUID:
    return await enqueue(queue, person, job_type)


async def test_it_is_off_unless_it_is_turned_on(api: httpx.AsyncClient) -> None:
    for path in ("", "/api/now", "/api/jobs", "/api/schedules"):
        answer = await api.get(f"/dashboard{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    answer = await api.post("/dashboard/session", json={"secret": CRON_SECRET})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_it_tells_of_the_queue_as_it_is(
    dashboard: httpx.AsyncClient, job_type: str, job_id: UUID
) -> None:
    answer = await dashboard.get("/api/now")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    now = answer.json()
    assert now.keys() == {"queue", "health", "processors", "triggers", "scale", "job_types"}
    [figures] = [each for each in now["queue"]["job_types"] if each["job_type"] == job_type]
    assert figures["pending"] == 1
    assert now["health"]["status"] in {"healthy", "degraded", "unhealthy"}
    [limits] = [each for each in now["job_types"] if each["job_type"] == job_type]
    assert (limits["paused_at"], limits["max_running"], limits["max_retries"]) == (None, None, 3)
    assert str(job_id) not in answer.text
