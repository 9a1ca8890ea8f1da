"""A proxy before Supabase that loses requests and answers, or holds them as long as it is told."""

import asyncio
import contextlib
import re
from collections import Counter, deque
from collections.abc import AsyncGenerator
from enum import StrEnum
from random import Random
from urllib.parse import urlsplit

from tests.serving import ask, eventually, listening
from tests.stand_in import Reply

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
KEEP_ALIVE = re.compile(rb"\r\nconnection: [^\r]*", re.IGNORECASE)


class Loss(StrEnum):
    """What of a call does not arrive. The connection breaks in each case."""

    REQUEST = "request lost"
    ANSWER = "answer lost"
    HALF = "half an answer"
    TWIN = "late twin"
    """The request arrives late, beside the one that repeats it."""


class Gate:
    """A place where the next call of a function stops until the test has done something."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self._opened = asyncio.Event()
        self._lets_pass = True

    def open(self) -> None:
        self._opened.set()

    def drop(self) -> None:
        """Ends the call here."""
        self._lets_pass = False
        self.open()

    async def enter(self) -> bool:
        """Whether the call goes on."""
        self.reached.set()
        await self._opened.wait()
        return self._lets_pass


class LossyProxy:
    """Forwards each request, and counts the faults that it was told to inject."""

    def __init__(self, upstream: str, faults: Counter[str]) -> None:
        self.url = ""
        self.faults = faults
        self.calls: Counter[str] = Counter()  # by the last part of the path
        self.lost: Counter[str] = Counter()
        self._upstream = urlsplit(upstream)
        self._losses: dict[str, deque[Loss]] = {}
        self._replies: dict[str, deque[Reply]] = {}
        self._share = 0.0
        self._random = Random(0)  # noqa: S311 - the same losses each time
        self._before: dict[str, Gate] = {}
        self._after: dict[str, Gate] = {}
        self._waiting_twins: dict[str, asyncio.Event] = {}
        self._twins: set[asyncio.Task[None]] = set()
        self._under_way: Counter[str] = Counter()

    def lose(self, function: str, *losses: Loss) -> None:
        """Loses the next calls of a function in these ways."""
        self._losses.setdefault(function, deque()).extend(losses)

    def lose_some(self, share: float, seed: int) -> None:
        """Loses this share of all calls, in any way."""
        self._share, self._random = share, Random(seed)  # noqa: S311 - the same losses each time

    def reply(self, function: str, *replies: Reply) -> None:
        """Answers the next calls of a function so, in place of Supabase, which hears nothing."""
        self._replies.setdefault(function, deque()).extend(replies)

    def hold_request(self, function: str) -> Gate:
        """Holds the next call of a function before Supabase hears of it."""
        return self._before.setdefault(function, Gate())

    def hold_answer(self, function: str) -> Gate:
        """Holds the answer to the next call of a function: its transaction has been committed."""
        return self._after.setdefault(function, Gate())

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _read_request(reader)
        function = request.split(b" ", 2)[1].decode().rpartition("/")[2]
        self.calls[function.partition("?")[0]] += 1
        await self._serve(function, request, writer)

    async def _serve(self, function: str, request: bytes, writer: asyncio.StreamWriter) -> None:
        if replies := self._replies.get(function):
            reply = replies.popleft()
            self.faults[f"answered {reply.status}"] += 1
            writer.write(bytes(reply))
            await writer.drain()
            return
        loss = self._next_loss(function)
        if loss is Loss.REQUEST:
            return
        if loss is Loss.TWIN:
            self._twins.add(asyncio.create_task(self._forward_with_next(function, request)))
            return
        if twin := self._waiting_twins.pop(function, None):
            twin.set()
        gate = self._before.pop(function, None)
        if gate and not await gate.enter():
            return
        self._under_way[function] += 1
        answer = await self._forward(request)
        self._under_way[function] -= 1
        gate = self._after.pop(function, None)
        if gate and not await gate.enter():
            return
        if loss is None or loss is Loss.HALF:
            head = answer.index(b"\r\n\r\n") + 4
            writer.write(answer[: (head + len(answer)) // 2] if loss else answer)
            await writer.drain()

    def _next_loss(self, function: str) -> Loss | None:
        if losses := self._losses.get(function):
            loss = losses.popleft()
        elif self._random.random() < self._share:
            loss = self._random.choice([Loss.REQUEST, Loss.ANSWER, Loss.HALF])
        else:
            return None
        self.lost[function] += 1
        self.faults[loss] += 1
        return loss

    async def answered(self, function: str) -> None:
        """Returns when Supabase has answered all calls of a function that have reached it."""
        await eventually(lambda: not self._under_way[function])

    async def twins_to_end(self) -> None:
        """Returns when all that arrived late has been answered."""
        await asyncio.gather(*self._twins)

    async def _forward_with_next(self, function: str, request: bytes) -> None:
        self._waiting_twins[function] = asyncio.Event()
        await self._waiting_twins[function].wait()
        await self._forward(request)

    async def _forward(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        head = KEEP_ALIVE.sub(b"", head) + b"\r\nConnection: close\r\n\r\n"
        return await ask(self._upstream, head + body)


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = CONTENT_LENGTH.search(head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


@contextlib.asynccontextmanager
async def lossy_proxy(upstream: str, faults: Counter[str]) -> AsyncGenerator[LossyProxy]:
    proxy = LossyProxy(upstream, faults)
    async with listening(proxy.handle) as proxy.url:
        yield proxy
