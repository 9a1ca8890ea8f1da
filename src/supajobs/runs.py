"""One claimed job in this process, from its start to its outcome."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from opentelemetry import trace
from pydantic import ValidationError

from supajobs.jobs import ClaimedJob, JobType, Progress, RunningJob
from supajobs.outcomes import (
    INVALID_PARAMS,
    TIMED_OUT,
    UNEXPECTED,
    Completed,
    Failed,
    Outcome,
    Released,
    classify,
)

logger = structlog.get_logger()

STOP_PATIENCE = 5.0  # s; a handler that swallows its cancellation is left behind after this


class Run:
    """A job, how far it is, and whether it may go on.

    `lost` says that the job is no longer ours to settle.
    """

    def __init__(self, job: ClaimedJob, on_progress: Callable[[], None]) -> None:
        self.job = job
        self.progress: Progress | None = None
        self.progress_is_new = False
        self.lost = False
        self._on_progress = on_progress
        self._is_stopped = False
        self._waited = asyncio.get_running_loop().create_future()

    def report(self, progress: Progress) -> None:
        """Takes a handler's progress; the next heartbeat carries it."""
        self.progress, self.progress_is_new = progress, True
        self._on_progress()

    def stop(self) -> None:
        """Ends the handler's work from outside."""
        self._is_stopped = True
        self._stop_waiting()

    async def handle(self, job_type: JobType[Any]) -> Outcome:
        """Runs the handler to its end, to its deadline, or until the run is stopped."""
        try:
            params = job_type.params.model_validate(self.job.params)
        except ValidationError as error:
            logger.warning("params_invalid", error_count=error.error_count())
            return INVALID_PARAMS

        handler = asyncio.create_task(job_type.handle(RunningJob(self.job, self.report), params))
        await self._wait_for(handler)
        ended_by_itself = handler.done()
        if not ended_by_itself:
            handler.cancel()
            await asyncio.wait({handler}, timeout=STOP_PATIENCE)
        if not handler.done():
            logger.error("handler_swallows_cancellation")
        elif not handler.cancelled() and handler.exception() is None:
            return handler.result()
        elif ended_by_itself:
            return _explain(handler)
        return Released() if self._is_stopped else TIMED_OUT

    async def _wait_for(self, handler: asyncio.Task[Completed]) -> None:
        """Until it ends, its time is over, or the run is stopped. Not asyncio.wait, for speed."""
        handler.add_done_callback(self._stop_waiting)
        loop = asyncio.get_running_loop()
        deadline = loop.call_later(self.job.max_runtime_seconds, self._stop_waiting)
        await self._waited
        deadline.cancel()

    def _stop_waiting(self, _handler: asyncio.Task[Completed] | None = None) -> None:
        if not self._waited.done():
            self._waited.set_result(None)


def _explain(handler: asyncio.Task[Completed]) -> Failed:
    """Why a handler ended without a result: to the log in full, to the user in our words."""
    error = None if handler.cancelled() else handler.exception()
    logger.warning("handler_failed", exc_info=error)
    if error:
        trace.get_current_span().record_exception(error)
    return classify(error) if isinstance(error, Exception) else UNEXPECTED
