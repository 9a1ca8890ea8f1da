"""What holds for every request: its ids, what browsers may do, how long it may be and may take."""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator
from functools import partial
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs
from tests.parts import Person, make_settings
from tests.serving import eventually, serve

from supajobs.api.bodies import BodyLimitMiddleware
from supajobs.app import create_app
from supajobs.local.stack import StackInfo

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-0[01]")
TRACE_ID, SPAN_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
WEB_APP = "https://app.example.com"
PREFLIGHT = {"Origin": WEB_APP, "Access-Control-Request-Method": "POST"}
MAX_BYTES = 1000
JSON = {"Content-Type": "application/json"}


def make_app(stack: StackInfo, cors_origins: str = WEB_APP) -> FastAPI:
    settings = make_settings(
        stack, api_runs_jobs=False, cors_origins=cors_origins, max_body_bytes=MAX_BYTES
    )
    app = create_app(settings)

    @app.get("/crash")
    async def crash() -> None:
        raise RuntimeError("nobody expected this")

    return app


@pytest.fixture(scope="module")
async def client(stack: StackInfo) -> AsyncGenerator[httpx.AsyncClient]:
    async with serve(make_app(stack)) as client:
        yield client


def trace_of(answer: httpx.Response) -> str:
    traceparent = TRACEPARENT.fullmatch(answer.headers["traceparent"])
    assert traceparent
    return traceparent[1]


ANSWERS = [
    (200, httpx.Request("GET", "/health")),
    (404, httpx.Request("GET", "/v1/nothing")),
    (405, httpx.Request("PUT", "/health")),
    (401, httpx.Request("POST", "/v1/jobs", json={"job_type": "x"})),
    (413, httpx.Request("POST", "/v1/jobs", content=b"x" * (MAX_BYTES + 1))),
    (422, httpx.Request("GET", "/v1/jobs/not-an-id")),
    (500, httpx.Request("GET", "/crash")),
]


@pytest.mark.parametrize(("status", "request_"), ANSWERS, ids=str)
async def test_every_answer_has_its_ids_and_may_be_read_by_the_web_app(
    client: httpx.AsyncClient, person: Person, status: int, request_: httpx.Request
) -> None:
    headers = {"Origin": WEB_APP, **(person.headers if status == 422 else {})}
    answer = await client.request(
        request_.method, request_.url.path, content=request_.content, headers=headers
    )
    assert answer.status_code == status
    assert UUID(answer.headers["X-Request-Id"])
    assert trace_of(answer)
    assert answer.headers["Access-Control-Allow-Origin"] == WEB_APP
    assert "Origin" in answer.headers["Vary"]
    if status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["trace_id"] == trace_of(answer)


@pytest.mark.parametrize("origin", [WEB_APP, "https://elsewhere.test"])
async def test_answers_to_preflights_have_ids_too(client: httpx.AsyncClient, origin: str) -> None:
    answer = await client.options("/v1/jobs", headers={**PREFLIGHT, "Origin": origin})
    assert answer.headers["X-Request-Id"]
    assert trace_of(answer)


