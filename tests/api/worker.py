"""A worker whose every step a test decides."""

from uuid import uuid4

from pydantic import BaseModel, ConfigDict, JsonValue
from tests.parts import settle

from supajobs.jobs import ClaimedJob, Progress
from supajobs.outcomes import Completed, Failed, JobError, Usage
from supajobs.queue.answers import Beat
from supajobs.queue.job_queue import JobQueue


class Anything(BaseModel):
    """Params of all kinds."""

    model_config = ConfigDict(extra="allow")


class Worker:
    """Works on the jobs of one type, through the queue's real functions."""

    def __init__(self, queue: JobQueue, job_type: str) -> None:
        self._queue = queue
        self._job_type = job_type

    async def claim(self) -> ClaimedJob:
        [job] = await self._queue.claim(
            claim_id=uuid4(), worker_id="test", max_jobs=1, job_types=[self._job_type]
        )
        return job

    async def beat(self, job: ClaimedJob, percentage: int | None = None) -> None:
        progress = percentage and Progress(phase="work", percentage=percentage, message="…")
        await self._queue.heartbeat(
            [Beat(job_id=job.id, claim_id=job.claim_id, progress=progress or None)]
        )

    async def complete(self, job: ClaimedJob, result: JsonValue = None) -> None:
        await settle(self._queue, job, Completed(result=result))

    async def fail(self, job: ClaimedJob, usage: Usage | None = None) -> None:
        error = JobError(code="refused", message="no")
        await settle(self._queue, job, Failed(error, retryable=False, usage=usage))
