"""How HTTP reaches Supabase: through aiohttp, where supabase-py expects an httpx.AsyncClient.

What httpx does for a request to any address, with cookies, redirects, logins and hooks, takes more
CPU than supabase-py, aiohttp and the request itself do together, and its own transport still more:
encode/httpx#3215.
"""

import functools
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from json import dumps
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from aiohttp import (
    BasicAuth,
    ClientConnectionError,
    ClientConnectorError,
    ClientError,
    ClientPayloadError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)
from yarl import URL

_TIMEOUT = httpx.Timeout(10.0, connect=3.0)
_OF_THE_WIRE = {b"content-encoding", b"content-length", b"transfer-encoding"}


class ProjectClient(httpx.AsyncClient):
    """Requests to one origin, and whole answers, as supabase-py asks for them: by `request`.

    It follows no redirects and keeps no cookies. `timeout` is what may pass until there is a
    connection, and without a sign of life. The proxy is that of the environment, if any.
    """

    def __init__(
        self,
        origin: str,
        *,
        max_connections: int,
        check: Callable[[httpx.Response], None],
        reading: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """`check`: raises for an answer that is none to whoever asked.

        `reading`: surrounds the reading of an answer that has begun.
        """
        super().__init__(transport=httpx.AsyncBaseTransport(), timeout=_TIMEOUT)
        self._proxy = _find_proxy(origin)
        self._check = check
        self._reading = reading
        self._max_connections = max_connections
        self._session: ClientSession | None = None

    async def request(  # noqa: PLR0913 - as httpx has it
        self,
        method: str,
        url: httpx.URL | str,
        *,
        content: Any = None,
        json: Any = None,
        params: Any = None,
        headers: Any = None,
        **others: Any,
    ) -> httpx.Response:
        """Sends a request. `content` is bytes or text, `params` are httpx's, `headers` a mapping.

        Raises:
            httpx.HTTPError: there was no answer. Its words name no header: those have keys.
            TypeError: it has what only httpx itself can send.
            Exception: what `check` raises.
        """
        if unsent := {"cookies", "data", "extensions", "files"} & {
            name for name, value in others.items() if value is not None
        }:
            raise TypeError(f"A project is sent no {min(unsent)}")
        if json is not None:
            content, headers = dumps(json), httpx.Headers(headers)
            headers["Content-Type"] = "application/json"
        request = httpx.Request(method, _parse(str(url)), params=params or None, headers=headers)
        response = await self._exchange(request, content, headers)
        self._check(response)
        return response

    async def _exchange(self, request: httpx.Request, content: Any, headers: Any) -> httpx.Response:
        try:
            async with self._open().request(
                request.method,
                URL(str(request.url), encoded=True),
                data=content,
                headers=headers,
                allow_redirects=False,
                timeout=ClientTimeout(
                    sock_connect=self.timeout.connect, sock_read=self.timeout.read
                ),
            ) as answer:
                with self._reading():
                    body = await answer.read()
        except TimeoutError as error:
            raise httpx.TimeoutException(type(error).__name__) from None
        except ClientConnectorError as error:
            raise httpx.ConnectError(str(error)) from None
        except ClientConnectionError as error:
            raise httpx.NetworkError(str(error)) from None
        except ClientPayloadError as error:
            raise httpx.ReadError(type(error).__name__) from None
        except ClientError as error:
            raise httpx.RemoteProtocolError(type(error).__name__) from None
        kept = [each for each in answer.raw_headers if each[0].lower() not in _OF_THE_WIRE]
        return httpx.Response(answer.status, headers=kept, content=body, request=request)

    def _open(self) -> ClientSession:
        if self.is_closed:
            raise RuntimeError("The client has been closed.")
        if self._session is None:  # it belongs to the event loop that it is made in
            self._session = ClientSession(
                connector=TCPConnector(limit=self._max_connections, ssl=_trust_authorities()),
                cookie_jar=DummyCookieJar(),
                proxy=self._proxy and str(self._proxy.url),
                proxy_auth=BasicAuth(*self._proxy.auth)
                if self._proxy and self._proxy.auth
                else None,
            )
        return self._session

    async def aclose(self) -> None:
        """Closes the connections."""
        await super().aclose()
        if self._session:
            await self._session.close()


_parse = functools.lru_cache(maxsize=256)(httpx.URL)  # of the functions and tables that there are


@functools.cache
def _trust_authorities() -> ssl.SSLContext:
    """Once in a process: reading their certificates takes the CPU for 50 ms."""
    return httpx.create_ssl_context()


def _find_proxy(origin: str) -> httpx.Proxy | None:
    """Looked for once: aiohttp would do so in a thread, and read ~/.netrc, for each request."""
    address = urlsplit(origin)
    proxy = getproxies().get(address.scheme)
    return httpx.Proxy(proxy) if proxy and not proxy_bypass(address.netloc) else None
