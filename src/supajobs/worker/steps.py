"""How a step is taken, wherever its handler runs."""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, Protocol
from uuid import UUID

from pydantic import JsonValue, SecretStr

from supajobs.follow_ups import JobRequest
from supajobs.jobs import ClaimedJob, Parent
from supajobs.loggers import get_logger
from supajobs.outcomes import Usage
from supajobs.queue.answers import FoundSteps

logger = get_logger(__name__)

Find = Callable[[str], Awaitable[tuple[JsonValue] | None]]
Keep = Callable[[str, JsonValue], Awaitable[JsonValue]]


class RunQueue(Protocol):
    """The queue, as far as a run has to do with it: see JobQueue."""

    @property
    def secrets(self) -> frozenset[str]:
        """What no description of an error may have in it."""
        ...

    async def get_steps(self, job: ClaimedJob, /) -> FoundSteps:
        """The outputs of finished steps, waits and signals."""
        ...

    async def save_step(
        self, job: ClaimedJob, name: str, output: JsonValue, usage: Usage | None, /
    ) -> bool:
        """Keeps the output of one."""
        ...

    @property
    def flows(self) -> "RunFlows":
        """What the job waited for, and what it asks for."""
        ...

    async def get_provider_key(self, job: ClaimedJob, /) -> SecretStr | None:
        """The key that the job brought."""
        ...


class RunFlows(Protocol):
    """See Flows."""

    async def get_parents(self, job: ClaimedJob, /) -> dict[str, Parent] | None:
        """What the job waited for, by ref."""
        ...

    async def enqueue(self, job: ClaimedJob, name: str, request: JobRequest, /) -> UUID | None:
        """The id of a job that is requested once for each name."""
        ...


async def take_step(
    find: Find,
    keep: Keep,
    name: str,
    work: Callable[[], Awaitable[JsonValue]],
    read: Callable[[JsonValue], Any] = lambda output: output,
) -> Any:
    """Does `work` unless `find` has its output, as supajobs.job_types.Step says.

    Raises:
        TypeError: the work is no coroutine function.
        ValueError: `find` refuses the name, or `read` raised it at new output.
        UnstorableError: the output cannot be stored.
        SupabaseRefusedError: the database says so.
    """
    if (found := await find(name)) is not None:
        try:
            return read(*found)
        except ValueError:
            logger.warning("step_outdated", step=name)
    if not isawaitable(working := work()):
        given = type(working).__name__
        raise TypeError(f"the work of step {name!r} returned {given}: make it a coroutine function")
    return read(await keep(name, await working))
