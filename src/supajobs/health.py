import asyncio
import math
import time

from supajobs.errors import SupabaseUnavailableError
from supajobs.queue import HealthReason, JobQueue, QueueHealth

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


class HealthCheck:
    """Whether the queue does its work: asked at most every two seconds, once for all who ask."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
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
            return await self._queue.check()
        except SupabaseUnavailableError:
            return DATABASE_UNREACHABLE
