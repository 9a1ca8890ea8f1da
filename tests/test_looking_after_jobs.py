"""What became of jobs, from Python: get, cancel and retry, with and without an event loop."""

import asyncio
import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from pydantic import BaseModel
from tests.parts import Person, make_settings
from tests.serving import eventually

from supajobs import Completed, JobStatus, JobType, RunningJob, Supajobs
from supajobs.errors import JobNotFinishedError, JobNotFoundError
from supajobs.local.stack import StackInfo


class Nothing(BaseModel):
    pass


@pytest.fixture
def started() -> threading.Event:
    return threading.Event()


@pytest.fixture
def rest(make_job_type: Callable[..., str], started: threading.Event) -> JobType[Nothing]:
    async def run(job: RunningJob, params: Nothing) -> Completed:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError("it was not cancelled")

    return JobType(make_job_type(), Nothing, run)


async def test_a_job_that_runs_is_looked_at_and_stopped_without_waiting_for_a_heartbeat(
    stack: StackInfo, rest: JobType[Nothing], person: Person, started: threading.Event
) -> None:
    async with Supajobs(make_settings(stack), job_types=[rest]) as jobs:
        job_id = (await jobs.enqueue(rest, Nothing(), user_id=person.id)).job.id
        await asyncio.to_thread(started.wait)
        assert (await jobs.get(job_id, user_id=person.id)).status is JobStatus.PROCESSING
        with pytest.raises(JobNotFinishedError):
            await jobs.retry(job_id, user_id=person.id)

        requested = await jobs.cancel(job_id, user_id=person.id)

        assert requested.cancel_requested_at

        async def has_ended() -> bool:
            return (await jobs.get(job_id, user_id=person.id)).has_ended

        await eventually(has_ended)
        cancelled = await jobs.cancel(job_id, user_id=person.id)  # as it is already
        assert cancelled.status is JobStatus.CANCELLED


def test_a_script_does_the_same(stack: StackInfo, rest: JobType[Nothing], person: Person) -> None:
    jobs = Supajobs(make_settings(stack), job_types=[rest])
    with jobs.sync() as queue:
        job = queue.enqueue(rest, Nothing(), user_id=person.id).job
        assert queue.get(job.id, user_id=person.id) == job
        assert queue.cancel(job.id, user_id=person.id).status is JobStatus.CANCELLED
        again = queue.retry(job.id, user_id=person.id)
        assert (again.id, again.status) == (job.id, JobStatus.PENDING)
        for call in (queue.get, queue.cancel, queue.retry):
            for job_id, user_id in ((job.id, None), (job.id, uuid4()), (uuid4(), person.id)):
                with pytest.raises(JobNotFoundError):
                    call(job_id, user_id=user_id)
