"""One call for all running jobs: leases and progress go up, cancellations come down."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from uuid import UUID

from supajobs.errors import SupabaseUnavailableError
from supajobs.loggers import get_logger
from supajobs.queue.answers import Beat, Pulse
from supajobs.queue.batches import send_batch
from supajobs.queue.job_queue import JobQueue
from supajobs.telemetry.metrics import Metrics
from supajobs.worker.runs import Run

logger = get_logger(__name__)

PROGRESS_GAP = 0.5  # s; progress reaches the user at most this often
FOREVER = 86_400.0  # s; not infinity, which some event loops refuse as a timeout


class Heartbeat:
    """Beats for the runs that `runs` lists: every third of a lease, and soon after progress."""

    def __init__(
        self,
        queue: JobQueue,
        runs: Callable[[], Collection[Run]],
        metrics: Metrics,
        obey: Callable[[Run, Pulse], object] | None = None,
    ) -> None:
        self._queue = queue
        self._runs = runs
        self._metrics = metrics
        self._obey = obey or _obey
        self._news = asyncio.Event()
        self._leased_at = time.monotonic()

    def notice(self, leased_at: float | None = None) -> None:
        """Says that there is progress to send, or a new run whose lease began then (monotonic)."""
        if leased_at is not None:
            self._leased_at = min(self._leased_at, leased_at)
        self._news.set()

    @contextlib.asynccontextmanager
    async def beating(self) -> AsyncGenerator[None]:
        """Beats in the background for as long as the context lasts."""
        self._leased_at = time.monotonic()
        beats = asyncio.create_task(self._beat_on())
        try:
            yield
        finally:
            beats.cancel()
            await asyncio.wait({beats})

    @contextlib.asynccontextmanager
    async def beating_elsewhere(self, loop: asyncio.AbstractEventLoop) -> AsyncGenerator[None]:
        """Beats from another event loop while `loop`, which has the runs, does not turn."""
        async with self._queue.elsewhere() as queue:
            stand_in = Heartbeat(
                queue,
                lambda: list(self._runs()),
                self._metrics,
                lambda run, pulse: loop.call_soon_threadsafe(_obey, run, pulse),
            )
            async with stand_in.beating():
                stand_in.notice(self._leased_at)
                yield

    async def _beat_on(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._leased_at + self.interval() - time.monotonic()):
                    await self._news.wait()
            self._news.clear()
            has_progress = any(run.progress_is_new for run in self._runs())
            if has_progress or time.monotonic() >= self._leased_at + self.interval():
                self._leased_at = time.monotonic()
                try:
                    await self._beat()
                except Exception:
                    # Whatever it was, the next one may succeed, and nobody restarts this loop.
                    logger.exception("heartbeat_crashed")
                await asyncio.sleep(min(PROGRESS_GAP, self.interval()))

    def interval(self) -> float:
        """Seconds between two beats. Any thread may ask."""
        leases = (run.job.lease_seconds for run in list(self._runs()))
        return min(leases, default=FOREVER) / 3

    async def _beat(self) -> None:
        runs = {run.job.id: run for run in self._runs()}
        if not runs:
            return
        beats = [_make_beat(run) for run in runs.values()]
        refused = await self._send(beats, runs)
        if refused:
            logger.warning("progress_refused", job_ids=[str(beat.job_id) for beat in refused])
            await self._send([beat.model_copy(update={"progress": None}) for beat in refused], runs)

    async def _send(self, beats: Sequence[Beat], runs: Mapping[UUID, Run]) -> list[Beat]:
        """Which of the beats were refused, where leases are one's own to extend: their progress."""
        try:
            answers = await send_batch(self._queue.heartbeat, beats)
        except asyncio.CancelledError:
            for beat in beats:  # nobody knows whether it arrived
                runs[beat.job_id].progress_is_new |= beat.progress is not None
            raise
        refused, trouble = list[Beat](), None
        for beat, answer in zip(beats, answers, strict=True):
            run = runs[beat.job_id]
            match answer:
                case Pulse():
                    self._obey(run, answer)
                case SupabaseUnavailableError():
                    trouble = answer
                    run.progress_is_new = run.progress is not None
                case _:
                    refused.append(beat)
        if trouble:
            logger.warning("heartbeat_failed", code=trouble.code, reason=trouble.reason)
            self._metrics.heartbeat_failures.inc()
        return refused


def _make_beat(run: Run) -> Beat:
    progress = run.progress if run.progress_is_new else None
    run.progress_is_new = False
    return Beat(job_id=run.job.id, claim_id=run.job.claim_id, progress=progress)


def _obey(run: Run, pulse: Pulse) -> None:
    if pulse.outcome != "held":
        run.lost = True
    if pulse.outcome != "held" or pulse.cancel_requested:
        run.stop()
