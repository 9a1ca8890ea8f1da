"""Structured logs on stderr: JSON lines for machines, or readable text. No params, no tokens."""

import contextlib
import io
import logging
import sys
from collections.abc import Iterable
from typing import TextIO, cast

import structlog

from supajobs.causes import hide, list_hidden
from supajobs.settings import Settings

MAX_TEXT = 50_000  # characters of a traceback, from its end: messages may hold what was sent


class _LossyStream(io.TextIOBase):
    """Drops what cannot be written (the reader of the pipe has gone, the disk is full).

    A log that raises would end the work that it tells of.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str, /) -> int:
        with contextlib.suppress(OSError, ValueError):  # ValueError: it is closed
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def _make_visible(
    _logger: object, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Lets no text of others look like a line of the log, or like an order to the terminal."""
    for key, value in event.items():
        if isinstance(value, str):
            lines = value.splitlines() if key in {"exception", "stack"} else [value]
            indent = "  " if key in {"exception", "stack"} else ""
            event[key] = "\n".join(f"{indent}{_escape(line)}" for line in lines)
    return event


def _escape(text: str) -> str:
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


class _Discretion:
    """Hides secrets in what others have written, which is under these keys of a line."""

    def __init__(self, secrets: Iterable[str], *keys: str) -> None:
        self._hidden = list_hidden(secrets)
        self._keys = keys

    def __call__(
        self, _logger: object, _name: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        for key in self._keys:
            if isinstance(value := event.get(key), str):
                event[key] = hide(value[-MAX_TEXT:], self._hidden)
        return event


def configure_logs(settings: Settings) -> None:
    """Sends our own log and that of the libraries through structlog."""
    discretion = _Discretion(settings.secrets, "exception", "stack", "reason")
    # Ours are names; theirs may repeat an exception, as asyncio's of a task that nobody awaited.
    discretion_of_others = _Discretion(settings.secrets, "event")
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderers: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, discretion, structlog.processors.JSONRenderer()]
        if settings.log_format == "json"
        else [
            structlog.processors.format_exc_info,
            discretion,
            _make_visible,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                # The default shows local variables, and with them tokens and params.
                exception_formatter=structlog.dev.plain_traceback,
            ),
        ]
    )
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    stream = cast("TextIO", _LossyStream(sys.stderr))
    structlog.configure(
        processors=[*shared, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, discretion_of_others],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.INFO), force=True)
    # These have a line per request, with ids in the address.
    for noisy in ("httpx", "httpx2", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
