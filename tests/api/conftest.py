from collections.abc import AsyncGenerator, Callable

import httpx
import pytest
from fastapi import FastAPI
from tests.api.worker import Anything, Worker
from tests.parts import make_settings
from tests.serving import serve

from supajobs.app import create_app
from supajobs.handlers.families import create_job_types
from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.job_queue import JobQueue


async def never(job: RunningJob, params: Anything) -> Completed:
    raise AssertionError("a job was started")


@pytest.fixture
def job_type(make_job_type: Callable[..., str]) -> str:
    return make_job_type()


@pytest.fixture
def app(stack: StackInfo, job_type: str) -> FastAPI:
    """With one job type more, which takes any params. It starts on no job by itself."""
    settings = make_settings(stack, api_runs_jobs=False)
    job_types = {**create_job_types(settings), job_type: JobType(job_type, Anything, never)}
    return create_app(settings, job_types)


@pytest.fixture
async def client(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    async with serve(app) as client:
        yield client


@pytest.fixture
def worker(queue: JobQueue, job_type: str) -> Worker:
    return Worker(queue, job_type)
