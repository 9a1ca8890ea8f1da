"""How long a caller waits for Supabase: for silence, and not for the rest of a large answer."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Generator
from contextvars import ContextVar

ANSWER_PATIENCE = 10.0  # s; for the rest of an answer that has begun

_deadline: ContextVar[asyncio.Timeout | None] = ContextVar("deadline", default=None)


@contextlib.asynccontextmanager
async def limit_silence(seconds: float) -> AsyncGenerator[None]:
    """Raises TimeoutError after so many seconds in which nothing was `read`."""
    async with asyncio.timeout(seconds) as deadline:
        token = _deadline.set(deadline)
        try:
            yield
        finally:
            _deadline.reset(token)


@contextlib.contextmanager
def read() -> Generator[None]:
    """Surrounds the reading of an answer that has begun."""
    deadline = _deadline.get()
    ends_at = deadline and deadline.when()
    if not deadline or not ends_at:
        yield
        return
    deadline.reschedule(max(ends_at, asyncio.get_running_loop().time() + ANSWER_PATIENCE))
    try:
        yield
    finally:  # what breaks off is sent again, within the caller's patience
        deadline.reschedule(ends_at)
