"""Models through their providers' own SDKs, against real HTTP answers."""

import asyncio
import json
import socket
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from fastapi import Response
from pydantic import BaseModel, Field, SecretStr, ValidationError
from tests.providers import (
    KEY,
    MODELS,
    Call,
    Json,
    Provider,
    answer,
    error,
    respond_as_anthropic,
    respond_as_google,
    respond_as_openai,
    serve_provider,
    stream,
)
from tests.serving import eventually, listening
from tests.test_auth import make_settings

from supajobs.models.language_model import LanguageModel
from supajobs.models.provider_refusals import get_refusals, note_refusal
from supajobs.outcomes import Failed, PermanentError, Usage
from supajobs.worker.verdicts import classify

USERS_KEY = "sk-of-a-user-who-pays-alone"
PROVIDERS = list(MODELS)
each_provider = pytest.mark.parametrize("provider", PROVIDERS)


class Ride(BaseModel):
    title: str
    minutes: int = Field(ge=1)


@pytest.fixture(autouse=True)
def _nobody_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supajobs.models.provider_refusals._refusals", {})


@pytest.fixture
async def served() -> AsyncGenerator[Provider]:
    async with serve_provider(lambda call: answer(call, {"title": "Out", "minutes": 60})) as served:
        yield served


def model_of(provider: str, served: Provider, **settings: Any) -> LanguageModel:
    company = provider.partition("-")[0]
    given = {
        f"{company}_api_key".upper(): KEY,
        f"{company}_base_url": f"{served.url}/v1" if company == "openai" else served.url,
        "model_timeout_seconds": 10,
        **settings,
    }
    return LanguageModel(f"{provider}:{MODELS[provider]}", make_settings(**given))


async def write(
    model: LanguageModel,
    *,
    check: Callable[[Ride], object] = lambda _ride: None,
    spent: list[Usage] | None = None,
    key: str | None = None,
) -> Ride:
    return await model.write(
        "Write a ride.",
        Ride,
        instructions="You are a coach.",
        check=check,
        spend=(spent if spent is not None else []).append,
        what="ride",
        key=None if key is None else SecretStr(key),
    )


