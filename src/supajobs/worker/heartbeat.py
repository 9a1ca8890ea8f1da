"""One call for all running jobs: leases and progress go up, cancellations come down."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Collection

import structlog

from supajobs.errors import SupajobsError
from supajobs.queue.answers import Beat, Pulse
from supajobs.queue.job_queue import JobQueue
from supajobs.telemetry.metrics import Metrics
from supajobs.worker.runs import Run

logger = structlog.get_logger()

PROGRESS_GAP = 0.5  # s; progress reaches the user at most this often
FOREVER = 86_400.0  # s; not infinity, which some event loops refuse as a timeout


class Heartbeat:
    """Beats for the runs that `runs` lists: every third of a lease, and soon after progress."""

    def __init__(
        self, queue: JobQueue, runs: Callable[[], Collection[Run]], metrics: Metrics
    ) -> None:
        self._queue = queue
        self._runs = runs
        self._metrics = metrics
        self._news = asyncio.Event()

    def notice(self) -> None:
        """Says that there is a new run, or progress to send."""
        self._news.set()

    @contextlib.asynccontextmanager
    async def beating(self) -> AsyncGenerator[None]:
        """Beats in the background for as long as the context lasts."""
        beats = asyncio.create_task(self._beat_on())
        try:
            yield
        finally:
            beats.cancel()
            await asyncio.wait({beats})

    async def _beat_on(self) -> None:
        last = time.monotonic()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(last + self._interval() - time.monotonic()):
                    await self._news.wait()
            self._news.clear()
            has_progress = any(run.progress_is_new for run in self._runs())
            if has_progress or time.monotonic() >= last + self._interval():
                last = time.monotonic()
                await self._beat()
                await asyncio.sleep(min(PROGRESS_GAP, self._interval()))

    def _interval(self) -> float:
        leases = (run.job.lease_seconds for run in self._runs())
        return min(leases, default=FOREVER) / 3

    async def _beat(self) -> None:
        runs = {run.job.id: run for run in self._runs()}
        if not runs:
            return
        beats = [
            Beat(
                job_id=run.job.id,
                claim_id=run.job.claim_id,
                progress=run.progress if run.progress_is_new else None,
            )
            for run in runs.values()
        ]
        for run in runs.values():
            run.progress_is_new = False
        try:
            pulses = await self._queue.heartbeat(beats)
        except SupajobsError as error:
            logger.warning("heartbeat_failed", code=error.code)
            self._metrics.heartbeat_failures.inc()
            for run in runs.values():
                run.progress_is_new = run.progress is not None
            return
        for pulse in pulses:
            _obey(runs[pulse.job_id], pulse)


def _obey(run: Run, pulse: Pulse) -> None:
    if pulse.outcome != "held":
        run.lost = True
    if pulse.outcome != "held" or pulse.cancel_requested:
        run.stop()
