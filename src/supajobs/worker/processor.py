"""The loop that claims jobs, runs their handlers and settles them.

    claim ─▶ each job as a task, at most `concurrency` at a time
             · one heartbeat for all of them, every third of the shortest lease
             · a hard deadline per job; cancellation by the heartbeat's answer
             · outcome ─▶ settle, together with others that have just ended; repeated with the
               same claim id until answered

Processes share nothing but the database: to scale out, start another one.
"""

import asyncio
import contextlib
import os
import random
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import structlog
from opentelemetry.trace import StatusCode

from supajobs.errors import SupabaseRefusedError, SupajobsError
from supajobs.job_types import JobTypes
from supajobs.jobs import ClaimedJob
from supajobs.outcomes import Failed, Outcome, Released
from supajobs.queue.answers import Settled, SettleOutcome
from supajobs.queue.job_queue import MAX_CLAIM, JobQueue
from supajobs.telemetry.metrics import Metrics
from supajobs.worker.heartbeat import FOREVER, Heartbeat
from supajobs.worker.presence import Presence
from supajobs.worker.runs import Run
from supajobs.worker.settler import Settler
from supajobs.worker.spans import job_span
from supajobs.worker.verdicts import OUTCOME_REFUSED, UNEXPECTED

logger = structlog.get_logger()


