"""One trace id from the caller's `traceparent` through the job to the worker's log."""

import re
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
INVALID_TRACE_ID = "0" * 32


class TraceMiddleware:
    """Takes the trace id of a W3C `traceparent`, or makes one; answers it as `X-Trace-Id`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI event stream."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace_id = scope["trace_id"] = _trace_id(Headers(scope=scope).get("traceparent", ""))

        async def send_with_trace_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Trace-Id"] = trace_id
            await send(message)

        with structlog.contextvars.bound_contextvars(trace_id=trace_id):
            await self._app(scope, receive, send_with_trace_id)


def _trace_id(traceparent: str) -> str:
    match = TRACEPARENT.fullmatch(traceparent.strip())
    return match[1] if match and match[1] != INVALID_TRACE_ID else uuid4().hex
