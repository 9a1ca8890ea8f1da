"""Reads each request's body before the app does: not too much of it, and not for too long."""

import asyncio

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supajobs.api.problems import render
from supajobs.api.refusals import BodyTooLargeError, BodyTooSlowError

BODY_PATIENCE = 30.0  # s


class BodyLimitMiddleware:
    """Refuses a body above `max_bytes`, or one that takes longer than `patience` seconds."""

    def __init__(self, app: ASGIApp, *, max_bytes: int, patience: float = BODY_PATIENCE) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI event stream."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await self._read(Headers(scope=scope), receive)
        except ClientDisconnect:
            return  # there is nobody to answer
        except (BodyTooLargeError, BodyTooSlowError) as error:
            await render(error, Request(scope))(scope, receive, send)
            return
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_again() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, receive_again, send)

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        announced = headers.get("Content-Length", "")
        if announced.isdecimal() and int(announced) > self._max_bytes:
            raise BodyTooLargeError
        body = bytearray()
        try:
            async with asyncio.timeout(self._patience):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientDisconnect
                    body += message.get("body", b"")
                    if len(body) > self._max_bytes:
                        raise BodyTooLargeError
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise BodyTooSlowError from None
