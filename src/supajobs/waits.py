"""How a handler waits: it ends, and its job goes on later, by itself."""

from datetime import timedelta
from typing import cast

from supajobs.outcomes import PermanentError, Suspended

MAX_WAIT_DAYS = 366


class WaitTimeoutError(PermanentError):
    """Raised by `job.wait_for` when nobody has answered in time, which differs from a null.

    A handler may catch it; else the job fails::

        try:
            answer = await job.wait_for("approval", timeout=timedelta(days=2))
        except WaitTimeoutError:
            answer = None
    """

    def __init__(self, name: str) -> None:
        super().__init__("Nobody answered in time.", code="wait_timed_out", detail={"name": name})


class Suspension(BaseException):
    """Ends a handler that is to go on later. Not to be caught.

    As asyncio's CancelledError no Exception: a handler's `except Exception` is meant for what goes
    wrong, and would swallow it.
    """

    def __init__(self, outcome: Suspended) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class Snooze(Suspension):
    """Raised by a handler that has nothing to do yet: it runs again after these seconds.

    No retry is spent. At least 1, for there is no end to it, and at most 366 days::

        if not await is_ready(request.video_id):
            raise Snooze(600)
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(Suspended(None, kind="snooze", seconds=max(1.0, limit_wait(seconds))))


def limit_wait(seconds: float) -> float:
    """The seconds of a wait: 0, or between that and the longest there may be.

    Raises:
        ValueError: it is longer, or no number.
    """
    if not seconds <= MAX_WAIT_DAYS * 86_400:
        raise ValueError(f"a wait is at most {MAX_WAIT_DAYS} days long, not {seconds} s")
    return max(0.0, seconds)


def count_seconds(
    duration: timedelta | None = None,
    *,
    days: float = 0,
    hours: float = 0,
    minutes: float = 0,
    seconds: float = 0,
) -> float:
    """The seconds of a wait that was said in whatever units; see limit_wait."""
    said = duration.total_seconds() if duration else 0
    return limit_wait(said + 86_400 * days + 3600 * hours + 60 * minutes + seconds)


def find_suspension(error: BaseException | None) -> Suspended | None:
    """What a handler waits for that ended with this, in a group or not; None if it is an error."""
    while isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        suspensions, others = group.split(Suspension)
        error = suspensions.exceptions[0] if suspensions and not others else None
    return error.outcome if isinstance(error, Suspension) else None
