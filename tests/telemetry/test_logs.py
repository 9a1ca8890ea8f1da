import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from tests import forks
from tests.observed import observe
from tests.parts import CRON_SECRET, PROJECT, Person, make_settings
from tests.scraping import scrape
from tests.serving import eventually

from supajobs.local.stack import StackInfo

Line = dict[str, Any]

PROGRAM = """
import logging, structlog
from supajobs.telemetry.logs import configure_logs
from tests.test_auth import make_settings

configure_logs(make_settings(log_format={format!r}))
token = "eyJ-a-token"
try:
    raise ValueError("told")
except ValueError:
    structlog.get_logger().exception("crashed", job_id="j1")
    logging.getLogger("library").exception("crashed too")
logging.getLogger("httpx").info("GET /rest/v1/plan_generation_jobs?id=eq.1")
"""


async def run(folder: Path, program: str) -> str:
    """What the program says on stderr."""
    (folder / "program.py").write_text(program)
    process = await forks.start("program", env={"PYTHONPATH": str(PROJECT)}, cwd=folder)
    _, err = await process.communicate()
    assert process.returncode == 0
    return err.decode()


@pytest.mark.parametrize("log_format", ["json", "text"])
async def test_tracebacks_tell_no_local_variables(
    log_format: Literal["json", "text"], tmp_path: Path
) -> None:
    log = await run(tmp_path, PROGRAM.format(format=log_format))
    assert log.count("ValueError: told") == 2
    assert "eyJ-a-token" not in log
    assert "httpx" not in log
    assert "plan_generation_jobs" not in log
    if log_format == "json":
        first, second = map(json.loads, log.splitlines())
        assert (first["event"], first["job_id"], first["level"]) == ("crashed", "j1", "error")
        assert second["event"] == "crashed too"


TELLTALE = """
import asyncio, gc, logging, os, structlog
from supajobs.telemetry.logs import configure_logs
from tests.test_auth import make_settings

settings = make_settings(log_format={format!r})
configure_logs(settings)
key = settings.supabase_secret_key.get_secret_value()
try:
    raise ValueError("told " + key + " and sk-ant-0123456789 and " + os.environ["MAIL_PASSWORD"])
except ValueError as error:
    structlog.get_logger().exception("crashed", reason=repr(error))
    logging.getLogger("library").exception("crashed too")
try:
    raise ValueError("x" * 1_000_000 + " the end")
except ValueError:
    structlog.get_logger().exception("crashed at length")
async def fail():
    raise ValueError("lost " + key)
async def forget():
    task = asyncio.create_task(fail())
    await asyncio.wait({{task}})
asyncio.run(forget())
gc.collect()
print(key)
"""


