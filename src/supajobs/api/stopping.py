"""The moment in which the process is told to stop, before its server has done anything about it."""

import asyncio
import contextlib
import multiprocessing
import signal
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from types import FrameType
from typing import Any

STOPS = (signal.SIGINT, signal.SIGTERM)
LOOK_SECONDS = 0.1


@contextlib.asynccontextmanager
async def before_the_server_stops(prepare: Callable[[], None]) -> AsyncGenerator[None]:
    """Calls `prepare` when the process is told to stop, and leaves all else to who handled it.

    Servers tell an app of their end when all answers are out, and an open stream has none: most
    would wait for it for ever.
    """
    with _on_signal(prepare):
        waiting = asyncio.create_task(_wait_for_parent(prepare))
        try:
            yield
        finally:
            waiting.cancel()
            await asyncio.wait({waiting})


async def _wait_for_parent(prepare: Callable[[], None]) -> None:
    """Hypercorn's parent process gets the signals, and tells its workers by an event."""
    arguments: dict[str, Any] = getattr(multiprocessing.current_process(), "_kwargs", {})
    if told := arguments.get("shutdown_event"):
        while not told.is_set():  # noqa: ASYNC110 - of processes, which nothing awaits
            await asyncio.sleep(LOOK_SECONDS)  # as hypercorn does
        prepare()


@contextlib.contextmanager
def _on_signal(prepare: Callable[[], None]) -> Generator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are another's
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in STOPS}

    def handle(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(RuntimeError):  # it is closed: whose handler follows us kept this
            loop.call_soon_threadsafe(prepare)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    mine = {number: handler for number, handler in before.items() if callable(handler)}
    for number in mine:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in mine.items():
            if signal.getsignal(number) is handle:
                signal.signal(number, handler)
