"""One request, whatever is in it, keeps nobody else waiting."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import httpx
import pytest
from tests.parts import Person, make_settings
from tests.serving import serve

from supajobs.app import create_app
from supajobs.local.stack import StackInfo
from supajobs.worker.memory import spare_what_stays

MOST = 1_048_576  # bytes of a body
SECONDS = 0.25  # of CPU that the loop may be busy at a time; on an idle machine it is below 0.05
ROUTES = [
    ("POST", "/v1/jobs"),
    ("POST", "/v1/plan/generate"),
    ("POST", "/v1/tools/training_plan"),
    ("PUT", "/v1/push-tokens"),
]


@contextlib.asynccontextmanager
async def answering() -> AsyncGenerator[list[float]]:
    """How long (s of CPU) this loop was busy at a time; the server under test shares it."""
    pauses = [0.0]

    async def look() -> None:
        while True:
            started = time.thread_time()
            await asyncio.sleep(0)
            pauses.append(time.thread_time() - started)

    looking = asyncio.create_task(look())
    yield pauses
    looking.cancel()


def fill(start: str, pump: str, end: str, most: int = MOST - 200) -> str:
    return start + pump * ((most - len(start) - len(end)) // len(pump)) + end


def write_keys(count: int) -> str:
    return ",".join(f'"unknown_{number}": 1' for number in range(count))


def about(profile: str) -> dict[str, str]:
    """The body of each route that has this in the profile of its request."""
    plan = f'{{"profile_snapshot": {{"goal": "STRENGTH", {profile}}}}}'
    return {
        "/v1/jobs": f'{{"job_type": "training_plan", "params": {plan}}}',
        "/v1/plan/generate": plan,
        "/v1/tools/training_plan": f'{{"params": {plan}}}',
        "/v1/push-tokens": plan,
    }


def everywhere(body: str) -> dict[str, str]:
    return {url: body for _, url in ROUTES}


BODIES: dict[str, Mapping[str, str]] = {
    "many numbers": about(fill('"equipment": [', "1,", "1]")),
    "as many numbers as may be": about(fill('"equipment": [', "1,", "1]", 19_900)),
    "many lists": about(fill('"equipment": [', "[],", "1]")),
    "many empty texts": about(fill('"equipment": [', '"",', '""]')),
    "many weekdays": about(fill('"weekdays": [', "1,", "1]", 19_900)),
    "many unknown keys": everywhere(f"{{{write_keys(50_000)}}}"),
    "as many unknown keys as may be": everywhere(f"{{{write_keys(2_000)}}}"),
    "as many unknown fields as may be": about(write_keys(1_999)),
    "a long key": everywhere(fill('{"', "A", '": 1}')),
    "a long field": about(fill('"', "A", '": 1')),
    "a long choice": about(fill('"experience": "', "A", '"')),
    "texts without end": everywhere(fill('{"', '\\"', "")),
    "deep lists": everywhere(fill("", "[", "")),
    "deep objects": everywhere(fill("", '{"a":', "")),
    "equal keys": everywhere(fill("{", '"k":1,', '"k":1}')),
    "a long name": everywhere(
        fill('{"kind": "web", "subscription": {"endpoint": "https://', "a.", '"}}')
    ),
}


@pytest.fixture(scope="module")
async def client(stack: StackInfo) -> AsyncGenerator[httpx.AsyncClient]:
    async with serve(create_app(make_settings(stack, vapid_subject="mailto:a@example.com"))) as api:
        spare_what_stays()  # as the program does: the tests before have left much to look through
        yield api


@pytest.mark.parametrize("bodies", BODIES.values(), ids=list(BODIES))
async def test_what_nobody_means_is_refused_before_it_takes_long(
    client: httpx.AsyncClient, person: Person, bodies: Mapping[str, str]
) -> None:
    headers = {**person.headers, "Content-Type": "application/json"}
    for method, url in ROUTES:
        body = bodies[url].encode()
        async with answering() as pauses:
            refused = await client.request(method, url, content=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request"), url
        assert len(refused.content) < 30_000
        assert max(pauses) < SECONDS, url
    healthy = await client.get("/health")
    assert healthy.status_code == 200


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"a": [1] * 10_000}, "More than 10000 values"),
        ({"a": {str(number): 1 for number in range(2_001)}}, "More than 2000 keys"),
        ({"a": [{"k" * 257: 1}]}, "Keys of more than 256 characters"),
    ],
    ids=["values", "keys", "length"],
)
async def test_what_is_too_much_is_said(
    client: httpx.AsyncClient, person: Person, params: dict[str, Any], reason: str
) -> None:
    body = {"job_type": "training_plan", "params": params}
    refused = await client.post("/v1/jobs", json=body, headers=person.headers)
    assert [error["message"] for error in refused.json()["errors"]] == [reason]


async def test_a_long_text_may_hold_what_lists_are_made_of(
    client: httpx.AsyncClient, person: Person
) -> None:
    params = {"athlete_profile": "[1, {}, 2], " * 5_000}
    content = json.dumps({"job_type": "training_plan", "params": params}).encode()
    headers = {**person.headers, "Content-Type": "application/json"}
    refused = await client.post("/v1/jobs", content=content, headers=headers)
    assert [error["field"] for error in refused.json()["errors"]] == ["params.athlete_profile"]
