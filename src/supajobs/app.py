import asyncio
import contextlib
from collections.abc import AsyncGenerator

from fastapi import APIRouter, FastAPI

from supajobs.api import health, jobs, plans, queue
from supajobs.api.problems import install_error_handlers
from supajobs.api.trace import TraceMiddleware
from supajobs.auth import TokenVerifier
from supajobs.database import Database
from supajobs.handlers import create_job_types
from supajobs.jobs import JobTypes
from supajobs.processor import Processor
from supajobs.queue import JobQueue
from supajobs.settings import Settings

API_PATIENCE = 1.5  # s; a client is better told to come back than kept waiting
WORKER_PATIENCE = 60.0  # s; a settle is worth waiting for: the work behind it is paid for


def create_processor(settings: Settings, database: Database, job_types: JobTypes) -> Processor:
    """The processor of one process, as the settings want it."""
    return Processor(
        JobQueue(database),
        job_types,
        concurrency=settings.worker_concurrency,
        grace_seconds=settings.worker_grace_seconds,
    )


def create_app(settings: Settings, job_types: JobTypes | None = None) -> FastAPI:
    """The HTTP API, with a processor of its own that triggers and new jobs wake."""
    runnable = job_types or create_job_types(settings)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        database = Database(settings, patience=API_PATIENCE)
        # The jobs have connections of their own: they cannot take those of the requests.
        worker_database = Database(settings, patience=WORKER_PATIENCE)
        processor = create_processor(settings, worker_database, runnable)
        app.state.settings = settings
        app.state.job_types = runnable
        app.state.database = database
        app.state.queue = JobQueue(database)
        app.state.processor = processor
        app.state.token_verifier = TokenVerifier(settings, database.http)
        if settings.api_runs_jobs:
            processor.wake()  # for what was enqueued while no process ran
        working = asyncio.create_task(processor.work(poll_seconds=None))
        yield
        processor.stop()
        await working
        await worker_database.close()
        await database.close()

    app = FastAPI(title="supajobs", lifespan=lifespan)
    app.add_middleware(TraceMiddleware)
    install_error_handlers(app)
    app.include_router(health.router)
    v1 = APIRouter()
    for resource in (health, jobs, plans, queue):
        v1.include_router(resource.router)
    app.include_router(v1, prefix="/v1")
    app.include_router(v1, prefix="/api/v1", include_in_schema=False)
    return app
