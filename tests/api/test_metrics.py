from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from typing import Any, NoReturn
from uuid import uuid4

import httpx
import pytest
from tests.parts import NoParams, Person, Sql, enqueue, make_settings
from tests.scraping import SCRAPER, Samples, scrape
from tests.serving import eventually, serve

from supajobs.app import create_app
from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.job_queue import JobQueue

NOBODY_LISTENS = "http://127.0.0.1:9"


async def succeed(job: RunningJob, params: NoParams) -> Completed:
    return Completed()


def count_requests(samples: Samples, method: str, route: str, status: int) -> float:
    return samples[
        f'supajobs_http_requests_total{{method="{method}",route="{route}",status="{status}"}}'
    ]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_a_scraper_needs_the_secret(
    api: httpx.AsyncClient, headers: Mapping[str, str]
) -> None:
    refused = await api.get("/metrics", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "wrong_secret")


async def test_a_user_and_the_secret_key_do_not_scrape(
    api: httpx.AsyncClient, stack: StackInfo, person: Person
) -> None:
    for token in (person.access_token, stack.secret_key):
        refused = await api.get("/metrics", headers={"Authorization": f"Bearer {token}"})
        assert refused.status_code == 401


async def test_without_a_secret_nobody_scrapes(stack: StackInfo) -> None:
    async with serve(create_app(make_settings(stack, cron_secret=None))) as client:
        refused = await client.get("/metrics", headers=SCRAPER)
    assert (refused.status_code, refused.json()["code"]) == (503, "secret_not_configured")


