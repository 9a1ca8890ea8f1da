"""A server that speaks as much of Realtime's protocol as the listeners of broadcasts use."""

import asyncio
import contextlib
import http
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio import server as websockets
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response


@dataclass
class Realtime:
    """What the test decides, and what it sees."""

    refuses: bool = False
    """Whether connections are answered 401."""
    forbids: bool = False
    """Whether joins are refused, as where a policy lets nobody in."""
    joins: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    attempts: list[str] = field(default_factory=list[str])
    """The paths that were asked for."""
    _joined: list[tuple[ServerConnection, str]] = field(
        default_factory=list[tuple[ServerConnection, str]]
    )
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def broadcast(self, topic: str, event: str, payload: object) -> None:
        """Sends it to all who have joined the topic."""
        await self.say(
            topic, "broadcast", {"type": "broadcast", "event": event, "payload": payload}
        )

    async def say(self, topic: str, event: str, payload: object) -> None:
        """Sends any message to all who have joined the topic."""
        for connection, joined in list(self._joined):
            if joined == f"realtime:{topic}":
                await _send(connection, joined, event, payload)

    async def drop(self) -> None:
        """Cuts all connections, without a word."""
        for connection, _ in self._joined:
            connection.transport.abort()
        self._joined.clear()

    def look_at(self, connection: ServerConnection, request: Request) -> Response | None:
        """Whether a connection is let in; None: it is."""
        self.attempts.append(request.path)
        return connection.respond(http.HTTPStatus.UNAUTHORIZED, "") if self.refuses else None

    async def serve(self, connection: ServerConnection) -> None:
        """Answers what comes in, until the connection ends."""
        with contextlib.suppress(ConnectionClosed):
            async for text in connection:
                await self._answer(connection, json.loads(text))

    async def _answer(self, connection: ServerConnection, message: dict[str, Any]) -> None:
        topic, reference = message["topic"], message["ref"]
        match message["event"]:
            case "phx_join" if self.forbids:
                self.joins.append(message)
                reason = {"reason": "Unauthorized: You do not have permissions to read"}
                reply = {"status": "error", "response": reason}
                await _send(connection, topic, "phx_reply", reply, reference)
            case "phx_join":
                self.joins.append(message)
                reply = {"status": "ok", "response": {"postgres_changes": list[str]()}}
                await _send(connection, topic, "phx_reply", reply, reference)
                self._joined.append((connection, topic))
            case "heartbeat":
                reply = {"status": "ok", "response": dict[str, str]()}
                await _send(connection, topic, "phx_reply", reply, reference)
            case _:
                pass


async def _send(
    connection: ServerConnection,
    topic: str,
    event: str,
    payload: object,
    reference: str | None = None,
) -> None:
    message = {"topic": topic, "event": event, "payload": payload, "ref": reference}
    await connection.send(json.dumps(message))


@contextlib.asynccontextmanager
async def realtime() -> AsyncGenerator[Realtime]:
    """One on a free port of 127.0.0.1."""
    server = Realtime()
    async with websockets.serve(
        server.serve, "127.0.0.1", 0, process_request=server.look_at
    ) as serving:
        server.port = next(iter(serving.sockets)).getsockname()[1]
        yield server
        await server.drop()
        await asyncio.sleep(0)
