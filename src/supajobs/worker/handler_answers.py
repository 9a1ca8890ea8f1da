"""What handlers hand us, which no type checker may have seen."""

import inspect
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from supajobs.causes import MAX_FRAME, Cause, describe, print_error
from supajobs.loggers import get_logger
from supajobs.outcomes import (
    Completed,
    Failed,
    Outcome,
    Released,
    Suspended,
    make_outcome_storable,
)
from supajobs.storable import UnstorableError, clean
from supajobs.worker.told_errors import tell_where
from supajobs.worker.verdicts import UNEXPECTED, refuse

logger = get_logger(__name__)


def require_outcome(result: object, handle: Callable[..., Any]) -> Outcome:
    """What a handler returned; for anything else, a failure that names the handler."""
    if isinstance(result, Completed | Failed | Released | Suspended):
        return result
    returned = "nothing" if result is None else type(result).__name__
    message = f"the handler returned {returned}: return Completed(result=…)"
    frames = _find_definition(handle)
    logger.error("handler_returned_no_outcome", reason=message, handler=", ".join(frames))
    cause = Cause(exception="TypeError", message=clean(message), frames=frames)
    return replace(UNEXPECTED, retryable=False, cause=cause)


def refuse_unstorable(
    outcome: Outcome,
    on_changed: Callable[[str, str], None],
    list_secrets: Callable[[], Iterable[str]],
) -> Outcome:
    """The outcome as the database can store it: if it cannot, a failure that says what of it."""
    try:
        return make_outcome_storable(outcome, on_changed)
    except UnstorableError as error:
        secrets = list_secrets()
        where = tell_where(error, secrets)
        logger.error("outcome_refused", where=where, why=error.why)  # noqa: TRY400
        usage = None if error.where.partition(".")[0] == "usage" else outcome.usage
        return replace(refuse(error, secrets), usage=usage, cause=describe(error, secrets))
    except MemoryError:
        raise  # which another attempt may have enough of
    except Exception as error:  # noqa: BLE001 - of what the handler has made, and would make again
        secrets = list_secrets()
        logger.error("outcome_crashed", exception=print_error(error, secrets))  # noqa: TRY400
        cause = describe(error, secrets)
        return replace(UNEXPECTED, retryable=False, usage=outcome.usage, cause=cause)


def make_raisable(error: BaseException) -> BaseException:
    """What may be raised in an event loop without ending it."""
    if not isinstance(error, StopIteration | SystemExit | KeyboardInterrupt):
        return error
    raisable = RuntimeError(f"the handler raised {error!r}")
    raisable.__cause__ = error
    return raisable


async def confine(handle: Callable[[], Coroutine[Any, Any, Outcome]]) -> Outcome:
    """The handler, in which sys.exit() ends its own job and not the process.

    asyncio lets what is meant to end a process out of its loop, with all that runs there.
    """
    try:
        return await handle()
    except (SystemExit, KeyboardInterrupt) as error:
        raise make_raisable(error) from error


def require_kind(given: object, kind: type, method: str) -> None:
    """Checks what a method of the job is called with.

    Raises:
        TypeError: it is of another kind.
    """
    if not isinstance(given, kind):
        name = kind.__name__
        raise TypeError(f"job.{method} takes a {name}, not {type(given).__name__}: {name}(…)")


def _find_definition(handle: Any) -> tuple[str, ...]:
    """Where the function is written, as a frame of a traceback would say it."""
    while isinstance(handle, partial):
        handle = handle.func
    function: Any = inspect.unwrap(handle)
    if not hasattr(function, "__code__"):
        function = type(function).__call__  # of an object that can be called
    code = getattr(function, "__code__", None)  # what is written in C has none
    if code is None:
        return ()
    return (clean(f"{code.co_filename}:{code.co_firstlineno} in {code.co_name}")[-MAX_FRAME:],)
