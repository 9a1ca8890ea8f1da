"""How a step is taken, wherever its handler runs."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from pydantic import JsonValue

logger = structlog.get_logger()

Find = Callable[[str], Awaitable[tuple[JsonValue] | None]]
Keep = Callable[[str, JsonValue], Awaitable[JsonValue]]


async def take_step(
    find: Find,
    keep: Keep,
    name: str,
    work: Callable[[], Awaitable[JsonValue]],
    read: Callable[[JsonValue], Any] = lambda output: output,
) -> Any:
    """Does `work` unless `find` has its output, as supajobs.job_types.Step says.

    Raises:
        ValueError: `find` refuses the name, or `read` raised it at new output.
        UnstorableError: the output cannot be stored.
        SupabaseRefusedError: the database says so.
    """
    if (found := await find(name)) is not None:
        try:
            return read(*found)
        except ValueError:
            logger.warning("step_outdated", step=name)
    return read(await keep(name, await work()))
