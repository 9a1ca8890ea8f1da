"""Where our log goes.

Through structlog where somebody has configured it, as our commands do; else to the standard
library's loggers, which an app expects of a library.
"""

import logging
import sys
from typing import Any, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger

from supajobs.causes import hide, list_hidden, print_error


def _tell(record: logging.LogRecord) -> bool:
    """Has formatters print what was told of an exception, where they would print its traceback."""
    record.exc_text = getattr(record, "told", record.exc_text)
    return True


class _Logger:
    """Decides with each line, for an app may configure its log after it has imported us."""

    def __init__(self, name: str, values: dict[str, Any]) -> None:
        logging.getLogger(name).addFilter(_tell)
        self._through_structlog = structlog.get_logger(**values)
        self._through_logging = structlog.wrap_logger(
            logging.getLogger(name),
            processors=[
                structlog.stdlib.filter_by_level,
                structlog.contextvars.merge_contextvars,
                _write,
            ],
            wrapper_class=structlog.stdlib.BoundLogger,
            cache_logger_on_first_use=True,
            **values,
        )

    def __getattr__(self, name: str) -> Any:
        is_ours = structlog.is_configured()
        return getattr(self._through_structlog if is_ours else self._through_logging, name)


def get_logger(name: str, **values: Any) -> FilteringBoundLogger:
    """The logger of a module, or of something in it whose lines have these values, too."""
    return cast("FilteringBoundLogger", _Logger(name, values))


def _write(_logger: object, _method: str, event: EventDict) -> tuple[tuple[str], dict[str, Any]]:
    """One line of words. What raised goes along, for tools; formatters print it as told here."""
    raised = {"exc_info": event.pop("exc_info")} if "exc_info" in event else {}
    told = event.pop("exception", None)  # in words that are for a log
    if raised and (error := _find_error(raised["exc_info"])):
        told = print_error(error)
    if isinstance(reason := event.get("reason"), str):
        event["reason"] = hide(reason, list_hidden(()))
    extra = {"extra": {"told": told}} if told else {}
    words = [str(event.pop("event")), *(f"{key}={value!r}" for key, value in event.items())]
    return (" ".join(words),), {**raised, **extra}


def _find_error(exc_info: Any) -> BaseException | None:
    """As logging takes it: an exception, its triple, or what is true for the one of now."""
    match exc_info:
        case (BaseException() as error) | (_, BaseException() as error, _):
            return error
        case _:
            return sys.exception() if exc_info else None
