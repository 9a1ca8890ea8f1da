"""A worker of supajobs whose handler notes how long ago its job was sent."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator

from pydantic import BaseModel

from benchmarks.system import QUEUE
from supajobs.job_types import JobType, RunningJob
from supajobs.outcomes import Completed
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.settings import Settings
from supajobs.worker.processor import Processor

_DEFAULTS = Settings.model_fields


class Sent(BaseModel):
    """When, by the monotonic clock, which all processes of a machine share."""

    sent_at: float


class Stopwatch:
    def __init__(self, jobs: int) -> None:
        self.seconds: list[float] = []
        self.all_done = asyncio.Event()
        self._jobs = jobs

    @contextlib.asynccontextmanager
    async def working(
        self, database: Database, *, poll_seconds: float
    ) -> AsyncGenerator[Processor]:
        """The worker with its default concurrency, waiting for the first job."""
        processor = Processor(
            JobQueue(database),
            {QUEUE: JobType(QUEUE, Sent, self._handle)},
            concurrency=_DEFAULTS["worker_concurrency"].default,
            grace_seconds=1,
        )
        working = asyncio.create_task(processor.work(poll_seconds=poll_seconds))
        await asyncio.sleep(0)
        yield processor
        processor.stop()
        await working

    async def _handle(self, _job: RunningJob, params: Sent) -> Completed:
        self.seconds.append(time.monotonic() - params.sent_at)
        if len(self.seconds) == self._jobs:
            self.all_done.set()
        return Completed()
