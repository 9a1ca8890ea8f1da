"""The operator's page: what it is told, and of what it changes."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs
from tests.faults.proxy import lossy_proxy
from tests.parts import CRON_SECRET, Person, Sql, enqueue, make_settings, settle
from tests.serving import eventually, serve
from tests.wire import on_request

from supajobs.api.dashboard import answers as dashboard_answers
from supajobs.app import create_app
from supajobs.causes import Cause
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Failed, JobError, Usage
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.schedule_book import NewSchedule


@pytest.fixture
def app(stack: StackInfo) -> FastAPI:
    return create_app(make_settings(stack, dashboard=True, api_runs_jobs=False))


@pytest.fixture
async def dashboard(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    """A browser that has signed in."""
    async with serve(app) as client:
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
    lists = {"processors", "triggers", "job_types"}
    assert now.keys() == {"figures_at", "queue", "health", "scale", *lists}
    [figures] = [each for each in now["queue"]["job_types"] if each["job_type"] == job_type]
    assert figures["pending"] == 1
    assert now["health"]["status"] in {"healthy", "degraded", "unhealthy"}
    [limits] = [each for each in now["job_types"] if each["job_type"] == job_type]
    assert (limits["paused_at"], limits["max_running"], limits["max_retries"]) == (None, None, 3)
    assert str(job_id) not in answer.text


async def test_while_the_database_is_away_it_says_so_beside_the_last_figures(
    stack: StackInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard_answers, "NOW_AGE", 0.0)
    async with lossy_proxy(stack.api_url, Counter()) as proxy:
        settings = make_settings(stack, dashboard=True, api_runs_jobs=False, supabase_url=proxy.url)
        async with serve(create_app(settings)) as browser:
            await browser.post("/dashboard/session", json={"secret": CRON_SECRET})

            async def ask() -> dict[str, Any] | None:
                answer = await browser.get("/dashboard/api/now")
                return answer.json() if answer.status_code == 200 else None

            before = await eventually(ask)
            proxy.lose_some(1.0, 0)

            async def see_it() -> dict[str, Any] | None:
                now = await ask()
                return now if now and now["health"] != before["health"] else None

            now = await eventually(see_it)
            assert now["health"]["status"] == "unhealthy"
            assert "database_unreachable" in {each["code"] for each in now["health"]["reasons"]}
            assert {**now, "health": before["health"], "figures_at": None} == {
                **before,
                "figures_at": None,
            }


async def fail(queue: JobQueue, job_type: str) -> None:
    [job] = await queue.claim(claim_id=uuid4(), worker_id="test", max_jobs=1, job_types=[job_type])
    cause = Cause(exception="ValueError", message="No way.", frames=("way.py:7 in go",))
    error = JobError(code="broken", message="It broke.")
    usage = Usage(model="a model", input_tokens=7, output_tokens=5, cost_usd=0.25)
    await settle(queue, job, Failed(error=error, retryable=False, cause=cause, usage=usage))


async def test_it_lists_jobs_by_filters(
    dashboard: httpx.AsyncClient,
    queue: JobQueue,
    person: Person,
    job_type: str,
    job_id: UUID,
) -> None:
    await fail(queue, job_type)
    other_id = await enqueue(queue, person, job_type)
    system = await queue.enqueue(user_id=None, job_type=job_type, params={"secret": "tulip"})

    async def find(**filters: object) -> list[UUID]:
        answer = await dashboard.get("/api/jobs", params={"job_type": job_type, **filters})  # pyright: ignore[reportArgumentType]
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        assert answer.json().keys() == {"jobs", "next", "looked_until"}
        assert "tulip" not in answer.text
        return [UUID(job["id"]) for job in answer.json()["jobs"]]

    assert await find() == [system.job.id, other_id, job_id]
    assert await find(after=other_id) == [job_id]
    assert await find(status=["failed"]) == [job_id]
    assert await find(status=["pending", "processing"]) == [system.job.id, other_id]
    assert await find(error="broken") == [job_id]
    assert await find(user_id=person.id) == [other_id, job_id]
    assert await find(user_id="system") == [system.job.id]
    an_hour = timedelta(hours=1)
    assert await find(since=(datetime.now(UTC) - an_hour).isoformat()) == await find()
    assert await find(since=(datetime.now(UTC) + an_hour).isoformat()) == []


@pytest.mark.parametrize(
    "filters",
    [
        {"status": "lost"},
        {"user_id": "me"},
        {"since": "yesterday"},
        {"since": "1795000000"},
        {"after": "1"},
        {"job_type": ""},
        {"job_type": "x" * 201},
        {"error": "\0"},
        {"limit": "1000"},
    ],
    ids=str,
)
async def test_bad_filters_are_told_of(
    dashboard: httpx.AsyncClient, filters: Mapping[str, str]
) -> None:
    refused = await dashboard.get("/api/jobs", params=filters)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["errors"][0]["field"].startswith(f"query.{next(iter(filters))}")


async def test_it_tells_all_of_a_job_but_what_may_be_private(
    dashboard: httpx.AsyncClient, queue: JobQueue, person: Person, job_type: str
) -> None:
    job_id = await enqueue(queue, person, job_type, secret="tulip")
    [job] = await queue.claim(claim_id=uuid4(), worker_id="test", max_jobs=1, job_types=[job_type])
    await queue.save_step(job, "draft", {"text": "tulip"}, None)
    error = JobError(code="broken", message="It broke.")
    cause = Cause(exception="ValueError", message="No way.", frames=("way.py:7 in go",))
    usage = Usage(model="a model", input_tokens=7, output_tokens=5, cost_usd=0.25)
    await settle(queue, job, Failed(error=error, retryable=False, cause=cause, usage=usage))

    answer = await dashboard.get(f"/api/jobs/{job_id}")
    assert answer.status_code == 200
    assert "tulip" not in answer.text
    told = answer.json()
    names = {"job", "position", "attempts", "steps", "flow", "notifications", "costs"}
    assert told.keys() == names
    assert (told["job"]["status"], told["job"]["worker_id"]) == ("failed", "test")
    [attempt] = told["attempts"]
    assert (attempt["outcome"], attempt["error"]["code"]) == ("failed", "broken")
    assert attempt["cause"]["frames"] == ["way.py:7 in go"]
    assert [step["name"] for step in told["steps"]] == ["draft"]
    assert told["costs"] == {"input_tokens": 7, "output_tokens": 5, "cost_usd": 0.25}
    assert told["flow"] is None

    missing = await dashboard.get(f"/api/jobs/{uuid4()}")
    assert (missing.status_code, missing.json()["code"]) == (404, "job_not_found")
    refused = await dashboard.get("/api/jobs/1")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def test_hours_and_costs(
    dashboard: httpx.AsyncClient, queue: JobQueue, job_type: str, job_id: UUID
) -> None:
    await fail(queue, job_type)

    async def ask(query: str) -> dict[str, Any] | None:
        """As the page does, until all hours are counted."""
        hours = (await dashboard.get(f"/api/hours?{query}")).json()
        return hours if hours["is_complete"] else None

    hours = await eventually(lambda: ask(f"job_type={job_type}"))
    assert len(hours["hours"]) == 24
    assert sum(hour["failed"] for hour in hours["hours"]) == 1
    assert hours["hours"][-1].keys() >= {"hour", "completed", "duration_p50", "duration_p95"}
    week = await eventually(lambda: ask("hours=168"))
    assert len(week["hours"]) == 168
    # The job has failed in one of these two, at whatever time this is.
    assert sum(hour["failed"] for hour in week["hours"][-2:]) >= 1
    costs = (await dashboard.get("/api/costs?days=7")).json()
    assert (len(costs["by_day"]), costs["capped"]) == (7, False)
    assert sum(day["cost_usd"] for day in costs["by_day"][-2:]) >= 0.25
    assert "a model" in {each["model"] for each in costs["by_model"]}
    assert str(job_id) not in str(costs)
    wrong = ("hours?hours=0", "hours?hours=169", "hours?job_type=%00", "costs?days=91")
    for path in (f"/api/{each}" for each in wrong):
        assert (await dashboard.get(path)).status_code == 422


async def test_a_job_is_prioritised_cancelled_and_retried(
    dashboard: httpx.AsyncClient, job_id: UUID
) -> None:
    url = f"/api/jobs/{job_id}"
    await dashboard.get(url)  # and what it answered is not told again
    for method, path, body, change in (
        ("PUT", "priority", {"priority": 9}, {"priority": 9}),
        ("POST", "cancel", {}, {"status": "cancelled"}),
        ("POST", "retry", {}, {"status": "pending"}),
    ):
        answer = await dashboard.request(method, f"{url}/{path}", json=body)
        assert answer.status_code == 200
        assert not {"params", "result"} & answer.json().keys()
        seen = (await dashboard.get(url)).json()["job"]
        assert {**answer.json(), **change}.items() >= change.items() <= seen.items()
    for level in (-1, 11, "high", True):
        refused = await dashboard.put(f"{url}/priority", json={"priority": level})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    await dashboard.post(f"{url}/cancel", json={})
    finished = await dashboard.put(f"{url}/priority", json={"priority": 1})
    assert (finished.status_code, finished.json()["code"]) == (409, "job_finished")
    nobodys = f"/api/jobs/{uuid4()}"
    for method, path, body in (
        ("PUT", "priority", {"priority": 9}),
        ("POST", "cancel", {}),
        ("POST", "retry", {}),
    ):
        missing = await dashboard.request(method, f"{nobodys}/{path}", json=body)
        assert (missing.status_code, missing.json()["code"]) == (404, "job_not_found")


async def test_the_log_tells_who_has_changed_what(
    dashboard: httpx.AsyncClient, job_type: str, job_id: UUID
) -> None:
    with capture_logs() as logs:
        put = await dashboard.put(f"/api/jobs/{job_id}/priority", json={"priority": 9})
        assert put.status_code == 200, put.text
        bulk = {"filter": {"job_type": job_type, "status": ["pending"]}, "change": "cancel"}
        await dashboard.post("/api/jobs/change", json=bulk)
        await dashboard.post("/api/jobs/count", json=bulk)  # which changes nothing
        await dashboard.post(f"/api/jobs/{uuid4()}/cancel", json={})  # nor does this
        await dashboard.patch(f"/api/job-types/{job_type}", json={"max_running": 2})
    told = [line for line in logs if line["event"] == "dashboard_change"]
    assert [line["what"] for line in told] == ["prioritise", "cancel_jobs", "limits"]
    assert {line["who"] for line in told} == {"secret"}
    assert (told[0]["job_id"], told[0]["priority"]) == (str(job_id), 9)
    assert told[1]["jobs"] == bulk["filter"]
    assert told[1]["outcomes"] == {"cancelled": 1}
    assert (told[2]["job_type"], told[2]["limits"]) == (job_type, {"max_running": 2})
    assert CRON_SECRET not in str(logs)


async def test_many_jobs_are_counted_and_changed(
    dashboard: httpx.AsyncClient, queue: JobQueue, person: Person, job_type: str
) -> None:
    for _ in range(3):
        await enqueue(queue, person, job_type)
    await fail(queue, job_type)
    jobs = {"job_type": job_type}

    async def post(path: str, **body: object) -> dict[str, Any]:
        answer = await dashboard.post(f"/api/jobs/{path}", json={"filter": jobs, **body})
        assert answer.status_code == 200
        return answer.json()

    assert await post("count") == {"count": 3, "capped": False}
    assert await post("count", change="retry") == {"count": 1, "capped": False}
    done = {"has_more": False, "next": None}
    assert await post("change", change={"priority": 8}) == {
        **done,
        "changed": 2,
        "outcomes": {"prioritised": 2},
    }
    assert (await post("change", change="retry"))["outcomes"] == {"retried": 1}
    assert (await post("change", change="cancel"))["outcomes"] == {"cancelled": 3}
    bad: list[dict[str, Any]] = [
        {"filter": {}, "change": "cancel"},
        {"filter": jobs, "change": "delete"},
        {"filter": jobs, "change": {"priority": 11}},
        {"filter": {"status": ["lost"]}, "change": "retry"},
        {"filter": {"limit": 5}, "change": "retry"},
        {"change": "retry"},
    ]
    for body in bad:
        refused = await dashboard.post("/api/jobs/change", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def test_there_is_no_project_where_the_family_is_not(dashboard: httpx.AsyncClient) -> None:
    answer = await dashboard.get(f"/api/projects/{uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "project_not_found")


async def test_a_job_type_may_have_a_name_like_a_path(
    dashboard: httpx.AsyncClient, sql: Sql
) -> None:
    sql.execute("insert into plan_job_types (job_type) values ('media/audio')")
    answer = await dashboard.patch("/api/job-types/media%2Faudio", json={"max_running": 3})
    sql.execute("delete from plan_job_types where job_type = 'media/audio'")
    assert (answer.status_code, answer.json()["max_running"]) == (200, 3)


async def test_a_job_type_is_paused_and_its_limits_edited(
    dashboard: httpx.AsyncClient, sql: Sql, job_type: str
) -> None:
    async def change(**body: object) -> dict[str, Any]:
        answer = await dashboard.patch(f"/api/job-types/{job_type}", json=body)
        assert answer.status_code == 200
        return answer.json()

    assert (await change(max_running=3, starts_per_minute=60))["max_running"] == 3
    paused = await change(is_paused=True)
    assert paused["paused_at"]
    assert paused["max_running"] == 3
    query = "select max_running from plan_job_types where job_type = %s"
    assert sql.execute(query, [job_type]).fetchone() == {"max_running": 0}
    assert (await change(is_paused=False))["paused_at"] is None
    assert (await change(max_running=None))["max_running"] is None
    assert (await change())["starts_per_minute"] == 60
    for body in (
        {"max_running": -1},
        {"max_running": "3"},
        {"max_retries": None},
        {"ttl_hours": 169},
        {"stored_by": "app.steal"},
        {"job_type": "other"},
        {"max_enqueues": 5},
        {"backoff_base_seconds": 1000},
    ):
        refused = await dashboard.patch(f"/api/job-types/{job_type}", json=body)
        assert (refused.status_code, refused.json()["code"], body) == (
            422,
            "invalid_request",
            body,
        )
    unknown = await dashboard.patch("/api/job-types/nothing", json={"is_paused": True})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_job_type")
    odd = await dashboard.patch("/api/job-types/%00", json={"is_paused": True})
    assert (odd.status_code, odd.json()["code"]) == (422, "invalid_request")


async def test_schedules_are_listed_paused_and_run(
    dashboard: httpx.AsyncClient, queue: JobQueue, person: Person, job_type: str
) -> None:
    new = NewSchedule(
        name="weekly",
        job_type=job_type,
        params={"secret": "tulip"},
        cron="0 6 * * MON",
        time_zone="UTC",
    )
    schedule, _ = await queue.schedules.create(person.id, new)
    url = f"/api/schedules/{schedule.id}"
    listed = await dashboard.get("/api/schedules")
    assert "tulip" not in listed.text
    assert listed.json().keys() == {"schedules", "next"}
    assert str(schedule.id) in [each["id"] for each in listed.json()["schedules"]]
    paused = await dashboard.patch(url, json={"is_paused": True})
    assert paused.json()["paused_at"]
    assert "params" not in paused.json()
    assert (await dashboard.patch(url, json={"is_paused": False})).json()["paused_at"] is None
    run = await dashboard.post(f"{url}/run", json={})
    assert (run.status_code, run.json()["outcome"]) == (200, "created")
    assert run.json()["job"]["user_id"] == str(person.id)
    assert "tulip" not in run.text
    for method, path in (("PATCH", ""), ("POST", "/run")):
        missing = await dashboard.request(
            method, f"/api/schedules/{uuid4()}{path}", json={"is_paused": True}
        )
        assert (missing.status_code, missing.json()["code"]) == (404, "schedule_not_found")


async def test_ten_that_are_open_ask_the_database_as_one(
    app: FastAPI, dashboard: httpx.AsyncClient, job_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = app.state.find_parts()
    await eventually(lambda: parts.overview.count_hours(24))  # which takes more than one call
    asked = Counter[str]()

    async def note(request: httpx.Request) -> None:
        asked[request.url.path.removeprefix("/rest/v1/").removeprefix("rpc/")] += 1

    on_request(parts.database, note)
    period = dashboard_answers.NOW_AGE
    monkeypatch.setattr(dashboard_answers, "NOW_AGE", 60.0)  # however slow this machine is
    shown = ("/api/now", "/api/jobs", f"/api/jobs/{job_id}")
    for _ in range(3):
        answers = await asyncio.gather(*(dashboard.get(path) for path in shown for _ in range(10)))
        assert {answer.status_code for answer in answers} == {200}
    assert set(asked.values()) == {1}
    assert asked.total() / period <= 2
    await dashboard.get("/api/hours")
    await dashboard.get("/api/costs")
    seldom = {"count_plan_hours", "describe_plan_hours", "describe_plan_costs"}
    assert seldom < asked.keys()
    assert set(asked.values()) == {1}
    often = asked.total() - len(seldom)
    assert often / period + len(seldom) / dashboard_answers.PAST_AGE <= 2


async def test_the_more_is_looked_at_the_longer_it_is_kept(
    app: FastAPI, dashboard: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard_answers, "STILL_OPEN", 600.0)  # however slow this machine is
    answers = app.state.find_parts().dashboard
    assert answers.view_age == dashboard_answers.NOW_AGE
    for number in range(12):
        for _ in range(2):
            assert (await dashboard.get(f"/api/jobs?error=error_{number}")).status_code == 200
    assert answers.view_age == 12  # s, for 12 questions: one a second
    monkeypatch.setattr(dashboard_answers, "STILL_OPEN", 0.0)
    assert answers.view_age == dashboard_answers.NOW_AGE  # nobody looks any more


async def test_nothing_of_it_tells_a_secret(
    dashboard: httpx.AsyncClient, stack: StackInfo, job_id: UUID
) -> None:
    for path in ("now", "hours", "costs", "jobs", f"jobs/{job_id}", "schedules"):
        answer = await dashboard.get(f"/api/{path}")
        assert answer.status_code == 200
        for secret in (CRON_SECRET, stack.secret_key, '"params"'):
            assert secret not in answer.text
