import asyncio
import statistics
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.parts import CRON_SECRET, NoParams, Person, Sql, enqueue, make_settings, settle
from tests.serving import eventually, serve

from supajobs.app import create_app
from supajobs.causes import Cause
from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed, Failed, JobError
from supajobs.queue.job_queue import JobQueue

TRIGGER = {"Authorization": f"Bearer {CRON_SECRET}"}


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}]
)
async def test_the_trigger_needs_the_secret(
    api: httpx.AsyncClient, headers: Mapping[str, str]
) -> None:
    refused = await api.post("/v1/queue/process", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "wrong_secret")


async def test_a_user_token_does_not_trigger(api: httpx.AsyncClient, person: Person) -> None:
    refused = await api.post("/v1/queue/process", headers=person.headers)
    assert refused.status_code == 401


async def test_without_a_secret_nobody_can_trigger(stack: StackInfo) -> None:
    async with serve(create_app(make_settings(stack, cron_secret=None))) as client:
        refused = await client.post("/v1/queue/process", headers=TRIGGER)
    assert (refused.status_code, refused.json()["code"]) == (503, "secret_not_configured")


async def test_operators_see_the_queue_in_figures(
    api: httpx.AsyncClient,
    stack: StackInfo,
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
) -> None:
    name = make_job_type()
    for _ in range(3):
        await enqueue(queue, person, name)
    later = datetime.now(UTC) + timedelta(hours=1)
    await queue.enqueue(user_id=person.id, job_type=name, params={}, run_at=later)
    first, _ = await queue.claim(claim_id=uuid4(), worker_id="test", max_jobs=2, job_types=[name])
    await settle(queue, first, Completed())

    answer = await api.get("/v1/queue", headers={"Authorization": f"Bearer {stack.secret_key}"})
    assert answer.status_code == 200
    figures = {each["job_type"]: each for each in answer.json()["job_types"]}
    ours, total = figures[name], answer.json()["total"]
    assert (ours["pending"], ours["scheduled"], ours["processing"]) == (1, 1, 1)
    assert (ours["completed"], ours["failed"], ours["success_rate"]) == (1, 0, 1)
    assert 0 < ours["oldest_pending_seconds"] < 60
    assert 0 < ours["duration_p50"] == ours["duration_p95"] < 60
    assert ours["throughput_per_minute"] > 0
    assert answer.json()["window_seconds"] <= 3600
    assert "training_plan" in figures
    assert total.keys() == ours.keys() - {"job_type"}
    assert total["scheduled"] == sum(each["scheduled"] for each in figures.values())


