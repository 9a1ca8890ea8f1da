import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from supajobs.api import events, health, jobs, metrics, plans, push_tokens, queue, tools
from supajobs.api.access import REQUEST_SPANS, AccessMiddleware
from supajobs.api.bodies import BodyLimitMiddleware
from supajobs.api.dependencies import Parts
from supajobs.api.head_requests import HeadMiddleware
from supajobs.api.heads import HeadLimitMiddleware
from supajobs.api.health_check import HealthCheck
from supajobs.api.problems import CrashMiddleware, install_error_handlers
from supajobs.api.schema import DescribedAPI
from supajobs.api.signals import before_the_server_stops
from supajobs.api.trace import TraceMiddleware
from supajobs.api.watcher import JobWatcher
from supajobs.auth import TokenVerifier
from supajobs.handlers.canary import CANARY
from supajobs.handlers.families import create_job_types, create_tools
from supajobs.handlers.tools import Tools, register
from supajobs.handlers.training_plan import TRAINING_PLAN
from supajobs.job_types import JobTypes
from supajobs.models.provider_keys import ProviderKeys
from supajobs.notifications.channels import open_channels
from supajobs.notifications.notifier import Notifier
from supajobs.notifications.outbox import Outbox
from supajobs.notifications.push_tokens import PushTokens
from supajobs.queue.breaker import Breaker
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.settings import Settings
from supajobs.telemetry.metrics import Metrics
from supajobs.worker.processor import Processor
from supajobs.worker.processor_thread import ProcessorThread, once_a_turn

API_PATIENCE = 1.5  # s; a client is better told to come back than kept waiting
WORKER_PATIENCE = 60.0  # s; a settle is worth waiting for: the work behind it is paid for

BROWSERS_SEND = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "Last-Event-ID",
    "Prefer",
    "traceparent",
    "X-Provider-Key",
    "X-Request-Id",
)
BROWSERS_READ = (
    "ETag",
    "Link",
    "Location",
    "Preference-Applied",
    "Retry-After",
    "traceparent",
    "X-Request-Id",
)

RESOURCES = (jobs, events, push_tokens, tools, queue, health)


def create_processor(
    settings: Settings,
    database: Database,
    job_types: JobTypes,
    process_metrics: Metrics,
    *,
    on_settled: Callable[[], None] = lambda: None,
) -> Processor:
    """The processor of one process, as the settings want it.

    It runs canaries as well, which no user may ask for.
    """
    return Processor(
        JobQueue(database, process_metrics, ProviderKeys(settings.provider_key_secret)),
        {CANARY.name: CANARY, **job_types},
        concurrency=settings.worker_concurrency,
        grace_seconds=settings.worker_grace_seconds,
        on_settled=on_settled,
        metrics=process_metrics,
    )


def create_notifier(settings: Settings, database: Database, process_metrics: Metrics) -> Notifier:
    """The notifier of one process, with the channels that the settings have."""
    return Notifier(Outbox(database), open_channels(settings), metrics=process_metrics)


def create_app(
    settings: Settings, job_types: JobTypes | None = None, tools: Tools | None = None
) -> FastAPI:
    """The HTTP API, with a processor of its own that triggers and new jobs wake.

    Raises:
        JobModuleError: job types are to be added that cannot be.
    """
    runnable = create_job_types(settings) if job_types is None else job_types
    registry = register(create_tools(settings) if tools is None else tools, runnable)
    process_metrics = Metrics()

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        database = Database(settings, patience=API_PATIENCE, breaker=Breaker())
        # The jobs have connections of their own: they cannot take those of the requests, and their
        # event loop is another one.
        worker_database = Database(settings, patience=WORKER_PATIENCE)
        outbox_database = Database(settings, patience=WORKER_PATIENCE)
        job_queue = JobQueue(database, process_metrics, ProviderKeys(settings.provider_key_secret))
        watcher = JobWatcher(job_queue)
        notifier = create_notifier(settings, outbox_database, process_metrics)

        def tell() -> None:
            watcher.nudge()
            notifier.wake()

        processor = ProcessorThread(
            create_processor(
                settings,
                worker_database,
                runnable,
                process_metrics,
                on_settled=once_a_turn(tell),
            ),
            close=worker_database.close,
        )
        token_verifier = TokenVerifier(settings, database.http)
        token_verifier.refresh()  # before somebody waits for the keys
        app.state.parts = Parts(
            settings=settings,
            job_types=runnable,
            registry=registry,
            database=database,
            queue=job_queue,
            watcher=watcher,
            health_check=HealthCheck(job_queue),
            processor=processor,
            notifier=notifier,
            push_tokens=PushTokens(database),
            token_verifier=token_verifier,
        )
        watching = asyncio.create_task(watcher.work())
        try:
            with before_the_server_stops(watcher.close):
                async with notifier.working(), processor.working():
                    if settings.api_runs_jobs:
                        processor.wake()  # for what was enqueued while no process ran
                    yield
        finally:
            await notifier.close()
            watching.cancel()
            await asyncio.wait({watching})
            await outbox_database.close()
            await database.close()

    app = DescribedAPI(lifespan, telemetry=REQUEST_SPANS)
    app.state.metrics = process_metrics
    app.state.queue_gauges = metrics.QueueGauges(process_metrics.registry)
    _add_middlewares(app, settings, process_metrics)
    install_error_handlers(app)
    app.include_router(health.router, include_in_schema=False)
    app.include_router(metrics.router)
    v1 = APIRouter()
    for resource in RESOURCES:
        v1.include_router(resource.router)
    if TRAINING_PLAN in runnable:
        v1.include_router(plans.router)
    app.include_router(v1, prefix="/v1")
    app.include_router(v1, prefix="/api/v1", include_in_schema=False)
    return app


def _add_middlewares(app: FastAPI, settings: Settings, process_metrics: Metrics) -> None:
    """From the inside out. What an outer one adds, the refusals of the inner ones have too."""
    app.add_middleware(CrashMiddleware)
    app.add_middleware(BodyLimitMiddleware, max_bytes=settings.max_body_bytes)
    app.add_middleware(HeadLimitMiddleware)
    app.add_middleware(HeadMiddleware)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("DELETE", "GET", "HEAD", "POST", "PUT"),
            allow_headers=BROWSERS_SEND,
            expose_headers=BROWSERS_READ,
        )
    app.add_middleware(AccessMiddleware, metrics=process_metrics)
    app.add_middleware(TraceMiddleware)
