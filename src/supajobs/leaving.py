"""The end of a program, which nothing that goes on in it holds up."""

import asyncio
import contextlib
import os
import sys
import threading
import time
from collections.abc import Generator

from supajobs.causes import print_place
from supajobs.loggers import get_logger

logger = get_logger(__name__)

LEAVE_SECONDS = 2.0  # that tasks, threads and what is registered for the exit have to end


@contextlib.contextmanager
def leaving() -> Generator[None]:
    """Has the process end soon after the context, which is all that it had to do.

    asyncio waits for tasks that swallow their cancellation, and Python for threads, those of
    asyncio.to_thread among them: both for ever.
    """
    error = None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        arguments = (error, _find_loop())
        threading.Thread(target=_leave, args=arguments, name="leaving", daemon=True).start()


def _leave(error: BaseException | None, loop: asyncio.AbstractEventLoop | None) -> None:
    time.sleep(LEAVE_SECONDS)
    others = set(threading.enumerate()) - {threading.main_thread(), threading.current_thread()}
    logger.error(
        "left_what_would_not_end",
        tasks=sorted({each.get_name() for each in asyncio.all_tasks(loop)} if loop else ()),
        threads=sorted({each.name for each in others}),
        exception=error and print_place(error),
    )
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(0 if error is None else 1)


def _find_loop() -> asyncio.AbstractEventLoop | None:
    with contextlib.suppress(RuntimeError):  # there is none, or it has ended
        return asyncio.get_running_loop()
    return None
