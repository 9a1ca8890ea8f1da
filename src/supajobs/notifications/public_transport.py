"""Requests to addresses that users name: public ones alone, whatever a name leads to."""

from ipaddress import IPv4Address, IPv6Address

import httpx

from supajobs.addresses import look_up


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
            UnicodeError: the host is no name.
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
        return await look_up(host)
    except OSError as error:
        raise httpx.ConnectError("no such host") from error
