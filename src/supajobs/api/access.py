"""Each request once in the log, in the metrics and, where traces are on, in its trace."""

import time
from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any

from fastapi.telemetry import TelemetryConfig
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supajobs.loggers import get_logger
from supajobs.telemetry.metrics import Metrics

logger = get_logger(__name__)

CLIENT_GONE = 499  # nginx's word for it: there was nobody to answer
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
# They come every few seconds, also below what an app includes our routes at.
PROBES = ("/health", "/health/jobs", "/health/ready", "/metrics")


def _is_probe(scope: MutableMapping[str, Any]) -> bool:
    return scope.get("method") in {"GET", "HEAD"} and scope["path"].endswith(PROBES)


REQUEST_SPANS: TelemetryConfig = {
    "exclude": _is_probe,
    "operation_spans": False,
    "logs": False,  # they would hold what exceptions say
    "metrics": False,
    "auto_configure": False,
}
"""What FastAPI does where traces are on: a span for each request, and no more."""


class AccessMiddleware:
    """Notes route, status and duration of each request: no path, query, header or body."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI event stream."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        status = CLIENT_GONE  # until the app says otherwise
        streams = 0

        async def send_noted(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status = int(message["status"])
                if Headers(scope=message).get("Content-Type", "").startswith("text/event-stream"):
                    streams = 1
                    self._metrics.event_streams.inc()
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception:  # amid an answer that had begun
            status = HTTPStatus.INTERNAL_SERVER_ERROR.value
            raise
        finally:
            route = _find_route(scope)
            seconds = time.perf_counter() - started
            self._metrics.event_streams.dec(streams)
            self._metrics.requests(method, route, status).inc()
            if not streams:
                self._metrics.request_seconds(method, route).observe(seconds)
            log = logger.debug if _is_probe(scope) else logger.info
            log(
                "request_handled",
                method=method,
                route=route,
                status=status,
                duration_ms=round(seconds * 1000, 1),
            )


def _find_route(scope: Scope) -> str:
    """The template of the address, /v1/jobs/{job_id}; one word for all that have none."""
    # The route itself does not know the prefix that its router was included with.
    included: Any = scope.get("fastapi", {}).get("effective_route_context")
    route: Any = included or scope.get("route")
    return route.path_format if route else "unmatched"
