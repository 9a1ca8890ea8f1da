"""Being called by Realtime when there are new jobs, for workers that look seldom."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, cast

from supajobs.loggers import get_logger
from supajobs.settings import Settings
from supajobs.worker.lookout import spread
from supajobs.worker.processor import Processor

if TYPE_CHECKING:
    from realtime import AsyncRealtimeClient, RealtimeSubscribeStates
    from realtime.types import BroadcastPayload

logger = get_logger(__name__)

TOPIC = "supajobs:workers"
EVENT = "jobs"
# A call stands for all jobs of the second after it (call_workers, wake_processor).
LOOK_AGAIN_SECONDS = 1.5
FIRST_PAUSE = 1.0  # s; before it connects again, twice as long each time
LONGEST_PAUSE = 60.0  # s; which is forgotten when a connection has lasted for longer


class NotJoinedError(Exception):
    """Realtime did not let the worker join."""


class Broadcasts:
    """Wakes a processor that a broadcast calls. No job depends on it: the processor looks, too."""

    def __init__(self, settings: Settings, processor: Processor) -> None:
        self._url = f"{settings.supabase_origin}/realtime/v1"
        self._key = settings.supabase_secret_key
        self._processor = processor

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """Listens for as long as the context lasts, and connects again where the line is lost."""
        listening = asyncio.create_task(self._listen_on())
        try:
            yield
        finally:
            listening.cancel()
            await asyncio.wait({listening})

    async def _listen_on(self) -> None:
        # It says at the level of errors what is told below, and may name the address with its key.
        logging.getLogger("realtime").setLevel(logging.CRITICAL + 1)
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            try:
                await self._listen()
                reason = "the connection ended"
            except Exception as error:  # noqa: BLE001 - whatever it is, the next try may succeed
                reason = type(error).__name__  # not its words: the address has the key
            if time.monotonic() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            logger.warning("broadcasts_lost", reason=reason, again_in=pause)
            await asyncio.sleep(spread(pause))
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _listen(self) -> None:
        """Listens on one connection until it ends.

        Raises:
            NotJoinedError: Realtime refuses.
        """
        from realtime import AsyncRealtimeClient  # noqa: PLC0415 - takes long to import

        # It would try five times at most.
        client = AsyncRealtimeClient(
            self._url, token=self._key.get_secret_value(), auto_reconnect=False
        )
        try:
            await self._stay(client)
        finally:
            self._tell(listens=False)
            await client.close()

    async def _stay(self, client: "AsyncRealtimeClient") -> None:
        left = asyncio.Event()

        def note(state: "RealtimeSubscribeStates", _error: Exception | None) -> None:
            if state != "SUBSCRIBED":
                left.set()

        channel = client.channel(
            TOPIC,
            {
                "config": {
                    "private": True,
                    "broadcast": {"ack": False, "self": False},
                    "presence": None,
                }
            },
        )
        channel.on_broadcast(EVENT, self._hear)
        await channel.subscribe(note)
        if not channel.is_joined:
            raise NotJoinedError
        # A message that the client cannot handle ends this task, and nobody is told.
        hearing = cast("asyncio.Task[None]", client._listen_task)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType] - no other way to see it
        hearing.add_done_callback(lambda _: left.set())
        logger.info("broadcasts_heard")
        self._tell(listens=True)
        self._processor.wake()  # for what came meanwhile
        await left.wait()

    def _tell(self, *, listens: bool) -> None:
        if self._processor.presence.listens != listens:
            self._processor.presence.listens = listens
            self._processor.presence.ask()

    def _hear(self, broadcast: "BroadcastPayload") -> None:
        called: Any = broadcast["payload"].get("worker_ids")
        if isinstance(called, list) and self._processor.worker_id in called:
            self._processor.wake(again_in=LOOK_AGAIN_SECONDS)
