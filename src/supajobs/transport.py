"""How HTTP reaches Supabase: through aiohttp, beneath httpx.

httpx's own transport takes five times the CPU where many calls are on their way, and more with each
that joins them: encode/httpx#3215.
"""

import httpx
from aiohttp import ClientSession, DummyCookieJar, TCPConnector
from httpx_aiohttp import AiohttpTransport


def open_transport(max_connections: int) -> httpx.AsyncBaseTransport:
    """A pool of so many connections, through the proxy that the environment names, if any."""
    context = httpx.create_ssl_context()

    def open_session() -> ClientSession:
        return ClientSession(
            connector=TCPConnector(limit=max_connections, ssl=context),
            cookie_jar=DummyCookieJar(),  # httpx has its own
            trust_env=True,
        )

    return AiohttpTransport(verify=context, client=open_session)
