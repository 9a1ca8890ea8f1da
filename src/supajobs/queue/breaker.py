"""Leaves Supabase alone while it is down, and spares its callers the wait."""

import asyncio
import math
from time import monotonic
from types import TracebackType

from supajobs.errors import SupabaseUnavailableError
from supajobs.loggers import get_logger
from supajobs.queue.batches import may_be_about_one

logger = get_logger(__name__)

MAX_FAILURES = 5  # in a row; whatever else Supabase answers, it answers
OPEN_SECONDS = 5


class Breaker:
    """Goes around each call. After failures in a row it refuses calls for a while.

    Then one call tries alone: if it is answered, all may pass again.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._closed_until: float | None = None  # None: all may pass

    def __enter__(self) -> None:
        if self._closed_until is None:
            return
        if (remaining := self._closed_until - monotonic()) > 0:
            raise SupabaseUnavailableError(retry_after=math.ceil(remaining))
        self._closed_until = monotonic() + OPEN_SECONDS  # for all but this call

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, asyncio.CancelledError):
            return  # the caller left: that says nothing about Supabase
        if isinstance(error, SupabaseUnavailableError) and not _is_answer(error):
            self._note_failure()
        else:
            self._note_answer()

    def _note_failure(self) -> None:
        self._failures += 1
        if self._failures < MAX_FAILURES:
            return
        if self._closed_until is None:
            logger.warning("supabase_calls_suspended")
        self._closed_until = monotonic() + OPEN_SECONDS

    def _note_answer(self) -> None:
        if self._closed_until is not None:
            logger.warning("supabase_calls_resumed")
        self._failures, self._closed_until = 0, None


def _is_answer(error: SupabaseUnavailableError) -> bool:
    """Supabase is there, though one user may have no right, or a lock hold one row."""
    return error.refused or may_be_about_one(error)