async def fail(model: LanguageModel, key: str | None = None) -> Failed:
    """What the queue is told of a call that fails."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - classified below
        await write(model, key=key)
    assert isinstance(caught.value, Exception)
    return classify(caught.value)


@each_provider
async def test_the_answer_is_the_output_and_its_cost_is_told(
    provider: str, served: Provider
) -> None:
    spent: list[Usage] = []
    model = model_of(provider, served)
    assert await write(model, spent=spent) == Ride(title="Out", minutes=60)
    [call] = served.calls
    assert "Write a ride." in call.text
    assert "You are a coach." in call.text
    [usage] = spent
    assert (usage.model, usage.input_tokens, usage.output_tokens) == (model.name, 1000, 500)
    assert usage.cost_usd
    assert 0.0001 < usage.cost_usd < 0.01


@each_provider
async def test_a_wrong_answer_goes_back_with_the_reason(provider: str, served: Provider) -> None:
    outputs = iter([{"title": "Out"}, {"title": "Out", "minutes": 5}, {"title": "O", "minutes": 9}])
    served.reply = lambda call: answer(call, next(outputs))
    spent: list[Usage] = []

    def check(ride: Ride) -> None:
        if ride.minutes < 9:
            raise ValueError("a ride is nine minutes or longer")

    ride = await write(model_of(provider, served), check=check, spent=spent)
    assert ride.minutes == 9
    _, second, third = served.calls
    assert "minutes" in json.dumps(second.body)
    assert "Field required" in second.text
    assert "nine minutes or longer" in third.text
    assert len(spent) == 3  # what is wrong is paid for as well


@each_provider
async def test_after_two_corrections_it_fails_and_says_so(provider: str, served: Provider) -> None:
    spent: list[Usage] = []

    def check(_ride: Ride) -> None:
        raise ValueError("this is no ride")

    with pytest.raises(PermanentError) as caught:
        await write(model_of(provider, served), check=check, spent=spent)
    told = caught.value.error
    assert told.code == "model_output_invalid"
    assert "could not write a valid ride" in told.message
    assert told.detail == "this is no ride"
    assert len(served.calls) == len(spent) == 3


def in_seconds(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


BUSY = ("rate_limited", True)
DOWN = ("provider_unavailable", True)
BAD_KEY = ("provider_key_refused", False)
BROKE = ("provider_quota_exceeded", False)
REFUSALS = (BAD_KEY, BROKE)
UNKNOWN = ("model_not_found", False)
REJECTED = ("model_request_rejected", False)


def openai_error(kind: str, code: str | None, message: str) -> Json:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def anthropic_error(kind: str, message: str) -> Json:
    told = {"type": kind, "message": message}
    return {"type": "error", "error": told, "request_id": "req_011CSHoEeqs5C35K2UUqR7Fy"}


def google_error(status: int, name: str, message: str, *details: Json) -> Json:
    return {"error": {"code": status, "message": message, "status": name, "details": details}}


def quota_failure(quota_id: str) -> Json:
    return {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [
            {
                "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
                "quotaId": quota_id,
                "quotaDimensions": {"location": "global", "model": "gemini-2.5-flash"},
                "quotaValue": "10",
            }
        ],
    }


RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "27s"}
PER_MINUTE = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"
PER_DAY = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"

OPENAI_RATE = openai_error(
    "requests",
    "rate_limit_exceeded",
    "Rate limit reached for gpt-5-mini in organization org-8UJQ2mVvBL on requests per min (RPM): "
    "Limit 3, Used 3, Requested 1. Please try again in 20s.",
)
ANTHROPIC_RATE = anthropic_error(
    "rate_limit_error",
    "This request would exceed your organization's rate limit of 50,000 input tokens per minute.",
)
OVERLOADED = anthropic_error("overloaded_error", "Overloaded")

# Provider, answer, what the queue makes of it, and seconds to wait (None: its own backoff).
Case = tuple[str, Callable[[], Response], tuple[str, bool], float | None]
ERRORS: dict[str, Case] = {
    "deepseek rate limit": (
        "deepseek",
        lambda: error(429, openai_error("rate_limit_error", None, "Rate limit reached")),
        BUSY,
        None,
    ),
    "deepseek rate limit, seconds": (
        "deepseek",
        lambda: error(429, openai_error("rate_limit_error", None, "Slow down"), Retry_After="7"),
        BUSY,
        7,
    ),
    "deepseek insufficient balance": (
        "deepseek",
        lambda: error(
            402, openai_error("unknown_error", "invalid_request_error", "Insufficient Balance")
        ),
        BROKE,
        None,
    ),
    "deepseek wrong key": (
        "deepseek",
        lambda: error(
            401,
            openai_error(
                "authentication_error",
                "invalid_request_error",
                f"Authentication Fails, Your api key: ****{KEY[-4:]} is invalid",
            ),
        ),
        BAD_KEY,
        None,
    ),
    "deepseek unknown model": (
        "deepseek",
        lambda: error(
            400, openai_error("invalid_request_error", "invalid_request_error", "Model Not Exist")
        ),
        REJECTED,
        None,
    ),
    "deepseek overloaded": (
        "deepseek",
        lambda: error(
            503,
            openai_error("service_unavailable_error", None, "Service is too busy. Please wait."),
        ),
        DOWN,
        None,
    ),
    "deepseek behind a gateway": (
        "deepseek",
        lambda: Response("<html>502 Bad Gateway</html>", 502, media_type="text/html"),
        DOWN,
        None,
    ),
    "deepseek nonsense": (
        "deepseek",
        lambda: Response("<html>Hello</html>", 200, media_type="text/html"),
        DOWN,
        None,
    ),
    "openai rate limit, milliseconds": (
        "openai",
        lambda: error(429, OPENAI_RATE, retry_after_ms="20000", retry_after="21"),
        BUSY,
        20,
    ),
    "openai rate limit, date": (
        "openai",
        lambda: error(429, OPENAI_RATE, Retry_After=in_seconds(90)),
        BUSY,
        90,
    ),
    "openai insufficient quota": (
        "openai",
        lambda: error(
            429,
            openai_error(
                "insufficient_quota",
                "insufficient_quota",
                "You exceeded your current quota, please check your plan and billing details.",
            ),
        ),
        BROKE,
        None,
    ),
    "openai wrong key": (
        "openai",
        lambda: error(
            401,
            openai_error(
                "invalid_request_error",
                "invalid_api_key",
                f"Incorrect API key provided: {KEY[:5]}***{KEY[-4:]}. You can find your API key at "
                "https://platform.openai.com/account/api-keys.",
            ),
        ),
        BAD_KEY,
        None,
    ),
    "openai forbidden": (
        "openai",
        lambda: error(
            403,
            openai_error(
                "invalid_request_error",
                "unsupported_country_region_territory",
                "Country, region, or territory not supported",
            ),
        ),
        BAD_KEY,
        None,
    ),
    "openai unknown model": (
        "openai",
        lambda: error(
            404,
            openai_error(
                "invalid_request_error",
                "model_not_found",
                "The model `gpt-9` does not exist or you do not have access to it.",
            ),
        ),
        UNKNOWN,
        None,
    ),
    "openai invalid request": (
        "openai",
        lambda: error(
            400,
            openai_error("invalid_request_error", None, "Invalid schema for 'final_result'"),
        ),
        REJECTED,
        None,
    ),
    "openai too long": (
        "openai",
        lambda: error(
            400,
            openai_error(
                "invalid_request_error",
                "context_length_exceeded",
                "Your input exceeds the context window of this model.",
            ),
        ),
        REJECTED,
        None,
    ),
    "openai too large": (
        "openai",
        lambda: Response("413 Request Entity Too Large", 413, media_type="text/plain"),
        REJECTED,
        None,
    ),
    "openai conflict": (
        "openai",
        lambda: error(409, openai_error("server_error", None, "Try again")),
        DOWN,
        None,
    ),
    "openai server error": (
        "openai",
        lambda: error(
            500,
            openai_error(
                "server_error", None, "The server had an error while processing your request."
            ),
        ),
        DOWN,
        None,
    ),
    "openai overloaded, seconds": (
        "openai",
        lambda: error(
            503,
            openai_error("server_error", "server_is_overloaded", "The engine is overloaded"),
            Retry_After="30",
        ),
        DOWN,
        30,
    ),
    "openai refusal": (
        "openai",
        lambda: respond_as_openai(
            Call("", {}, {"model": "gpt-5-mini"}),
            [
                {
                    "type": "message",
                    "id": "msg_67cc",
                    "role": "assistant",
                    "status": "completed",
                    "content": [{"type": "refusal", "refusal": "I'm sorry, I can't help."}],
                }
            ],
            (100, 10),
        ),
        ("model_refused", False),
        None,
    ),
    "anthropic rate limit, seconds": (
        "anthropic",
        lambda: error(429, ANTHROPIC_RATE, retry_after="41"),
        BUSY,
        41,
    ),
    "anthropic rate limit, date": (
        "anthropic",
        lambda: error(429, ANTHROPIC_RATE, retry_after=in_seconds(60)),
        BUSY,
        60,
    ),
    "anthropic overloaded": ("anthropic", lambda: error(529, OVERLOADED), DOWN, None),
    "anthropic overloaded within the stream": (
        "anthropic",
        lambda: stream([OVERLOADED | {"type": "error"}]),
        DOWN,
        None,
    ),
    "anthropic server error": (
        "anthropic",
        lambda: error(500, anthropic_error("api_error", "Internal server error")),
        DOWN,
        None,
    ),
    "anthropic wrong key": (
        "anthropic",
        lambda: error(401, anthropic_error("authentication_error", "invalid x-api-key")),
        BAD_KEY,
        None,
    ),
    "anthropic not permitted": (
        "anthropic",
        lambda: error(403, anthropic_error("permission_error", "Your API key may not do this.")),
        BAD_KEY,
        None,
    ),
    "anthropic no credit": (
        "anthropic",
        lambda: error(
            400,
            anthropic_error(
                "invalid_request_error",
                "Your credit balance is too low to access the Anthropic API. Please go to Plans & "
                "Billing to upgrade or purchase credits.",
            ),
        ),
        BROKE,
        None,
    ),
    "anthropic unknown model": (
        "anthropic",
        lambda: error(404, anthropic_error("not_found_error", "model: claude-haiku-99")),
        UNKNOWN,
        None,
    ),
    "anthropic invalid request": (
        "anthropic",
        lambda: error(400, anthropic_error("invalid_request_error", "max_tokens: too large")),
        REJECTED,
        None,
    ),
    "anthropic refusal": (
        "anthropic",
        lambda: respond_as_anthropic(
            Call("", {}, {"model": "claude-haiku-4-5", "stream": True}), None, "refusal", (100, 5)
        ),
        ("model_refused", False),
        None,
    ),
    "anthropic refusal behind some text": (
        "anthropic",
        lambda: respond_as_anthropic(
            Call("", {}, {"model": "claude-haiku-4-5", "stream": True}),
            {"type": "text", "text": "Here is the"},
            "refusal",
            (100, 5),
        ),
        ("model_refused", False),
        None,
    ),
    "google rate limit": (
        "google-gla",
        lambda: error(
            429,
            google_error(
                429,
                "RESOURCE_EXHAUSTED",
                "You exceeded your current quota, please check your plan and billing details.",
                quota_failure(PER_MINUTE),
                RETRY_INFO,
            ),
        ),
        BUSY,
        27,
    ),
    "google daily quota": (
        "google-gla",
        lambda: error(
            429,
            google_error(
                429,
                "RESOURCE_EXHAUSTED",
                "You exceeded your current quota, please check your plan and billing details.",
                quota_failure(PER_DAY),
                RETRY_INFO,
            ),
        ),
        BROKE,
        None,
    ),
    "google wrong key": (
        "google-gla",
        lambda: error(
            400,
            google_error(
                400,
                "INVALID_ARGUMENT",
                "API key not valid. Please pass a valid API key.",
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "API_KEY_INVALID",
                    "domain": "googleapis.com",
                    "metadata": {"service": "generativelanguage.googleapis.com"},
                },
            ),
        ),
        BAD_KEY,
        None,
    ),
    "google not permitted": (
        "google-gla",
        lambda: error(
            403,
            google_error(403, "PERMISSION_DENIED", "Generative Language API has not been used."),
        ),
        BAD_KEY,
        None,
    ),
    "google unknown model": (
        "google-gla",
        lambda: error(
            404,
            google_error(
                404,
                "NOT_FOUND",
                "models/gemini-99 is not found for API version v1beta, or is not supported.",
            ),
        ),
        UNKNOWN,
        None,
    ),
    "google invalid request": (
        "google-gla",
        lambda: error(400, google_error(400, "INVALID_ARGUMENT", "Invalid JSON payload received.")),
        REJECTED,
        None,
    ),
    "google overloaded": (
        "google-gla",
        lambda: error(
            503,
            google_error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
        ),
        DOWN,
        None,
    ),
    "google server error": (
        "google-gla",
        lambda: error(500, google_error(500, "INTERNAL", "An internal error has occurred.")),
        DOWN,
        None,
    ),
    "google unsafe answer": (
        "google-gla",
        lambda: respond_as_google({"candidates": [{"finishReason": "SAFETY", "index": 0}]}, (9, 0)),
        ("model_refused", False),
        None,
    ),
    "google blocked prompt": (
        "google-gla",
        lambda: respond_as_google(
            {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}, (9, 0)
        ),
        ("model_refused", False),
        None,
    ),
}


@pytest.mark.parametrize("name", ERRORS)
async def test_errors_are_what_they_are_whoever_says_them(
    name: str, served: Provider, capfd: pytest.CaptureFixture[str]
) -> None:
    provider, reply, (code, retryable), retry_after = ERRORS[name]
    served.reply = lambda _call: reply()
    failed = await fail(model_of(provider, served))
    assert (failed.error.code, failed.retryable) == (code, retryable)
    if retry_after is None:
        assert failed.not_before is None
    else:
        assert failed.not_before == pytest.approx(retry_after, abs=3)
    # The SDK has not tried again by itself; a refusal in the middle of an answer is not seen.
    assert len(served.calls) == (3 if "behind some text" in name else 1)
    told = failed.error.model_dump_json() + "".join(capfd.readouterr())
    assert KEY not in told
    assert KEY[-4:] not in told
    for quoted in ("organization", "Limit", "billing details", "credit balance", "sorry"):
        assert quoted not in failed.error.model_dump_json()


@each_provider
async def test_a_provider_that_does_not_answer_in_time(provider: str, served: Provider) -> None:
    served.reply = lambda _call: None
    model = model_of(provider, served, model_timeout_seconds=0.3)
    failed = await fail(model)
    assert (failed.error.code, failed.retryable, failed.retry_after) == ("timeout", True, 0)


@each_provider
async def test_a_provider_that_only_keeps_the_line_open(provider: str) -> None:
    async def dawdle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
        writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"1\r\n\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with listening(dawdle) as address:
        slow = Provider(lambda _call: None, address)
        failed = await fail(model_of(provider, slow, model_timeout_seconds=0.5))
    assert (failed.error.code, failed.retryable, failed.retry_after) == ("timeout", True, 0)


@each_provider
async def test_a_provider_that_nobody_reaches(provider: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nowhere = Provider(
            lambda _call: Response(), f"http://127.0.0.1:{listener.getsockname()[1]}"
        )
    failed = await fail(model_of(provider, nowhere))
    assert (failed.error.code, failed.retryable) == DOWN


@each_provider
async def test_a_provider_that_hangs_up(provider: str) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
        )
        await writer.drain()

    async with listening(hang_up) as address:
        broken = Provider(lambda _call: Response(), address)
        failed = await fail(model_of(provider, broken))
    assert (failed.error.code, failed.retryable) == DOWN


async def test_a_key_that_no_header_can_carry_is_refused_unseen(served: Provider) -> None:
    failed = await fail(model_of("openai", served, OPENAI_API_KEY=f"{KEY}…"))
    assert (failed.error.code, failed.retryable) == BAD_KEY
    assert not served.calls


async def test_a_refusal_is_remembered_until_the_provider_answers(served: Provider) -> None:
    good = served.reply
    model = model_of("anthropic", served)
    served.reply = lambda _call: ERRORS["anthropic wrong key"][1]()
    await fail(model)
    assert get_refusals()["anthropic"] == "provider_key_refused"
    served.reply = lambda _call: ERRORS["anthropic overloaded"][1]()
    await fail(model)
    assert get_refusals()["anthropic"] == "provider_key_refused"
    served.reply = good
    await write(model)
    assert "anthropic" not in get_refusals()


@each_provider
async def test_a_users_key_takes_the_place_of_ours(provider: str, served: Provider) -> None:
    model = model_of(provider, served)
    await asyncio.gather(write(model, key=USERS_KEY), write(model), write(model, key="sk-another"))
    carried = Counter(
        key
        for call in served.calls
        for key in (KEY, USERS_KEY, "sk-another")
        if key in str(call.headers)
    )
    assert carried == {KEY: 1, USERS_KEY: 1, "sk-another": 1}


@pytest.mark.parametrize("name", [name for name, case in ERRORS.items() if case[2] in REFUSALS])
async def test_a_refused_key_of_a_user_is_theirs_to_mend(name: str, served: Provider) -> None:
    provider, reply, (code, _), _ = ERRORS[name]
    served.reply = lambda _call: reply()
    failed = await fail(model_of(provider, served), USERS_KEY)
    assert (failed.error.code, failed.retryable) == (code.replace("provider", "user"), False)
    assert "sent along" in failed.error.message
    assert get_refusals() == {}


@each_provider
async def test_a_users_key_that_works_says_nothing_about_ours(
    provider: str, served: Provider
) -> None:
    note_refusal(provider, "provider_key_refused")
    model = model_of(provider, served)
    await write(model, key=USERS_KEY)
    assert get_refusals()[provider] == "provider_key_refused"
    await write(model)
    assert provider not in get_refusals()


@pytest.mark.parametrize("key", ["", f"{USERS_KEY}…"])
async def test_a_users_key_that_no_header_can_carry_is_not_replaced_by_ours(
    served: Provider, key: str
) -> None:
    failed = await fail(model_of("openai", served), key)
    assert (failed.error.code, failed.retryable) == ("user_key_refused", False)
    assert not served.calls


@pytest.mark.parametrize(
    ("price", "cost"),
    [
        ({"input": 2, "output": 8}, 0.006),
        ({"input": 2, "output": 8, "cached_input": 0.5}, 0.0051),
        ({"input": 0, "output": 0}, 0),
    ],
)
async def test_prices_of_our_own(served: Provider, price: Json, cost: float) -> None:
    def reply(call: Call) -> Response:
        body = json.loads(bytes(answer(call, {"title": "Out", "minutes": 60}).body))
        body["usage"]["input_tokens_details"]["cached_tokens"] = 600
        return Response(json.dumps(body), media_type="application/json")

    served.reply = reply
    spent: list[Usage] = []
    prices = {f"openai:{MODELS['openai']}": price}
    await write(model_of("openai", served, model_prices=prices), spent=spent)
    assert spent[0].cost_usd == pytest.approx(cost)


async def test_a_price_that_nobody_knows_is_no_price(served: Provider) -> None:
    settings = make_settings(OPENAI_API_KEY=KEY, openai_base_url=f"{served.url}/v1")
    spent: list[Usage] = []
    await write(LanguageModel("openai:gpt-of-tomorrow", settings), spent=spent)
    assert spent == [Usage(model="openai:gpt-of-tomorrow", input_tokens=1000, output_tokens=500)]


async def test_tokens_that_are_not_told_are_not_counted_as_none(served: Provider) -> None:
    def reply(call: Call) -> Response:
        body = json.loads(bytes(answer(call, {"title": "Out", "minutes": 60}).body))
        del body["usage"]
        return Response(json.dumps(body), media_type="application/json")

    served.reply = reply
    spent: list[Usage] = []
    await write(model_of("deepseek", served), spent=spent)
    assert spent == [Usage(model="deepseek:deepseek-flash")]


@pytest.mark.parametrize(
    ("arguments", "calls"), [('{"title": "O', 3), (None, 1)], ids=["its middle", "its thoughts"]
)
async def test_an_answer_that_was_cut_off_is_no_valid_one(
    served: Provider, arguments: str | None, calls: int
) -> None:
    def reply(call: Call) -> Response:
        body = json.loads(bytes(answer(call, {"title": "Out", "minutes": 60}).body))
        [choice] = body["choices"]
        choice["finish_reason"] = "length"
        if arguments:
            choice["message"]["tool_calls"][0]["function"]["arguments"] = arguments
        else:
            del choice["message"]["tool_calls"]
        return Response(json.dumps(body), media_type="application/json")

    served.reply = reply
    failed = await fail(model_of("deepseek", served))
    assert (failed.error.code, failed.retryable) == ("model_output_invalid", False)
    assert len(served.calls) == calls


async def test_what_was_spent_is_told_also_when_the_rest_is_broken_off(served: Provider) -> None:
    wrong = served.reply
    served.reply = lambda call: wrong(call) if len(served.calls) == 1 else None
    spent: list[Usage] = []

    def check(_ride: Ride) -> None:
        raise ValueError("again")

    writing = asyncio.create_task(write(model_of("openai", served), check=check, spent=spent))
    await eventually(lambda: len(served.calls) == 2)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert [usage.input_tokens for usage in spent] == [1000]


PROGRAM = """
import asyncio, sys
from pydantic import BaseModel, SecretStr
from supajobs.models.language_model import LanguageModel
from supajobs.telemetry.logs import configure_logs
from supajobs.outcomes import PermanentError
from tests.test_auth import make_settings

