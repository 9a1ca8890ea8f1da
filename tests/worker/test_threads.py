"""Handlers that are plain functions: they may block, and nobody else waits for it."""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
import structlog
from pydantic import JsonValue
from tests.parts import NoParams, Person, enqueue, make_processor
from tests.serving import eventually
from tests.worker.claims import QuietQueue, make_job

from supajobs.job_types import JobType, SyncRunningJob
from supajobs.jobs import Progress
from supajobs.outcomes import Completed, Failed, Outcome, PermanentError, Released, Usage
from supajobs.queue.job_queue import JobQueue
from supajobs.worker.runs import Run
from supajobs.worker.verdicts import TIMED_OUT

Handle = Callable[[SyncRunningJob, NoParams], Completed]


@pytest.fixture
def quiet() -> QuietQueue:
    return QuietQueue()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that do not end are soon left behind."""
    monkeypatch.setattr("supajobs.worker.runs.STOP_PATIENCE", 0.2)


def make_run(quiet: QuietQueue, **job: Any) -> Run:
    return Run(make_job(**job), quiet, on_progress=lambda: None)


async def run_to_end(run: Run, handle: Handle) -> Outcome:
    return await run.handle(JobType("test", NoParams, handle))


async def test_the_event_loop_turns_while_a_handler_blocks(quiet: QuietQueue) -> None:
    blocked, goes_on = threading.Event(), threading.Event()

    def handle(job: SyncRunningJob, params: NoParams) -> Completed:
        blocked.set()
        assert goes_on.wait(30)
        return Completed(result=threading.current_thread().name)

    running = asyncio.create_task(run_to_end(make_run(quiet), handle))
    await eventually(blocked.is_set)  # asked in this loop
    goes_on.set()
    assert await running == Completed(result="supajobs-handler")


async def test_it_has_all_that_a_coroutine_has(quiet: QuietQueue) -> None:
    quiet.steps = {"outline": "old", "count": "many"}
    run = make_run(quiet)

    def handle(job: SyncRunningJob, params: NoParams) -> Completed:
        outline = job.step("outline", lambda: "new")
        job.spend(Usage(cost_usd=0.5))
        count = job.step("count", lambda: "7", read=lambda output: int(str(output)))
        job.report(Progress(phase="work", percentage=50, message="halfway"))
        key = job.provider_key()
        assert key
        return Completed(result=[outline, count, key.get_secret_value(), job.attempt])

    assert await run_to_end(run, handle) == Completed(
        result=["old", 7, "sk-user", 1], usage=Usage(cost_usd=0.5)
    )
    assert run.progress == Progress(phase="work", percentage=50, message="halfway")
    assert quiet.steps == {"outline": "old", "count": "7"}
    assert quiet.spent == [Usage(cost_usd=0.5)]


async def test_threads_of_its_own_may_take_steps_side_by_side(quiet: QuietQueue) -> None:
    def handle(job: SyncRunningJob, params: NoParams) -> Completed:
        def write(week: int) -> JsonValue:
            return job.step(f"week {week}", lambda: week)

        with ThreadPoolExecutor() as pool:
            return Completed(result=list(pool.map(write, range(8))))

    assert await run_to_end(make_run(quiet), handle) == Completed(result=list(range(8)))
    assert len(quiet.steps) == 8


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermanentError("No.", code="nothing_to_do"), "nothing_to_do"),
        (TimeoutError(), "timeout"),
        (KeyError("x"), "internal_error"),
        (StopIteration(), "internal_error"),
        (SystemExit(3), "internal_error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
async def test_what_it_raises_is_classified(
    quiet: QuietQueue, error: BaseException, code: str
) -> None:
    def handle(job: SyncRunningJob, params: NoParams) -> Completed:
        raise error

    outcome = await run_to_end(make_run(quiet), handle)
    assert isinstance(outcome, Failed)
    assert outcome.error.code == code


async def test_a_step_whose_work_is_no_plain_function_is_refused(quiet: QuietQueue) -> None:
    def handle(job: SyncRunningJob, params: NoParams) -> Completed:
        work: Any = object
        job.step("object", work)
        return Completed()

    outcome = await run_to_end(make_run(quiet), handle)
    assert isinstance(outcome, Failed)
    assert outcome.error.detail == {"where": "steps.object", "why": "object is no value of JSON"}


async def test_its_lines_in_the_log_name_the_job(quiet: QuietQueue) -> None:
    seen: list[Mapping[str, Any]] = []

    def handle(job: SyncRunningJob, params: NoParams) -> Completed:
        seen.append(structlog.contextvars.get_contextvars())
        return Completed()

    with structlog.contextvars.bound_contextvars(job_id="the job's"):
        await run_to_end(make_run(quiet), handle)
    assert seen == [{"job_id": "the job's"}]


class Stubborn:
    """A handler that looks around only when the test lets it."""

    def __init__(self, then: Callable[[SyncRunningJob], object] = lambda _job: None) -> None:
        self.begun = threading.Event()
        self.goes_on = threading.Event()
        self.cancelled: list[bool] = []
        self.raised: list[BaseException] = []
        self._then = then

    def handle(self, job: SyncRunningJob, _params: NoParams) -> Completed:
        self.begun.set()
        assert self.goes_on.wait(30)
        self.cancelled.append(job.cancelled)
        try:
            self._then(job)
        except BaseException as error:
            self.raised.append(error)
            raise
        return Completed(result="late")


@pytest.mark.usefixtures("impatient")
async def test_at_the_deadline_the_job_ends_and_the_thread_is_left_behind(
    quiet: QuietQueue,
) -> None:
    stubborn, run = Stubborn(), make_run(quiet, max_runtime_seconds=0)
    assert await run_to_end(run, stubborn.handle) == TIMED_OUT
    assert run.left_behind
    stubborn.goes_on.set()
    assert await run.left_behind == Completed(result="late")
    assert stubborn.cancelled == [True]


async def test_a_thread_that_looks_and_ends_is_not_left_behind(quiet: QuietQueue) -> None:
    run = make_run(quiet)

    def handle(job: SyncRunningJob, params: NoParams) -> Completed:
        while not job.cancelled:
            time.sleep(0.01)
        job.spend(Usage(cost_usd=1))
        raise TimeoutError

    running = asyncio.create_task(run_to_end(run, handle))
    await asyncio.sleep(0.05)
    run.stop()
    assert await running == Released(usage=Usage(cost_usd=1))
    assert run.left_behind is None


ASKS: dict[str, Callable[[SyncRunningJob], object]] = {
    "report": lambda job: job.report(Progress(phase="x", percentage=1, message="x")),
    "step": lambda job: job.step("one", lambda: 1),
    "provider_key": lambda job: job.provider_key(),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("ask", ASKS)
async def test_a_thread_that_asks_for_something_after_its_end_is_told(
    quiet: QuietQueue, ask: str
) -> None:
    stubborn, run = Stubborn(ASKS[ask]), make_run(quiet)
    running = asyncio.create_task(run_to_end(run, stubborn.handle))
    await eventually(stubborn.begun.is_set)
    run.stop()
    assert await running == Released()
    stubborn.goes_on.set()
    assert run.left_behind
    await asyncio.wait({run.left_behind})
    assert [type(error) for error in stubborn.raised] == [asyncio.CancelledError]
    assert (quiet.steps, quiet.key_reads, run.progress) == ({}, 0, None)


async def test_a_thread_that_waits_for_the_queue_is_told_at_once(quiet: QuietQueue) -> None:
    quiet.is_reachable = False
    stubborn, run = Stubborn(lambda job: job.step("one", lambda: 1)), make_run(quiet)
    stubborn.goes_on.set()
    running = asyncio.create_task(run_to_end(run, stubborn.handle))
    await eventually(lambda: stubborn.cancelled)
    await asyncio.sleep(0.05)  # and now it waits
    run.stop()
    assert await running == Released()
    assert run.left_behind is None
    assert [type(error) for error in stubborn.raised] == [asyncio.CancelledError]


async def test_who_swallows_that_has_ended_all_the_same(quiet: QuietQueue) -> None:
    def handle(job: SyncRunningJob, params: NoParams) -> Completed:
        while not job.cancelled:
            time.sleep(0.01)
        with pytest.raises(asyncio.CancelledError):
            job.step("one", lambda: 1)
        return Completed(result="just in time")

    run = make_run(quiet, max_runtime_seconds=0)
    assert await run_to_end(run, handle) == Completed(result="just in time")


@pytest.mark.usefixtures("impatient")
def test_the_end_of_an_event_loop_does_not_wait_for_a_thread(quiet: QuietQueue) -> None:
    stubborn = Stubborn(lambda job: job.step("one", lambda: 1))

    async def run() -> Outcome:
        return await run_to_end(make_run(quiet, max_runtime_seconds=0), stubborn.handle)

    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(asyncio.run(run())), daemon=True)
    thread.start()
    thread.join(30)
    assert outcomes == [TIMED_OUT]
    stubborn.goes_on.set()
    while not stubborn.raised:
        time.sleep(0.01)
    assert isinstance(stubborn.raised[0], asyncio.CancelledError)


@pytest.mark.usefixtures("impatient")
async def test_a_thread_that_goes_on_keeps_its_place(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    name, stubborn = make_job_type(), Stubborn()
    for _ in range(2):
        await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, stubborn.handle), concurrency=1)
    draining = asyncio.create_task(processor.drain())
    await eventually(stubborn.begun.is_set)
    draining.cancel()
    await asyncio.wait({draining})
    assert processor.left_behind == 1
    assert await processor.drain() == {}
    stubborn.goes_on.set()
    await eventually(lambda: processor.left_behind == 0)
    assert await processor.drain() == {"completed": 2}


async def test_a_handler_that_blocks_for_several_leases_runs_once(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    def block(job: SyncRunningJob, params: NoParams) -> Completed:
        time.sleep(7)
        return Completed(result=job.attempt)

    name = make_job_type(lease_seconds=3)
    job_id = await enqueue(queue, person, name)
    draining = asyncio.create_task(make_processor(queue, JobType(name, NoParams, block)).drain())
    await eventually(lambda: read_job(job_id)["status"] == "processing")
    rival = make_processor(queue, JobType(name, NoParams, block))
    while not draining.done():
        assert await rival.drain() == {}, "the lease was lost under a live worker"
        await asyncio.sleep(0.1)
    assert await draining == {"completed": 1}
    assert (read_job(job_id)["result"], read_job(job_id)["crash_count"]) == (1, 0)
