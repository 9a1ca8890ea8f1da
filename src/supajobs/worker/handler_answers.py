"""What handlers hand us, which no type checker may have seen."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from supajobs.causes import MAX_FRAME, Cause
from supajobs.outcomes import Completed, Failed, Outcome, Released
from supajobs.storable import clean
from supajobs.telemetry.loggers import get_logger
from supajobs.worker.verdicts import UNEXPECTED

logger = get_logger(__name__)


def require_outcome(result: object, handle: Callable[..., Any]) -> Outcome:
    """What a handler returned; for anything else, a failure that names the handler."""
    if isinstance(result, Completed | Failed | Released):
        return result
    returned = "nothing" if result is None else type(result).__name__
    message = f"the handler returned {returned}: return Completed(result=…)"
    frames = _find_definition(handle)
    logger.error("handler_returned_no_outcome", reason=message, handler=", ".join(frames))
    cause = Cause(exception="TypeError", message=clean(message), frames=frames)
    return replace(UNEXPECTED, retryable=False, cause=cause)


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
