"""What a request is known by: an id of its own, and the trace that it belongs to.

The trace id goes from the caller's `traceparent` (W3C Trace Context) through the job to the
worker's log.
"""

import re
import secrets
from uuid import uuid4

import structlog
from opentelemetry import trace
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"
)
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
SAMPLED = 0x01  # of the flags, the one that says something about the whole trace


class TraceMiddleware:
    """Takes the caller's `X-Request-Id` and `traceparent`, or makes them; every answer has both."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI event stream."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        trace_id, span_id, flags = _trace(headers.get("traceparent", ""))
        request_id = _request_id(headers.get("X-Request-Id", ""))
        scope["trace_id"] = trace_id
        traceparent = f"00-{trace_id}-{span_id}-{flags:02x}"

        async def send_with_ids(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                answered["X-Request-Id"] = request_id
                answered["traceparent"] = traceparent
            await send(message)

        with structlog.contextvars.bound_contextvars(trace_id=trace_id, request_id=request_id):
            await self._app(scope, receive, send_with_ids)


def find_trace_id(scope: Scope) -> str:
    """That of the request; on a route of another app, one that is found in it, or made, now."""
    if "trace_id" not in scope:
        scope["trace_id"], _, _ = _trace(Headers(scope=scope).get("traceparent", ""))
    return scope["trace_id"]


def _trace(traceparent: str) -> tuple[str, str, int]:
    """The ids of the trace and of the request in it, and the trace's flags."""
    span = trace.get_current_span().get_span_context()
    if span.is_valid:  # traces are on, and FastAPI has read the header
        trace_id, span_id = trace.format_trace_id(span.trace_id), trace.format_span_id(span.span_id)
        return trace_id, span_id, span.trace_flags & SAMPLED
    if match := TRACEPARENT.fullmatch(traceparent.strip()):
        return match[1], secrets.token_hex(8), int(match[2], 16) & SAMPLED
    return uuid4().hex, secrets.token_hex(8), 0


def _request_id(given: str) -> str:
    return given if REQUEST_ID.fullmatch(given) else str(uuid4())