class Processor:
    """Runs jobs of the given types in this process.

    `drain` works until the queue is empty; `work` goes on until `stop`. After each job that it has
    settled it calls `on_settled`.
    """

    def __init__(  # noqa: PLR0913 - its parts, and its limits
        self,
        queue: JobQueue,
        job_types: JobTypes,
        *,
        concurrency: int,
        grace_seconds: float,
        on_settled: Callable[[], None] = lambda: None,
        metrics: Metrics | None = None,
    ) -> None:
        self.worker_id = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"
        self._queue = queue
        self._job_types = job_types
        self._concurrency = concurrency
        self._grace_seconds = grace_seconds
        self._on_settled = on_settled
        self._runs: dict[asyncio.Task[None], Run] = {}
        self._metrics = metrics or Metrics()
        self._metrics.running.set_function(self._runs.__len__)
        self._metrics.expect(job_types, list(SettleOutcome))
        self._heartbeat = Heartbeat(queue, self._runs.values, self._metrics)
        self._settler = Settler(queue)
        self._presence = Presence(
            queue, self.worker_id, concurrency=concurrency, running=self._runs.__len__
        )
        self._settled: Counter[str] = Counter()
        self._draining = asyncio.Lock()
        self._woken = asyncio.Event()
        self._changed = asyncio.Event()
        self._next_wake: asyncio.TimerHandle | None = None
        self._stopping = False

    def wake(self, *, again_in: float | None = None) -> None:
        """Says that there is something to claim. Cheap, and harmless when there is not.

        `again_in`: the same once more after so many seconds.
        """
        self._woken.set()
        self._changed.set()
        if again_in is not None:
            if self._next_wake:
                self._next_wake.cancel()
            self._next_wake = asyncio.get_running_loop().call_later(again_in, self.wake)

    def stop(self) -> None:
        """Stops claiming. Running jobs get the grace period, then they are released."""
        self._stopping = True
        self.wake()

    async def work(self, *, poll_seconds: float | None) -> None:
        """Drains whenever it is woken, and every `poll_seconds` (None: only when woken)."""
        logger.info("processor_ready", worker_id=self.worker_id, job_types=sorted(self._job_types))
        async with self._presence.showing():
            while not self._stopping:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_jitter(poll_seconds)):
                        await self._woken.wait()
                try:
                    await self.drain(poll_seconds=poll_seconds)
                except SupajobsError as error:
                    logger.warning("claim_failed", code=error.code, reason=repr(error.__cause__))
                except Exception:
                    # Whatever it was, the next claim may well succeed, and nobody restarts this
                    # loop.
                    logger.exception("drain_crashed")
                    await asyncio.sleep(1)

    async def drain(
        self, *, time_budget: float | None = None, poll_seconds: float | None = None
    ) -> dict[str, int]:
        """Claims and runs jobs until nothing is due and nothing runs; counts them by outcome.

        When `time_budget` (s) is spent, running jobs are released. One drain runs at a time; a
        second one waits for its turn, within its budget.

        Raises:
            SupajobsError: the queue does not answer; jobs that ran have been settled.
        """
        ends_at = time.monotonic() + (FOREVER if time_budget is None else time_budget)
        try:
            async with asyncio.timeout(time_budget):
                await self._draining.acquire()
        except TimeoutError:
            return {}
        try:
            self._settled.clear()
            async with self._presence.showing(), self._heartbeat.beating():
                try:
                    await self._claim_until_empty(ends_at, poll_seconds)
                finally:
                    await self._wind_down(ends_at)
            return dict(self._settled)
        finally:
            self._draining.release()

    async def _claim_until_empty(self, ends_at: float, poll_seconds: float | None) -> None:
        while not self._stopping and time.monotonic() < ends_at:
            self._woken.clear()
            self._changed.clear()
            if (free := self._concurrency - len(self._runs)) > 0:
                await self._claim(min(free, MAX_CLAIM))
            if not self._runs and not self._woken.is_set():
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(ends_at - time.monotonic(), _jitter(poll_seconds))):
                    await self._changed.wait()

    async def _claim(self, max_jobs: int) -> None:
        try:
            jobs = await self._queue.claim(
                claim_id=uuid4(),
                worker_id=self.worker_id,
                max_jobs=max_jobs,
                job_types=list(self._job_types),
            )
        except SupajobsError as error:
            if not self._runs:
                raise
            logger.warning("claim_failed", code=error.code, reason=repr(error.__cause__))
            return
        self._note_claim(jobs)
        for job in jobs:
            run = Run(job, self._queue, on_progress=self._heartbeat.notice)
            task = asyncio.create_task(self._live(run))
            self._runs[task] = run
            task.add_done_callback(self._forget)
        if jobs:
            self._heartbeat.notice()

    async def _live(self, run: Run) -> None:
        """A job's life in this process: handle, then settle."""
        structlog.contextvars.bind_contextvars(  # for this task alone
            job_id=str(run.job.id), job_type=run.job.job_type, trace_id=run.job.trace_id
        )
        logger.debug("job_started", retry_count=run.job.retry_count)
        with job_span(run.job) as span:
            started = time.perf_counter()
            outcome = await run.handle(self._job_types[run.job.job_type])
            seconds = time.perf_counter() - started
            if isinstance(outcome, Failed):
                span.set_status(StatusCode.ERROR, outcome.error.code)
                if outcome.error is UNEXPECTED.error:
                    self._metrics.crashed(run.job.job_type).inc()
            if run.lost:
                self._metrics.lost(run.job.job_type).inc()
            if run.lost and isinstance(outcome, Released):
                logger.warning("job_lost", reason="the lease ran out, or somebody else has it")
                return
            if settled := await self._settle(run.job, outcome):
                span.set_attribute("supajobs.job.outcome", settled.outcome)
                self._note_end(run.job, settled, seconds)

    def _forget(self, task: asyncio.Task[None]) -> None:
        run = self._runs.pop(task)
        self._changed.set()
        if not task.cancelled() and (error := task.exception()):
            logger.error(  # the lease will run out
                "run_crashed",
                job_id=str(run.job.id),
                job_type=run.job.job_type,
                trace_id=run.job.trace_id,
                exc_info=error,
            )

    async def _settle(self, job: ClaimedJob, outcome: Outcome) -> Settled | None:
        try:
            return await self._settler.settle(job, outcome)
        except SupabaseRefusedError as error:
            # The outcome itself cannot be stored (say, a NUL in its text): retries would not help.
            logger.exception("outcome_refused", reason=error.reason)
            return await self._settler.settle(job, replace(OUTCOME_REFUSED, usage=outcome.usage))
        except SupajobsError as error:
            logger.exception("settle_abandoned", code=error.code)
            return None  # the lease will run out, and the job runs again

    def _note_claim(self, jobs: list[ClaimedJob]) -> None:
        for job_type, number in Counter(job.job_type for job in jobs).items():
            self._metrics.claimed(job_type).inc(number)
        for job in jobs:
            if job.retry_count == job.crash_count == 0:
                waited = job.started_at - job.created_at
                self._metrics.waited_seconds(job.job_type).observe(waited.total_seconds())

    def _note_end(self, job: ClaimedJob, settled: Settled, seconds: float) -> None:
        self._settled[settled.outcome] += 1
        self._metrics.settled(job.job_type, settled.outcome).inc()
        self._metrics.run_seconds(job.job_type, settled.outcome).observe(seconds)
        self._on_settled()
        logger.info("job_settled", outcome=settled.outcome, run_at=settled.run_at)

    async def _wind_down(self, ends_at: float) -> None:
        """Gives running jobs the grace period, if it is a shutdown; then releases them."""
        if self._runs and self._stopping:
            grace = min(self._grace_seconds, ends_at - time.monotonic())
            await asyncio.wait(set(self._runs), timeout=max(0.0, grace))
        for run in self._runs.values():
            run.stop()
        if self._runs:
            await asyncio.wait(set(self._runs))


def _jitter(seconds: float | None) -> float:
    """Between half and the whole, so that workers that started together drift apart."""
    return seconds * random.uniform(0.5, 1.0) if seconds else FOREVER  # noqa: S311 - no secret