@pytest.mark.parametrize("log_format", ["json", "text"])
async def test_what_others_raise_is_told_without_secrets(log_format: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(TELLTALE.format(format=log_format))
    env = {"PYTHONPATH": str(PROJECT), "MAIL_PASSWORD": "open sesame"}
    process = await forks.start("program", env=env, cwd=tmp_path)
    out, err = await process.communicate()
    assert process.returncode == 0
    key, log = out.decode().strip(), err.decode()
    assert len(key) > 8
    assert log.count("told [secret] and [secret] and [secret]") == 3
    assert log.count("lost [secret]") == 2
    for secret in (key, "sk-ant-0123456789", "open sesame"):
        assert secret not in log
    assert "the end" in log
    assert len(log) < 100_000


DEAF = """
import logging, os, structlog, sys
from supajobs.telemetry.logs import configure_logs
from tests.test_auth import make_settings

stderr = os.dup(2)
configure_logs(make_settings(log_format={format!r}))
reader, writer = os.pipe()
os.close(reader)
os.dup2(writer, 2)
for _ in range(9):
    structlog.get_logger().info("told", much="." * 4000)
    logging.getLogger("library").warning("told, too" + "." * 4000)
os.dup2(stderr, 2)
structlog.get_logger().info("it went on")
"""


@pytest.mark.parametrize("log_format", ["json", "text"])
async def test_a_log_that_nobody_reads_any_more_ends_no_work(
    log_format: Literal["json", "text"], tmp_path: Path
) -> None:
    assert "it went on" in await run(tmp_path, DEAF.format(format=log_format))


FORGER = r"""
import logging, structlog
from supajobs.telemetry.logs import configure_logs
from tests.test_auth import make_settings

configure_logs(make_settings(log_format={format!r}))
forged = {forged!r}
for start in ("", "\x1b[2K\r", "\u2028", "\x85", "\u202e", "\ud800"):
    told = "told\n" + start + forged
    try:
        raise ValueError(told)
    except ValueError:
        structlog.get_logger().exception("crashed", reason=told, several=[told])
        logging.getLogger("library").exception("crashed: %s", told)
"""


@pytest.mark.parametrize("log_format", ["json", "text"])
async def test_what_others_say_forges_no_line(
    log_format: Literal["json", "text"], tmp_path: Path
) -> None:
    forged = "2026-11-29T00:00:00.000000Z [info     ] job_settled"
    log = await run(tmp_path, FORGER.format(format=log_format, forged=forged))
    assert log.count("job_settled") >= 24
    assert not [line for line in log.splitlines() if line.startswith(forged)]
    assert all(letter.isprintable() for letter in log.replace("\n", ""))


async def test_a_program_logs_its_requests_and_jobs_and_no_secrets(
    stack: StackInfo,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: Callable[[UUID], Mapping[str, Any]],
    tmp_path: Path,
) -> None:
    name = make_job_type(max_retries=0)
    params = {"provider": "http://127.0.0.1:9", "secret": "secret-in-params", "quoted": ""}
    secrets = {"Cookie": "secret-in-a-cookie", "Idempotency-Key": "secret-in-a-header"}
    async with observe(stack, name, {}, tmp_path) as observed:
        http = observed.http
        created = await http.post(
            "/v1/jobs?access_token=secret-in-the-query",
            json={"job_type": name, "params": params},
            headers={**person.headers, **secrets, "X-Request-Id": "our-request"},
        )
        job_id = created.json()["id"]
        await eventually(lambda: read_job(UUID(job_id))["status"] == "failed")
        await http.get(f"/v1/jobs/{job_id}", headers=person.headers)
        await http.post("/v1/jobs", json={"job_type": name, "params": {"secret-in-params": 1}})
        await http.post(
            "/v1/jobs",
            json={"job_type": name, "params": {"quoted": ["secret-in-params"]}},
            headers=person.headers,
        )
        await http.post("/v1/jobs", content=b"{secret-in-params", headers=person.headers)
        await http.get("/v1/jobs/secret-in-the-path", headers=person.headers)
        await http.get("/secret-in-the-path?token=secret-in-the-query")
        await http.get("/v1/queue", headers={"Authorization": "Bearer secret-in-a-header"})
        await http.get("/v1/queue", headers={"Authorization": f"Bearer {stack.secret_key}"})
        await scrape(http)

    trace_id = created.headers["traceparent"].split("-")[1]
    for secret in (
        "secret-in",
        person.access_token,
        person.access_token.split(".")[1],
        stack.secret_key,
        stack.publishable_key,
        CRON_SECRET,
    ):
        assert secret not in observed.log
    check_requests(observed.lines, job_id, trace_id)
    check_job(observed.lines, job_id, trace_id)
    events = [line["event"] for line in observed.lines]
    assert {"Application startup complete.", "Application shutdown complete."} <= set(events)


def check_requests(lines: list[Line], job_id: str, trace_id: str) -> None:
    """Each is one line, which names nothing that the client made up but its X-Request-Id."""
    handled = [line for line in lines if line["event"] == "request_handled"]
    asked = [
        (line["level"], line["method"], line["route"], line["status"])
        for line in handled
        if line["route"] != "/health"
    ]
    assert asked == [
        ("info", "POST", "/v1/jobs", 201),
        ("info", "GET", "/v1/jobs/{job_id}", 200),
        ("info", "POST", "/v1/jobs", 401),
        ("info", "POST", "/v1/jobs", 422),
        ("info", "POST", "/v1/jobs", 422),
        ("info", "GET", "/v1/jobs/{job_id}", 422),
        ("info", "GET", "unmatched", 404),
        ("info", "GET", "/v1/queue", 401),
        ("info", "GET", "/v1/queue", 200),
        ("debug", "GET", "/metrics", 200),
    ]
    created = next(line for line in handled if line["status"] == 201)
    assert (created["request_id"], created["trace_id"]) == ("our-request", trace_id)
    assert created["duration_ms"] > 0
    assert job_id not in json.dumps(handled)
    assert {line["level"] for line in handled if line["route"] == "/health"} == {"debug"}


def check_job(lines: list[Line], job_id: str, trace_id: str) -> None:
    """All its lines name it, its type and its trace."""
    about_it = [line for line in lines if line.get("job_id") == job_id]
    assert [line["event"] for line in about_it] == ["job_started", "handler_failed", "job_settled"]
    assert {line["trace_id"] for line in about_it} == {trace_id}
    assert all(line["job_type"] for line in about_it)


def test_a_key_with_a_line_break_at_its_end_is_no_reason_to_tell_it(stack: StackInfo) -> None:
    settings = make_settings(stack, SUPABASE_SECRET_KEY="sb_secret_x\n", cron_secret=f" {'s' * 20}")
    assert settings.supabase_secret_key.get_secret_value() == "sb_secret_x"
    assert settings.cron_secret
    assert settings.cron_secret.get_secret_value() == "s" * 20
