"""Looks at each request's head before anything reads it: what is in it has a length."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from supajobs.api.problems import render
from supajobs.api.refusals import HeadTooLargeError

MAX_HEAD = 32_768  # bytes; twice a token of the greatest length


def measure(scope: Scope) -> int:
    """The bytes of a request's address and headers, nearly as they were sent."""
    headers = sum(len(name) + len(value) + 4 for name, value in scope["headers"])
    return len(scope["path"]) + len(scope["query_string"]) + headers


class HeadLimitMiddleware:
    """Refuses a head above MAX_HEAD. Our own server does not even read it; others may."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI event stream."""
        if scope["type"] == "http" and measure(scope) > MAX_HEAD:
            await render(HeadTooLargeError(), Request(scope))(scope, receive, send)
        else:
            await self._app(scope, receive, send)
