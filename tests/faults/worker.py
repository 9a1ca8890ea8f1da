"""A worker to be killed: `python -m tests.faults.worker JOB_TYPE`, settings in the environment."""

import asyncio
import sys

from tests.parts import NoParams

from supajobs.app import create_processor
from supajobs.database import Database
from supajobs.jobs import JobType, RunningJob
from supajobs.outcomes import Completed
from supajobs.settings import Settings


async def write(job: RunningJob, params: NoParams) -> Completed:
    await asyncio.sleep(0.1)
    return Completed(plan={"by": job.claimed.claim_id.hex})


async def main() -> None:
    settings = Settings(_env_file=None)  # pyright: ignore[reportCallIssue] - from the environment
    database = Database(settings)
    job_type = JobType(sys.argv[1], NoParams, write)
    processor = create_processor(settings, database, {job_type.name: job_type})
    processor.wake()
    await processor.work(poll_seconds=0.1)


asyncio.run(main())
