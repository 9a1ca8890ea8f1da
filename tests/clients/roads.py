"""The network between a client and the API, which a test can take away."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit


class Road:
    """Forwards connections while it is there."""

    def __init__(self, api: str) -> None:
        self.address = ""
        self._api = urlsplit(api)
        self._server: asyncio.Server | None = None
        self._under_way = set[asyncio.Task[None]]()

    async def open(self) -> None:
        port = urlsplit(self.address).port or 0
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        port = self._server.sockets[0].getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"

    async def close(self) -> None:
        """Breaks the connections, and takes no more."""
        if self._server:
            self._server.close()
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._under_way.add(task := asyncio.create_task(self._forward(reader, writer)))
        task.add_done_callback(self._under_way.discard)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, requests = await asyncio.open_connection(self._api.hostname, self._api.port)
        with contextlib.closing(writer), contextlib.closing(requests):
            ways = [asyncio.create_task(_pump(reader, requests))]
            ways.append(asyncio.create_task(_pump(answers, writer)))
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


@contextlib.asynccontextmanager
async def road(api: str) -> AsyncGenerator[Road]:
    there = Road(api)
    await there.open()
    try:
        yield there
    finally:
        await there.close()
