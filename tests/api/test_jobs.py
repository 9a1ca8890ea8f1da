from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic import BaseModel
from tests.parts import CRON_SECRET, Person, Sql, make_settings
from tests.serving import serve

from supajobs.app import create_app
from supajobs.jobs import Job, JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed

PROFILE = {"athlete_profile": {"ftp": 250, "weight_kg": 65, "age": 41}}
REQUEST = {"job_type": "training_plan", "params": PROFILE}


async def test_create_get_active(api: httpx.AsyncClient, person: Person) -> None:
    created = await api.post(
        "/v1/jobs", json={**REQUEST, "priority": "high", "ttl_hours": 2}, headers=person.headers
    )
    assert created.status_code == 201
    job = Job.model_validate(created.json())
    assert created.headers["Location"] == f"/v1/jobs/{job.id}"
    assert (job.status, job.priority) == ("pending", 8)
    assert job.trace_id == created.headers["X-Trace-Id"]

    got = await api.get(f"/v1/jobs/{job.id}", headers=person.headers)
    assert got.status_code == 200
    assert got.json() == created.json()
    active = await api.get("/v1/jobs/active?job_type=training_plan", headers=person.headers)
    assert active.json() == {"job": created.json()}


async def test_nothing_active(api: httpx.AsyncClient, person: Person) -> None:
    none = await api.get("/v1/jobs/active", headers=person.headers)
    assert none.json() == {"job": None}
    for unknown in ("other", "%00"):
        refused = await api.get(f"/v1/jobs/active?job_type={unknown}", headers=person.headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown_job_type")


async def test_cancel(api: httpx.AsyncClient, person: Person, sql: Sql) -> None:
    created = await api.post("/v1/jobs", json=REQUEST, headers=person.headers)
    job_url = created.headers["Location"]
    cancelled = await api.delete(job_url, headers=person.headers)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    again = await api.delete(job_url, headers=person.headers)
    assert (again.status_code, again.json()["status"]) == (200, "cancelled")

    running = await api.post("/v1/jobs", json=REQUEST, headers=person.headers)
    sql.execute(
        "update plan_generation_jobs set status = 'processing', claim_id = gen_random_uuid(), "
        "worker_id = 'w', started_at = now(), lease_expires_at = now() + interval '1 min' "
        "where id = %s",
        [running.json()["id"]],
    )
    requested = await api.delete(running.headers["Location"], headers=person.headers)
    assert requested.status_code == 202
    assert requested.json()["cancel_requested_at"]


async def test_a_finished_job_cannot_be_cancelled(api: httpx.AsyncClient, person: Person) -> None:
    created = await api.post("/v1/jobs", json=REQUEST, headers=person.headers)
    processed = await api.post(
        "/v1/queue/process",
        json={"time_budget_seconds": 20},
        headers={"Authorization": f"Bearer {CRON_SECRET}"},
    )
    assert processed.json()["settled"]["completed"] >= 1
    refused = await api.delete(created.headers["Location"], headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "job_finished")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"priority": 11}, "priority"),
        ({"priority": "urgent"}, "priority"),
        ({"ttl_hours": 0}, "ttl_hours"),
        ({"run_at": "2026-01-01T10:00:00"}, "run_at"),
        ({"params": {}}, "params"),
        ({"params": {"athlete_profile": {"ftp": 250, "weight_kg": 65, "age": 4}}}, "age"),
        (
            {
                "params": {
                    "athlete_profile": {**PROFILE["athlete_profile"], "eventDate": "2020-01-01"}
                }
            },
            "event_date",
        ),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_invalid_requests_name_the_field(
    api: httpx.AsyncClient, person: Person, change: Mapping[str, Any], field: str
) -> None:
    refused = await api.post("/v1/jobs", json={**REQUEST, **change}, headers=person.headers)
    assert refused.status_code == 422
    assert [error["field"].split(".")[-1] for error in refused.json()["errors"]] == [field]


async def test_text_that_postgres_cannot_hold_is_refused(
    stack: StackInfo, person: Person, make_job_type: Callable[..., str]
) -> None:
    class Note(BaseModel):
        text: str

    async def never(job: RunningJob, params: Note) -> Completed:
        raise AssertionError("was enqueued")

    name = make_job_type()
    settings = make_settings(stack, api_runs_jobs=False)
    async with serve(create_app(settings, {name: JobType(name, Note, never)})) as client:
        for text in (r"\u0000", r"\ud800"):
            refused = await client.post(
                "/v1/jobs",
                content=f'{{"job_type": "{name}", "params": {{"text": "{text}"}}}}',
                headers={**person.headers, "Content-Type": "application/json"},
            )
            assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
            assert refused.json()["errors"][0]["field"].startswith("params")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe"])
async def test_a_body_that_is_no_json_object_is_refused(
    api: httpx.AsyncClient, person: Person, body: bytes
) -> None:
    for url in ("/v1/jobs", "/v1/plan/generate"):
        refused = await api.post(
            url, content=body, headers={**person.headers, "Content-Type": "application/json"}
        )
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def test_an_unknown_job_type_is_answered_with_the_known_ones(
    api: httpx.AsyncClient, person: Person
) -> None:
    refused = await api.post("/v1/jobs", json={"job_type": "nope"}, headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_job_type")
    assert "training_plan" in refused.json()["hint"]


@pytest.mark.parametrize(
    "request_line",
    [
        ("POST", "/v1/jobs"),
        ("GET", f"/v1/jobs/{uuid4()}"),
        ("DELETE", f"/v1/jobs/{uuid4()}"),
        ("GET", "/v1/jobs/active?job_type=x"),
        ("POST", "/v1/plan/generate"),
        ("GET", f"/v1/plan/status/{uuid4()}"),
        ("GET", f"/v1/plans/{uuid4()}"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}], ids=["no", "bad"])
async def test_nobody_gets_in_without_a_token(
    api: httpx.AsyncClient, request_line: tuple[str, str], headers: Mapping[str, str]
) -> None:
    method, url = request_line
    body = REQUEST if method == "POST" and url == "/v1/jobs" else PROFILE
    refused = await api.request(
        method, url, json=body if method == "POST" else None, headers=headers
    )
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


async def test_the_trace_id_of_the_caller_is_kept(
    api: httpx.AsyncClient, person: Person, sql: Sql
) -> None:
    trace_id = uuid4().hex
    headers = {**person.headers, "traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    created = await api.post("/v1/jobs", json=REQUEST, headers=headers)
    assert created.headers["X-Trace-Id"] == trace_id
    row = sql.execute(
        "select trace_id from plan_generation_jobs where id = %s", [created.json()["id"]]
    ).fetchone()
    assert row == {"trace_id": trace_id}
