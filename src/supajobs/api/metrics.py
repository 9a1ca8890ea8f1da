"""GET /metrics: what this process has counted, and what waits in the database."""

import time
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Header, Request, Response
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import choose_encoder

from supajobs.api.dependencies import PartsDep
from supajobs.auth import require_cron_secret
from supajobs.errors import SupajobsError
from supajobs.queue.job_queue import JobQueue
from supajobs.telemetry.metrics import Metrics

logger = structlog.get_logger()

MAX_AGE = 5.0  # s; however many scrapers there are, the database is asked this often

router = APIRouter(include_in_schema=False, dependencies=[Depends(require_cron_secret)])


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
        self._asked_at = float("-inf")

    async def refresh(self, queue: JobQueue) -> None:
        """Asks the database, unless it has just been asked."""
        if time.monotonic() - self._asked_at < MAX_AGE:
            return
        try:
            description = await queue.describe()
        except SupajobsError as error:
            logger.warning("queue_figures_missing", code=error.code)
            description = None
        self._asked_at = time.monotonic()
        self._up.set(description is not None)
        self._jobs.clear()
        self._oldest.clear()
        for each in description.job_types if description else ():
            for status in ("pending", "scheduled", "processing"):
                self._jobs.labels(each.job_type, status).set(getattr(each, status))
            self._oldest.labels(each.job_type).set(each.oldest_pending_seconds or 0)


async def _metrics(request: Request) -> Metrics:
    return request.app.state.metrics


async def _queue_gauges(request: Request) -> QueueGauges:
    return request.app.state.queue_gauges


@router.get("/metrics")
async def get_metrics(
    metrics: Annotated[Metrics, Depends(_metrics)],
    gauges: Annotated[QueueGauges, Depends(_queue_gauges)],
    parts: PartsDep,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """What Prometheus asks for, in the format that it accepts."""
    await gauges.refresh(parts.queue)
    try:
        encode, media_type = choose_encoder(accept)
    except TypeError:  # a version that is no number, compared all the same
        encode, media_type = choose_encoder("")
    return Response(encode(metrics.registry), media_type=media_type)
