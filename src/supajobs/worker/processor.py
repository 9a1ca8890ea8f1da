"""The loop that claims jobs, runs their handlers and settles them.

    claim ─▶ each job as a task, at most `concurrency` at a time
             · one heartbeat for all of them, every third of the shortest lease; from a thread
               while a handler blocks the event loop
             · a hard deadline per job; cancellation by the heartbeat's answer
             · outcome ─▶ settle, together with others that have just ended; repeated with the
               same claim id until answered, while the job is ours

Processes share nothing but the database: to scale out, start another one.
"""

import asyncio
import contextlib
import contextvars
import math
import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID, uuid4

import structlog
from opentelemetry.trace import StatusCode

from supajobs.errors import SupajobsError
from supajobs.job_types import JobTypes
from supajobs.jobs import ClaimedJob
from supajobs.loggers import get_logger
from supajobs.outcomes import Completed, Failed, Outcome, Released
from supajobs.queue.answers import Settled, SettleOutcome
from supajobs.queue.job_queue import JobQueue
from supajobs.telemetry.metrics import Metrics
from supajobs.worker.claims import Claims, Taken
from supajobs.worker.heartbeat import FOREVER, Heartbeat
from supajobs.worker.lookout import Lookout
from supajobs.worker.presence import Presence
from supajobs.worker.processes import preload
from supajobs.worker.runs import Run
from supajobs.worker.schedules import Scheduler
from supajobs.worker.settler import Settler
from supajobs.worker.spans import job_span, link_to_parents
from supajobs.worker.verdicts import UNEXPECTED
from supajobs.worker.watchdog import Watchdog

logger = get_logger(__name__)

LAST_PATIENCE = 60.0  # s; that a drain which ends has for settles: the work behind them is paid for