class Ride(BaseModel):
    title: str

async def ask_all(url, ours, users, *names):
    for name in names:
        company = name.partition(":")[0].partition("-")[0]
        access = {f"{company}_api_key".upper(): ours, f"{company}_base_url": url}
        model = LanguageModel(name, make_settings(**access))
        for key in (None, None, SecretStr(users), SecretStr(users)):
            try:
                await model.write("…", Ride, instructions="…", check=print, spend=print, key=key)
            except PermanentError as error:
                assert error.__suppress_context__ and not error.__cause__

configure_logs(make_settings(log_level="debug"))
asyncio.run(ask_all(*sys.argv[1:]))
"""


async def test_the_log_tells_what_went_wrong_without_the_key(served: Provider) -> None:
    def reply(call: Call) -> Response:
        if len(served.calls) % 2 == 0:
            return answer(call, {"title": "Out"})
        key = USERS_KEY if USERS_KEY in str(call.headers) else KEY
        told = {"message": f"The header says {key}", "type": f"a {key}", "code": key}
        return error(400, {"error": told})

    served.reply = reply
    names = [f"{provider}:{model}" for provider, model in MODELS.items()]
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, served.url, KEY, USERS_KEY, *names, stderr=PIPE, stdout=PIPE
    )
    told, log = (each.decode() for each in await program.communicate())
    assert program.returncode == 0, log
    assert KEY not in told + log
    assert USERS_KEY not in told + log
    lines = [json.loads(line) for line in log.splitlines()]
    assert [(line["event"], line["model"], line["is_users_key"]) for line in lines] == [
        ("model_call_failed", name, is_users) for name in names for is_users in (False, True)
    ]
    for line in lines:
        assert (line["status"], line["error"]) == (400, "ModelRequestRejectedError")
        assert "The header says ***" in line["reason"]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"plan_model": "gpt-5"}, "String should match pattern"),
        ({"plan_model": "mistral:large", "OPENAI_API_KEY": KEY}, "String should match pattern"),
        ({"plan_model": "openai:gpt-5"}, "needs OPENAI_API_KEY"),
        ({"plan_model": "google-gla:gemini-3", "OPENAI_API_KEY": KEY}, "needs GOOGLE_API_KEY"),
    ],
)
def test_a_model_that_cannot_be_asked_is_refused_at_the_start(settings: Json, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason) as caught:
        make_settings(**settings)
    assert KEY not in str(caught.value)


def test_keys_are_read_without_the_line_break_behind_them() -> None:
    settings = make_settings(GEMINI_API_KEY=f"{KEY}\n", plan_model="google:gemini-2.5-flash")
    assert settings.get_model_access("google")[0].get_secret_value() == KEY
    assert KEY not in repr(settings)
