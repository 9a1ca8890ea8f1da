"""How HTTP reaches Supabase: through aiohttp, beneath httpx.

httpx's own transport takes five times the CPU where many calls are on their way, and more with each
that joins them: encode/httpx#3215.
"""

import functools
import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from aiohttp import ClientError, ClientSession, DummyCookieJar, TCPConnector
from httpx_aiohttp import AiohttpTransport


class _Transport(AiohttpTransport):
    """One whose errors are all of httpx, as callers expect.

    AiohttpTransport leaves those of answers that are no HTTP as aiohttp's, and they show the
    request's headers, with its keys, to whoever logs them.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except ClientError as error:
            raise httpx.RemoteProtocolError(type(error).__name__) from None


def open_transport(origin: str, max_connections: int) -> httpx.AsyncBaseTransport:
    """A pool of so many connections to one origin, through the environment's proxy, if any."""
    context = _trust_authorities()

    def open_session() -> ClientSession:
        return ClientSession(
            connector=TCPConnector(limit=max_connections, ssl=context),
            cookie_jar=DummyCookieJar(),  # httpx has its own
        )

    return _Transport(verify=context, client=open_session, proxy=_find_proxy(origin))


@functools.cache
def _trust_authorities() -> ssl.SSLContext:
    """Once in a process: reading their certificates takes the CPU for 50 ms."""
    return httpx.create_ssl_context()


def _find_proxy(origin: str) -> httpx.Proxy | None:
    """Looked for once: aiohttp would do so in a thread, and read ~/.netrc, for each request."""
    address = urlsplit(origin)
    proxy = getproxies().get(address.scheme)
    return httpx.Proxy(proxy) if proxy and not proxy_bypass(address.netloc) else None
