"""An address that stays, whatever port the servers behind it come back on after a crash.

While they are down, anybody may get a port that was theirs.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

from tests.serving import listening

from supajobs.local.stack import Stack, StackInfo


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()


@contextlib.asynccontextmanager
async def entrance(stack: Stack, info: StackInfo) -> AsyncGenerator[str]:
    """Connections end with those that they lead to, and while nobody is there at once."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = urlsplit((stack.status() or info).api_url)
        its_reader, its_writer = await asyncio.open_connection(address.hostname, address.port)
        with contextlib.closing(its_writer):
            there = asyncio.create_task(_pass_on(reader, its_writer))
            back = asyncio.create_task(_pass_on(its_reader, writer))
            try:
                await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                there.cancel()
                back.cancel()

    async with listening(handle) as address:
        yield address
