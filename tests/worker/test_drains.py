"""Drains beside each other, drains that are cancelled, and what wakes the next one."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import pytest
import structlog
from tests.parts import NoParams, Person, enqueue, make_processor
from tests.serving import eventually

from supajobs.job_types import JobType, RunningJob
from supajobs.jobs import Progress
from supajobs.outcomes import Completed, Failed, JobError, RateLimitedError
from supajobs.queue.job_queue import JobQueue

ReadJob = Callable[[UUID], Mapping[str, Any]]
MakeJobType = Callable[..., str]
BROKEN = JobError(code="x", message="x")


class Gated(NoParams):
    """Waits for the gate of this number, if there is one."""

    gate: int | None = None


class Gates:
    """A handler that ends when its gate is opened."""

    def __init__(self, count: int) -> None:
        self.gates = [asyncio.Event() for _ in range(count)]

    async def handle(self, _job: RunningJob, params: Gated) -> Completed:
        if params.gate is not None:
            await self.gates[params.gate].wait()
        return Completed()


async def test_a_second_drain_has_the_running_one_look_for_more_and_counts(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    name, gates = make_job_type(), Gates(1)
    long = await enqueue(queue, person, name, gate=0)
    processor = make_processor(queue, JobType(name, Gated, gates.handle))
    first = asyncio.create_task(processor.drain())
    await eventually(lambda: read_job(long)["status"] == "processing")
    for _ in range(3):
        await enqueue(queue, person, name)
    assert await processor.drain(time_budget=3) == {"completed": 3}
    gates.gates[0].set()
    assert await first == {"completed": 4}


async def test_a_cancelled_drain_gives_its_jobs_the_grace_period(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    name, gates = make_job_type(), Gates(2)
    soon, never = [await enqueue(queue, person, name, gate=gate) for gate in (0, 1)]
    processor = make_processor(queue, JobType(name, Gated, gates.handle), grace_seconds=2)
    draining = asyncio.create_task(processor.drain(time_budget=60))
    await eventually(lambda: read_job(never)["status"] == "processing")
    draining.cancel()
    await asyncio.sleep(0.2)
    gates.gates[0].set()
    with pytest.raises(asyncio.CancelledError):
        await draining
    assert read_job(soon)["status"] == "completed"
    assert (read_job(never)["status"], read_job(never)["crash_count"]) == ("pending", 0)


async def test_a_claim_that_crashes_takes_no_running_job_along(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    read_job: ReadJob,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name, gates = make_job_type(), Gates(1)
    job_id = await enqueue(queue, person, name, gate=0)
    processor = make_processor(queue, JobType(name, Gated, gates.handle))
    draining = asyncio.create_task(processor.drain())
    await eventually(lambda: read_job(job_id)["status"] == "processing")

    async def crash(**_: Any) -> Any:
        raise KeyError("a defect")

    monkeypatch.setattr(queue, "claim", crash)
    with structlog.testing.capture_logs() as logs:
        processor.wake()
        await eventually(lambda: "claim_crashed" in {each["event"] for each in logs})
    monkeypatch.undo()
    gates.gates[0].set()
    assert await draining == {"completed": 1}


async def test_an_error_amid_the_cancellation_is_logged(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    capsys: pytest.CaptureFixture[str],
) -> None:
    begun = asyncio.Event()

    async def clean_up_badly(job: RunningJob, params: NoParams) -> Completed:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("the clean-up went wrong")

    name = make_job_type()
    await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, clean_up_badly))
    draining = asyncio.create_task(processor.drain())
    await begun.wait()
    processor.stop()
    assert await draining == {"released": 1}
    assert "the clean-up went wrong" in capsys.readouterr().out


async def test_a_handler_that_goes_on_keeps_its_place(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supajobs.worker.runs.STOP_PATIENCE", 0.2)
    name, let_go, running, most = make_job_type(max_retries=0), asyncio.Event(), 0, 0

    async def cling(job: RunningJob, params: Gated) -> Completed:
        nonlocal running, most
        running += 1
        most = max(most, running)
        while params.gate is not None and not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue
        running -= 1
        return Completed()

    clinging = await enqueue(queue, person, name, gate=0)
    processor = make_processor(queue, JobType(name, Gated, cling), concurrency=1)
    working = asyncio.create_task(processor.work(poll_seconds=0.1))
    await eventually(lambda: running)
    await queue.cancel(clinging, person.id)
    processor.cancel(clinging)
    await eventually(lambda: processor.left_behind == 1)
    last = await enqueue(queue, person, name)
    await asyncio.sleep(1)
    assert most == 1
    let_go.set()

    async def has_ended() -> bool:
        found = await queue.get(last, person.id)
        return bool(found.job and found.job.has_ended)

    await eventually(has_ended)
    assert most == 1
    processor.stop()
    await working


async def test_a_retry_wakes_the_process_that_knows_of_it(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    async def fail_once(job: RunningJob, params: NoParams) -> Any:
        if job.claimed.retry_count == 0:
            return Failed(BROKEN, retry_after=1.5)
        return Completed()

    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, fail_once))
    working = asyncio.create_task(processor.work(poll_seconds=None))
    processor.wake()
    processor.wake(again_in=60)  # whoever wakes for later takes nobody's alarm away
    await eventually(lambda: read_job(job_id)["status"] == "completed")
    processor.stop()
    await working


async def test_a_hint_does_not_shorten_the_backoff(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    tries = 0

    async def fail(job: RunningJob, params: NoParams) -> Completed:
        nonlocal tries
        tries += 1
        if tries == len(jobs):
            processor.stop()  # or one of them may be due again by chance
        raise RateLimitedError(0)

    name = make_job_type(backoff_base_seconds=900)
    jobs = [await enqueue(queue, person, name) for _ in range(4)]
    processor = make_processor(queue, JobType(name, NoParams, fail))
    await processor.drain()
    assert tries == 4
    waits = [read_job(job)["run_at"] - read_job(job)["updated_at"] for job in jobs]
    assert max(wait.total_seconds() for wait in waits) > 10


async def test_a_cancellation_reaches_a_run_in_this_process_at_once(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    name, gates = make_job_type(lease_seconds=3600), Gates(1)
    job_id = await enqueue(queue, person, name, gate=0)
    processor = make_processor(queue, JobType(name, Gated, gates.handle))
    draining = asyncio.create_task(processor.drain())
    await eventually(lambda: read_job(job_id)["status"] == "processing")
    await queue.cancel(job_id, person.id)
    processor.cancel(job_id)
    assert await asyncio.wait_for(draining, 10) == {"cancelled": 1}


async def test_a_cancellation_reaches_a_job_whose_claim_has_no_answer_yet(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name, gates = make_job_type(lease_seconds=3600), Gates(1)
    taken, arrives, claim = asyncio.Event(), asyncio.Event(), queue.claim

    async def answer_late(**asked: Any) -> Any:
        jobs = await claim(**asked)
        taken.set()
        await arrives.wait()
        return jobs

    monkeypatch.setattr(queue, "claim", answer_late)
    job_id = await enqueue(queue, person, name, gate=0)
    other = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, Gated, gates.handle))
    draining = asyncio.create_task(processor.drain())
    await taken.wait()
    await queue.cancel(job_id, person.id)
    processor.cancel(job_id)
    arrives.set()
    assert await asyncio.wait_for(draining, 60) == {"cancelled": 1, "completed": 1}
    found = await queue.get(other, person.id)
    assert found.job
    assert found.job.status == "completed"


async def test_a_cancellation_reaches_a_job_that_reports_progress_soon(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    async def report(job: RunningJob, params: NoParams) -> Completed:
        while True:
            job.report(Progress(phase="x", percentage=1, message=str(time.monotonic())))
            await asyncio.sleep(0.2)

    name = make_job_type(lease_seconds=3600)
    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, report))
    draining = asyncio.create_task(processor.drain())
    await eventually(lambda: read_job(job_id)["progress"])
    await queue.cancel(job_id, person.id)
    assert await asyncio.wait_for(draining, 10) == {"cancelled": 1}
