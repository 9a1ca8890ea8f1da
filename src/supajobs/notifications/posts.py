"""One POST to somebody else's server, which may do with it what it likes."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

import httpx

from supajobs.loggers import get_logger
from supajobs.notifications.outbox import Attempt, Delivery, Tried
from supajobs.outcomes import read_retry_after

logger = get_logger(__name__)

SECONDS = 10.0  # for all of it
TIMEOUTS = httpx.Timeout(SECONDS, connect=3.0)
BODY_SECONDS = 1.0
MAX_ANSWER = 65_536  # bytes; what comes after is not read
PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
MAX_WAIT = 86_400.0  # s; a notification is given up after that


class NoAddressError(Exception):
    """Nothing can be sent there, now or ever: the address is none."""


class NotAnsweredError(Exception):
    """There was no answer; the message says why in one word."""


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    retry_after: float | None

    @classmethod
    def read(cls, status: int, headers: Mapping[str, str]) -> Self:
        """The part of an answer that counts."""
        asked = read_retry_after(headers.get("Retry-After", ""))
        return cls(status, None if asked is None else min(asked, MAX_WAIT))

    @property
    def error(self) -> str:
        """The status, where it is an error."""
        return f"http_{self.status}"

    @property
    def is_success(self) -> bool:
        """Whether it is a 2xx."""
        return httpx.codes.is_success(self.status)

    @property
    def may_pass(self) -> bool:
        """Whether the same request may well be taken later."""
        return self.status in PASSING or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    def judge(self) -> Attempt:
        """Delivered if it is a 2xx, else to be tried again."""
        if self.is_success:
            return Attempt(outcome=Tried.DELIVERED)
        return Attempt(outcome=Tried.RETRY, error=self.error, wait=self.retry_after)


async def post(
    http: httpx.AsyncClient, url: str, *, content: bytes, headers: dict[str, str]
) -> Answer:
    """Sends it, and follows no redirect.

    Raises:
        NoAddressError: the URL is none.
        NotAnsweredError: timeout, or unreachable.
    """
    try:
        async with (
            asyncio.timeout(SECONDS),
            http.stream("POST", url, content=content, headers=headers) as response,
        ):
            answer = Answer.read(response.status_code, response.headers)
            # To the end, if that is near: then the connection serves the next one.
            with contextlib.suppress(TimeoutError, httpx.HTTPError):
                async with asyncio.timeout(BODY_SECONDS):
                    await _read_on(response)
            return answer
    except (TimeoutError, httpx.TimeoutException):
        raise NotAnsweredError("timeout") from None
    except (httpx.InvalidURL, UnicodeError):  # the second of a name that is none
        raise NoAddressError from None
    except httpx.HTTPError:
        raise NotAnsweredError("unreachable") from None


async def send_each(
    send: Callable[[Delivery], Awaitable[Attempt]], deliveries: Sequence[Delivery]
) -> list[Attempt]:
    """Sends them all at once; whatever goes wrong with one concerns no other."""

    async def send_one(delivery: Delivery) -> Attempt:
        try:
            return await send(delivery)
        except Exception as error:  # noqa: BLE001 - nobody knows what an address brings about
            # Its words are not told: they may hold the address of a device.
            logger.error("delivery_crashed", reason=type(error).__name__)  # noqa: TRY400
            return Attempt(outcome=Tried.RETRY, error="crashed")

    return await asyncio.gather(*map(send_one, deliveries))


async def _read_on(response: httpx.Response) -> None:
    read = 0
    async for part in response.aiter_raw():
        read += len(part)
        if read > MAX_ANSWER:
            return