@pytest.mark.parametrize("given", ["a", "Request_1.2-3", "x" * 128])
async def test_the_callers_request_id_is_kept(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/health", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "a/b", "a;b", 'a"b', "é", "a,b"])
async def test_a_request_id_that_might_do_harm_is_replaced(
    client: httpx.AsyncClient, given: str
) -> None:
    headers = [(b"X-Request-Id", given.encode())]
    answer = await client.get("/health", headers=headers)
    assert UUID(answer.headers["X-Request-Id"])


@pytest.mark.parametrize("flags", ["00", "01"])
async def test_the_callers_trace_goes_on_in_a_new_span(
    client: httpx.AsyncClient, flags: str
) -> None:
    headers = {"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-{flags}"}
    first, second = [await client.get("/health", headers=headers) for _ in range(2)]
    assert trace_of(first) == trace_of(second) == TRACE_ID
    spans = {SPAN_ID, *(answer.headers["traceparent"].split("-")[2] for answer in (first, second))}
    assert len(spans) == 3
    assert first.headers["traceparent"].endswith(f"-{flags}")


@pytest.mark.parametrize(
    "given",
    [
        "",
        "nonsense",
        f"00-{'0' * 32}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"ff-{TRACE_ID}-{SPAN_ID}-01",
        f"00-{TRACE_ID.upper()}-{SPAN_ID}-01",
        f"00-{TRACE_ID[1:]}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{SPAN_ID}",
        f"00-{TRACE_ID}-{SPAN_ID}-01-more",
        f"00-{TRACE_ID[:-1]}g-{SPAN_ID}-01",
    ],
)
async def test_a_malformed_trace_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    first, second = [await client.get("/health", headers={"traceparent": given}) for _ in range(2)]
    assert TRACE_ID not in {trace_of(first), trace_of(second)}
    assert trace_of(first) != trace_of(second)


async def test_the_log_of_a_crash_has_the_ids(client: httpx.AsyncClient) -> None:
    headers = {"X-Request-Id": "of-this-test", "traceparent": f"00-{TRACE_ID}-{SPAN_ID}-01"}
    with capture_logs(processors=[merge_contextvars]) as events:
        answer = await client.get("/crash", headers=headers)
    assert "nobody expected" not in answer.text
    [crash] = [event for event in events if event["event"] == "request_crashed"]
    assert (crash["request_id"], crash["trace_id"]) == ("of-this-test", TRACE_ID)


async def test_the_web_app_may_call_what_there_is(client: httpx.AsyncClient) -> None:
    sent = "authorization,content-type,idempotency-key,if-none-match,last-event-id,prefer"
    headers = {"Access-Control-Request-Headers": f"{sent},traceparent,x-request-id"}
    for method in ("GET", "POST", "DELETE"):
        wanted = {**PREFLIGHT, **headers, "Access-Control-Request-Method": method}
        allowed = await client.options("/v1/jobs", headers=wanted)
        assert allowed.status_code == 200, allowed.text
        assert allowed.headers["Access-Control-Allow-Origin"] == WEB_APP
    answer = await client.get("/health", headers={"Origin": WEB_APP})
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert set(answer.headers["Access-Control-Expose-Headers"].split(", ")) == {
        "ETag",
        "Link",
        "Location",
        "Preference-Applied",
        "Retry-After",
        "traceparent",
        "X-Request-Id",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"Origin": "https://elsewhere.test"},
        {"Origin": f"{WEB_APP}.elsewhere.test"},
        {"Origin": "null"},
        {"Access-Control-Request-Method": "TRACE"},
        {"Access-Control-Request-Headers": "x-surprise"},
    ],
    ids=str,
)
async def test_other_web_apps_and_other_requests_are_not_allowed(
    client: httpx.AsyncClient, change: dict[str, str]
) -> None:
    refused = await client.options("/v1/jobs", headers={**PREFLIGHT, **change})
    assert refused.status_code == 400
    if "Origin" in change:
        answer = await client.get("/health", headers=change)
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_web_app_may_be_allowed_on_any_port(stack: StackInfo) -> None:
    async with serve(make_app(stack, cors_origins=f"{WEB_APP},http://localhost:*")) as client:

        async def ask(origin: str) -> str | None:
            answer = await client.get("/health", headers={"Origin": origin})
            return answer.headers.get("Access-Control-Allow-Origin")

        for allowed in (WEB_APP, "http://localhost:5173", "http://localhost"):
            assert await ask(allowed) == allowed
        for refused in ("http://localhost:80.test", "http://localhost.test", "https://localhost:1"):
            assert await ask(refused) is None


