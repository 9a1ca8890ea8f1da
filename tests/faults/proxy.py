"""A proxy before Supabase that loses answers: the work is done, and nobody hears of it."""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
KEEP_ALIVE = re.compile(rb"\r\nconnection: [^\r]*", re.IGNORECASE)


class LossyProxy:
    """Forwards each request; closes the connection instead of answering as often as told."""

    def __init__(self, upstream: str) -> None:
        self.url = ""
        self.losses: Counter[str] = Counter()
        """How many answers to a function are still to be lost."""
        self.lost: Counter[str] = Counter()
        self._upstream = urlsplit(upstream)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            request = await _read_request(reader)
            answer = await self._forward(request)
            function = request.split(b" ", 2)[1].decode().rpartition("/")[2]
            if self.losses[function]:
                self.losses[function] -= 1
                self.lost[function] += 1
            else:
                writer.write(answer)
                await writer.drain()
        writer.close()

    async def _forward(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._upstream.hostname, self._upstream.port)
        head, _, body = request.partition(b"\r\n\r\n")
        writer.write(KEEP_ALIVE.sub(b"", head) + b"\r\nConnection: close\r\n\r\n" + body)
        answer = await reader.read()
        writer.close()
        return answer


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = CONTENT_LENGTH.search(head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


@contextlib.asynccontextmanager
async def lossy_proxy(upstream: str) -> AsyncGenerator[LossyProxy]:
    proxy = LossyProxy(upstream)
    server = await asyncio.start_server(proxy.handle, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield proxy
