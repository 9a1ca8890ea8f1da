"""A processor with an event loop of its own, in a thread of its own, beside the API."""

import asyncio
import contextlib
import contextvars
import threading
import time
from collections.abc import AsyncGenerator, Callable
from concurrent import futures
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any
from uuid import UUID

from supajobs.causes import print_place
from supajobs.errors import JobsNotRunningError
from supajobs.event_loops import new_loop
from supajobs.loggers import get_logger
from supajobs.worker.processor import Processor

logger = get_logger(__name__)

OpenProcessor = Callable[[], AbstractAsyncContextManager[Processor]]

FIRST_PAUSE = 1.0  # s; before a loop that has died begins anew, twice as long each time
LONGEST_PAUSE = 60.0  # s; which is forgotten when one has lived for longer


class ProcessorThread:
    """Works as its processor does, whose handlers keep nobody else waiting.

    A handler that blocks, or computes for long, blocks the loop of the jobs alone: requests are
    answered. So what belongs to an event loop, a pool of connections say, is not to be shared
    between handlers and routes.

    A handler can end its loop: by sys.exit() in a task of its own, by stopping the loop, by
    cancelling all that there is. Then another begins, with another processor; the jobs of the first
    are as those of a worker that was killed.
    """

    def __init__(self, open_processor: OpenProcessor) -> None:
        """`open_processor`: opens one, in the loop that it is called in, for each loop."""
        self._open_processor = open_processor
        self._loop: _ProcessorLoop | None = None
        self._was_woken = False

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """Works for as long as the context lasts. Its end waits for that of the jobs.

        It does not wait for handlers that go on without their jobs.
        """
        self._loop = loop = _ProcessorLoop(self._open_processor, is_woken=False)
        await _any_of(loop.opened, loop.ended)
        if not loop.opened.done() and (error := loop.ended.result()):
            raise error
        restarting = asyncio.create_task(self._restart_when_it_dies(loop))
        try:
            yield
        finally:
            restarting.cancel()
            self._loop.call(Processor.stop)
            await _any_of(self._loop.ended)

    async def _restart_when_it_dies(self, loop: "_ProcessorLoop") -> None:
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            await _any_of(loop.ended)
            if time.monotonic() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            error = loop.ended.result()  # of a handler, maybe
            logger.error("jobs_loop_died", again_in=pause, exception=error and print_place(error))
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            self._loop = loop = _ProcessorLoop(self._open_processor, is_woken=self._was_woken)

    def require_running(self) -> None:
        """Checks that jobs can be run.

        Raises:
            JobsNotRunningError: the loop of the jobs has died, or has not begun.
        """
        self._require_loop()

    def _require_loop(self) -> "_ProcessorLoop":
        if self._loop is None or not self._loop.is_running:
            raise JobsNotRunningError(because=self._loop and self._loop.cause_of_death)
        return self._loop

    def wake(self, *, again_in: float | None = None) -> None:
        """As Processor.wake. A loop that begins anew is awake, if the last one was woken."""
        self._was_woken = True
        self._call(partial(Processor.wake, again_in=again_in))

    def cancel(self, job_id: UUID) -> None:
        """As Processor.cancel."""
        self._call(partial(Processor.cancel, job_id=job_id))

    def _call(self, do: Callable[[Processor], None]) -> None:
        if self._loop:
            self._loop.call(do)

    async def drain(self, *, time_budget: float | None = None) -> dict[str, int]:
        """As Processor.drain.

        Raises:
            JobsNotRunningError: the loop of the jobs has died, now or before.
        """
        return await self._require_loop().drain(time_budget)


class _ProcessorLoop:
    """One event loop with its processor, from the start of its thread."""

    def __init__(self, open_processor: OpenProcessor, *, is_woken: bool) -> None:
        self._open_processor = open_processor
        self._is_woken = is_woken
        self.opened = futures.Future[tuple[asyncio.AbstractEventLoop, Processor]]()
        self.ended = futures.Future[BaseException | None]()
        # A daemon, for which the end of the process does not wait.
        threading.Thread(
            target=contextvars.copy_context().run,
            args=(self._run,),
            name="supajobs-processor",
            daemon=True,
        ).start()

    def _run(self) -> None:
        # The runner's own end waits for tasks that swallow their cancellation; nobody else does.
        with asyncio.Runner(loop_factory=new_loop) as runner:
            try:
                runner.run(self._work())
            except BaseException as error:  # noqa: BLE001 - it is told where the thread is watched
                self.ended.set_result(error)
            else:
                self.ended.set_result(None)

    async def _work(self) -> None:
        async with self._open_processor() as processor:
            if self._is_woken:
                processor.wake()
            self.opened.set_result((asyncio.get_running_loop(), processor))
            await processor.work(poll_seconds=None)
            await processor.drain()  # which waits for one that somebody may have asked for

    @property
    def is_running(self) -> bool:
        return self.opened.done() and not self.ended.done()

    @property
    def cause_of_death(self) -> str | None:
        """By its kind alone: its words may be anybody's."""
        return type(self.ended.result()).__name__ if self.ended.done() else None

    def call(self, do: Callable[[Processor], None]) -> None:
        """Does it in the loop, if that runs."""
        if self.is_running:
            loop, processor = self.opened.result()
            with contextlib.suppress(RuntimeError):  # it has just been closed
                loop.call_soon_threadsafe(do, processor)

    async def drain(self, time_budget: float | None) -> dict[str, int]:
        loop, processor = self.opened.result()
        work = processor.drain(time_budget=time_budget)
        draining = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            await _any_of(draining, self.ended)
        except asyncio.CancelledError:
            draining.cancel()
            raise
        if draining.done() and not draining.cancelled():
            return draining.result()
        raise JobsNotRunningError(because=self.cause_of_death)


async def _any_of(*awaited: futures.Future[Any]) -> None:
    """Until one of them is done. A cancellation ends the waiting alone."""
    await asyncio.wait(map(asyncio.wrap_future, awaited), return_when=asyncio.FIRST_COMPLETED)


def once_a_turn(call: Callable[[], None]) -> Callable[[], None]:
    """A function that other threads call for `call` to be called in this event loop.

    However often they do, it is called once in each turn of the loop.
    """
    loop, is_due = asyncio.get_running_loop(), False

    def do() -> None:
        nonlocal is_due
        is_due = False
        call()

    def ask() -> None:
        nonlocal is_due
        if not is_due:
            is_due = True
            loop.call_soon_threadsafe(do)

    return ask
