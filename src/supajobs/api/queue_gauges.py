import time

from prometheus_client import CollectorRegistry, Gauge

from supajobs.errors import SupajobsError
from supajobs.loggers import get_logger
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.scale import read_scale

logger = get_logger(__name__)

MAX_AGE = 5.0  # s; however many scrapers there are, the database is asked this often


class QueueGauges:
    """The queue in figures, as the database knows them: the same in every process that asks."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._up = Gauge(
            "supajobs_queue_up",
            "Whether the database answered; if not, it has no other figures.",
            registry=registry,
        )
        self._jobs = Gauge(
            "supajobs_queue_jobs",
            "Jobs that are pending (due; counted up to 100,000), scheduled (for later, or for a "
            "retry) or processing.",
            ["job_type", "status"],
            registry=registry,
        )
        self._oldest = Gauge(
            "supajobs_queue_oldest_pending_seconds",
            "How long the oldest due job has waited.",
            ["job_type"],
            registry=registry,
        )
        self._workers = Gauge(
            "supajobs_queue_workers_wanted",
            "How many workers the jobs of a type want that are due or run, of those that run as "
            "many at once as WORKER_CONCURRENCY says. In total: with an empty job_type.",
            ["job_type"],
            registry=registry,
        )
        self._asked_at = float("-inf")

    async def refresh(self, queue: JobQueue, database: Database, jobs_per_worker: int) -> None:
        """Asks the database, unless it has just been asked."""
        if time.monotonic() - self._asked_at < MAX_AGE:
            return
        try:
            description = await queue.describe()
            scale = await read_scale(database, jobs_per_worker)
        except SupajobsError as error:
            logger.warning("queue_figures_missing", code=error.code)
            description = scale = None
        self._asked_at = time.monotonic()
        self._up.set(description is not None)
        self._jobs.clear()
        self._oldest.clear()
        self._workers.clear()
        if scale:
            self._workers.labels("").set(scale.total.workers)
            for each in scale.job_types:
                self._workers.labels(each.job_type).set(each.workers)
        for each in description.job_types if description else ():
            for status in ("pending", "scheduled", "processing"):
                self._jobs.labels(each.job_type, status).set(getattr(each, status))
            self._oldest.labels(each.job_type).set(each.oldest_pending_seconds or 0)
