import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.parts import CRON_SECRET, Person, Sql, enqueue, make_settings
from tests.serving import serve
from tests.wire import on_request

from supajobs.app import create_app
from supajobs.local.stack import StackInfo
from supajobs.models.provider_refusals import note_answer, note_refusal
from supajobs.queue.job_queue import JobQueue

TRIGGER = {"Authorization": f"Bearer {CRON_SECRET}"}
NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.fixture
def claimed_ago(sql: Sql) -> Callable[[str], None]:
    """Empties the queue and says when somebody last claimed, as a Postgres interval."""

    def claimed_ago(interval: str) -> None:
        sql.execute("delete from plan_generation_jobs")
        sql.execute("update supajobs.sweeps set swept_at = now() - %s::interval", [interval])

    return claimed_ago


@pytest.fixture(autouse=True)
def _nobody_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supajobs.models.provider_refusals._refusals", {})


def count_requests(app: Any) -> list[httpx.Request]:
    """The requests that this app sends to Supabase for its clients, from now on."""
    requests: list[httpx.Request] = []

    async def note(request: httpx.Request) -> None:
        requests.append(request)

    on_request(app.state.find_parts().database, note)
    return requests


async def test_health_and_readiness(api: httpx.AsyncClient) -> None:
    for prefix in ("", "/v1", "/api/v1"):
        assert (await api.get(f"{prefix}/health")).json() == {"status": "ok"}
        assert (await api.get(f"{prefix}/health/ready")).json() == {"status": "ready"}


async def test_an_unreachable_supabase_is_said_and_survived(
    stack: StackInfo, person: Person
) -> None:
    settings = make_settings(stack, supabase_url=NOBODY_LISTENS)
    async with serve(create_app(settings)) as client:
        assert (await client.get("/health")).status_code == 200
        for url in ("/health/ready", f"/v1/jobs/{person.id}"):
            answer = await client.get(url, headers=person.headers)
            assert (answer.status_code, answer.json()["code"]) == (503, "supabase_unavailable")
            assert answer.headers["Retry-After"]


async def test_unknown_addresses_and_methods_are_problems_too(api: httpx.AsyncClient) -> None:
    missing = await api.get("/v1/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    wrong = await api.put("/health")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert missing.headers["Content-Type"] == "application/problem+json"
    assert missing.json()["trace_id"] == missing.headers["traceparent"].split("-")[1]


async def test_a_queue_that_works_is_healthy(
    api: httpx.AsyncClient, claimed_ago: Callable[[str], None]
) -> None:
    claimed_ago("1 second")
    for prefix in ("", "/v1", "/api/v1"):
        answer = await api.get(f"{prefix}/health/jobs", headers=TRIGGER)
        assert (answer.status_code, answer.json()) == (200, {"status": "healthy", "reasons": []})


async def test_a_degraded_queue_says_why_and_still_answers_200(
    api: httpx.AsyncClient, claimed_ago: Callable[[str], None]
) -> None:
    claimed_ago("10 minutes")
    answer = await api.get("/health/jobs", headers=TRIGGER)
    [reason] = answer.json()["reasons"]
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert reason.keys() == {"code", "status", "message", "seconds"}
    assert (reason["code"], reason["status"]) == ("nobody_claims", "degraded")
    assert reason["seconds"] > 600
    assert "supajobs work" in reason["message"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer another-secret-of-16"}])
async def test_why_a_queue_is_degraded_is_not_told_to_anybody(
    api: httpx.AsyncClient, claimed_ago: Callable[[str], None], headers: dict[str, str]
) -> None:
    claimed_ago("10 minutes")
    answer = await api.get("/health/jobs", headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"status": "degraded"})


async def test_an_unhealthy_queue_answers_503_in_the_same_shape(
    api: httpx.AsyncClient,
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    claimed_ago: Callable[[str], None],
) -> None:
    claimed_ago("10 minutes")
    await enqueue(queue, person, make_job_type())
    answer = await api.get("/health/jobs", headers=TRIGGER)
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["status"] == "unhealthy"
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["nobody_claims"]


async def test_a_database_that_does_not_answer_is_a_reason(stack: StackInfo) -> None:
    settings = make_settings(stack, supabase_url=NOBODY_LISTENS, api_runs_jobs=False)
    async with serve(create_app(settings)) as client:
        answer = await client.get("/health/jobs", headers=TRIGGER)
    [reason] = answer.json()["reasons"]
    assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
    assert (reason["code"], reason["status"]) == ("database_unreachable", "unhealthy")


async def test_a_provider_that_refuses_the_servers_key_is_a_reason_until_it_answers(
    stack: StackInfo, claimed_ago: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supajobs.api.health_check.MAX_AGE", 0)
    claimed_ago("1 second")
    note_refusal("google-gla", "provider_quota_exceeded")
    note_refusal("deepseek", "provider_key_refused")
    settings = make_settings(stack, api_runs_jobs=False, DEEPSEEK_API_KEY="sk-the-servers-own")
    async with serve(create_app(settings)) as client:
        refused = await client.get("/health/jobs", headers=TRIGGER)
        note_answer("deepseek")
        note_answer("google-gla")
        accepted = await client.get("/health/jobs", headers=TRIGGER)
    first, second = refused.json()["reasons"]
    assert (refused.status_code, refused.json()["status"]) == (200, "degraded")
    assert first.keys() == {"code", "status", "message", "provider"}
    assert (first["code"], first["provider"]) == ("provider_key_refused", "deepseek")
    assert "DEEPSEEK_API_KEY" in first["message"]
    assert (second["code"], second["provider"]) == ("provider_quota_exceeded", "google-gla")
    assert "GOOGLE_API_KEY" in second["message"]
    assert "sk-the-servers-own" not in refused.text
    assert accepted.json() == {"status": "healthy", "reasons": []}


async def test_the_worst_reason_comes_first(
    stack: StackInfo, claimed_ago: Callable[[str], None]
) -> None:
    note_refusal("deepseek", "provider_key_refused")
    settings = make_settings(stack, supabase_url=NOBODY_LISTENS, api_runs_jobs=False)
    async with serve(create_app(settings)) as client:
        answer = await client.get("/health/jobs", headers=TRIGGER)
    assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
    assert [(reason["code"], reason["status"]) for reason in answer.json()["reasons"]] == [
        ("database_unreachable", "unhealthy"),
        ("provider_key_refused", "degraded"),
    ]


async def test_all_who_ask_share_one_query_until_its_answer_is_old(
    stack: StackInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supajobs.api.health_check.MAX_AGE", 60)
    app = create_app(make_settings(stack, api_runs_jobs=False))
    async with serve(app) as client:
        requests = count_requests(app)
        answers = await asyncio.gather(
            *(client.get("/health/jobs", headers=TRIGGER) for _ in range(20))
        )
        assert len({answer.text for answer in answers}) == 1
        await client.get("/v1/health/jobs")
        assert len(requests) == 1

        monkeypatch.setattr("supajobs.api.health_check.MAX_AGE", 0)
        await client.get("/health/jobs", headers=TRIGGER)
        assert len(requests) == 2


async def test_nobody_on_the_way_keeps_an_answer(api: httpx.AsyncClient) -> None:
    for url in ("/health", "/health/ready", "/health/jobs"):
        assert (await api.get(url)).headers["Cache-Control"] == "no-store"
