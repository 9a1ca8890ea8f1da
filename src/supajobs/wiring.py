"""How the parts of a process are put together."""

import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from functools import cached_property, partial

from supajobs.api.dashboard.answers import DashboardAnswers
from supajobs.api.dashboard.session_cookies import SessionCookies
from supajobs.api.dashboard.wrong_secrets import WrongSecrets
from supajobs.api.dependencies import Parts, working
from supajobs.api.health_check import HealthCheck
from supajobs.api.offered_types import OfferedTypes
from supajobs.api.queue_gauges import QueueGauges
from supajobs.api.watcher import JobWatcher
from supajobs.auth import TokenVerifier
from supajobs.client import open_client
from supajobs.handlers.canary import CANARY
from supajobs.handlers.tools import Registry
from supajobs.job_types import JobTypes
from supajobs.jobs import Job
from supajobs.models.provider_keys import ProviderKeys
from supajobs.notifications.channels import open_channels
from supajobs.notifications.notifier import POLL_SECONDS, TOLD_POLL_SECONDS, Notifier
from supajobs.notifications.outbox import Outbox
from supajobs.notifications.push_tokens import PushTokens
from supajobs.queue.breaker import Breaker
from supajobs.queue.calls import MeasuredCalls
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.overview import Overview
from supajobs.settings import Settings
from supajobs.telemetry.metrics import Metrics
from supajobs.worker.processor import Processor
from supajobs.worker.processor_thread import ProcessorThread, once_a_turn
from supajobs.worker.worker import Worker

API_PATIENCE = 1.5  # s; a client is better told to come back than kept waiting
WORKER_PATIENCE = 60.0  # s; a settle is worth waiting for: the work behind it is paid for


@dataclass(frozen=True, eq=False)
class Wiring:
    """What the parts are made from: one of each in a process."""

    settings: Settings
    job_types: JobTypes
    registry: Registry
    metrics: Metrics

    @cached_property
    def _queue_gauges(self) -> QueueGauges:
        return QueueGauges(self.metrics.registry)

    @contextlib.asynccontextmanager
    async def open_worker(self) -> AsyncGenerator[Worker]:
        """What runs jobs in this process; canaries as well, which no user may ask for."""
        async with (
            self._notifier(poll_seconds=TOLD_POLL_SECONDS) as notifier,
            self._processor(notifier.wake) as processor,
        ):
            yield Worker(processor, notifier)

    @contextlib.asynccontextmanager
    async def _notifier(self, *, poll_seconds: float = POLL_SECONDS) -> AsyncGenerator[Notifier]:
        database = Database(self.settings, patience=WORKER_PATIENCE)
        channels = open_channels(self.settings)
        notifier = Notifier(
            Outbox(database), channels, poll_seconds=poll_seconds, metrics=self.metrics
        )
        try:
            yield notifier
        finally:
            await notifier.close()
            await database.close()

    @contextlib.asynccontextmanager
    async def _processor(self, on_settled: Callable[[], None]) -> AsyncGenerator[Processor]:
        database = Database(self.settings, patience=WORKER_PATIENCE)
        try:
            yield Processor(
                self._open_queue(database),
                {CANARY.name: CANARY, **self.job_types},
                concurrency=self.settings.worker_concurrency,
                grace_seconds=self.settings.worker_grace_seconds,
                on_settled=on_settled,
                metrics=self.metrics,
                max_process_bytes=self.settings.max_process_bytes,
            )
        finally:
            await database.close()

    def _open_queue(self, database: Database) -> JobQueue:
        return JobQueue(database, self.metrics, ProviderKeys(self.settings.provider_key_secret))

    @contextlib.asynccontextmanager
    async def open_parts(self) -> AsyncGenerator[Parts]:
        """What the routes work with, at work."""
        async with contextlib.AsyncExitStack() as stack:
            database = Database(self.settings, patience=API_PATIENCE, breaker=Breaker())
            stack.push_async_callback(database.close)
            queue = self._open_queue(database)
            watcher = JobWatcher(queue)
            notifier = await stack.enter_async_context(self._notifier())

            def tell() -> None:
                watcher.nudge()
                notifier.wake()

            processor = ProcessorThread(partial(self._processor, once_a_turn(tell)))

            def wake(job: Job) -> None:
                if self.settings.api_runs_jobs:
                    due_in = (job.run_at - job.updated_at).total_seconds()
                    processor.wake(again_in=due_in if due_in > 0 else None)

            def stop(job: Job) -> None:
                processor.cancel(job.id)  # without waiting for its heartbeat, where it runs here
                watcher.nudge()

            client = await stack.enter_async_context(
                open_client(
                    self.settings,
                    self.job_types,
                    self.metrics,
                    on_enqueued=wake,
                    on_cancelled=stop,
                )
            )
            overview = Overview(MeasuredCalls(database, self.metrics).call)
            health_check = HealthCheck(queue, processor)
            parts = Parts(
                settings=self.settings,
                offered=OfferedTypes(self.job_types, database),
                registry=self.registry,
                metrics=self.metrics,
                queue_gauges=self._queue_gauges,
                database=database,
                queue=queue,
                overview=overview,
                client=client,
                watcher=watcher,
                health_check=health_check,
                dashboard=DashboardAnswers(database, queue, overview, health_check),
                session_cookies=SessionCookies(self.settings),
                wrong_secrets=WrongSecrets(),
                processor=processor,
                notifier=notifier,
                push_tokens=PushTokens(database),
                token_verifier=TokenVerifier(self.settings, database.http),
                wake=wake,
            )
            await stack.enter_async_context(working(parts))
            yield parts
