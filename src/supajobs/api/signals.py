"""The moment in which the process is told to stop, before its server has done anything about it."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Generator
from types import FrameType

STOPS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def before_the_server_stops(prepare: Callable[[], None]) -> Generator[None]:
    """Calls `prepare` on a signal to stop, and leaves all else to whoever handled it before.

    Servers tell an app of their end when all answers are out, and an open stream has none: most
    would wait for it for ever.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are another's
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in STOPS}

    def handle(number: int, frame: FrameType | None) -> None:
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
