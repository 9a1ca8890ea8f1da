"""Where our log goes.

Through structlog where somebody has configured it, as our commands do; else to the standard
library's loggers, which an app expects of a library.
"""

import logging
from typing import Any, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger


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
    """One line of words; what raised goes to whoever formats records, who shows no locals."""
    raised = {"exc_info": event.pop("exc_info")} if "exc_info" in event else {}
    if told := event.pop("exception", None):  # in words that are for a log
        raised["extra"] = {"told": told}
    words = [str(event.pop("event")), *(f"{key}={value!r}" for key, value in event.items())]
    return (" ".join(words),), raised
