import asyncio
import math
import time

from supajobs.errors import JobsNotRunningError, SupabaseUnavailableError
from supajobs.models.provider_refusals import RefusalCode, get_refusals
from supajobs.queue.condition import HealthReason, QueueHealth
from supajobs.queue.job_queue import JobQueue
from supajobs.settings import company_of
from supajobs.worker.processor_thread import ProcessorThread

MAX_AGE = 2.0  # s; who may ask is not known, so all share one answer

DATABASE_UNREACHABLE = QueueHealth(
    status="unhealthy",
    reasons=[
        HealthReason(
            code="database_unreachable",
            status="unhealthy",
            message="The database does not answer: see whether the Supabase project is up, and "
            "SUPABASE_URL its address.",
        )
    ],
)

_REFUSALS: dict[RefusalCode, str] = {
    "provider_key_refused": "The provider {provider} does not accept the server's key, and jobs "
    "that need its models fail: put a valid {setting} into the settings and restart.",
    "provider_quota_exceeded": "The server's account with the provider {provider} is used up, and "
    "jobs that need its models fail: add credit, or put another {setting} into the settings and "
    "restart.",
}


class HealthCheck:
    """Whether the queue does its work: asked at most every two seconds, once for all who ask.

    What it says of the queue holds for all processes. Which model providers refuse the server's
    key, only the process knows that has asked them: a worker beside this one shows it in its own
    metrics (supajobs_provider_refused). And that a process runs no jobs, it says of itself.
    """

    def __init__(self, queue: JobQueue, processor: ProcessorThread) -> None:
        self._queue = queue
        self._processor = processor
        self._asking = asyncio.Lock()
        self._health = DATABASE_UNREACHABLE
        self._checked_at = -math.inf

    async def get(self) -> QueueHealth:
        """The queue's health, at most two seconds old.

        Raises:
            SupajobsError: the database refused to tell.
        """
        async with self._asking:
            if time.monotonic() - self._checked_at >= MAX_AGE:
                self._health = await self._check()
                self._checked_at = time.monotonic()
            return self._health

    async def _check(self) -> QueueHealth:
        try:
            health = await self._queue.check()
        except SupabaseUnavailableError:
            health = DATABASE_UNREACHABLE
        return _add(health, [*self._own_trouble(), *_refusals()])

    def _own_trouble(self) -> list[HealthReason]:
        try:
            self._processor.require_running()
        except JobsNotRunningError as error:
            return [HealthReason(code=error.code, status="unhealthy", message=str(error))]
        return []


def _refusals() -> list[HealthReason]:
    return [
        HealthReason(
            code=code,
            status="degraded",
            message=_REFUSALS[code].format(
                provider=provider, setting=f"{company_of(provider)}_api_key".upper()
            ),
            provider=provider,
        )
        for provider, code in sorted(get_refusals().items())
    ]


def _add(health: QueueHealth, reasons: list[HealthReason]) -> QueueHealth:
    """The worst reason comes first, and its status is that of them all."""
    found = sorted([*health.reasons, *reasons], key=lambda reason: reason.status != "unhealthy")
    return QueueHealth(status=found[0].status if found else health.status, reasons=found)
