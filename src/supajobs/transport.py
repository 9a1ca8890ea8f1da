"""How HTTP reaches Supabase: through aiohttp, beneath httpx.

httpx's own transport takes five times the CPU where many calls are on their way, and more with each
that joins them: encode/httpx#3215.
"""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from aiohttp import ClientSession, DummyCookieJar, TCPConnector
from httpx_aiohttp import AiohttpTransport


def open_transport(origin: str, max_connections: int) -> httpx.AsyncBaseTransport:
    """A pool of so many connections to one origin, through the environment's proxy, if any."""
    context = httpx.create_ssl_context()

    def open_session() -> ClientSession:
        return ClientSession(
            connector=TCPConnector(limit=max_connections, ssl=context),
            cookie_jar=DummyCookieJar(),  # httpx has its own
        )

    return AiohttpTransport(verify=context, client=open_session, proxy=_find_proxy(origin))


def _find_proxy(origin: str) -> httpx.Proxy | None:
    """Looked for once: aiohttp would do so in a thread, and read ~/.netrc, for each request."""
    address = urlsplit(origin)
    proxy = getproxies().get(address.scheme)
    return httpx.Proxy(proxy) if proxy and not proxy_bypass(address.netloc) else None
