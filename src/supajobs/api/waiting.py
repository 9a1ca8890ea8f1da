"""Requests that wait for a job, as long as their clients do."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request

from supajobs.api.dependencies import find_parts
from supajobs.api.refusals import TooManyWaitingError
from supajobs.api.watcher import JobWatcher
from supajobs.jobs import Job


class Waiting:
    """Waits for what becomes of a job, but no longer than the client of this request listens."""

    def __init__(self, request: Request, watcher: JobWatcher) -> None:
        self._request = request
        self._watcher = watcher

    async def for_change(self, job: Job, seconds: float) -> Job:
        """The next state that its owner sees a difference in; the same one if none comes.

        Raises:
            TooManyWaitingError: the user waits for as much as they may.
        """
        with self._watcher.place(job.user_id):
            return await self._wait(job, self._watcher.wait_for_change(job, seconds))

    async def for_end(self, job: Job, seconds: float) -> Job:
        """The terminal state; the newest one if the job does not end in time.

        It is at once the present one if the user waits for as much as they may: the job is there.
        """
        with contextlib.suppress(TooManyWaitingError), self._watcher.place(job.user_id):
            return await self._wait(job, self._watcher.wait_for_end(job, seconds))
        return job

    async def _wait(self, job: Job, coming: Coroutine[Any, Any, Job]) -> Job:
        newest = asyncio.create_task(coming)
        leaving = asyncio.create_task(self._until_client_leaves())
        try:
            await asyncio.wait({newest, leaving}, return_when=asyncio.FIRST_COMPLETED)
            return newest.result() if newest.done() else job
        finally:
            newest.cancel()
            leaving.cancel()
            await asyncio.wait({newest, leaving})

    async def _until_client_leaves(self) -> None:
        # The body has been read: there is nothing else to receive.
        while (await self._request.receive())["type"] != "http.disconnect":
            pass


async def _waiting(request: Request) -> Waiting:
    return Waiting(request, find_parts(request).watcher)


WaitingDep = Annotated[Waiting, Depends(_waiting)]
