"""A handler ends the event loop of the jobs, and with it all that runs there; the API goes on."""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any, Literal
from uuid import UUID

import httpx
import pytest
import structlog
from fastapi import FastAPI
from pydantic import BaseModel
from tests.parts import CRON_SECRET, Person, enqueue, make_settings
from tests.serving import eventually, serve

from supajobs.app import create_app
from supajobs.job_types import JobType, RunningJob, SyncRunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.job_queue import JobQueue

WORDS = "what nobody should read"
TRIGGER = {"Authorization": f"Bearer {CRON_SECRET}"}


class Fault(BaseModel):
    fault: str


async def leave() -> None:
    sys.exit(WORDS)


async def ruin(job: RunningJob, params: Fault) -> Completed:
    if params.fault == "SystemExit":
        await asyncio.gather(asyncio.create_task(leave()))
    if params.fault == "RuntimeError":
        asyncio.get_running_loop().stop()
        await asyncio.sleep(600)
    if params.fault == "CancelledError":
        for task in asyncio.all_tasks():
            task.cancel()
        await asyncio.sleep(600)
    return Completed()


@pytest.fixture
def job_type(make_job_type: Callable[..., str]) -> str:
    return make_job_type()


@pytest.fixture
def app(stack: StackInfo, job_type: str, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.setattr("supajobs.api.health_check.MAX_AGE", 0)
    return create_app(make_settings(stack), {job_type: JobType(job_type, Fault, ruin)})


async def trigger(client: httpx.AsyncClient, **body: float) -> httpx.Response:
    return await client.post("/v1/queue/process", headers=TRIGGER, json=body)


@pytest.mark.parametrize("fault", ["SystemExit", "RuntimeError", "CancelledError"])
async def test_an_api_whose_jobs_cannot_run_says_so_and_why(
    app: FastAPI,
    job_type: str,
    queue: JobQueue,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    monkeypatch.setattr("supajobs.worker.processor_thread.FIRST_PAUSE", 3600)
    with structlog.testing.capture_logs() as logs:
        async with serve(app) as client:
            await enqueue(queue, person, job_type, fault=fault)
            drained = await trigger(client, time_budget_seconds=60)
            refused = [drained, await trigger(client), await client.get("/health/ready")]
            health = await client.get("/health/jobs", headers=TRIGGER)
            alive = await client.get("/health")
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (503, "jobs_not_running")
        assert f"ended by {fault}" in answer.json()["detail"]
        assert WORDS not in answer.text
    reasons = {each["code"]: each for each in health.json()["reasons"]}
    assert (health.status_code, health.json()["status"]) == (503, "unhealthy")
    assert f"ended by {fault}" in reasons["jobs_not_running"]["message"]
    assert alive.status_code == 200
    [died] = [each for each in logs if each["event"] == "jobs_loop_died"]
    *_, kind = died["exception"].splitlines()
    assert (died["log_level"], kind.rpartition(".")[2]) == ("error", fault)
    assert WORDS not in str(died)


@pytest.mark.parametrize("fault", ["SystemExit", "RuntimeError", "CancelledError"])
async def test_the_next_job_runs_in_another_loop(
    app: FastAPI,
    job_type: str,
    queue: JobQueue,
    person: Person,
    read_job: Callable[[UUID], Any],
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    monkeypatch.setattr("supajobs.worker.processor_thread.FIRST_PAUSE", 0.2)
    async with serve(app) as client:
        await enqueue(queue, person, job_type, fault=fault)
        await trigger(client, time_budget_seconds=60)
        next_id = await enqueue(queue, person, job_type, fault="none")  # nobody asks for it again

        async def is_ready() -> bool:
            return (await client.get("/health/ready")).is_success

        await eventually(is_ready)
        await eventually(lambda: read_job(next_id)["status"] == "completed")


def stay(job: SyncRunningJob, params: Fault) -> Completed:
    while not job.cancelled:
        time.sleep(0.01)
    raise TimeoutError


@pytest.mark.parametrize("fault", ["SystemExit", "RuntimeError", "CancelledError"])
@pytest.mark.parametrize("runs_in", ["thread", "process"])
async def test_jobs_beside_it_that_cannot_have_done_it_are_given_back(
    stack: StackInfo,
    job_type: str,
    make_job_type: Callable[..., str],
    queue: JobQueue,
    person: Person,
    read_job: Callable[[UUID], Any],
    monkeypatch: pytest.MonkeyPatch,
    runs_in: Literal["thread", "process"],
    fault: str,
) -> None:
    monkeypatch.setattr("supajobs.worker.processor_thread.FIRST_PAUSE", 3600)
    beside = make_job_type()
    job_types = {
        job_type: JobType(job_type, Fault, ruin),
        beside: JobType(beside, Fault, stay, runs_in=runs_in),
    }
    async with serve(create_app(make_settings(stack), job_types)) as client:
        job_id = await enqueue(queue, person, beside, fault="none")
        await trigger(client)
        await eventually(lambda: read_job(job_id)["status"] == "processing")
        await enqueue(queue, person, job_type, fault=fault)
        await trigger(client)
        await eventually(lambda: read_job(job_id)["status"] == "pending", within=20)
    row = read_job(job_id)
    assert (row["crash_count"], row["retry_count"]) == (0, 0)
