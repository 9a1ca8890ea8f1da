"""Looks from a thread whether the event loop turns, which a handler that blocks keeps from it."""

import asyncio
import contextlib
import sys
import threading
import time
import traceback
from collections.abc import AsyncGenerator, Callable, Collection

from supajobs.loggers import get_logger
from supajobs.telemetry.metrics import Metrics
from supajobs.worker.heartbeat import Heartbeat
from supajobs.worker.runs import Run

logger = get_logger(__name__)

LOOK_SECONDS = 0.25  # between two looks
BLOCKED_SECONDS = 1.0  # without a turn, and the loop counts as blocked; short leases: less
MAX_FRAMES = 20  # of the stack: the innermost tell where it stands


class Watchdog:
    """While the loop is blocked, beats in the heartbeat's place, and says who blocks it.

    `time.sleep` or a long computation in one handler would else take the leases of all the others.
    What holds Python's interpreter lock, as a C extension can, holds this thread, too.
    """

    def __init__(
        self, heartbeat: Heartbeat, runs: Callable[[], Collection[Run]], metrics: Metrics
    ) -> None:
        self._heartbeat = heartbeat
        self._runs = runs
        self._metrics = metrics

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncGenerator[None]:
        """Watches this event loop for as long as the context lasts."""
        over = threading.Event()
        loop, thread_id = asyncio.get_running_loop(), threading.get_ident()
        # A daemon, for no process waits for it: its end may come while the loop is blocked.
        threading.Thread(
            target=self._watch, args=(loop, thread_id, over), name="supajobs-watchdog", daemon=True
        ).start()
        try:
            yield
        finally:
            over.set()

    def _watch(
        self, loop: asyncio.AbstractEventLoop, thread_id: int, over: threading.Event
    ) -> None:
        while not over.wait(LOOK_SECONDS):
            turned = threading.Event()
            asked_at = time.monotonic()
            loop.call_soon_threadsafe(turned.set)
            if not turned.wait(min(BLOCKED_SECONDS, self._heartbeat.interval() / 2)):
                self._tell_who_blocks(loop, thread_id)
                try:
                    asyncio.run(self._stand_in(loop, turned))
                except Exception:
                    # Whatever it was, nobody restarts this thread.
                    logger.exception("watchdog_crashed")
                    turned.wait()
                seconds = round(time.monotonic() - asked_at, 1)
                logger.warning("event_loop_recovered", seconds=seconds)

    def _tell_who_blocks(self, loop: asyncio.AbstractEventLoop, thread_id: int) -> None:
        """Whose handler it is, where it is no task of the handler's own, and where it stands."""
        task = asyncio.current_task(loop)
        run = next((run for run in list(self._runs()) if task and run.handler is task), None)
        frames = sys._current_frames()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - documented
        frame = frames.get(thread_id)
        logger.error(
            "event_loop_blocked",
            job_id=str(run.job.id) if run else None,
            job_type=run.job.job_type if run else None,
            trace_id=run.job.trace_id if run else None,
            at=f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else None,
            stack="".join(traceback.format_stack(frame, limit=MAX_FRAMES)),
        )
        self._metrics.blocked(run.job.job_type if run else "").inc()

    async def _stand_in(self, loop: asyncio.AbstractEventLoop, turned: threading.Event) -> None:
        async with self._heartbeat.beating_elsewhere(loop):
            # Not in a thread of asyncio's, which the end of the process would wait for.
            while not turned.is_set():  # noqa: ASYNC110 - it is set from another thread
                await asyncio.sleep(LOOK_SECONDS)
