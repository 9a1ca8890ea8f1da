"""supajobs in an app of somebody else's: included, mounted, and asked for jobs by its routes."""

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
import structlog
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field
from tests.parts import Person, make_settings
from tests.serving import serve_plain

from supajobs import (
    Completed,
    CurrentUser,
    Job,
    JobType,
    RunningJob,
    Settings,
    Supajobs,
    SupajobsError,
    User,
)
from supajobs.app import find_wiring
from supajobs.local.stack import StackInfo


class StoryRequest(BaseModel):
    hero: Annotated[str, Field(max_length=50)]


async def tell(job: RunningJob, request: StoryRequest) -> Completed:
    return Completed(result=f"{request.hero} falls asleep.")


@pytest.fixture
def story(make_job_type: Callable[..., str]) -> JobType[StoryRequest]:
    return JobType(make_job_type(), StoryRequest, tell)


@pytest.fixture
def jobs(stack: StackInfo, story: JobType[StoryRequest]) -> Supajobs:
    return Supajobs(make_settings(stack), job_types=[story])


def add_routes(app: FastAPI, jobs: Supajobs, story: JobType[StoryRequest]) -> None:
    """What the app has besides: one route that asks for jobs, and one that has nothing of ours."""

    async def order(user: CurrentUser, hero: str) -> UUID:
        enqueued = await jobs.enqueue(story, StoryRequest(hero=hero), user_id=user.id)
        return enqueued.job.id

    async def read_number(number: int) -> int:
        return 1 // number

    app.post("/books")(order)
    app.get("/numbers/{number}")(read_number)


def include(jobs: Supajobs, story: JobType[StoryRequest]) -> FastAPI:
    app = FastAPI(lifespan=jobs.lifespan)
    app.include_router(jobs.router, prefix="/background")
    add_routes(app, jobs, story)
    return app


def mount(jobs: Supajobs, story: JobType[StoryRequest]) -> FastAPI:
    app = FastAPI(lifespan=jobs.lifespan)
    add_routes(app, jobs, story)
    app.mount("/background", jobs.app)
    return app


EMBEDDED = pytest.mark.parametrize("embed", [include, mount])
Embed = Callable[[Supajobs, JobType[StoryRequest]], FastAPI]


@EMBEDDED
async def test_a_job_of_the_apps_own_route_runs_to_its_end(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person, embed: Embed
) -> None:
    async with serve_plain(embed(jobs, story)) as client:
        ordered = await client.post("/books?hero=Fox", headers=person.headers)
        assert ordered.status_code == 200, ordered.text
        answer = await client.get(
            f"/background/v1/jobs/{ordered.json()}?wait=30", headers=person.headers
        )
        while answer.json()["completed_at"] is None:
            answer = await client.get(
                f"/background/v1/jobs/{ordered.json()}?wait=30", headers=person.headers
            )
    assert answer.json()["result"] == "Fox falls asleep."


@EMBEDDED
async def test_probes_are_no_news(
    jobs: Supajobs, story: JobType[StoryRequest], embed: Embed
) -> None:
    with structlog.testing.capture_logs() as lines:
        async with serve_plain(embed(jobs, story)) as client:
            for path in ("health", "health/ready", "health/jobs", "metrics", "v1/jobs"):
                await client.get(f"/background/{path}")
    handled = [line["log_level"] for line in lines if line["event"] == "request_handled"]
    assert handled == [*["debug"] * 4, "info"]


@EMBEDDED
async def test_addresses_follow_where_the_routes_are(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person, embed: Embed
) -> None:
    body = {"job_type": story.name, "params": {"hero": "Fox"}}
    async with serve_plain(embed(jobs, story)) as client:
        for _ in range(2):
            created = await client.post("/background/v1/jobs", json=body, headers=person.headers)
            job = Job.model_validate(created.json())
            assert created.headers["Location"] == f"/background/v1/jobs/{job.id}"
            found = await client.get(created.headers["Location"])
            assert found.json()["code"] == "not_authenticated"
        page = await client.get("/background/v1/jobs?limit=1", headers=person.headers)
        assert page.links["next"]["url"].startswith("/background/v1/jobs?")


@EMBEDDED
async def test_refusals_are_problems_with_all_that_belongs_to_them(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person, embed: Embed
) -> None:
    big = {"job_type": story.name, "params": {"hero": "x" * 2_000_000}}
    async with serve_plain(embed(jobs, story)) as client:
        for answer, code in (
            (await client.get("/background/v1/jobs"), "not_authenticated"),
            (
                await client.get(f"/background/v1/jobs/{uuid4()}", headers=person.headers),
                "job_not_found",
            ),
            (
                await client.post("/background/v1/jobs", json=big, headers=person.headers),
                "body_too_large",
            ),
            (
                await client.post("/background/v1/jobs", json={}, headers=person.headers),
                "invalid_request",
            ),
            (
                await client.get("/background/v1/jobs", headers={"X": "x" * 40_000}),
                "head_too_large",
            ),
            (await client.patch("/background/v1/jobs"), "method_not_allowed"),
        ):
            assert answer.headers["Content-Type"] == "application/problem+json", answer.text
            assert answer.json()["code"] == code
            assert answer.json()["trace_id"] in answer.headers["traceparent"]
            assert answer.headers["X-Request-Id"]
        assert answer.headers["Allow"] == "GET, HEAD, POST"
        head = await client.head("/background/health")
        assert (head.status_code, head.text) == (200, "")


