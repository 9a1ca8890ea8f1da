"""What a handler calls to do a part of its work once, and to wait: the methods of its job."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol, TypeVar, overload

from pydantic import JsonValue

Output = TypeVar("Output")


class Step(Protocol):
    """Does a part of a job's work once, however often the job runs again.

    The output that an earlier run saved is given back; else that of `work`, which is then saved.
    `read` turns it into what the handler needs. A saved output at which it raises a ValueError (a
    pydantic ValidationError is one) is out of date, and `work` is done again. No two steps of a job
    have the same name; it has at most 255 characters.
    """

    @overload
    async def __call__(self, name: str, work: Callable[[], Awaitable[JsonValue]]) -> JsonValue: ...
    @overload
    async def __call__(
        self,
        name: str,
        work: Callable[[], Awaitable[JsonValue]],
        read: Callable[[JsonValue], Output],
    ) -> Output: ...


class SyncStep(Protocol):
    """A Step of a handler that is no coroutine: its `work` is a plain function."""

    @overload
    def __call__(self, name: str, work: Callable[[], JsonValue]) -> JsonValue: ...
    @overload
    def __call__(
        self, name: str, work: Callable[[], JsonValue], read: Callable[[JsonValue], Output]
    ) -> Output: ...


class Sleep(Protocol):
    """Has the job go on after this time, counted from when it first came here; 366 days at most.

    Until then no worker has it: the handler ends here, and is called again when the time has come,
    with its steps as they were saved. No retry is spent. 0 or less is no wait. No two waits of a
    job have the same name; it has at most 255 characters.
    """

    async def __call__(  # noqa: PLR0913 - a unit each
        self,
        name: str,
        duration: timedelta | None = None,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """Waits."""
        ...


class SyncSleep(Protocol):
    """A Sleep of a handler that is no coroutine."""

    def __call__(  # noqa: PLR0913 - a unit each
        self,
        name: str,
        duration: timedelta | None = None,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """Waits."""
        ...


class WaitFor(Protocol):
    """Waits as a Sleep does, until the signal of this name comes, whose payload it gives back.

    What came before counts, too. When the time is over first, a WaitTimeoutError is raised.
    """

    async def __call__(self, name: str, *, timeout: timedelta) -> JsonValue:  # noqa: ASYNC109 - of days
        """Waits."""
        ...


class SyncWaitFor(Protocol):
    """A WaitFor of a handler that is no coroutine."""

    def __call__(self, name: str, *, timeout: timedelta) -> JsonValue:
        """Waits."""
        ...
