"""What one process counts and times, for Prometheus. Each process is scraped by itself.

Labels hold names of our own: job types that this process knows, routes, outcomes, functions. What
a user sends never becomes one.
"""

import collections
import contextlib
from collections.abc import Callable, Generator, Iterable, Sequence
from functools import cache
from importlib.metadata import version
from itertools import product

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from supajobs.jobs import ClaimedJob
from supajobs.loggers import get_logger
from supajobs.models.provider_refusals import get_refusals

logger = get_logger(__name__)

# Upper bounds of buckets in seconds.
REQUESTS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
JOBS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600)


class Metrics:
    """The metrics of one process, in a registry of their own.

    One with labels is a function from their values to the counter or histogram.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.registry.register(_RefusalCollector())
        build = Info("supajobs_build", "The version that runs.", registry=self.registry)
        build.info({"version": version("supajobs")})

        self.requests = self._count(
            "supajobs_http_requests_total",
            "Requests that were answered.",
            ("method", "route", "status"),
        )
        self.request_seconds = self._time(
            "supajobs_http_request_duration_seconds",
            "Until the answer was sent; without event streams, which last while they are read.",
            ("method", "route"),
            REQUESTS,
        )
        self.event_streams = Gauge(
            "supajobs_event_streams", "Event streams that are open.", registry=self.registry
        )

        self.enqueued = self._count(
            "supajobs_jobs_enqueued_total",
            "Requests for a job: created, existing, conflict, rate_limited or cost_limited; or "
            "refused, of one in a call of many.",
            ("job_type", "outcome"),
        )
        self.claimed = self._count(
            "supajobs_jobs_claimed_total", "Jobs that were taken to be run.", ("job_type",)
        )
        self.waited_seconds = self._time(
            "supajobs_job_wait_seconds",
            "From the request to the start of a first run. Of a job for later, or one that was "
            "released, suspended or asked for again, the time before counts too.",
            ("job_type",),
            JOBS,
        )
        self.running = Gauge(
            "supajobs_jobs_running", "Jobs that run in this process.", registry=self.registry
        )
        self.run_seconds = self._time(
            "supajobs_job_duration_seconds",
            "How long handlers ran.",
            ("job_type", "outcome"),
            JOBS,
        )
        self.settled = self._count(
            "supajobs_jobs_settled_total",
            "Runs by how they ended: completed, retrying, failed, released, suspended, "
            "cancelled, or stale (the claim no longer held).",
            ("job_type", "outcome"),
        )
        self.crashed = self._count(
            "supajobs_handler_crashes_total",
            "Runs that ended with an exception that is not expected of handlers.",
            ("job_type",),
        )
        self.lost = self._count(
            "supajobs_jobs_lost_total",
            "Runs that no longer held their job when they ended: the lease had run out.",
            ("job_type",),
        )
        self.blocked = self._count(
            "supajobs_event_loop_blocks_total",
            "Times that the event loop did not turn for a second, by the job type of the handler "
            "that blocked it; empty where it is not known, or none.",
            ("job_type",),
        )
        self.heartbeat_failures = Counter(
            "supajobs_heartbeat_failures_total",
            "Heartbeats that were not answered.",
            registry=self.registry,
        )

        self.deliveries = self._count(
            "supajobs_deliveries_total",
            "Attempts to tell one receiver of the end of a job: delivered, sent (the push service "
            "says later what became of it), retrying, failed, expired, or stale (another process "
            "has it).",
            ("channel", "outcome"),
        )

        self.call_seconds = self._time(
            "supajobs_supabase_request_duration_seconds",
            "Calls of the queue's functions, repetitions included.",
            ("function",),
            REQUESTS,
        )
        self.call_failures = self._count(
            "supajobs_supabase_request_failures_total",
            "Calls of the queue's functions that failed, repetitions and all.",
            ("function", "code"),
        )

    def expect(self, job_types: Iterable[str], outcomes: Iterable[str]) -> None:
        """Shows zeros: of a counter that appears with its first count, no increase is seen."""
        self.blocked("")
        for job_type in job_types:
            for counter in (self.claimed, self.crashed, self.lost, self.blocked):
                counter(job_type)
            for outcome in outcomes:
                self.settled(job_type, outcome)

    def note_claim(self, jobs: Sequence[ClaimedJob]) -> None:
        """Counts jobs that were taken to be run, and how long those waited that never ran."""
        for job_type, number in collections.Counter(job.job_type for job in jobs).items():
            self.claimed(job_type).inc(number)
        for job in jobs:
            if job.retry_count == job.crash_count == 0:
                waited = job.started_at - job.created_at
                self.waited_seconds(job.job_type).observe(waited.total_seconds())

    def expect_deliveries(self, channels: Iterable[str], outcomes: Iterable[str]) -> None:
        """Shows zeros here, too."""
        for channel, outcome in product(channels, outcomes):
            self.deliveries(channel, outcome)

    # Each is remembered by its labels: to look it up takes longer than to count.

    def _count(
        self, name: str, documentation: str, labels: tuple[str, ...]
    ) -> Callable[..., Counter]:
        return cache(Counter(name, documentation, labels, registry=self.registry).labels)

    def _time(
        self, name: str, documentation: str, labels: tuple[str, ...], buckets: tuple[float, ...]
    ) -> Callable[..., Histogram]:
        histogram = Histogram(name, documentation, labels, registry=self.registry, buckets=buckets)
        return cache(histogram.labels)


class _RefusalCollector(Collector):
    """What this process knows of providers, asked for when it is scraped."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        refused = GaugeMetricFamily(
            "supajobs_provider_refused",
            "1 while a model provider refuses the server's key (provider_key_refused) or account "
            "(provider_quota_exceeded). Keys that users bring do not count.",
            labels=("provider", "code"),
        )
        for provider, code in get_refusals().items():
            refused.add_metric((provider, code), 1)
        yield refused


@contextlib.contextmanager
def serving(metrics: Metrics, host: str, port: int) -> Generator[int]:
    """Serves the metrics to anybody who can reach the port (0: a free one), which it gives."""
    server, thread = start_http_server(port, host, metrics.registry)
    logger.info("metrics_ready", host=host, port=server.server_port)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
