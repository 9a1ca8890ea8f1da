"""Servers on real sockets, and waiting for what happens in the background."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any
from urllib.parse import SplitResult

import httpx
import uvicorn
from fastapi import FastAPI
from tests.parts import TLS

from supajobs.api.server import Server


@contextlib.asynccontextmanager
async def serve(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    """The API on a real server, and a client for it."""
    async with (
        running(Server(app, log_config=None, lifespan="on")) as address,
        httpx.AsyncClient(base_url=address, timeout=30, verify=TLS) as client,
    ):
        yield client


@contextlib.asynccontextmanager
async def serve_plain(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    """An app of somebody else's, under plain uvicorn."""
    async with (
        running(uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))) as address,
        httpx.AsyncClient(base_url=address, timeout=30, verify=TLS) as client,
    ):
        yield client


@contextlib.asynccontextmanager
async def running(server: uvicorn.Server) -> AsyncGenerator[str]:
    """The server's address, on a free port of 127.0.0.1, while it runs."""
    # asyncio sends at once (TCP_NODELAY) only on a socket that names its protocol; without it each
    # answer would wait 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            assert not serving.done(), "the server did not start"
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listener.close()


Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def listening(handle: Handle) -> AsyncGenerator[str]:
    """The address of a server on a free port of 127.0.0.1, whose connections end with it.

    `handle` may leave its connection open, and be left by whoever called. What stayed open, the
    garbage collector would find in the midst of another test.
    """
    under_way = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(EOFError, ConnectionError):
            await handle(reader, writer)

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        under_way.add(task := asyncio.create_task(serve(reader, writer)))
        task.add_done_callback(under_way.discard)
        task.add_done_callback(lambda _: writer.close())

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)


async def ask(address: SplitResult, request: bytes) -> bytes:
    """All that a server says to a request until it closes the connection."""
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    with contextlib.closing(writer):
        writer.write(request)
        return await reader.read()


async def eventually(check: Callable[[], Any], *, within: float = 60.0) -> Any:
    """The first true answer of `check`, sync or async, asked again and again.

    The limit ends tests that hang; only where it is short does a test say how long something takes.
    """
    async with asyncio.timeout(within):
        while True:
            answer = check()
            if asyncio.iscoroutine(answer):
                answer = await answer
            if answer:
                return answer
            await asyncio.sleep(0.02)
