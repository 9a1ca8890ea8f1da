"""Hands outcomes in to the queue, as many in one call as have ended."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Generic, NamedTuple, TypeVar

from opentelemetry import trace
from opentelemetry.trace import StatusCode

from supajobs.causes import describe
from supajobs.errors import SupabaseUnavailableError, SupajobsError
from supajobs.jobs import ClaimedJob
from supajobs.loggers import get_logger
from supajobs.outcomes import Completed, Failed, Outcome, Released, Suspended
from supajobs.queue.answers import Settled, SettleOutcome
from supajobs.queue.batches import send_batch
from supajobs.queue.job_queue import JobQueue
from supajobs.worker.verdicts import OUTCOME_REFUSED

MAX_PAUSE = 5.0  # s; between two tries
BUSY_PAUSE = 0.05  # s; after the first try for a locked job, and then twice as long each time
BRIEF = 1.0  # s; up to this pause locks are waited for anyhow: most are of a heartbeat
MAX_BATCH = 250  # jobs in one call, as a guard: large outcomes do not end by the hundred

NOT_STORED = (SettleOutcome.FAILED, SettleOutcome.RETRYING)

logger = get_logger(__name__)

Kind = TypeVar("Kind", Completed, Failed, Released, Suspended)
HandIn = Callable[[Sequence[tuple[ClaimedJob, Kind]]], Awaitable[list[Settled]]]


class Settler:
    """Settles jobs, those with the same kind of outcome together."""

    def __init__(self, queue: JobQueue, complete: HandIn[Completed] | None = None) -> None:
        """`complete`: hands completions in, and does something else in the same call."""
        self._completions = _Batches(complete or queue.complete)
        self._failures = _Batches(queue.fail)
        self._releases = _Batches(queue.release)
        self._suspensions = _Batches(queue.suspend)

    async def settle(self, job: ClaimedJob, outcome: Outcome) -> Settled:
        """Hands one outcome in. BUSY: it is not in yet.

        Raises:
            SupabaseUnavailableError: the queue did not answer.
            SupajobsError: this outcome cannot be stored.
        """
        match outcome:
            case Completed():
                return await self._completions.add(job, outcome)
            case Failed():
                return await self._failures.add(job, outcome)
            case Released():
                return await self._releases.add(job, outcome)
            case Suspended():
                return await self._suspensions.add(job, outcome)

    async def settle_on(
        self, job: ClaimedJob, outcome: Outcome, *, while_: Callable[[], bool]
    ) -> Settled | None:
        """Hands one outcome in, again and again while it may; None: there was no answer.

        Of an outcome that cannot be stored, less is said.
        """
        busy_pause = BUSY_PAUSE
        while True:
            # Asked before: what is no longer ours may have been settled by a call whose answer was
            # lost, and the next one tells.
            goes_on = while_()
            try:
                settled = await self.settle(job, outcome)
            except SupabaseUnavailableError as error:
                logger.warning("settle_failed", code=error.code, reason=error.reason)
                code, pause = error.code, min(error.retry_after, MAX_PAUSE)
            except SupajobsError as error:
                logger.exception("outcome_refused", reason=error.reason)
                if (less := _tell_less(outcome, error)) == outcome:
                    raise
                outcome = less
                continue
            else:
                if settled.outcome is not SettleOutcome.BUSY:
                    _tell_if_not_stored(outcome, settled)
                    return settled
                logger.info("job_locked", reason="somebody has its row, or its user's")
                code, pause = settled.outcome, busy_pause
                goes_on = goes_on or pause < BRIEF
                busy_pause = min(2 * pause, MAX_PAUSE)
            if not goes_on:
                logger.error("settle_abandoned", code=code)
                return None  # the lease will run out, and the job runs again
            await asyncio.sleep(pause)


def _tell_if_not_stored(outcome: Outcome, settled: Settled) -> None:
    """A job that was completed, and failed for what was to happen with its completion."""
    if isinstance(outcome, Completed) and settled.outcome in NOT_STORED:
        trace.get_current_span().set_status(StatusCode.ERROR, "store_failed")
        logger.error(
            "store_failed",
            reason="its stored_by failed, or a job that was to follow was refused: see the cause "
            "of the attempt",
        )


def _tell_less(outcome: Outcome, error: SupajobsError) -> Outcome:
    """What is left to say if an outcome cannot be stored: that, and its cost, or not even this."""
    if isinstance(outcome, Released):
        return Released()
    if isinstance(outcome, Suspended) and outcome.usage:
        return replace(outcome, usage=None)
    refused = replace(OUTCOME_REFUSED, usage=outcome.usage, cause=describe(error))
    return OUTCOME_REFUSED if outcome == refused else refused


class _Ended(NamedTuple, Generic[Kind]):
    job: ClaimedJob
    outcome: Kind
    answer: asyncio.Future[Settled]
    span: trace.Span


class _Batches(Generic[Kind]):
    """One call at a time. What ends while it is under way goes into the next one.

    So a lone job is settled at once, and a busy worker needs few calls. In traces, a call belongs
    to its first job.
    """

    def __init__(self, hand_in: HandIn[Kind]) -> None:
        self._hand_in = hand_in
        self._waiting: list[_Ended[Kind]] = []
        self._sending: asyncio.Task[None] | None = None

    async def add(self, job: ClaimedJob, outcome: Kind) -> Settled:
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(_Ended(job, outcome, answer, trace.get_current_span()))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_all())
        return await answer

    async def _send_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
            with trace.use_span(batch[0].span):
                await self._send(batch)

    async def _send(self, batch: Sequence[_Ended[Kind]]) -> None:
        answers = await send_batch(
            lambda some: self._hand_in([(each.job, each.outcome) for each in some]), batch
        )
        for each, answer in zip(batch, answers, strict=True):
            if each.answer.done():  # nobody waits for it any more
                continue
            if isinstance(answer, Exception):
                each.answer.set_exception(answer)
            else:
                each.answer.set_result(answer)
