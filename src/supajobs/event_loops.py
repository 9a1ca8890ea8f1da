"""Event loops: which one our programs run in, and how what belongs to one is used from another."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

if sys.platform == "win32":
    from asyncio import new_event_loop as new_loop
    from asyncio import run as run_loop
else:
    from uvloop import new_event_loop as new_loop  # as uvicorn does for the API
    from uvloop import run as run_loop

__all__ = ["new_loop", "run_in", "run_loop"]

Answer = TypeVar("Answer")


async def run_in(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Answer]) -> Answer:
    """What `work` returns, done in its own loop: connections and locks know no other."""
    if asyncio.get_running_loop() is loop:
        return await work
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))
