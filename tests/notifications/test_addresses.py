import asyncio
import socket
from collections.abc import AsyncGenerator, Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
import pytest
from tests.notifications.receivers import Receiver
from tests.serving import listening

from supajobs.notifications import addresses
from supajobs.notifications.addresses import NotPublicError, PublicTransport, is_public

HOST = "push.example.test"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # the metadata service of a cloud
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "::10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:db8::1",
        "192.0.0.192",  # metadata services and hosts of clouds
        "168.63.129.16",
        "100.100.100.200",
        "161.26.0.10",
        "166.9.0.1",
        "192.0.0.8",  # RFC 6890 and its successors
        "192.0.0.170",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.175.48.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "240.0.0.1",
        "100::1",
        "2001::1",
        "2001:20::1",
        "2620:4f:8000::1",
        "3fff::1",
        "5f00::1",
    ],
)
def test_addresses_of_ours_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "142.250.1.95", "2606:4700::6810:1"])
def test_addresses_of_others_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.fixture
async def http() -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=PublicTransport(), timeout=2) as http:
        yield http


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Lets the name lead to these addresses; returns who was asked for."""
    asked: list[str] = []

    def resolve(*found: str) -> list[str]:
        async def look_up(host: str, *_args: object, **_options: object) -> list[object]:
            asked.append(host)
            if not found:
                raise socket.gaierror(socket.EAI_NONAME, "no such host")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 0)) for each in found]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
        return asked

    return resolve


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
