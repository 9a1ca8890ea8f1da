import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from tests.api.worker import Worker
from tests.parts import Person, enqueue
from tests.serving import eventually

from supajobs.api import watcher
from supajobs.queue.job_queue import JobQueue


async def test_a_waiting_job_is_cancelled_at_once(
    client: httpx.AsyncClient, queue: JobQueue, person: Person, job_type: str
) -> None:
    url = f"/v1/jobs/{await enqueue(queue, person, job_type)}"
    cancelled = await client.delete(url, headers=person.headers)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    again = await client.delete(url, headers=person.headers)
    assert (again.status_code, again.json()) == (200, cancelled.json())
    got = await client.get(url, headers=person.headers)
    assert got.headers["ETag"] == cancelled.headers["ETag"] == again.headers["ETag"]
    assert got.json()["duration_ms"] is None


async def test_a_running_job_is_asked_to_stop(
    client: httpx.AsyncClient,
    queue: JobQueue,
    worker: Worker,
    person: Person,
    job_type: str,
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    job_id = await enqueue(queue, person, job_type)
    await worker.claim()
    requested = await client.delete(f"/v1/jobs/{job_id}", headers=person.headers)
    assert (requested.status_code, requested.json()["status"]) == (202, "processing")
    assert requested.json()["cancel_requested_at"]
    assert read_job(job_id)["cancel_requested_at"]


async def test_a_finished_job_cannot_be_cancelled(
    client: httpx.AsyncClient, queue: JobQueue, worker: Worker, person: Person, job_type: str
) -> None:
    for end in (worker.complete, worker.fail):
        job_id = await enqueue(queue, person, job_type)
        await end(await worker.claim())
        refused = await client.delete(f"/v1/jobs/{job_id}", headers=person.headers)
        assert (refused.status_code, refused.json()["code"]) == (409, "job_finished")


async def test_who_waits_for_a_job_hears_of_its_cancellation_at_once(
    app: FastAPI,
    client: httpx.AsyncClient,
    queue: JobQueue,
    person: Person,
    job_type: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watcher, "POLL_SECONDS", 3600.0)  # when nudged alone
    job_id = await enqueue(queue, person, job_type)
    url = f"/v1/jobs/{job_id}"
    waiting = asyncio.create_task(client.get(f"{url}?wait=60", headers=person.headers))
    await eventually(lambda: job_id in app.state.find_parts().watcher._watched)
    await client.delete(url, headers=person.headers)
    assert (await waiting).json()["status"] == "cancelled"
