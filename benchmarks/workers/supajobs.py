"""supajobs over HTTP, as the environment says: processor JOBS CONCURRENCY, or loop JOBS BATCH."""

from typing import Any
from uuid import uuid4

import uvloop

from benchmarks.api import open_database
from benchmarks.system import QUEUE
from benchmarks.workers import Countdown, NoParams
from supajobs.job_types import JobType, RunningJob
from supajobs.outcomes import Completed
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.worker.memory import spare_what_stays
from supajobs.worker.processor import Processor


async def drain_by_processor(database: Database, jobs: int, concurrency: int) -> None:
    countdown = Countdown(jobs)

    async def handle(_job: RunningJob, _params: NoParams) -> Completed:
        countdown.count()
        return Completed()

    job_types = {QUEUE: JobType(QUEUE, NoParams, handle)}
    queue = JobQueue(database)
    await Processor(queue, job_types, concurrency=concurrency, grace_seconds=1).drain()


async def drain_by_loop(database: Database, jobs: int, batch: int) -> None:
    """No processor: the two calls, one after the other. What a processor can hope for."""
    countdown = Countdown(jobs)
    while True:
        claim: dict[str, Any] = {
            "p_claim_id": str(uuid4()),
            "p_worker_id": "benchmark",
            "p_max_jobs": batch,
            "p_job_types": [QUEUE],
        }
        claimed = await database.service.rpc("claim_plan_jobs", claim).execute()
        taken: list[dict[str, str]] = claimed.data  # pyright: ignore[reportAssignmentType] - any JSON
        if not taken:
            return
        done = [{"job_id": job["id"], "claim_id": job["claim_id"]} for job in taken]
        settle: dict[str, Any] = {"p_jobs": done}
        await database.service.rpc("complete_plan_jobs", settle).execute()
        for _ in taken:
            countdown.count()


async def drain(way: str, jobs: int, number: int) -> None:
    database = open_database()
    await {"processor": drain_by_processor, "loop": drain_by_loop}[way](database, jobs, number)
    await database.close()


def run(way: str, jobs: str, number: str) -> None:
    spare_what_stays()  # this and the loop as in `supajobs work`
    uvloop.run(drain(way, int(jobs), int(number)))
