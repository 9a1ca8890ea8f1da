"""A model provider on 127.0.0.1: the four wire formats, with bodies as the real ones send them."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from tests.serving import running

Json = dict[str, Any]

MODELS = {
    "deepseek": "deepseek-flash",
    "anthropic": "claude-haiku-4-5",
    "openai": "gpt-5-mini",
    "google-gla": "gemini-2.5-flash",
}
"""A model of each provider, whose price is known."""
KEY = "sk-a-key-that-nobody-may-see"


@dataclass(frozen=True)
class Call:
    """A request as the provider got it."""

    path: str
    headers: dict[str, str]
    body: Json

    @property
    def text(self) -> str:
        """Everything the model is told."""
        return json.dumps(self.body, ensure_ascii=False)


@dataclass
class Provider:
    """Replies to each call what `reply` says, if anything; keeps the calls."""

    reply: Callable[[Call], Response | None]
    url: str = ""
    calls: list[Call] = field(default_factory=list[Call])
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: Request) -> Response:
        call = Call(request.url.path, dict(request.headers), await request.json())
        self.calls.append(call)
        if reply := self.reply(call):
            return reply
        await self.closed.wait()
        return Response(status_code=503)


@contextlib.asynccontextmanager
async def serve_provider(
    reply: Callable[[Call], Response | None],
) -> AsyncGenerator[Provider]:
    """A provider that answers, until the context ends."""
    provider = Provider(reply)
    app = FastAPI()
    app.add_api_route("/{path:path}", provider.take, methods=["POST"], response_model=None)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    async with running(server) as provider.url:
        try:
            yield provider
        finally:
            provider.closed.set()


def error(status: int, body: Json | str, **headers: str) -> Response:
    """An answer other than the model's."""
    content = body if isinstance(body, str) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(content, status, named, "application/json")


def answer(call: Call, output: Json, *, tokens: tuple[int, int] = (1000, 500)) -> Response:
    """The model's answer in the provider's own format; `tokens` are those in and out."""
    if call.path.endswith("/chat/completions"):
        return _answer_as_deepseek(call, output, tokens)
    if call.path.endswith("/responses"):
        return _answer_as_openai(call, output, tokens)
    if call.path.endswith("/messages"):
        return _answer_as_anthropic(call, output, tokens)
    assert call.path.endswith(":generateContent")
    return _answer_as_google(call, output, tokens)


def _answer_as_deepseek(call: Call, output: Json, tokens: tuple[int, int]) -> Response:
    [tool] = call.body["tools"]
    function = {"name": tool["function"]["name"], "arguments": json.dumps(output)}
    message = {
        "role": "assistant",
        "content": "",
        "reasoning_content": "First, the outline …",
        "tool_calls": [{"index": 0, "id": "call_0", "type": "function", "function": function}],
    }
    return _respond(
        {
            "id": "930c60df-bf64-41c9-a88e-3ec75f81e00e",
            "object": "chat.completion",
            "created": 1795000000,
            "model": call.body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
            "usage": {
                "prompt_tokens": tokens[0],
                "completion_tokens": tokens[1],
                "total_tokens": sum(tokens),
                "prompt_cache_hit_tokens": 0,
                "prompt_cache_miss_tokens": tokens[0],
            },
        }
    )


def _answer_as_openai(call: Call, output: Json, tokens: tuple[int, int]) -> Response:
    [tool] = call.body["tools"]
    function = {
        "type": "function_call",
        "id": "fc_0c5d",
        "call_id": "call_4Xr1",
        "name": tool["name"],
        "arguments": json.dumps(output),
        "status": "completed",
    }
    return respond_as_openai(call, [function], tokens)


def respond_as_openai(call: Call, output: list[Json], tokens: tuple[int, int]) -> Response:
    return _respond(
        {
            "id": "resp_67ccd2bed1ec8190b14f964abc054267",
            "object": "response",
            "created_at": 1795000000,
            "status": "completed",
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "model": call.body["model"],
            "output": output,
            "parallel_tool_calls": True,
            "tool_choice": "required",
            "tools": [],
            "usage": {
                "input_tokens": tokens[0],
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": tokens[1],
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": sum(tokens),
            },
        }
    )


def _answer_as_anthropic(call: Call, output: Json, tokens: tuple[int, int]) -> Response:
    if "tools" not in call.body:  # models with an output format of their own
        return respond_as_anthropic(
            call, {"type": "text", "text": json.dumps(output)}, "end_turn", tokens
        )
    [tool] = call.body["tools"]
    block = {"type": "tool_use", "id": "toolu_01A0", "name": tool["name"], "input": output}
    return respond_as_anthropic(call, block, "tool_use", tokens)


def respond_as_anthropic(
    call: Call, block: Json | None, stop_reason: str, tokens: tuple[int, int]
) -> Response:
    message: Json = {
        "id": "msg_013Zva2CMHLNnXjNJJKqJ2EF",
        "type": "message",
        "role": "assistant",
        "model": call.body["model"],
        "content": [block] if block else [],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": tokens[0], "output_tokens": tokens[1]},
    }
    return _stream_as_anthropic(message, block) if call.body.get("stream") else _respond(message)


def _stream_as_anthropic(message: Json, block: Json | None) -> Response:
    """The same as server-sent events: long answers are asked for in this form."""
    events: list[Json] = [
        {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}}
    ]
    if block:
        is_text = block["type"] == "text"
        start: Json = {**block, "text": ""} if is_text else {**block, "input": {}}
        delta = (
            {"type": "text_delta", "text": block["text"]}
            if is_text
            else {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        )
        events += [
            {"type": "content_block_start", "index": 0, "content_block": start},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
        ]
    end = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    usage = {"output_tokens": message["usage"]["output_tokens"]}
    events += [{"type": "message_delta", "delta": end, "usage": usage}, {"type": "message_stop"}]
    return stream(events)


def stream(events: list[Json]) -> Response:
    lines = (f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    return Response("".join(lines), media_type="text/event-stream")


def _answer_as_google(call: Call, output: Json, tokens: tuple[int, int]) -> Response:
    [tool] = call.body["tools"]
    [function] = tool["functionDeclarations"]
    part = {"functionCall": {"name": function["name"], "args": output}}
    candidate = {
        "content": {"role": "model", "parts": [part]},
        "finishReason": "STOP",
        "index": 0,
    }
    return respond_as_google({"candidates": [candidate]}, tokens)


def respond_as_google(body: Json, tokens: tuple[int, int]) -> Response:
    usage = {
        "promptTokenCount": tokens[0],
        "candidatesTokenCount": tokens[1],
        "totalTokenCount": sum(tokens),
    }
    told = {"modelVersion": MODELS["google-gla"], "responseId": "r1kpaJ3lD4"}
    return _respond({**body, "usageMetadata": usage, **told})


def _respond(body: Json) -> Response:
    return Response(json.dumps(body), media_type="application/json")
