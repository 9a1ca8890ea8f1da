"""Servers on 127.0.0.1 that notifications are sent to, and which answer as they are told."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr
from tests.serving import running

from supajobs.notifications.webhook import Webhook

WEBHOOK_SECRET = "whsec_c3VwYWpvYnMgc2lnbnMgd2l0aCB0aGlz"


@dataclass(frozen=True)
class Call:
    """A request as the receiver got it."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Reply = Callable[[Call], Response]


@dataclass
class Receiver:
    """Replies to each call what `reply` says, once `answers` lets it."""

    reply: Reply = lambda _call: Response()
    url: str = ""
    calls: list[Call] = field(default_factory=list[Call])
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: Request) -> Response:
        call = Call(request.url.path, dict(request.headers), await request.body())
        self.calls.append(call)
        await self.answers.wait()
        return self.reply(call)


@contextlib.asynccontextmanager
async def receiving() -> AsyncGenerator[Receiver]:
    receiver = Receiver()
    receiver.answers.set()
    app = FastAPI()
    app.add_api_route("/{path:path}", receiver.take, methods=["GET", "POST"], response_model=None)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    async with running(server) as receiver.url:
        try:
            yield receiver
        finally:
            receiver.answers.set()


def status(code: int, **headers: str) -> Reply:
    """A reply that is always the same."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _call: Response(status_code=code, headers=named)


def then(*replies: Reply) -> Reply:
    """The first call gets the first of them, and so on; the last is for all others, too."""
    waiting = list(replies)

    def reply(call: Call) -> Response:
        return (waiting.pop(0) if len(waiting) > 1 else waiting[0])(call)

    return reply


def make_webhook(receiver: Receiver) -> Webhook:
    """The channel that leads to this receiver."""
    return Webhook(url=f"{receiver.url}/hook", secret=SecretStr(WEBHOOK_SECRET))
