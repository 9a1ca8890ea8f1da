"""How a worker takes jobs: one claim at a time, and each until it was answered."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID, uuid4

from supajobs.jobs import ClaimedJob
from supajobs.outcomes import Completed
from supajobs.queue.answers import Settled
from supajobs.queue.job_queue import MAX_CLAIM, JobQueue
from supajobs.queue.settles import NewClaim
from supajobs.worker.lookout import Lookout, spread
from supajobs.worker.spans import note_claim

MAX_ADVANCE = 25  # jobs that one call completes in whose place it claims others
AGAIN_SECONDS = 2.0  # after a claim without an answer


@dataclass(frozen=True)
class _Claim:
    """A claim that is under way."""

    id: UUID = field(default_factory=uuid4)
    asked_at: float = field(default_factory=time.monotonic)
    cancelled: set[UUID] = field(default_factory=set[UUID])


class Taken(NamedTuple):
    """What a claim has brought, when it was asked for, and which jobs were cancelled since."""

    jobs: list[ClaimedJob]
    asked_at: float
    cancelled: Collection[UUID] = ()


class Claims:
    """The claims of one worker.

    That of a call without an answer is kept: it may have taken jobs, and its id gets them again.
    """

    def __init__(
        self, queue: JobQueue, worker_id: str, job_types: Sequence[str], lookout: Lookout
    ) -> None:
        self._lookout = lookout
        self._queue = queue
        self._worker_id = worker_id
        self._job_types = job_types
        self._unanswered: _Claim | None = None
        self._asking = asyncio.Lock()
        self._had_enough = False

    async def rest(self, woken: asyncio.Event) -> None:
        """Returns when it is time to claim: it is woken, or there is something to claim."""
        while True:
            try:
                async with asyncio.timeout(self.draw_pause()):
                    await woken.wait()
                    return
            except TimeoutError:
                if self._unanswered or self._lookout.look():
                    return

    def draw_pause(self) -> float:
        """Until the next look, if nothing happens. Who had no answer asks again, soon."""
        return spread(AGAIN_SECONDS) if self._unanswered else self._lookout.draw_pause()

    def can_advance(self, ended: int) -> bool:
        """Whether so many completions may claim as well: there was enough for all places just now.

        Where there was not, the next job is as likely the last one, whose end is not to wait for a
        claim that finds nothing. And of large batches the two calls cost little, and overlap.
        """
        is_free = self._unanswered is None and not self._asking.locked()
        return is_free and self._had_enough and ended <= MAX_ADVANCE

    def note_cancelled(self, job_id: UUID) -> None:
        """Says that a job is to be stopped, should a claim have taken it that has no answer yet.

        Its own heartbeat would tell, but a third of its lease later.
        """
        if self._unanswered:
            self._unanswered.cancelled.add(job_id)

    async def take(self, count_places: Callable[[], int]) -> Taken:
        """Jobs for the places that there are when it is this claim's turn."""
        async with self._asking:
            if (places := count_places()) < 1:
                return Taken([], time.monotonic())
            claim = self._begin()
            jobs = await self._queue.claim(**self._ask(claim, places))
            return self._end(claim, jobs, places)

    async def complete_and_take(
        self, ended: Sequence[tuple[ClaimedJob, Completed]], places: int
    ) -> tuple[list[Settled], Taken]:
        """The same in the call that completes jobs."""
        async with self._asking:
            claim = self._begin()
            settled, jobs = await self._queue.advance(ended, **self._ask(claim, places))
            return settled, self._end(claim, jobs, places)

    def _begin(self) -> _Claim:
        self._unanswered = self._unanswered or _Claim()
        return self._unanswered

    def _ask(self, claim: _Claim, places: int) -> NewClaim:
        return {
            "claim_id": claim.id,
            "worker_id": self._worker_id,
            "max_jobs": min(places, MAX_CLAIM),
            "job_types": self._job_types,
        }

    def _end(self, claim: _Claim, jobs: list[ClaimedJob], places: int) -> Taken:
        self._unanswered = None
        self._had_enough = len(jobs) >= min(places, MAX_CLAIM)
        self._lookout.note(found=bool(jobs))
        if jobs:
            note_claim(jobs, seconds=time.monotonic() - claim.asked_at)
        return Taken(jobs, claim.asked_at, claim.cancelled)