async def test_all_web_apps_may_be_allowed_and_none_is_unless_it_is_said(stack: StackInfo) -> None:
    async with serve(make_app(stack, cors_origins="*")) as client:
        answer = await client.get("/crash", headers={"Origin": "https://any.test"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
    async with serve(make_app(stack, cors_origins="")) as client:
        answer = await client.get("/health", headers={"Origin": WEB_APP})
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert (await client.options("/v1/jobs", headers=PREFLIGHT)).status_code == 405


async def test_a_body_may_be_as_long_as_the_limit(
    client: httpx.AsyncClient, person: Person
) -> None:
    async def in_pieces(length: int) -> AsyncGenerator[bytes]:
        for _ in range(length // 100):
            yield b" " * 100

    for body in (b" " * MAX_BYTES, in_pieces(MAX_BYTES)):
        answer = await client.post("/v1/jobs", content=body, headers={**person.headers, **JSON})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    for body in (b" " * (MAX_BYTES + 1), in_pieces(MAX_BYTES + 100)):
        answer = await client.post("/v1/jobs", content=body, headers={**person.headers, **JSON})
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


class Wire:
    """A connection on which a request is written byte by byte, as no client library would."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, octets: bytes) -> None:
        self._writer.write(octets)
        await self._writer.drain()

    async def post(self, *headers: str) -> None:
        lines = ["POST /v1/jobs HTTP/1.1", "Host: localhost", *headers, "", ""]
        await self.send("\r\n".join(lines).encode())

    async def read(self) -> str:
        """Everything up to the end of the connection."""
        answer = bytearray()
        with contextlib.suppress(ConnectionError):
            while part := await self._reader.read(65_536):
                answer += part
        return answer.decode()

    def close(self) -> None:
        self._writer.close()


@contextlib.asynccontextmanager
async def connect(client: httpx.AsyncClient) -> AsyncGenerator[Wire]:
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    yield Wire(reader, writer)
    writer.close()


def is_refused(answer: str, status: int) -> bool:
    return answer.startswith(f"HTTP/1.1 {status} ") and "x-request-id: " in answer.lower()


async def test_what_is_announced_as_too_long_is_refused_before_any_of_it_is_sent(
    client: httpx.AsyncClient,
) -> None:
    for also in ((), ("Expect: 100-continue",)):
        async with connect(client) as wire:
            await wire.post(f"Content-Length: {MAX_BYTES + 1}", *also)
            assert is_refused(await wire.read(), 413)


@pytest.mark.parametrize("is_chunked", [False, True], ids=["length", "chunks"])
async def test_a_hundred_megabytes_are_not_read(
    client: httpx.AsyncClient, *, is_chunked: bool
) -> None:
    total, piece = 100_000_000, b"x" * 50_000
    chunk = b"c350\r\n" + piece + b"\r\n" if is_chunked else piece
    sent = 0
    async with connect(client) as wire:
        await wire.post("Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {total}")
        with contextlib.suppress(ConnectionError):
            while sent < total:
                await wire.send(chunk)
                sent += len(chunk)
    assert sent < 20_000_000, "more than fits into the buffers of two sockets"
    assert (await client.get("/health")).status_code == 200


async def test_chunks_are_counted_as_they_come(client: httpx.AsyncClient) -> None:
    async with connect(client) as wire:
        await wire.post("Transfer-Encoding: chunked")
        for _ in range(MAX_BYTES // 100 + 1):
            await wire.send(b"64\r\n" + b"x" * 100 + b"\r\n")
        assert is_refused(await wire.read(), 413)


async def test_more_than_was_announced_is_not_part_of_the_request(
    client: httpx.AsyncClient,
) -> None:
    async with connect(client) as wire:
        await wire.post("Content-Length: 2", "Content-Type: application/json")
        await wire.send(b"{}" + b"x" * 5_000 + b"\r\n\r\n")
        answer = await wire.read()
    # Where both come at once, the server may answer the second, which is no request, alone.
    assert answer.startswith(("HTTP/1.1 401 ", "HTTP/1.1 400 "))
    assert "HTTP/1.1 400 " in answer


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "1, 2", "٣"])
async def test_a_length_that_is_no_number_is_refused(
    client: httpx.AsyncClient, length: str
) -> None:
    async with connect(client) as wire:
        await wire.post(f"Content-Length: {length}")
        await wire.send(b"x" * 10)
        assert (await wire.read()).startswith("HTTP/1.1 400 ")


async def test_a_request_that_does_not_come_is_not_waited_for(
    stack: StackInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = partial(BodyLimitMiddleware, patience=0.3)
    monkeypatch.setattr("supajobs.api.routing.BodyLimitMiddleware", patient)
    async with serve(make_app(stack)) as client:
        async with connect(client) as wire:
            await wire.post("Content-Length: 100")
            assert is_refused(await wire.read(), 408)

        async def drip(wire: Wire) -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    await wire.send(b"x")
                    await asyncio.sleep(0.05)

        async with connect(client) as wire:
            await wire.post("Content-Length: 900")
            dripping = asyncio.create_task(drip(wire))
            assert is_refused(await wire.read(), 408)
            dripping.cancel()


async def test_who_leaves_in_the_middle_is_no_error(client: httpx.AsyncClient) -> None:
    with capture_logs() as events:
        async with connect(client) as wire:
            await wire.post("Content-Length: 100")
            await wire.send(b"x")
        await eventually(lambda: events)  # the request is over
    assert [(event["log_level"], event["status"]) for event in events] == [("info", 499)]
