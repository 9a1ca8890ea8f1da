"""The programs as they are started in production."""

import asyncio
import contextlib
import json
import signal
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.cli.running import supajobs
from tests.parts import Person
from tests.scraping import Samples, scrape
from tests.serving import eventually

from supajobs.local.processes import free_port
from supajobs.local.stack import StackInfo
from supajobs.outcomes import JsonObject
from supajobs.queue.job_queue import JobQueue

PROFILE: JsonObject = {"athlete_profile": {"ftp": 265, "weight_kg": 70, "age": 35}}


@pytest.fixture
async def job_id(queue: JobQueue, person: Person) -> UUID:
    enqueued = await queue.enqueue(
        user_id=person.id, job_type="training_plan", params=PROFILE, trace_id="a-trace"
    )
    return enqueued.job.id


async def test_process_once_runs_what_is_due(
    stack: StackInfo,
    tmp_path: Path,
    job_id: UUID,
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    environment = {**stack.environment, "LOG_LEVEL": "debug"}
    async with supajobs("process", "--once", env=environment, cwd=tmp_path) as process:
        out, err = await process.communicate()
    assert process.returncode == 0
    assert json.loads(out)["completed"] >= 1
    assert read_job(job_id)["status"] == "completed"
    events = [json.loads(line) for line in err.splitlines()]
    ours = [event for event in events if event.get("job_id") == str(job_id)]
    assert [event["event"] for event in ours] == ["job_started", "job_settled"]
    assert {event["trace_id"] for event in ours} == {"a-trace"}
    assert stack.secret_key.encode() not in err
    assert b"weight_kg" not in err


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", ["work", "api"])
async def test_sigterm_releases_the_running_job_and_exits_0(
    stack: StackInfo,
    tmp_path: Path,
    job_id: UUID,
    read_job: Callable[[UUID], Mapping[str, Any]],
    command: str,
    told: signal.Signals,
) -> None:
    env = {
        **stack.environment,
        "PORT": "0",
        "PLANNER_SECONDS_PER_WEEK": "10",
        "WORKER_GRACE_SECONDS": "0.2",
    }
    async with supajobs(command, env=env, cwd=tmp_path) as process:
        await eventually(lambda: read_job(job_id)["status"] == "processing")
        process.send_signal(told)
        _, err = await process.communicate()
    row = read_job(job_id)
    assert process.returncode == 0, err.decode()
    assert (row["status"], row["retry_count"], row["crash_count"]) == ("pending", 0, 0)


CLINGING = """
import asyncio, pathlib, time
from pydantic import BaseModel
from supajobs import Completed, RunningJob, job_type

class NoParams(BaseModel):
    pass

@job_type(name="{name}")
async def cling(job: RunningJob, params: NoParams) -> Completed:
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 600)
    pathlib.Path("clings").touch()
    while True:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            pass
"""


@pytest.mark.parametrize("command", ["work", "process", "api"])
async def test_a_program_ends_though_a_handler_does_not(
    stack: StackInfo,
    tmp_path: Path,
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: Callable[[UUID], Mapping[str, Any]],
    command: str,
) -> None:
    name = make_job_type()
    (tmp_path / "clinging.py").write_text(CLINGING.format(name=name))
    job_id = (await queue.enqueue(user_id=person.id, job_type=name, params={})).job.id
    env = {
        **stack.environment,
        "PORT": "0",
        "JOB_MODULES": "clinging",
        "WORKER_GRACE_SECONDS": "0.1",
    }
    async with supajobs(command, env=env, cwd=tmp_path) as process:
        await eventually((tmp_path / "clings").exists)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):  # of the 600 s that it would go on
            _, err = await process.communicate()
    row = read_job(job_id)
    assert process.returncode == 0, err.decode()
    assert (row["status"], row["retry_count"], row["crash_count"]) == ("pending", 0, 0)
    events = {each["event"]: each for each in map(json.loads, err.splitlines())}
    assert events["handler_swallows_cancellation"]["job_type"] == name
    left = events["left_what_would_not_end"]
    assert "uvloop_0" in left["threads"]
    assert left["tasks"] == ([] if command == "api" else [name])  # it has a loop of its own there


LEAVING = """
import asyncio, sys
from pydantic import BaseModel
from supajobs import Completed, RunningJob, job_type

class NoParams(BaseModel):
    pass

async def leave():
    sys.exit("what nobody " + "should read")

@job_type(name="{name}")
async def depart(job: RunningJob, params: NoParams) -> Completed:
    await asyncio.gather(asyncio.create_task(leave()))
    return Completed()
"""