class Processor:
    """Runs jobs of the given types in this process.

    `drain` works until the queue is empty; `work` goes on until `stop`. After each job that it has
    settled it calls `on_settled`; `work` also when there are messages to send.
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
        max_process_bytes: int | None = None,
    ) -> None:
        self.worker_id = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"
        self._queue = queue
        self._job_types = job_types
        self._concurrency = concurrency
        self._grace_seconds = grace_seconds
        self._on_settled = on_settled
        self._max_process_bytes = max_process_bytes
        self._runs: dict[asyncio.Task[None], Run] = {}
        preload(job_types.values())
        self._metrics = metrics or Metrics()
        self._metrics.running.set_function(self._runs.__len__)
        self._metrics.expect(job_types, set(SettleOutcome) - {SettleOutcome.BUSY})
        self._heartbeat = Heartbeat(queue, self._runs.values, self._metrics)
        self._watchdog = Watchdog(self._heartbeat, self._runs.values, self._metrics)
        self._scheduler = Scheduler(queue.schedules, self.wake)
        self.presence = Presence(
            queue, self.worker_id, job_types, concurrency=concurrency, running=self._runs.__len__
        )
        self._lookout = Lookout(self.presence, self._scheduler, self.wake, on_settled)
        self._claims = Claims(queue, self.worker_id, list(job_types), self._lookout)
        self._settler = Settler(queue, self._complete)
        self._settled: Counter[str] = Counter()
        self._draining = asyncio.Lock()
        self._woken = asyncio.Event()
        self._changed = asyncio.Event()
        self._stopping = False
        self._is_called_off = False  # the drain that runs
        self._takes_jobs = False
        self._context = contextvars.copy_context()
        self._left_behind: set[asyncio.Task[Outcome]] = set()
        self._settle_until = math.inf

    def wake(self, *, again_in: float | None = None) -> None:
        """Says that there is something to claim, and once more after `again_in` seconds."""
        self._woken.set()
        self._changed.set()
        if again_in is not None and again_in < FOREVER:  # what comes later, a trigger sees
            asyncio.get_running_loop().call_later(again_in, self.wake)

    @property
    def left_behind(self) -> int:
        """How many handlers go on that would not be cancelled. Each keeps its place."""
        return len(self._left_behind)

    def cancel(self, job_id: UUID) -> None:
        """Stops a job that runs here, or is on its way, whose cancellation was asked for."""
        self._claims.note_cancelled(job_id)
        for run in (run for run in self._runs.values() if run.job.id == job_id):
            run.stop()

    def stop(self) -> None:
        """Stops claiming. Running jobs get the grace period, then they are released."""
        self._stopping = True
        self.wake()

    async def work(self, *, poll_seconds: float | None, idle_seconds: float | None = None) -> None:
        """Drains whenever it is woken, and every `poll_seconds` (None: only when woken).

        While nothing comes, it looks less and less often, in the end every `idle_seconds`.
        """
        logger.info("processor_ready", worker_id=self.worker_id, job_types=sorted(self._job_types))
        with self._lookout.looking(poll_seconds, idle_seconds):
            await self._work()

    async def _work(self) -> None:
        async with self.presence.showing():
            while not self._stopping:
                await self._claims.rest(self._woken)
                try:
                    await self.drain()
                except SupajobsError as error:
                    logger.warning("claim_failed", code=error.code, reason=error.reason)
                except Exception:
                    # Whatever it was, the next claim may succeed, and nobody restarts this loop.
                    logger.exception("drain_crashed")
                    await asyncio.sleep(1)

    async def drain(self, *, time_budget: float | None = None) -> dict[str, int]:
        """Claims and runs jobs until nothing is due and nothing runs; counts them by outcome.

        When `time_budget` (s) is spent, running jobs are released; if the call is cancelled, they
        get the grace period first. One drain runs at a time: a second one has it look for more, and
        waits for its turn, within its budget. It counts what ended meanwhile.

        Raises:
            SupajobsError: the queue does not answer; jobs that ran have been settled.
        """
        ends_at = time.monotonic() + (FOREVER if time_budget is None else time_budget)
        before = self._settled.copy()
        if self._draining.locked():
            self.wake()
        try:
            async with asyncio.timeout(time_budget):
                await self._draining.acquire()
        except TimeoutError:
            return dict(self._settled - before)
        # A task of its own, for whoever cancels the call is not to tear a claim or a settle apart.
        drain = asyncio.create_task(self._drain(ends_at))
        drain.add_done_callback(lambda _: self._draining.release())
        try:
            await asyncio.shield(drain)
        except asyncio.CancelledError:
            self._is_called_off = True
            self._changed.set()
            await asyncio.wait({drain})
            raise
        return dict(self._settled - before)

    async def _drain(self, ends_at: float) -> None:
        self._is_called_off = False
        self._settle_until = math.inf
        self._context = contextvars.copy_context()
        async with self.presence.showing(), self._heartbeat.beating(), self._watchdog.watching():
            self._takes_jobs = True
            try:
                await self._claim_until_empty(ends_at)
            finally:
                self._takes_jobs = False
                await self._wind_down(ends_at)

    async def _claim_until_empty(self, ends_at: float) -> None:
        while not self._is_ending and time.monotonic() < ends_at:
            self._woken.clear()
            self._changed.clear()
            await self._scheduler.look()
            await self._claim()
            if not self._runs and not self._woken.is_set():
                return
            pause = min(ends_at - time.monotonic(), self._claims.draw_pause())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._changed.wait()

    def _count_free(self) -> int:
        return self._concurrency - len(self._runs) - self.left_behind

    @property
    def _is_ending(self) -> bool:
        return self._stopping or self._is_called_off

    async def _claim(self) -> None:
        try:
            taken = await self._claims.take(self._count_free)
        except Exception as error:
            if not self._runs:
                raise
            if isinstance(error, SupajobsError):
                logger.warning("claim_failed", code=error.code, reason=error.reason)
            else:
                logger.exception("claim_crashed")
        else:
            self._start(taken)

    async def _complete(self, ended: Sequence[tuple[ClaimedJob, Completed]]) -> list[Settled]:
        """Hands completions in and, where there is more to do, takes others for their places."""
        places = self._count_free() + len(ended)  # fewer, where handlers were left behind
        takes_more = self._takes_jobs and not self._is_ending and places > 0
        if not (takes_more and self._claims.can_advance(len(ended))):
            return await self._queue.complete(ended)
        settled, taken = await self._claims.complete_and_take(ended, places)
        self._start(taken)
        return settled

    def _start(self, taken: Taken) -> None:
        for job in taken.jobs:
            run = Run(job, self._queue, self._heartbeat.notice, self._max_process_bytes)
            # Not in the context of a job that has just ended, from which this may be called.
            task = asyncio.create_task(self._live(run), context=self._context.copy())
            self._runs[task] = run
            task.add_done_callback(self._forget)
            if job.id in taken.cancelled or not self._takes_jobs:  # the last completion's
                run.stop()
        if taken.jobs:
            self._heartbeat.notice(leased_at=taken.asked_at)
            self._metrics.note_claim(taken.jobs)

    async def _live(self, run: Run) -> None:
        """A job's life in this process: handle, then settle."""
        structlog.contextvars.bind_contextvars(  # for this task alone
            job_id=str(run.job.id), job_type=run.job.job_type, trace_id=run.job.trace_id
        )
        logger.debug("job_started", retry_count=run.job.retry_count)
        with job_span(run.job) as span:
            await link_to_parents(span, run.job, self._queue.flows)
            started = time.perf_counter()
            outcome = await run.handle(self._job_types[run.job.job_type])
            seconds = time.perf_counter() - started
            if isinstance(outcome, Failed):
                span.set_status(StatusCode.ERROR, outcome.error.code)
                span.set_attribute("error.type", outcome.error.code)
                if outcome.error == UNEXPECTED.error:
                    self._metrics.crashed(run.job.job_type).inc()
            if run.lost:
                self._metrics.lost(run.job.job_type).inc()
            if run.lost and isinstance(outcome, Released):
                logger.warning("job_lost", reason="the lease ran out, or somebody else has it")
                return
            if settled := await self._settle(run, outcome):
                span.set_attribute("supajobs.job.outcome", settled.outcome)
                self._note_end(run, settled, seconds)

    def _forget(self, task: asyncio.Task[None]) -> None:
        run = self._runs.pop(task)
        self._changed.set()
        if run.left_behind and not run.left_behind.done():
            self._left_behind.add(run.left_behind)
            run.left_behind.add_done_callback(partial(self._welcome_back, run))
        if not task.cancelled() and (error := task.exception()):
            logger.error(  # the lease will run out
                "run_crashed",
                job_id=str(run.job.id),
                job_type=run.job.job_type,
                trace_id=run.job.trace_id,
                exception=run.print_error(error),
            )

    def _welcome_back(self, run: Run, handler: asyncio.Task[Outcome]) -> None:
        """Gives the place away that a handler kept which would not be cancelled."""
        self._left_behind.remove(handler)
        error = None if handler.cancelled() else handler.exception()
        logger.warning("handler_ended_late", exception=error and run.print_error(error))
        self.wake()

    async def _settle(self, run: Run, outcome: Outcome) -> Settled | None:
        def may_go_on() -> bool:
            return not run.lost and time.monotonic() < self._settle_until

        return await self._settler.settle_on(run.job, outcome, while_=may_go_on)

    def _note_end(self, run: Run, settled: Settled, seconds: float) -> None:
        job = run.job
        if settled.run_at:
            # By the database's clock, which need not be ours.
            self.wake(again_in=(settled.run_at - job.started_at).total_seconds() - run.age)
        self._settled[settled.outcome] += 1
        self._metrics.settled(job.job_type, settled.outcome).inc()
        self._metrics.run_seconds(job.job_type, settled.outcome).observe(seconds)
        self._on_settled()
        logger.info("job_settled", outcome=settled.outcome, run_at=settled.run_at)

    async def _wind_down(self, ends_at: float) -> None:
        """Gives running jobs the grace period, unless their time is over; then releases them."""
        if self._runs and self._is_ending:
            grace = min(self._grace_seconds, ends_at - time.monotonic())
            await asyncio.wait(set(self._runs), timeout=max(0.0, grace))
        self._settle_until = time.monotonic() + LAST_PATIENCE
        for run in self._runs.values():
            run.stop()
        while self._runs:  # for a completion that is under way may bring others
            await asyncio.wait(set(self._runs))
