import asyncio
from collections.abc import AsyncGenerator, Callable
from urllib.parse import urlsplit

import httpx
import pytest
from tests.notifications.receivers import Receiver
from tests.serving import listening

from supajobs import addresses
from supajobs.addresses import NotPublicError
from supajobs.notifications.public_transport import PublicTransport

HOST = "push.example.test"


@pytest.fixture
async def http() -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=PublicTransport(), timeout=2) as http:
        yield http


@pytest.mark.parametrize("found", [("10.0.0.1",), ("8.8.8.8", "127.0.0.1")])
async def test_a_name_that_leads_to_us_is_refused(
    http: httpx.AsyncClient, resolve: Callable[..., list[str]], found: tuple[str, ...]
) -> None:
    resolve(*found)
    with pytest.raises(NotPublicError):
        await http.post(f"https://{HOST}/send")


async def test_a_name_that_leads_nowhere_may_lead_somewhere_later(
    http: httpx.AsyncClient, resolve: Callable[..., list[str]]
) -> None:
    resolve()
    with pytest.raises(httpx.ConnectError):
        await http.post(f"https://{HOST}/send")


async def test_the_connection_is_to_the_address_that_was_looked_at(
    http: httpx.AsyncClient,
    receiver: Receiver,
    resolve: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def is_of_the_test(_address: object) -> bool:
        return True

    monkeypatch.setattr(addresses, "is_public", is_of_the_test)
    asked = resolve("127.0.0.2", "127.0.0.1")  # on the first of them nobody listens
    port = urlsplit(receiver.url).port
    answer = await http.post(f"http://{HOST}:{port}/send", content=b"x")
    assert answer.status_code == 200
    [call] = receiver.calls
    assert call.headers["host"] == f"{HOST}:{port}"
    assert call.body == b"x"
    assert asked == [HOST]


async def test_the_certificate_is_that_of_the_name(
    http: httpx.AsyncClient,
    resolve: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def is_of_the_test(_address: object) -> bool:
        return True

    monkeypatch.setattr(addresses, "is_public", is_of_the_test)
    resolve("127.0.0.1")
    heard = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        heard.set_result(await reader.read(2048))

    async with listening(listen) as address:
        with pytest.raises(httpx.TransportError):
            await http.post(f"https://{HOST}:{urlsplit(address).port}/send")
    assert HOST.encode() in await heard  # the name that TLS asks for
