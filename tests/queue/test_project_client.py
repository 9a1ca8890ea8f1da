"""What Supabase and those on the way to it get from us, on a real socket."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from pydantic import TypeAdapter
from tests.serving import listening
from tests.test_auth import make_settings

from supajobs.errors import SupabaseUnavailableError
from supajobs.queue.database import Database

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nnull"
_anything = TypeAdapter[Any](Any)


class Endpoint:
    """Gives every request the same answer, on a connection that it keeps open."""

    def __init__(self) -> None:
        self.url = ""
        self.answer = ANSWER
        self.pause = 0.0  # s, before its last byte
        self.heads: list[str] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            await reader.readexactly(2)  # {}
            writer.write(self.answer[:-1])
            await asyncio.sleep(self.pause)
            writer.write(self.answer[-1:])


@pytest.fixture
async def endpoint() -> AsyncGenerator[Endpoint]:
    endpoint = Endpoint()
    async with listening(endpoint.serve) as endpoint.url:
        yield endpoint


async def call(database: Database) -> Any:
    return await database.call("some_function", {}, _anything)


async def test_calls_share_a_connection(endpoint: Endpoint) -> None:
    database = Database(make_settings(supabase_url=endpoint.url), patience=2)
    for _ in range(3):
        await call(database)
    await database.close()
    assert (endpoint.connections, len(endpoint.heads)) == (1, 3)


async def test_an_address_that_is_excepted_is_reached_directly(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    database = Database(make_settings(supabase_url=endpoint.url), patience=2)
    await call(database)
    await database.close()
    assert endpoint.heads[0].startswith("POST /rest/v1/rpc/some_function ")


async def test_the_proxy_of_the_environment_is_used(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, endpoint.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    database = Database(make_settings(supabase_url="http://project.test"), patience=2)
    await call(database)
    await database.close()
    assert endpoint.heads[0].startswith("POST http://project.test/rest/v1/rpc/some_function ")


@pytest.mark.parametrize("answer", [b"what?\r\n\r\n", b"HTTP/1.1 200\r\nContent-Length: x\r\n\r\n"])
async def test_what_is_no_http_is_an_outage_of_which_the_log_tells_without_keys(
    endpoint: Endpoint, answer: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint.answer = answer
    database = Database(make_settings(supabase_url=endpoint.url), patience=0.5)
    with pytest.raises(SupabaseUnavailableError):
        await call(database)
    await database.close()
    assert len(endpoint.heads) > 1, "it was tried again"
    told = capsys.readouterr()
    assert "RemoteProtocolError" in told.out
    assert "sb_secret" not in told.out + told.err


async def test_an_answer_that_has_begun_is_read_to_its_end(endpoint: Endpoint) -> None:
    endpoint.pause = 0.5
    database = Database(make_settings(supabase_url=endpoint.url), patience=0.3)
    assert await call(database) is None
    await database.close()
    assert len(endpoint.heads) == 1
