"""A server in Supabase's place: it publishes keys, and answers what it is told, or not at all."""

import asyncio
import contextlib
import json
import re
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from tests.serving import listening

JWKS = "jwks.json"
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    body: str
    status: HTTPStatus = HTTPStatus.OK
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})

    def __bytes__(self) -> bytes:
        body = self.body.encode()
        headers = {**self.headers, "Content-Length": str(len(body)), "Connection": "close"}
        lines = [f"HTTP/1.1 {self.status} {self.status.phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + body


class StandIn:
    """`keys` and `reply` are its answers; None: it takes the request and never answers."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.url = ""
        self.keys: Reply | None = Reply(json.dumps({"keys": keys}))
        self.reply: Reply | None = Reply("[]")
        self.calls: Counter[str] = Counter()  # by the last part of the path
        self.last_body = b""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if length := CONTENT_LENGTH.search(head):
            self.last_body = await reader.readexactly(int(length[1]))
        called = head.split(b" ", 2)[1].decode().partition("?")[0].rpartition("/")[2]
        self.calls[called] += 1
        reply = self.keys if called == JWKS else self.reply
        if reply is None:
            await asyncio.Event().wait()  # until the server ends
        else:
            writer.write(bytes(reply))
            await writer.drain()


@contextlib.asynccontextmanager
async def stand_in(*keys: dict[str, Any]) -> AsyncGenerator[StandIn]:
    supabase = StandIn(*keys)
    async with listening(supabase.handle) as supabase.url:
        yield supabase
