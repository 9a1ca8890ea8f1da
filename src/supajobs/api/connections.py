"""Connections of our own server: each has a time and a length for the head of a request."""

import sys
from asyncio import BaseTransport, Transport
from http import HTTPStatus
from time import monotonic
from typing import Any, cast
from uuid import uuid4

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from supajobs.api.heads import MAX_HEAD
from supajobs.api.problems import MEDIA_TYPE, describe
from supajobs.api.refusals import HeadTooLargeError, HeadTooSlowError, NotHttpError
from supajobs.errors import SupajobsError

HEAD_SECONDS = 10.0  # from the first of it, or from the start of a connection that sends nothing
MAX_CONNECTIONS = 4096  # and at most half of the files that the process may open


def find_most() -> int:
    """How many connections this process takes: its calls to others need files, too."""
    if sys.platform == "win32":
        return MAX_CONNECTIONS
    from resource import RLIMIT_NOFILE, getrlimit  # noqa: PLC0415 - Windows has none

    soft, _ = getrlimit(RLIMIT_NOFILE)
    return min(MAX_CONNECTIONS, soft // 2) if soft > 0 else MAX_CONNECTIONS


class Connection(HttpToolsProtocol):
    """uvicorn's. Who sends half of a request, or none, does not keep a place that others need."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head_timer: Any = None
        self._head_length = 0
        self._since = monotonic()

    def connection_made(self, transport: BaseTransport) -> None:
        """Gives it a place, if need be that of the one that is waited for the longest."""
        super().connection_made(cast("Transport", transport))
        self._await_head()
        others = [each for each in self.connections if isinstance(each, Connection)]
        if len(others) > find_most():
            waiting = [each for each in others if each.is_idle or each.is_half_read]
            min(waiting, key=lambda each: each._since).transport.abort()  # noqa: SLF001 - of its class

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets it."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Reads on, as long as a head is no longer than it may be."""
        if self.is_idle:
            self._await_head()
        super().data_received(data)
        if self._head_timer is not None:
            self._head_length += len(data)
            if self._head_length > MAX_HEAD:
                self._refuse(HeadTooLargeError())

    def on_headers_complete(self) -> None:
        """Hands the request over."""
        self._stop_waiting()
        super().on_headers_complete()

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        return getattr(self.cycle, "response_complete", True)  # there is none at first

    @property
    def is_half_read(self) -> bool:
        """Whether the body of its one request is not all there; no app sees it before."""
        return self.cycle.more_body and not self.pipeline

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._since, self._head_length = monotonic(), 0
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        self._refuse(HeadTooSlowError())

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words for it
        """Answers what is no request."""
        self._refuse(NotHttpError())

    def _refuse(self, error: SupajobsError) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            body = describe(error, uuid4().hex).model_dump_json(exclude_none=True).encode()
            head = (
                f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\n"
                f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
                "connection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
            self.transport.close()
