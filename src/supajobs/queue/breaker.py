"""Leaves Supabase alone while it is down, and spares its callers the wait."""
# circuitbreaker has no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

import asyncio
from time import monotonic
from types import TracebackType
from typing import Literal

import structlog
from circuitbreaker import STATE_HALF_OPEN, CircuitBreaker

from supajobs.errors import SupabaseUnavailableError

logger = structlog.get_logger()

MAX_FAILURES = 5  # in a row; whatever else Supabase answers, it answers
OPEN_SECONDS = 5


class Breaker(CircuitBreaker):
    """Goes around each call. After failures in a row it refuses calls for a while.

    Then one call tries alone: if it is answered, all may pass again.
    """

    def __init__(self) -> None:
        super().__init__(MAX_FAILURES, OPEN_SECONDS, SupabaseUnavailableError)

    def __enter__(self) -> None:
        if self.opened:
            raise SupabaseUnavailableError(retry_after=max(1, self.open_remaining))
        if self.state == STATE_HALF_OPEN:
            self._opened = monotonic()  # it stays open for all but this call

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Literal[False]:
        if kind is not None and issubclass(kind, asyncio.CancelledError):
            return False  # the caller left: that says nothing about Supabase
        was_closed = self.closed
        super().__exit__(kind, error, traceback)
        if self.closed != was_closed:
            logger.warning("supabase_calls_resumed" if self.closed else "supabase_calls_suspended")
        return False