async def test_an_address_with_another_method_is_told_its_own_also_where_hosts_are(
    jobs: Supajobs, story: JobType[StoryRequest]
) -> None:
    app = FastAPI(lifespan=jobs.lifespan)
    app.host("api.example.com", FastAPI())
    app.include_router(jobs.router, prefix="/background")
    async with serve_plain(app) as client:
        refused = await client.patch("/background/v1/jobs")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, POST")


@EMBEDDED
async def test_the_apps_other_routes_are_as_they_were(
    jobs: Supajobs, story: JobType[StoryRequest], embed: Embed
) -> None:
    async with serve_plain(embed(jobs, story)) as client:
        wrong = await client.get("/numbers/one")
        missing = await client.get("/nowhere")
        crashed = await client.get("/numbers/0")
        large = await client.get("/numbers/1", headers={"X": "x" * 40_000})
    assert (wrong.status_code, list(wrong.json())) == (422, ["detail"])
    assert (missing.status_code, missing.json()) == (404, {"detail": "Not Found"})
    assert (crashed.status_code, crashed.text) == (500, "Internal Server Error")
    assert (large.status_code, large.json()) == (200, 1)
    for answer in (wrong, missing, crashed, large):
        assert "traceparent" not in answer.headers
        assert "X-Request-Id" not in answer.headers


@EMBEDDED
async def test_a_route_of_the_apps_own_refuses_who_has_not_signed_in(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person, embed: Embed
) -> None:
    trace_id = uuid4().hex
    headers = {"traceparent": f"00-{trace_id}-{'1' * 16}-01"}
    async with serve_plain(embed(jobs, story)) as client:
        nobody = await client.post("/books?hero=Fox", headers=headers)
        forged = await client.post("/books?hero=Fox", headers={"Authorization": "Bearer x.y.z"})
        wrong = await client.post(f"/books?hero={'x' * 51}", headers=person.headers)
    for answer in (nobody, forged):
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert nobody.json()["trace_id"] == trace_id
    assert wrong.status_code == 500  # a model of the app's own, which it built itself


