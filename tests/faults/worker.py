"""Worker processes to be killed: the real `supajobs work`, with a job type of the test's own.

Where the settings name a model, that type is `training_plan` under another name.
"""

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from pydantic import BaseModel
from tests.forks import fork

from supajobs import app as application
from supajobs.cli import app
from supajobs.handlers.training_plan import TRAINING_PLAN
from supajobs.job_types import JobType, JobTypes, RunningJob
from supajobs.jobs import Progress
from supajobs.outcomes import Completed, RateLimitedError
from supajobs.settings import BUILT_IN, Settings

FOREVER = 3600.0

_create_job_types = application.create_job_types  # pyright: ignore[reportPrivateImportUsage] - replaced below


class Work(BaseModel):
    """What a job has its worker do."""

    seconds: float = 0.0
    says_so: bool = False
    """With a heartbeat, which the test can wait for."""
    blocks: float = 0.0
    """The whole event loop, for so many seconds."""
    waits: bool = False
    """For a signal, before all else."""
    fails_first: bool = False
    retry_after: float | None = None


async def handle(job: RunningJob, work: Work) -> Completed:
    if work.waits:
        await job.wait_for("approval", timeout=timedelta(days=2))
    if work.says_so:
        job.report(Progress(phase="base", percentage=50, message=""))
    await asyncio.sleep(work.seconds)
    time.sleep(work.blocks)  # noqa: ASYNC251 - which is the fault
    if work.fails_first and job.claimed.retry_count == 0:
        raise RateLimitedError(work.retry_after)
    return Completed(plan={"clock": time.time()})


def run(job_type: str, environment: Mapping[str, str]) -> None:
    os.chdir("/")  # away from any .env
    os.environ.update(environment)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

    def create_job_types(settings: Settings) -> JobTypes:
        if settings.plan_model != BUILT_IN:
            plan_type = _create_job_types(settings)[TRAINING_PLAN]
            return {job_type: replace(plan_type, name=job_type)}
        return {job_type: JobType(job_type, Work, handle)}

    application.create_job_types = create_job_types  # pyright: ignore[reportPrivateImportUsage]
    app(["work"])


class Worker:
    """One such process."""

    def __init__(self, job_type: str, environment: Mapping[str, str]) -> None:
        self._process = fork(run, job_type, dict(environment))

    def terminate(self) -> None:
        """SIGTERM."""
        self._process.terminate()

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.join()

    async def ended(self) -> int | None:
        """Its exit code, once it has ended."""
        await asyncio.to_thread(self._process.join)
        return self._process.exitcode
