"""Tells waiting requests what becomes of their jobs: one query a second, however many wait."""

import asyncio
import contextlib
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Generator
from uuid import UUID

from supajobs.api.refusals import TooManyWaitingError
from supajobs.errors import SupajobsError
from supajobs.jobs import Job
from supajobs.loggers import get_logger
from supajobs.queue.job_queue import JobQueue

logger = get_logger(__name__)

POLL_SECONDS = 1.0
MAX_PLACES = 50  # requests of one user that wait at a time, in this process
MAX_POLLS = 2  # in POLL_SECONDS, however often it is nudged


class _Watched:
    """The newest state of a job that somebody watches, and who is to be told of the next one.

    States that come faster than a watcher takes them replace each other.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.is_over = False
        self.watchers = 0
        self._changed = asyncio.Event()

    def update(self, job: Job) -> None:
        """Takes another state. After a mere heartbeat it is the same to those who watch."""
        self.job = job
        self._wake()

    def end(self) -> None:
        """There will be no further state."""
        self.is_over = True
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def next_after(self, seen: Job) -> Job | None:
        """The newest state once it differs from the one that was seen; None if none will."""
        while self.job.version == seen.version:
            if self.is_over:
                return None
            await self._changed.wait()
        return self.job


class JobWatcher:
    """One poll for all jobs that requests of this process wait for.

    Who may see a job is decided by who calls: the poll sees them all.
    """

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self._watched = dict[UUID, _Watched]()
        self._taken = Counter[UUID | None]()
        self._nudged = asyncio.Event()
        self._polled_at = deque([float("-inf")] * MAX_POLLS, maxlen=MAX_POLLS)
        self._is_closed = False

    def nudge(self) -> None:
        """Says that some job has probably changed. Cheap, and harmless when none has."""
        self._nudged.set()

    def close(self) -> None:
        """Ends all waiting, now and from now on: the process is about to stop."""
        self._is_closed = True
        for watched in self._watched.values():
            watched.end()

    @contextlib.contextmanager
    def place(self, user_id: UUID | None) -> Generator[None]:
        """One of a user's places to wait, for as long as the context lasts.

        Raises:
            TooManyWaitingError: they are all taken; other users have theirs.
        """
        if self._taken[user_id] >= MAX_PLACES:
            raise TooManyWaitingError
        self._taken[user_id] += 1
        try:
            yield
        finally:
            self._taken[user_id] -= 1
            if not self._taken[user_id]:
                del self._taken[user_id]

    async def follow(self, job: Job) -> AsyncGenerator[Job]:
        """Each later state that its owner sees a difference in.

        Ends after the terminal one, when the job is gone, and with `close`. While Supabase does
        not answer, there is just nothing new.
        """
        with self._watch(job) as watched:
            newest: Job | None = job
            while newest and not newest.has_ended:
                if newest := await watched.next_after(newest):
                    yield newest

    async def wait_for_change(self, job: Job, seconds: float) -> Job:
        """The next state that differs visibly; the same one when nothing changes in time."""
        async with contextlib.aclosing(self.follow(job)) as states:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    return await anext(states, job)
        return job

    async def wait_for_end(self, job: Job, seconds: float) -> Job:
        """The terminal state; the newest one when the job does not end in time."""
        newest = job
        async with contextlib.aclosing(self.follow(job)) as states:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    async for state in states:
                        newest = state
        return newest

    @contextlib.contextmanager
    def _watch(self, job: Job) -> Generator[_Watched]:
        """The entry that all watchers of a job share, for as long as the context lasts."""
        watched = self._watched.setdefault(job.id, _Watched(job))
        watched.watchers += 1
        if job.updated_at > watched.job.updated_at:
            watched.update(job)
        if self._is_closed:
            watched.end()
        try:
            yield watched
        finally:
            watched.watchers -= 1
            if not watched.watchers:
                del self._watched[job.id]

    async def work(self) -> None:
        """Polls while somebody watches, until it is cancelled."""
        is_failing = False
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._nudged.wait()
            await asyncio.sleep(self._polled_at[0] + POLL_SECONDS - time.monotonic())
            self._nudged.clear()
            try:
                if self._watched:
                    await self._poll()
            except Exception as error:
                # Whatever it is, those who wait still do, and nobody restarts this loop.
                if not is_failing:
                    expected = isinstance(error, SupajobsError)
                    reason = error.reason if isinstance(error, SupajobsError) else repr(error)
                    logger.warning("watch_failed", reason=reason, exc_info=not expected)
                is_failing = True
            else:
                if is_failing:
                    logger.info("watch_recovered")
                is_failing = False

    async def _poll(self) -> None:
        self._polled_at.append(time.monotonic())
        seen = {job_id: watched.job.updated_at for job_id, watched in self._watched.items()}
        changes = await self._queue.get_changed(seen)
        for job in changes.jobs:
            watched = self._watched.get(job.id)
            # Who came in the meantime may have brought a newer state: the next poll will tell.
            if watched and watched.job.updated_at == seen.get(job.id):
                watched.update(job)
        for job_id in changes.gone:
            if watched := self._watched.get(job_id):
                watched.end()
