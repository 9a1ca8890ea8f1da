"""Who sends half of a request, or none, keeps nobody out."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from tests.cli.running import supajobs
from tests.serving import eventually, serve
from tests.test_auth import make_settings

from supajobs.api import connections
from supajobs.api.heads import MAX_HEAD
from supajobs.app import create_app
from supajobs.local.processes import free_port

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    settings = make_settings(supabase_url="http://127.0.0.1:9", api_runs_jobs=False)
    async with serve(create_app(settings)) as client:
        yield client


async def connect(client: httpx.AsyncClient, sent: bytes = b"") -> Wire:
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    writer.write(sent)
    return reader, writer


async def read(wire: Wire) -> str:
    with contextlib.suppress(ConnectionError):
        return (await wire[0].read()).decode()
    return ""


def read_code(answer: str) -> str:
    """That of the problem that an answer is."""
    head, _, body = answer.partition("\r\n\r\n")
    assert "content-type: application/problem+json" in head
    assert f"content-length: {len(body)}" in head
    return json.loads(body)["code"]


@pytest.mark.parametrize("sent", [b"", b"GET /health HT", b"GET /health HTTP/1.1\r\nX-Slow: "])
async def test_a_head_that_does_not_come_is_not_waited_for(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    reader, writer = await connect(client, sent)
    answer = await read((reader, writer))
    assert answer.startswith("HTTP/1.1 408 ")
    assert read_code(answer) == "head_too_slow"
    writer.close()


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00\r\n", b"GET\r\n\r\n", b"G\xc3\x84T / HTTP/1.1\r\n"]
)
async def test_what_is_no_request_is_told_so(client: httpx.AsyncClient, sent: bytes) -> None:
    wire = await connect(client, sent)
    answer = await read(wire)
    assert answer.startswith("HTTP/1.1 400 ")
    assert read_code(answer) == "not_http"
    wire[1].close()


async def test_a_connection_that_was_used_is_not_kept_by_drops(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    wire = await connect(client, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = (await wire[0].readuntil(b"}")).decode()
    assert answer.startswith("HTTP/1.1 200 ")
    await asyncio.sleep(0.6)  # idle, as a client's pool keeps it
    wire[1].write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await wire[0].readuntil(b"}")).startswith(b"HTTP/1.1 200 ")
    wire[1].write(b"\r\n")
    assert (await read(wire)).startswith("HTTP/1.1 408 ")
    wire[1].close()


async def test_a_head_without_end_is_not_read(client: httpx.AsyncClient) -> None:
    wire = await connect(client, b"GET /health HTTP/1.1\r\nX-Long: ")
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < 64_000_000:
            wire[1].write(b"x" * MAX_HEAD)
            await wire[1].drain()
            sent += MAX_HEAD
    assert sent < 20_000_000, "more than fits into the buffers of two sockets"
    wire[1].close()
    assert (await client.get("/health")).status_code == 200


async def test_where_all_places_are_taken_who_has_sent_nothing_goes_first(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "find_most", lambda: 20)
    assert (await client.get("/health")).status_code == 200
    silent = [await connect(client, b"GET /") for _ in range(100)]
    for _ in range(3):
        async with httpx.AsyncClient(base_url=client.base_url) as newcomer:
            assert (await newcomer.get("/health")).status_code == 200

    def are_gone() -> bool:
        return sum(reader.at_eof() or reader.exception() is not None for reader, _ in silent) >= 80

    await eventually(are_gone)
    for _, writer in silent:
        writer.close()


async def test_where_all_places_are_taken_who_has_sent_half_of_a_body_goes_first(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "find_most", lambda: 20)
    head = b"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n"
    slow = [await connect(client, head + b"{") for _ in range(20)]
    await asyncio.sleep(0.2)  # until all heads are read
    for _ in range(3):
        async with httpx.AsyncClient(base_url=client.base_url) as newcomer:
            assert (await newcomer.get("/health")).status_code == 200

    def are_gone() -> list[bool]:
        return [reader.at_eof() or reader.exception() is not None for reader, _ in slow]

    await eventually(lambda: are_gone()[0])
    assert not any(are_gone()[10:]), "only the oldest made way"
    for _, writer in slow:
        writer.close()


@pytest.mark.parametrize(
    ("proxies", "scheme"), [("127.0.0.1", "https"), ("10.0.0.0/8,192.0.2.1", "http")]
)
async def test_only_the_proxy_is_believed(tmp_path: Path, proxies: str, scheme: str) -> None:
    port = free_port()
    written = {
        "SUPABASE_URL": "http://127.0.0.1:9",
        "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_x",
        "SUPABASE_SECRET_KEY": "sb_secret_x",
        "FORWARDED_ALLOW_IPS": proxies,
        "PORT": port,
    }
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in written.items()))
    async with (
        supajobs("api", env={}, cwd=tmp_path),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):

        async def redirect() -> str | None:
            with contextlib.suppress(httpx.TransportError):
                headers = {"X-Forwarded-Proto": "https"}
                return (await client.get("/health/", headers=headers)).headers["Location"]
            return None

        assert httpx.URL(await eventually(redirect)).scheme == scheme
