"""A processor with an event loop of its own, in a thread of its own, beside the API."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent import futures
from functools import partial
from uuid import UUID

from supajobs.event_loops import run_in, run_loop
from supajobs.worker.processor import Processor
from supajobs.worker.threads import run_in_thread


class ProcessorThread:
    """Works as its processor does, whose handlers keep nobody else waiting.

    A handler that blocks, or computes for long, blocks the loop of the jobs alone: requests are
    answered. So what belongs to an event loop, a pool of connections say, is not to be shared
    between handlers and routes.
    """

    def __init__(self, processor: Processor, *, close: Callable[[], Awaitable[None]]) -> None:
        """`close`: what ends the connections that the processor has opened in its loop."""
        self.worker_id = processor.worker_id
        self._processor = processor
        self._close = close
        self._opened = futures.Future[asyncio.AbstractEventLoop]()

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """Works for as long as the context lasts. Its end waits for that of the jobs."""
        thread = asyncio.create_task(run_in_thread(lambda: run_loop(self._work()), stop=self._stop))
        opened = asyncio.wrap_future(self._opened)
        await asyncio.wait({thread, opened}, return_when=asyncio.FIRST_COMPLETED)
        if not opened.done():
            await thread  # which could not start, and says why
        try:
            yield
        finally:
            self._stop()
            await thread

    async def _work(self) -> None:
        self._opened.set_result(asyncio.get_running_loop())
        try:
            await self._processor.work(poll_seconds=None)
            await self._processor.drain()  # which waits for one that somebody may have asked for
        finally:
            await self._close()

    def wake(self, *, again_in: float | None = None) -> None:
        """As Processor.wake."""
        self._call(partial(self._processor.wake, again_in=again_in))

    def cancel(self, job_id: UUID) -> None:
        """As Processor.cancel."""
        self._call(partial(self._processor.cancel, job_id))

    def _stop(self) -> None:
        self._call(self._processor.stop)

    def _call(self, do: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # its loop is closed: it has ended
            self._opened.result().call_soon_threadsafe(do)

    async def drain(self, *, time_budget: float | None = None) -> dict[str, int]:
        """As Processor.drain."""
        return await run_in(self._opened.result(), self._processor.drain(time_budget=time_budget))


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