async def test_a_worker_whose_loop_a_handler_ends_says_so_and_fails(
    stack: StackInfo,
    tmp_path: Path,
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
) -> None:
    name = make_job_type()
    (tmp_path / "departing.py").write_text(LEAVING.format(name=name))
    await queue.enqueue(user_id=person.id, job_type=name, params={})
    env = {**stack.environment, "JOB_MODULES": "departing"}
    async with supajobs("work", env=env, cwd=tmp_path) as process:
        _, err = await process.communicate()
    assert process.returncode == 1, "a supervisor would not start it again"
    events = {each["event"]: each for each in map(json.loads, err.splitlines())}
    assert "in leave\n" in events["jobs_loop_died"]["exception"]
    assert "what nobody should read" not in err.decode()


async def test_a_worker_serves_its_metrics_where_it_is_told(
    stack: StackInfo,
    tmp_path: Path,
    job_id: UUID,
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    port = free_port()
    env = {**stack.environment, "METRICS_PORT": str(port)}
    completed = 'supajobs_jobs_settled_total{job_type="training_plan",outcome="completed"}'
    async with supajobs("work", env=env, cwd=tmp_path) as process:
        await eventually(lambda: read_job(job_id)["status"] == "completed")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

            async def read_counted() -> Samples | None:
                samples = await scrape(client)
                return samples if samples[completed] else None

            samples = await eventually(read_counted)
        process.send_signal(signal.SIGTERM)
        _, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert not [name for name in samples if name.startswith("supajobs_queue_")]


@pytest.mark.parametrize("command", ["work", "api", "process"])
async def test_missing_settings_are_named(tmp_path: Path, command: str) -> None:
    async with supajobs(command, env={}, cwd=tmp_path) as process:
        _, err = await process.communicate()
    assert process.returncode == 2
    assert "SUPABASE_URL" in err.decode()
    assert "SUPABASE_SECRET_KEY" in err.decode()
    assert "Traceback" not in err.decode()


async def test_an_unreachable_supabase_is_one_line(stack: StackInfo, tmp_path: Path) -> None:
    env = {**stack.environment, "SUPABASE_URL": "http://127.0.0.1:9"}
    async with supajobs("process", env=env, cwd=tmp_path) as process:
        _, err = await process.communicate()
    assert process.returncode == 1
    assert "Traceback" not in err.decode()
    assert "supabase_unavailable" in err.decode()


@pytest.mark.parametrize(("command", "setting"), [("api", "PORT"), ("work", "METRICS_PORT")])
async def test_a_port_in_use_is_one_line(
    stack: StackInfo, tmp_path: Path, command: str, setting: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        env = {**stack.environment, setting: str(port)}
        async with supajobs(command, env=env, cwd=tmp_path) as process:
            _, err = await process.communicate()
    assert process.returncode == 1
    said = f"Port {port} of 127.0.0.1 is in use: stop what listens there, or set {setting}."
    assert said in err.decode().splitlines()
    assert "Traceback" not in err.decode()


@pytest.mark.parametrize("secret", [None, "a-secret-for-the-trigger"])
async def test_an_api_without_a_secret_for_its_trigger_warns(
    stack: StackInfo, tmp_path: Path, secret: str | None
) -> None:
    port = free_port()
    given = {"CRON_SECRET": secret} if secret else {}
    env = {**stack.environment, "PORT": str(port), "LOG_LEVEL": "warning", **given}
    async with (
        supajobs("api", env=env, cwd=tmp_path) as process,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):

        async def is_ready() -> bool:
            with contextlib.suppress(httpx.HTTPError):
                return (await client.get("/health")).is_success
            return False

        await eventually(is_ready, within=60)
        process.send_signal(signal.SIGTERM)
        _, err = await process.communicate()
    warned = [line for line in err.decode().splitlines() if "no_cron_secret" in line]
    assert len(warned) == (secret is None)
    assert all("set CRON_SECRET" in line for line in warned)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        (
            "SUPABASE_URL",
            "https://abc.supabase.co/rest/v1",
            "is the project's address alone: https://abc.supabase.co, without what follows",
        ),
        (
            "SUPABASE_URL",
            "http://127.0.0.1:54321/?x=1",
            "is the project's address alone: http://127.0.0.1:54321, without what follows",
        ),
        ("SUPABASE_URL", "127.0.0.1:1", "begins with https://, or with http:// on this machine"),
        (
            "CRON_SECRET",
            "short",
            "has at least 16 characters: openssl rand -hex 32 prints 64",
        ),
    ],
)
async def test_a_setting_that_is_nearly_right_is_told_what_it_is(
    stack: StackInfo, tmp_path: Path, setting: str, value: str, said: str
) -> None:
    async with supajobs(
        "process", env={**stack.environment, setting: value}, cwd=tmp_path
    ) as process:
        _, err = await process.communicate()
    assert process.returncode == 2
    assert f"{setting}: {said}" in err.decode().splitlines()
    assert value not in err.decode()
