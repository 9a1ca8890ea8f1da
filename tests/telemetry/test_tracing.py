"""Traces end to end: real programs, and a collector that decodes what they send."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.cli.test_programs import PROFILE, supajobs
from tests.collector import Collector, SentSpan, collecting
from tests.observed import observe
from tests.parts import Person
from tests.scraping import scrape
from tests.serving import eventually

from supajobs.local.stack import StackInfo
from supajobs.queue.answers import Enqueued
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.requests import Entry, JobOptions
from supajobs.telemetry.tracing import TracingError, tracing

ReadJob = Callable[[UUID], Mapping[str, Any]]

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector() -> Generator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture
async def job_id(queue: JobQueue, person: Person) -> UUID:
    enqueued = await queue.enqueue(user_id=person.id, job_type="training_plan", params=PROFILE)
    return enqueued.job.id


def find(spans: list[SentSpan], name: str) -> SentSpan:
    [span] = [span for span in spans if span.name == name]
    return span


def read_messaging(span: SentSpan) -> dict[str, Any]:
    prefix = "messaging."
    return {
        name.removeprefix(prefix): value
        for name, value in span.attributes.items()
        if name.startswith(prefix)
    }


@pytest.mark.parametrize("traceparent", [None, CALLER])
async def test_a_request_its_job_and_their_calls_are_one_trace(
    stack: StackInfo,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: ReadJob,
    tmp_path: Path,
    collector: Collector,
    traceparent: str | None,
) -> None:
    name = make_job_type(max_retries=0)
    headers = {**person.headers, **({"traceparent": traceparent} if traceparent else {})}
    params = {"provider": collector.url, "secret": "in-params", "quoted": "in-an-exception"}
    async with observe(stack, name, collector.environment, tmp_path) as api:
        created = await api.http.post(
            "/v1/jobs?hint=in-a-query", json={"job_type": name, "params": params}, headers=headers
        )
        job_id = UUID(created.json()["id"])
        await eventually(lambda: read_job(job_id)["status"] == "failed")

    trace_id = read_job(job_id)["trace_id"]
    spans = [span for span in collector.spans if span.trace_id == trace_id]
    request = find(spans, "POST /v1/jobs")
    enqueue = find(spans, "POST /rest/v1/rpc/enqueue_plan_job")
    job = find(spans, f"job {name}")
    provider = find(spans, "POST")
    settle = find(spans, "POST /rest/v1/rpc/fail_plan_jobs")
    assert len(spans) == 5
    assert request.kind == "server"
    assert request.parent_id == (traceparent.split("-")[2] if traceparent else "")
    assert enqueue.parent_id == request.span_id
    assert (job.kind, job.parent_id) == ("consumer", "")
    assert provider.parent_id == settle.parent_id == job.span_id
    assert {span.service for span in spans} == {"supajobs"}

    assert request.attributes["http.route"] == "/v1/jobs"
    assert request.attributes["http.response.status_code"] == 201
    assert job.attributes == {
        "supajobs.job.id": str(job_id),
        "supajobs.job.type": name,
        "supajobs.job.attempt": 1,
        "supajobs.job.outcome": "failed",
        "messaging.system": "supajobs",
        "messaging.operation.type": "process",
        "messaging.operation.name": "run",
        "messaging.destination.name": name,
        "messaging.message.id": str(job_id),
        "error.type": "internal_error",
    }
    assert read_messaging(enqueue) == {
        "system": "supajobs",
        "operation.type": "send",
        "operation.name": "enqueue",
        "destination.name": name,
    }
    assert read_messaging(settle) == {
        "system": "supajobs",
        "operation.type": "settle",
        "operation.name": "fail",
        "destination.name": name,
        "message.id": str(job_id),
    }
    assert read_messaging(request) == read_messaging(provider) == {}
    assert job.links == []
    assert job.error == "internal_error"
    assert [(event, list(told)) for event, told in job.events] == [
        ("exception", ["exception.type", "exception.escaped"])
    ]
    assert provider.attributes["url.full"] == f"{collector.url}/answers"

    assert created.headers["traceparent"] == f"00-{trace_id}-{request.span_id}-01"
    if traceparent:
        assert trace_id == traceparent.split("-")[1]
    of_the_trace = {line["event"] for line in api.lines if line.get("trace_id") == trace_id}
    assert of_the_trace == {"request_handled", "job_started", "handler_failed", "job_settled"}
    for secret in (*params.values(), "in-a-query", person.access_token, stack.secret_key):
        if secret != collector.url:
            assert not [body for body in collector.bodies if secret.encode() in body]


async def test_a_job_of_another_process_is_in_the_trace_of_its_request(
    stack: StackInfo,
    person: Person,
    queue: JobQueue,
    make_job_type: Callable[..., str],
    read_job: ReadJob,
    tmp_path: Path,
    collector: Collector,
) -> None:
    name = make_job_type(max_retries=0)
    trace_ids = ["0af7651916cd43dd8448eb211c80319c", "not the id of a trace"]
    enqueued = [
        await queue.enqueue(
            user_id=person.id,
            job_type=name,
            params={"provider": collector.url, "secret": "x", "quoted": "x"},
            trace_id=trace_id,
        )
        for trace_id in trace_ids
    ]
    job_ids = [each.job.id for each in enqueued]
    env = {**collector.environment, "OTEL_SERVICE_NAME": "our-worker"}
    async with observe(stack, name, env, tmp_path, command="work"):
        for job_id in job_ids:
            await eventually(lambda job_id=job_id: read_job(job_id)["status"] == "failed")
    jobs = {
        span.attributes["supajobs.job.id"]: span
        for span in collector.spans
        if span.kind == "consumer"
    }
    known, unknown = (jobs[str(job_id)] for job_id in job_ids)
    assert (known.trace_id, known.parent_id, known.service) == (trace_ids[0], "", "our-worker")
    assert len(unknown.trace_id) == 32


async def test_a_jobs_span_links_to_those_it_came_after(
    stack: StackInfo,
    person: Person,
    queue: JobQueue,
    make_job_type: Callable[..., str],
    read_job: ReadJob,
    tmp_path: Path,
    collector: Collector,
) -> None:
    name = make_job_type(max_retries=0)
    trace_ids = [uuid4().hex, uuid4().hex, "not the id of a trace"]
    asked = [
        Entry(
            user_id=person.id,
            job_type=name,
            params={"provider": collector.url, "secret": "x", "quoted": "x"},
            options=options,
            ref=ref,
        )
        for ref, options in [
            *((trace_id, JobOptions(trace_id=trace_id)) for trace_id in trace_ids),
            ("child", JobOptions(after=trace_ids, on_parent_failure="run")),
        ]
    ]
    jobs = [each.job for each in await queue.enqueue_many(asked) if isinstance(each, Enqueued)]
    async with observe(stack, name, collector.environment, tmp_path, command="work"):
        await eventually(lambda: read_job(jobs[-1].id)["status"] == "failed")
    spans = [span for span in collector.spans if span.kind == "consumer"]
    runs = {span.attributes["supajobs.job.id"]: span for span in spans}
    *parents, child = [runs[str(job.id)] for job in jobs]
    assert sorted(child.links) == sorted((span.trace_id, span.span_id) for span in parents[:2])
    assert [span.trace_id for span in parents[:2]] == trace_ids[:2]
    assert not any(span.links for span in parents)
    assert len({span.span_id for span in spans}) == len(spans) == 4

    claims = [read_messaging(span) for span in collector.spans if span.name == "claim"]
    assert {(told["operation.type"], told["destination.name"]) for told in claims} == {
        ("receive", name)
    }
    assert sum(told.get("batch.message_count", 1) for told in claims) == 4
    assert {told["message.id"] for told in claims if "message.id" in told} <= runs.keys()
    in_a_trace = {span.trace_id for span in spans}
    assert not any(span.trace_id in in_a_trace for span in collector.spans if span.name == "claim")


async def test_polls_and_probes_leave_no_spans(
    stack: StackInfo, make_job_type: Callable[..., str], tmp_path: Path, collector: Collector
) -> None:
    env = {**collector.environment, "WORKER_POLL_SECONDS": "0.1"}
    async with observe(stack, make_job_type(), env, tmp_path, command="work") as worker:
        polls = 'supajobs_supabase_request_duration_seconds_count{function="claim_plan_jobs"}'

        async def has_polled() -> bool:
            return (await scrape(worker.http))[polls] >= 3

        await eventually(has_polled)
    async with observe(stack, make_job_type(), collector.environment, tmp_path) as api:
        assert (await api.http.get("/v1/health/ready")).is_success
        await scrape(api.http)
    assert collector.spans == []


async def test_the_console_is_stderr(stack: StackInfo, tmp_path: Path, job_id: UUID) -> None:
    env = {**stack.environment, "OTEL_TRACES_EXPORTER": "console"}
    async with supajobs("process", env=env, cwd=tmp_path) as process:
        out, err = await process.communicate()
    assert process.returncode == 0
    assert json.loads(out)["completed"] >= 1
    told = [json.loads(line) for line in err.splitlines()]
    names = {line["name"]: line["resource"]["attributes"] for line in told if "name" in line}
    assert names["job training_plan"]["service.name"] == "supajobs"


async def test_a_collector_that_is_away_does_not_keep_a_process_from_ending_well(
    stack: StackInfo, tmp_path: Path, job_id: UUID, read_job: ReadJob
) -> None:
    env = {**stack.environment, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    async with supajobs("process", env=env, cwd=tmp_path) as process:
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert json.loads(out)["completed"] >= 1
    assert "Traceback" not in err.decode()
    assert read_job(job_id)["status"] == "completed"


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER: 'zipkin'"),
        (
            {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc'",
        ),
    ],
)
def test_what_we_cannot_do_is_named(
    monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str], complaint: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(TracingError, match=complaint), tracing():
        pass


def test_without_the_extra_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    monkeypatch.delitem(sys.modules, "supajobs.telemetry.otel", raising=False)
    monkeypatch.delattr("supajobs.telemetry.otel", raising=False)  # it is found here, too
    with pytest.raises(TracingError, match=r"\[otel\]'"), tracing():
        pass


async def test_a_program_says_so_in_one_line(stack: StackInfo, tmp_path: Path) -> None:
    env = {**stack.environment, "OTEL_TRACES_EXPORTER": "zipkin"}
    async with supajobs("work", env=env, cwd=tmp_path) as process:
        _, err = await process.communicate()
    assert process.returncode == 2
    assert err.decode() == "OTEL_TRACES_EXPORTER: 'zipkin' is not otlp, console or none.\n"


def test_where_nobody_asks_for_traces_the_sdk_is_not_loaded() -> None:
    endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
    environments = [
        {},
        {endpoint: "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"},
        {endpoint: "http://127.0.0.1:9", "OTEL_TRACES_EXPORTER": "none"},
        {endpoint: "", "OTEL_SERVICE_NAME": "a"},
    ]
    program = """
import json, os, sys
import supajobs.cli
from supajobs.telemetry.tracing import tracing

for environment in json.loads(sys.argv[1]):
    os.environ.update(environment)
    with tracing():
        assert "opentelemetry.sdk" not in sys.modules, environment
    for name in environment:
        del os.environ[name]
"""
    subprocess.run(  # noqa: S603 - the program above
        [sys.executable, "-c", program, json.dumps(environments)],
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
