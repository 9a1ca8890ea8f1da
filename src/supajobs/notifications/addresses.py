"""Requests to addresses that users name: public ones alone, whatever a name leads to."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

GLOBAL_UNICAST = IPv6Network("2000::/3")  # the rest of IPv6 is local, or leads to IPv4 by detours


class NotPublicError(Exception):
    """The address is not one of the public internet."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is somebody else's: no network of ours, no metadata service."""
    if isinstance(address, IPv6Address):
        return address in GLOBAL_UNICAST and address.is_global and address.sixtofour is None
    return address.is_global and not address.is_multicast


class PublicTransport(httpx.AsyncBaseTransport):
    """Looks the name up once, and connects to what it has looked at.

    A name that leads elsewhere at the second look would else be a way past the check.
    """

    def __init__(self) -> None:
        # A connection is to an address. It must not serve another name that leads there, too.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._inner = httpx.AsyncHTTPTransport(limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends the request to the first of the host's addresses that takes it.

        Raises:
            NotPublicError: one of them is not public.
            httpx.TransportError: as httpx.
        """
        host = request.url.host
        request.extensions = {**request.extensions, "sni_hostname": host}
        refused: httpx.ConnectError | None = None
        for address in await _look_up(host):
            request.url = request.url.copy_with(host=str(address))
            try:
                return await self._inner.handle_async_request(request)
            except httpx.ConnectError as error:
                refused = error
        raise refused or httpx.ConnectError("no address")

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._inner.aclose()


async def _look_up(host: str) -> list[IPv4Address | IPv6Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpx.ConnectError("no such host") from error
    addresses = [ip_address(place[0]) for *_, place in found]
    if not all(map(is_public, addresses)):
        raise NotPublicError
    return addresses