async def test_metrics_are_no_part_of_the_described_api(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/metrics", headers=SCRAPER)).status_code == 404
    assert "/metrics" not in (await api.get("/openapi.json")).json()["paths"]


async def test_the_format_is_the_one_that_is_accepted(api: httpx.AsyncClient) -> None:
    plain = await api.get("/metrics", headers=SCRAPER)
    assert plain.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    openmetrics = await api.get(
        "/metrics", headers={**SCRAPER, "Accept": "application/openmetrics-text; version=1.0.0"}
    )
    assert openmetrics.headers["Content-Type"].startswith("application/openmetrics-text")
    assert openmetrics.text.endswith("# EOF\n")
    for answer in (plain, openmetrics):
        assert f'supajobs_build_info{{version="{version("supajobs")}"}} 1.0' in answer.text


async def test_a_format_of_no_known_version_is_answered_with_the_plain_one(
    api: httpx.AsyncClient,
) -> None:
    for accept in ("text/plain; version=latest", "application/openmetrics-text; version=v1"):
        answer = await api.get("/metrics", headers={**SCRAPER, "Accept": accept})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


async def test_requests_are_counted_by_the_template_of_their_route(
    api: httpx.AsyncClient, person: Person
) -> None:
    job_id = uuid4()
    before = await scrape(api)
    for _ in range(3):
        await api.get(f"/v1/jobs/{job_id}", headers=person.headers)
    await api.get(f"/api/v1/jobs/{job_id}")
    await api.get("/health")
    await api.put("/health")
    for path in ("/wp-login.php", f"/v1/{job_id}"):
        await api.get(path)
    await api.request("BREW", "/coffee")
    after = await scrape(api)

    counted = {
        (method, route, status): count_requests(after.since(before), method, route, status)
        for method, route, status in [
            ("GET", "/v1/jobs/{job_id}", 404),
            ("GET", "/api/v1/jobs/{job_id}", 401),
            ("GET", "/health", 200),
            ("PUT", "/health", 405),
            ("GET", "unmatched", 404),
            ("GET", "/metrics", 200),
        ]
    }
    assert list(counted.values()) == [3, 1, 1, 1, 2, 1]
    timed = 'supajobs_http_request_duration_seconds_count{method="GET",route="/v1/jobs/{job_id}"}'
    assert after.since(before)[timed] == 3
    for unbounded in (str(job_id), "wp-login", "BREW", "coffee"):
        assert not [name for name in after if unbounded in name]


@pytest.fixture
async def own_api(
    stack: StackInfo, make_job_type: Callable[..., str]
) -> AsyncGenerator[tuple[str, httpx.AsyncClient]]:
    """The API with one job type that no other test knows, and that job type."""
    name = make_job_type(max_enqueues=2, enqueue_window_seconds=3600)
    settings = make_settings(stack, api_runs_jobs=False)
    async with serve(create_app(settings, {name: JobType(name, NoParams, succeed)})) as client:
        yield name, client


async def test_a_job_is_counted_from_its_request_to_its_end(
    own_api: tuple[str, httpx.AsyncClient], person: Person
) -> None:
    name, client = own_api
    before = await scrape(client)

    async def request(key: str, **params: Any) -> int:
        answer = await client.post(
            "/v1/jobs",
            json={"job_type": name, "params": params},
            headers={**person.headers, "Idempotency-Key": key},
        )
        return answer.status_code

    assert [await request("a"), await request("a"), await request("b")] == [201, 200, 201]
    assert await request("c") == 429
    unknown = await client.post("/v1/jobs", json={"job_type": "made-up"}, headers=person.headers)
    assert unknown.status_code == 422
    processed = await client.post(
        "/v1/queue/process", json={"time_budget_seconds": 20}, headers=SCRAPER
    )
    assert processed.json() == {"settled": {"completed": 2}}
    after = await scrape(client)

    def of_jobs(samples: Samples) -> dict[str, float]:
        return {key: value for key, value in samples.items() if f'job_type="{name}"' in key}

    new = of_jobs(after.since(before))
    expected = {
        f'supajobs_jobs_enqueued_total{{job_type="{name}",outcome="created"}}': 2,
        f'supajobs_jobs_enqueued_total{{job_type="{name}",outcome="existing"}}': 1,
        f'supajobs_jobs_enqueued_total{{job_type="{name}",outcome="rate_limited"}}': 1,
        f'supajobs_jobs_claimed_total{{job_type="{name}"}}': 2,
        f'supajobs_jobs_settled_total{{job_type="{name}",outcome="completed"}}': 2,
        f'supajobs_job_duration_seconds_count{{job_type="{name}",outcome="completed"}}': 2,
        f'supajobs_job_wait_seconds_count{{job_type="{name}"}}': 2,
    }
    counts = {
        key: value for key, value in new.items() if value and ("_total" in key or "_count" in key)
    }
    assert counts == expected
    assert after['supajobs_supabase_request_duration_seconds_count{function="enqueue_plan_job"}']
    assert not [key for key in after if "made-up" in key]


async def test_the_queue_is_described_as_the_database_knows_it(
    own_api: tuple[str, httpx.AsyncClient],
    person: Person,
    queue: JobQueue,
    make_job_type: Callable[..., str],
    sql: Sql,
) -> None:
    _, client = own_api
    name = make_job_type()
    for _ in range(3):
        await enqueue(queue, person, name)
    later = datetime.now(UTC) + timedelta(hours=1)
    await queue.enqueue(user_id=person.id, job_type=name, params={}, run_at=later)
    await queue.claim(claim_id=uuid4(), worker_id="test", max_jobs=1, job_types=[name])
    sql.execute(
        "update plan_generation_jobs set created_at = now() - interval '5 min', "
        "run_at = now() - interval '5 min' where job_type = %s and status = 'pending' "
        "and run_at < now()",
        [name],
    )
    samples = await scrape(client)
    assert samples["supajobs_queue_up"] == 1
    assert [
        samples[f'supajobs_queue_jobs{{job_type="{name}",status="{status}"}}']
        for status in ("pending", "scheduled", "processing")
    ] == [2, 1, 1]
    oldest = samples[f'supajobs_queue_oldest_pending_seconds{{job_type="{name}"}}']
    assert 300 <= oldest <= 330

    await enqueue(queue, person, name)
    again = await scrape(client)
    calls = 'supajobs_supabase_request_duration_seconds_count{function="describe_plan_queue"}'
    assert again[calls] == samples[calls] == 1
    assert again[f'supajobs_queue_jobs{{job_type="{name}",status="pending"}}'] == 2


async def test_a_process_tells_of_itself_while_the_database_does_not_answer(
    stack: StackInfo,
) -> None:
    settings = make_settings(stack, supabase_url=NOBODY_LISTENS, api_runs_jobs=False)
    async with serve(create_app(settings)) as client:
        await client.get("/health")
        samples = await scrape(client)
    assert samples["supajobs_queue_up"] == 0
    assert not [name for name in samples if name.startswith("supajobs_queue_jobs")]
    assert count_requests(samples, "GET", "/health", 200) == 1
    failures = "supajobs_supabase_request_failures_total"
    labels = '{code="supabase_unavailable",function="describe_plan_queue"}'
    assert samples[failures + labels] == 1
    assert samples["process_resident_memory_bytes"] > 0


async def test_a_crash_is_counted_as_what_the_client_got(
    stack: StackInfo, person: Person, make_job_type: Callable[..., str]
) -> None:
    def crash(params: NoParams, today: date) -> NoReturn:
        raise RuntimeError("a bug")

    name = make_job_type()
    job_types = {name: JobType(name, NoParams, succeed, check_date=crash)}
    async with serve(create_app(make_settings(stack), job_types)) as client:
        answer = await client.post("/v1/jobs", json={"job_type": name}, headers=person.headers)
        samples = await scrape(client)
    assert answer.status_code == 500
    assert count_requests(samples, "POST", "/v1/jobs", 500) == 1


async def test_open_event_streams_are_counted(
    own_api: tuple[str, httpx.AsyncClient], person: Person
) -> None:
    name, client = own_api
    created = await client.post("/v1/jobs", json={"job_type": name}, headers=person.headers)

    async def count_streams() -> float:
        return (await scrape(client))["supajobs_event_streams"]

    assert await count_streams() == 0
    events = f"{created.headers['Location']}/events"
    async with client.stream("GET", events, headers=person.headers) as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        assert await count_streams() == 1

    async def all_are_closed() -> bool:
        return await count_streams() == 0

    await eventually(all_are_closed)
    samples = await scrape(client)
    assert count_requests(samples, "GET", "/v1/jobs/{job_id}/events", 200) == 1
    assert not [key for key in samples if "duration" in key and "events" in key]
