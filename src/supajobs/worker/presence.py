"""Saying that a processor lives, so that people and `check_plan_queue` see who starts jobs.

The answer says what there is to do: an idle processor makes this one call.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine
from importlib.metadata import version
from typing import Any

from supajobs.errors import SupajobsError
from supajobs.loggers import get_logger
from supajobs.queue.answers import Noted
from supajobs.queue.job_queue import JobQueue

logger = get_logger(__name__)

NOTE_SECONDS = 30.0  # three of them without a note, and it counts as gone (describe_plan_triggers)
LAST_SECONDS = 2.0  # for the answer to a note that is out when its processor stops


class Presence:
    """The row of one processor in supajobs.processors. Jobs never wait for it, or fail with it."""

    def __init__(
        self,
        queue: JobQueue,
        worker_id: str,
        job_types: Collection[str],
        *,
        concurrency: int,
        running: Callable[[], int],
    ) -> None:
        self._queue = queue
        self._worker_id = worker_id
        self._job_types = job_types
        self._concurrency = concurrency
        self._running = running
        self.on_answer: Callable[[Noted | None], None] = lambda _noted: None
        """Is told what each note was answered; None, where it was not."""
        self.listens = False
        """Whether the processor can be called by a broadcast."""
        self._asked = asyncio.Event()
        self._contexts = 0
        self._noting: asyncio.Task[None] | None = None
        self._is_noted = False
        self._is_failing = False

    @contextlib.asynccontextmanager
    async def showing(self) -> AsyncGenerator[None]:
        """Notes it at once and every 30 s while a context is open; takes it off after the last."""
        self._contexts += 1
        if self._noting is None:
            self._noting = asyncio.create_task(self._note_on())
        try:
            yield
        finally:
            self._contexts -= 1
            if not self._contexts:
                noting, self._noting = self._noting, None
                noting.cancel()
                await asyncio.wait({noting})
                await self._take_off()

    def ask(self) -> None:
        """Notes it now, to hear what there is to do."""
        self._asked.set()

    async def _note_on(self) -> None:
        while True:
            self._asked.clear()
            self.on_answer(await self._finish(self._note()))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(NOTE_SECONDS):
                    await self._asked.wait()

    async def _finish(self, note: Coroutine[Any, Any, Noted | None]) -> Noted | None:
        """Hears its answer even while it is cancelled: it may have made the row to take off."""
        noting = asyncio.create_task(note)
        try:
            return await asyncio.shield(noting)
        except asyncio.CancelledError:
            await asyncio.wait({noting}, timeout=LAST_SECONDS)
            raise
        finally:
            noting.cancel()

    async def _note(self) -> Noted | None:
        try:
            noted = await self._queue.notes.note(
                self._worker_id,
                version=version("supajobs"),
                concurrency=self._concurrency,
                running=self._running(),
                job_types=self._job_types,
                listens=self.listens,
            )
        except Exception as error:
            # Whatever it is, the next note may succeed, and nobody restarts the loop.
            if not self._is_failing:
                expected = isinstance(error, SupajobsError)
                reason = error.reason if isinstance(error, SupajobsError) else repr(error)
                logger.warning("presence_unnoted", reason=reason, exc_info=not expected)
            self._is_noted, self._is_failing = False, True
            return None
        self._is_noted, self._is_failing = True, False
        return noted

    async def _take_off(self) -> None:
        if not self._is_noted:
            return  # where nobody answered, a stop does not wait for it
        try:
            await self._queue.notes.forget(self._worker_id)
        except SupajobsError as error:  # it will be seen to be silent
            logger.debug("presence_remains", code=error.code)
