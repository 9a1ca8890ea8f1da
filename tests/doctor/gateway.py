"""What stands in front of a hosted project: it passes requests on, or answers in its own way."""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

from tests.serving import ask, listening
from tests.stand_in import CONTENT_LENGTH, Reply

KEEP_ALIVE = re.compile(rb"\r\nconnection: [^\r]*", re.IGNORECASE)
DATE = re.compile(rb"\r\ndate: [^\r]*", re.IGNORECASE)


class Gateway:
    """`replies` are its own, and `delays` in seconds come before an answer, by path.

    `ahead` is how far its clock is, and that of all behind it.
    """

    def __init__(self, upstream: str) -> None:
        self.url = ""
        self.replies: dict[str, Reply] = {}
        self.delays: dict[str, float] = {}
        self.ahead: timedelta | None = None
        self._upstream = urlsplit(upstream)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = CONTENT_LENGTH.search(head)
        body = await reader.readexactly(int(length[1])) if length else b""
        path = head.split(b" ", 2)[1].decode().partition("?")[0]
        reply = self.replies.get(path)
        answer = bytes(reply) if reply else await self._forward(head, body)
        await asyncio.sleep(self.delays.get(path, 0))
        writer.write(self._set_clock(answer))
        await writer.drain()

    async def _forward(self, head: bytes, body: bytes) -> bytes:
        head = KEEP_ALIVE.sub(b"", head[:-4]) + b"\r\nConnection: close\r\n\r\n"
        return await ask(self._upstream, head + body)

    def _set_clock(self, answer: bytes) -> bytes:
        if self.ahead is None:
            return answer
        date = format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)
        return DATE.sub(b"\r\ndate: " + date.encode(), answer, count=1)


@contextlib.asynccontextmanager
async def gateway(upstream: str) -> AsyncGenerator[Gateway]:
    gateway = Gateway(upstream)
    async with listening(gateway.handle) as gateway.url:
        yield gateway
