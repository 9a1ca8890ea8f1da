"""What a worker asks the queue for, and how often."""

import asyncio
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.parts import NoParams, Person, enqueue, make_processor
from tests.wire import on_request

from supajobs.job_types import JobType, RunningJob
from supajobs.outcomes import Completed
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue

MakeJobType = Callable[..., str]
ReadJob = Callable[[UUID], Mapping[str, Any]]
WORK = {"claim_plan_jobs", "complete_plan_jobs", "advance_plan_jobs"}

place: ContextVar[str] = ContextVar("place", default="nowhere")


async def succeed(_job: RunningJob, _params: NoParams) -> Completed:
    return Completed()


@pytest.fixture
def calls(database: Database) -> list[str]:
    """The claims and completions that go out."""
    calls: list[str] = []

    async def note(request: httpx.Request) -> None:
        name = request.url.path.rpartition("/")[2]
        if name in WORK:
            calls.append(name)

    on_request(database, note)
    return calls


async def test_a_busy_worker_makes_one_call_for_each_job(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, calls: list[str]
) -> None:
    name = make_job_type()
    for _ in range(6):
        await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, succeed), concurrency=1)
    assert await processor.drain() == {"completed": 6}
    assert calls == ["claim_plan_jobs", *["advance_plan_jobs"] * 6, "claim_plan_jobs"]


async def test_the_end_of_a_lone_job_waits_for_no_claim(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, calls: list[str]
) -> None:
    name = make_job_type()
    await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, succeed), concurrency=10)
    assert await processor.drain() == {"completed": 1}
    assert calls == ["claim_plan_jobs", "complete_plan_jobs", "claim_plan_jobs"]


async def test_what_comes_with_the_last_completion_is_given_back(
    database: Database,
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    read_job: ReadJob,
) -> None:
    name, asked, go_on = make_job_type(), asyncio.Event(), asyncio.Event()

    async def hold(request: httpx.Request) -> None:
        if request.url.path.endswith("advance_plan_jobs"):
            asked.set()
            await go_on.wait()

    first, second = [await enqueue(queue, person, name) for _ in range(2)]
    processor = make_processor(queue, JobType(name, NoParams, succeed), concurrency=1)
    on_request(database, hold)
    working = asyncio.create_task(processor.work(poll_seconds=None))
    processor.wake()
    await asked.wait()
    processor.stop()
    await asyncio.sleep(0.6)  # its grace is over
    go_on.set()
    await working
    assert read_job(first)["status"] == "completed"
    assert read_job(second)["status"] == "pending"
    assert read_job(second)["claim_id"] is not None, "it was taken"
    assert read_job(second)["crash_count"] == read_job(second)["retry_count"] == 0


async def test_a_job_does_not_begin_in_the_context_of_the_one_before(
    database: Database, queue: JobQueue, person: Person, make_job_type: MakeJobType
) -> None:
    name, places = make_job_type(), list[str]()

    async def look(_job: RunningJob, _params: NoParams) -> Completed:
        places.append(place.get())
        return Completed()

    async def note(_request: httpx.Request) -> None:
        place.set("a call")

    on_request(database, note)
    for _ in range(3):
        await enqueue(queue, person, name)
    place.set("the worker's own")
    processor = make_processor(queue, JobType(name, NoParams, look), concurrency=1)
    assert await processor.drain() == {"completed": 3}
    assert places[1:] == ["the worker's own"] * 2


async def test_an_advance_without_an_answer_is_asked_for_again_as_two_calls(
    database: Database,
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supajobs.queue.job_queue.CLAIM_PATIENCE", 0.5)
    monkeypatch.setattr("supajobs.worker.claims.AGAIN_SECONDS", 0.2)
    monkeypatch.setattr("supajobs.worker.settler.MAX_PAUSE", 0.1)
    name = make_job_type()
    for _ in range(3):
        await enqueue(queue, person, name)
    send = database.http.request

    async def lose(method: str, url: str, **given: Any) -> httpx.Response:
        response = await send(method, url, **given)
        if url.endswith("advance_plan_jobs"):
            raise httpx.ReadError("lost")
        return response

    vars(database.http)["request"] = lose
    processor = make_processor(queue, JobType(name, NoParams, succeed), concurrency=1)
    assert await processor.drain() == {"completed": 3}
    advanced = calls.index("advance_plan_jobs")
    assert {"complete_plan_jobs", "claim_plan_jobs"} <= set(calls[advanced:])
