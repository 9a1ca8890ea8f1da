"""Hands outcomes in to the queue, as many in one call as have ended."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from opentelemetry import trace

from supajobs.errors import SupabaseRefusedError
from supajobs.jobs import ClaimedJob
from supajobs.outcomes import Completed, Failed, Outcome, Released
from supajobs.queue.answers import Settled
from supajobs.queue.job_queue import JobQueue

MAX_BATCH = 250  # jobs in one call, as a guard: large outcomes do not end by the hundred

Kind = TypeVar("Kind", Completed, Failed, Released)


class Settler:
    """Settles jobs, those with the same kind of outcome together."""

    def __init__(self, queue: JobQueue) -> None:
        self._completions = _Batches(queue.complete)
        self._failures = _Batches(queue.fail)
        self._releases = _Batches(queue.release)

    async def settle(self, job: ClaimedJob, outcome: Outcome) -> Settled:
        """Hands one outcome in.

        Raises:
            SupabaseRefusedError: this outcome cannot be stored.
            SupajobsError: the queue did not answer.
        """
        match outcome:
            case Completed():
                return await self._completions.add(job, outcome)
            case Failed():
                return await self._failures.add(job, outcome)
            case Released():
                return await self._releases.add(job, outcome)


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

    def __init__(
        self, hand_in: Callable[[Sequence[tuple[ClaimedJob, Kind]]], Awaitable[list[Settled]]]
    ) -> None:
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
        try:
            settled = await self._hand_in([(each.job, each.outcome) for each in batch])
        except Exception as error:  # noqa: BLE001 - it goes to those who wait
            if isinstance(error, SupabaseRefusedError) and len(batch) > 1:
                for each in batch:  # one of them cannot be stored; the others can
                    await self._send([each])
                return
            for each in batch:
                each.answer.set_exception(error)
        else:
            for each, outcome in zip(batch, settled, strict=True):
                each.answer.set_result(outcome)