async def test_what_starts_workers_is_told_how_many_are_wanted(
    api: httpx.AsyncClient, queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    name = make_job_type()
    for _ in range(5):
        await enqueue(queue, person, name)
    await queue.claim(claim_id=uuid4(), worker_id="test", max_jobs=2, job_types=[name])

    async def ask(**params: int) -> Any:
        answer = await api.get("/v1/queue/scale", headers=TRIGGER, params=params)
        assert answer.status_code == 200
        return answer.json()

    asked = await ask(jobs_per_worker=2)
    [ours] = [each for each in asked["job_types"] if each["job_type"] == name]
    assert ours == {"job_type": name, "due": 3, "running": 2, "workers": 3}
    assert asked["total"]["workers"] >= 3
    default = await ask()
    assert default["jobs_per_worker"] == 10
    assert default["total"]["due"] == asked["total"]["due"]
    metrics = await api.get("/metrics", headers=TRIGGER)
    assert f'supajobs_queue_workers_wanted{{job_type="{name}"}} 1.0' in metrics.text
    assert 'supajobs_queue_workers_wanted{job_type=""} ' in metrics.text


@pytest.mark.parametrize("number", ["0", "1001", "many"])
async def test_workers_that_run_no_such_number_of_jobs_are_refused(
    api: httpx.AsyncClient, number: str
) -> None:
    refused = await api.get("/v1/queue/scale", headers=TRIGGER, params={"jobs_per_worker": number})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def test_how_many_are_wanted_is_for_those_with_the_secret(
    api: httpx.AsyncClient, person: Person
) -> None:
    for headers in ({}, person.headers):
        refused = await api.get("/v1/queue/scale", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "wrong_secret")


async def test_the_figures_are_for_operators(api: httpx.AsyncClient, person: Person) -> None:
    for headers in ({}, TRIGGER):
        refused = await api.get("/v1/queue", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
    refused = await api.get("/v1/queue", headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_operator")


async def test_operators_see_what_raised_the_errors_of_a_job(
    api: httpx.AsyncClient,
    stack: StackInfo,
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    sql: Sql,
) -> None:
    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    cause = Cause(exception="KeyError", message="'hero'", frames=("stories.py:12 in tell",))
    for ending in (
        Failed(JobError(code="internal_error", message="Sorry."), retryable=True, cause=cause),
        Completed(),
    ):
        sql.execute("update plan_generation_jobs set run_at = now() where id = %s", [job_id])
        [job] = await queue.claim(claim_id=uuid4(), worker_id="w", max_jobs=1, job_types=[name])
        await settle(queue, job, ending)

    operator = {"Authorization": f"Bearer {stack.secret_key}"}
    path = f"/v1/queue/jobs/{job_id}/attempts"
    answer = await api.get(path, headers=operator)
    assert answer.status_code == 200
    first, second = answer.json()["attempts"]
    assert (first["outcome"], second["outcome"]) == ("retrying", "completed")
    assert first["error"]["code"] == "internal_error"
    assert first["cause"] == cause.model_dump(mode="json")
    assert second["cause"] is None
    assert "KeyError" not in (await api.get(f"/v1/jobs/{job_id}", headers=person.headers)).text

    refused = await api.get(path, headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_operator")
    refused = await api.get(f"/v1/queue/jobs/{uuid4()}/attempts", headers=operator)
    assert (refused.status_code, refused.json()["code"]) == (404, "job_not_found")
    waiting = await enqueue(queue, person, name)
    answer = await api.get(f"/v1/queue/jobs/{waiting}/attempts", headers=operator)
    assert answer.json() == {"attempts": []}


async def test_what_others_wrote_of_an_error_is_told_all_the_same(
    api: httpx.AsyncClient,
    stack: StackInfo,
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    sql: Sql,
) -> None:
    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    [job] = await queue.claim(claim_id=uuid4(), worker_id="w", max_jobs=1, job_types=[name])
    await settle(queue, job, Failed(JobError(code="oops", message="Sorry."), retryable=False))
    sql.execute(
        """update supajobs.unsuccessful_attempts set error = '{"a": 1}', cause = '"b"'"""
        " where job_id = %s",
        [job_id],
    )
    answer = await api.get(
        f"/v1/queue/jobs/{job_id}/attempts", headers={"Authorization": f"Bearer {stack.secret_key}"}
    )
    [attempt] = answer.json()["attempts"]
    assert (attempt["error"]["code"], attempt["error"]["message"]) == ("unknown", '{"a": 1}')
    assert (attempt["cause"]["exception"], attempt["cause"]["message"]) == ("unknown", '"b"')


async def test_the_answer_does_not_wait_for_the_work(
    stack: StackInfo,
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    name, finish = make_job_type(), threading.Event()

    async def wait(job: RunningJob, params: NoParams) -> Completed:
        await asyncio.to_thread(finish.wait)  # in the jobs' event loop, which is another one
        return Completed()

    app = create_app(make_settings(stack), {name: JobType(name, NoParams, wait)})
    async with serve(app) as client:
        job_id = (await queue.enqueue(user_id=person.id, job_type=name, params={})).job.id
        durations: list[float] = []
        for _ in range(20):  # pg_cron's next ticks must not pile up behind the first
            started = time.perf_counter()
            answer = await client.post("/v1/queue/process", json={}, headers=TRIGGER)
            durations.append(time.perf_counter() - started)
            assert answer.status_code == 202
        await eventually(lambda: read_job(job_id)["status"] == "processing")
        # The contract with pg_net, two orders of magnitude above what it takes.
        assert statistics.median(durations) < 0.2
        finish.set()
        await eventually(lambda: read_job(job_id)["status"] == "completed")


async def test_a_caller_that_can_wait_gets_the_counts(
    stack: StackInfo, queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    name = make_job_type()

    async def succeed(job: RunningJob, params: NoParams) -> Completed:
        return Completed()

    # What it does by itself when it starts must not come first.
    settings = make_settings(stack, api_runs_jobs=False)
    async with serve(create_app(settings, {name: JobType(name, NoParams, succeed)})) as client:
        for _ in range(3):
            await queue.enqueue(user_id=person.id, job_type=name, params={})
        answer = await client.post(
            "/v1/queue/process", json={"time_budget_seconds": 20}, headers=TRIGGER
        )
        assert (answer.status_code, answer.json()) == (200, {"settled": {"completed": 3}})
        idle = await client.post(
            "/v1/queue/process", json={"time_budget_seconds": 20}, headers=TRIGGER
        )
        assert idle.json() == {"settled": {}}


async def test_a_new_job_wakes_the_processor_of_its_process(
    stack: StackInfo, person: Person
) -> None:
    async with serve(create_app(make_settings(stack, api_runs_jobs=True))) as client:
        accepted = await client.post(
            "/v1/plan/generate",
            json={"athlete_profile": {"ftp": 265, "weight_kg": 70, "age": 35}},
            headers=person.headers,
        )

        async def completed() -> bool:
            status = await client.get(accepted.headers["Location"], headers=person.headers)
            return status.json()["status"] == "completed"

        await eventually(completed)
