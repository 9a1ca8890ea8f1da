"""Whatever is sent, to read it costs in proportion to its length."""

import re
import time
from collections.abc import Callable, Generator
from importlib import import_module
from itertools import product
from pkgutil import walk_packages
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from tests.parts import Person, make_settings
from tests.serving import serve

import supajobs
from supajobs.api.heads import MAX_HEAD
from supajobs.api.preferences import find_wait
from supajobs.app import create_app
from supajobs.local.stack import StackInfo

# Nobody but who runs the program gives these anything to read.
OPERATORS = ("cli", "doctor", "local", "setup", "otel", "settings", "__main__")
LETTERS = ' "\\;,=/-aT0{'
LENGTHS = (16, 24, 32, 128, 1024, 8192)
SECONDS, SECONDS_PER_CHARACTER = 5e-4, 3e-6  # of CPU; what is linear takes a tenth, or less


def find_patterns() -> Generator[re.Pattern[Any]]:
    for module in walk_packages(supajobs.__path__, "supajobs."):
        if module.name.split(".")[1] not in OPERATORS:
            for value in vars(import_module(module.name)).values():
                if isinstance(value, re.Pattern):  # pyright: ignore[reportUnknownMemberType]
                    yield value


PATTERNS = sorted({str(pattern.pattern): pattern for pattern in find_patterns()}.items())


def write_hostile(length: int) -> Generator[str]:
    """Texts of this length that repeat one or two letters, with something odd at their end."""
    for start, pump in product(
        ("", "wait=1", '"', 'W/"', "/v1/jobs/"),
        (*LETTERS, *map("".join, product(LETTERS, repeat=2)), "\\a", "; a=b", '"a"'),
    ):
        yield (start + pump * length)[: length - 2] + "\x00x"


def measure(read: Callable[[str], object], text: str) -> float:
    started = time.thread_time()
    read(text)
    return time.thread_time() - started


def check(read: Callable[[str], object]) -> None:
    """From short to long: what is exponential is found before it hangs."""
    for length in LENGTHS:
        for text in write_hostile(length):
            allowed = SECONDS + SECONDS_PER_CHARACTER * length
            # Once more where it was too slow: the garbage collector may have run.
            slow = all(measure(read, text) > allowed for _ in range(3))
            assert not slow, f"{length} characters of {text[:20]!r}"


@pytest.mark.parametrize("pattern", [p for _, p in PATTERNS], ids=[name for name, _ in PATTERNS])
def test_each_pattern_is_linear(pattern: re.Pattern[Any]) -> None:
    reads_bytes = isinstance(pattern.pattern, bytes)
    for read in (pattern.fullmatch, pattern.findall, pattern.match):
        check(lambda text, read=read: read(text.encode() if reads_bytes else text))


def test_each_route_is_found_in_linear_time(stack: StackInfo) -> None:
    app = create_app(make_settings(stack))
    paths = {each.path_regex.pattern: each.path_regex for each in iter_route_contexts(app.routes)}
    assert len(paths) > 20
    for path in paths.values():
        check(path.match)


def test_preferences_are_read_in_linear_time() -> None:
    check(lambda text: find_wait([text]))


async def test_a_head_has_a_greatest_length(stack: StackInfo, person: Person) -> None:
    url = "/v1/jobs?job_type=training_plan"
    token = [*person.headers.items()]
    async with serve(create_app(make_settings(stack, api_runs_jobs=False))) as client:
        for refused in (
            await client.get(url, headers=[*token, ("Prefer", ";" * MAX_HEAD)]),
            await client.get(url, headers=[*token, *[("If-None-Match", '"a"')] * 2_000]),
            await client.get(url, headers=token, params={"status": ["failed"] * 3_000}),
        ):
            assert (refused.status_code, refused.json()["code"]) == (431, "head_too_large")
            assert refused.headers["X-Request-Id"]
        assert (await client.get(url, headers=token)).status_code == 200


async def test_the_header_that_once_hung_the_process_is_passed_over(
    stack: StackInfo, person: Person
) -> None:
    headers = {**person.headers, "Prefer": "wait=1; " + "; " * 24 + "x y"}
    async with serve(create_app(make_settings(stack, api_runs_jobs=False))) as client:
        created = await client.post("/v1/jobs", json={"job_type": "training_plan"}, headers=headers)
    assert created.status_code == 422  # for its params