async def test_what_the_queue_refuses_a_route_of_the_apps_own_answers(
    stack: StackInfo, person: Person
) -> None:
    jobs = Supajobs(make_settings(stack), job_types=[])
    app = FastAPI(lifespan=jobs.lifespan)

    async def order(user: User) -> UUID:
        return (await jobs.enqueue("no_such_type", {}, user_id=user.id)).job.id

    # `user: jobs.CurrentUser`, which no strict type checker lets stand there: it is a variable.
    order.__annotations__["user"] = jobs.CurrentUser
    app.post("/books")(order)
    async with serve_plain(app) as client:
        assert (await client.post("/books")).json()["code"] == "not_authenticated"
        refused = await client.post("/books", headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_job_type")


async def test_a_mounted_app_without_the_outer_ones_lifespan_says_what_is_missing(
    jobs: Supajobs,
) -> None:
    app = FastAPI()
    app.mount("/background", jobs.app)
    with structlog.testing.capture_logs() as lines:
        async with serve_plain(app) as client:
            refused = await client.get("/background/v1/jobs", headers={"Authorization": "Bearer x"})
    [failed] = [line for line in lines if line["event"] == "request_failed"]
    assert "lifespan=jobs.lifespan" in failed["hint"]
    assert (refused.status_code, refused.json()["code"]) == (503, "not_running")
    assert "lifespan=jobs.lifespan" in refused.json()["hint"]


async def test_it_runs_within_the_lifespan_of_an_apps_own(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person
) -> None:
    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        async with jobs:
            yield

    app = FastAPI(lifespan=lifespan)
    add_routes(app, jobs, story)
    async with serve_plain(app) as client:
        assert (await client.post("/books?hero=Fox")).status_code == 401
        assert (await client.post("/books?hero=Fox", headers=person.headers)).is_success


async def test_it_can_run_again_but_not_twice(jobs: Supajobs) -> None:
    for _ in range(2):
        async with jobs:
            with pytest.raises(RuntimeError, match="runs already"):
                async with jobs:
                    raise AssertionError("it ran twice")


async def test_it_does_not_open_where_no_thread_can_start(jobs: Supajobs) -> None:
    size = threading.stack_size(2**46)
    try:
        with pytest.raises(RuntimeError, match="can't start new thread"):
            async with asyncio.timeout(30), jobs:
                raise AssertionError("it is open")
    finally:
        threading.stack_size(size)


async def test_a_body_that_is_empty_or_has_a_mark_before_it_is_told_so(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person
) -> None:
    headers = {**person.headers, "Content-Type": "application/json"}
    async with serve_plain(include(jobs, story)) as client:
        for body, told in ((b"", "The body is empty"), (b"\xef\xbb\xbf{}", "byte order mark")):
            refused = await client.post("/background/v1/jobs", content=body, headers=headers)
            [error] = refused.json()["errors"]
            assert told in error["message"]


async def test_two_in_one_process_are_told_apart(
    stack: StackInfo, story: JobType[StoryRequest], person: Person
) -> None:
    one, other = (Supajobs(make_settings(stack), job_types=types) for types in ([story], []))
    app = FastAPI()
    for prefix, jobs in (("/one", one), ("/other", other)):
        app.include_router(jobs.router, prefix=prefix)
    add_routes(app, one, story)
    async with one, other, serve_plain(app) as client:
        refused = await client.post("/books?hero=Fox", headers=person.headers)
        assert (refused.status_code, refused.json()["code"]) == (500, "several_running")
        assert "jobs.CurrentUser" in refused.json()["hint"]
        lists: list[Any] = [
            (await client.get(f"{prefix}/v1/tools", headers=person.headers)).json()["tools"]
            for prefix in ("/one", "/other")
        ]
    assert [[each["name"] for each in tools] for tools in lists] == [[story.name], []]


def test_no_job_types_are_none(stack: StackInfo) -> None:
    jobs = Supajobs(make_settings(stack), job_types=[])
    assert (find_wiring(jobs).job_types, find_wiring(jobs).registry) == ({}, {})
    assert "/v1/plan/generate" not in jobs.app.openapi()["paths"]


def test_the_settings_are_those_of_the_environment(
    stack: StackInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stack.environment.items():
        monkeypatch.setenv(name, value)
    assert isinstance(Supajobs().settings, Settings)
    assert str(Supajobs().settings.supabase_url).rstrip("/") == stack.api_url


def test_settings_that_are_missing_are_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("SUPABASE_URL", "SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "sb_secret_x")
    with pytest.raises(SupajobsError) as raised:
        _ = Supajobs(job_types=[]).settings
    *named, place, remedy, described = str(raised.value).splitlines()
    assert named == ["SUPABASE_URL: is missing", "SUPABASE_PUBLISHABLE_KEY: is missing"]
    assert str(tmp_path / ".env") in place
    assert "export $(supajobs local env)" in remedy
    assert Path(described.removeprefix("Each is described in ").rstrip(".")).is_file()


SERVED = """
from fastapi import FastAPI
from supajobs import Supajobs

jobs = Supajobs(job_types=[])
queue = jobs.sync()
app = FastAPI(lifespan=jobs.lifespan)
app.include_router(jobs.router, prefix="/included")
app.mount("/mounted", jobs.app)
"""


async def test_a_module_that_has_one_is_imported_without_settings_and_opened_with_them(
    stack: StackInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in stack.environment:
        monkeypatch.delenv(name, raising=False)
    module: dict[str, Any] = {}
    exec(SERVED, module)  # noqa: S102 - as its import would
    jobs: Supajobs = module["jobs"]
    for opening in (jobs.lifespan(), jobs):
        with pytest.raises(SupajobsError, match="SUPABASE_URL: is missing"):
            async with opening:
                raise AssertionError("it is open")
    with pytest.raises(SupajobsError, match="SUPABASE_URL: is missing"):
        module["queue"].enqueue("story", {}, user_id=None)

    for name, value in stack.environment.items():
        monkeypatch.setenv(name, value)
    async with serve_plain(module["app"]) as client:
        for prefix in ("/included", "/mounted"):
            assert (await client.get(f"{prefix}/health/ready")).status_code == 200


def test_a_server_does_not_start_without_settings(tmp_path: Path) -> None:
    (tmp_path / "served.py").write_text(SERVED)
    here = {name: value for name, value in os.environ.items() if "SUPABASE" not in name}
    for app in ("served:app", "served:jobs.app"):
        served = subprocess.run(  # noqa: S603 - our own arguments
            [sys.executable, "-m", "uvicorn", app, "--port", "0"],
            cwd=tmp_path,
            env=here,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "SUPABASE_URL: is missing" in served.stderr
        assert served.returncode == 3


async def test_a_host_may_answer_as_it_likes(jobs: Supajobs, story: JobType[StoryRequest]) -> None:
    app = include(jobs, story)

    @app.exception_handler(SupajobsError)
    async def answer(_request: object, error: SupajobsError) -> PlainTextResponse:
        return PlainTextResponse(f"our words for {error.code}", status_code=error.status)

    async with serve_plain(app) as client:
        assert (await client.post("/books?hero=Fox")).text == "our words for not_authenticated"
        ours = await client.get("/background/v1/jobs")
    assert ours.json()["code"] == "not_authenticated"
