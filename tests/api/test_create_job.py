import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.api.worker import Anything, Worker
from tests.parts import Person, Sql, make_settings
from tests.serving import eventually, serve

from supajobs.app import create_app
from supajobs.job_types import JobType, RunningJob
from supajobs.jobs import Job
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed, PermanentError

PROFILE = {"athlete_profile": {"ftp": 250, "weight_kg": 65, "age": 41}}
REQUEST = {"job_type": "training_plan", "params": PROFILE}


def nest(levels: int, kind: str = "object") -> Any:
    """JSON of so many levels, the value in the middle not counted."""
    value: Any = 1
    for _ in range(levels):
        value = {"a": value} if kind == "object" else [value]
    return value


async def test_a_new_job_is_pending_and_has_an_address(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    params: Any = {"text": "Grüße 🚴", "numbers": [1, -2.5], "nothing": None, "": {}}
    request = {"job_type": job_type, "params": params, "ttl_hours": 2}
    created = await client.post("/v1/jobs", json=request, headers=person.headers)
    assert created.status_code == 201
    job = Job.model_validate(created.json())
    assert (job.status, job.params, job.priority) == ("pending", params, 5)
    assert created.headers["Location"] == f"/v1/jobs/{job.id}"
    assert job.trace_id == created.headers["traceparent"].split("-")[1]
    assert "Preference-Applied" not in created.headers

    got = await client.get(created.headers["Location"], headers=person.headers)
    made: dict[str, Any] = {"existing": False, "why": None, "differs": []}
    assert {**got.json(), **made}.items() >= created.json().items()
    assert got.headers["ETag"] == created.headers["ETag"].removesuffix('"') + '.1"'  # its place


async def test_the_trace_id_of_the_caller_is_kept(
    client: httpx.AsyncClient,
    person: Person,
    job_type: str,
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    trace_id = uuid4().hex
    headers = {**person.headers, "traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    created = await client.post("/v1/jobs", json={"job_type": job_type}, headers=headers)
    assert read_job(created.json()["id"])["trace_id"] == trace_id


async def test_a_repeated_key_gets_the_same_job_and_refuses_other_params(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    headers = {**person.headers, "Idempotency-Key": "one"}
    request = {"job_type": job_type, "params": {"a": 1}}
    first = await client.post("/v1/jobs", json=request, headers=headers)
    again = await client.post("/v1/jobs", json=request, headers=headers)
    other = await client.post("/v1/jobs", json={**request, "params": {"a": 2}}, headers=headers)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    found: dict[str, Any] = {"existing": True, "why": "idempotency_key", "differs": []}
    assert again.json() == {**first.json(), **found}
    assert again.headers["Location"] == first.headers["Location"]
    assert other.json()["code"] == "idempotency_conflict"


@pytest.mark.parametrize(
    ("priority", "stored"), [("low", 2), ("normal", 5), ("high", 8), (0, 0), (10, 10)]
)
async def test_priorities_have_names_and_numbers(
    client: httpx.AsyncClient, person: Person, job_type: str, priority: object, stored: int
) -> None:
    request = {"job_type": job_type, "priority": priority}
    created = await client.post("/v1/jobs", json=request, headers=person.headers)
    assert (created.status_code, created.json()["priority"]) == (201, stored)


async def test_run_at_is_kept_and_the_past_is_now(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    async def request(run_at: str) -> Any:
        body = {"job_type": job_type, "run_at": run_at}
        return (await client.post("/v1/jobs", json=body, headers=person.headers)).json()

    tomorrow = datetime.now(UTC) + timedelta(days=1)
    later = await request(tomorrow.isoformat())
    assert datetime.fromisoformat(later["run_at"]) == tomorrow
    for past in ("2001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"):
        at_once = await request(past)
        assert at_once["run_at"] == at_once["created_at"]
    for too_late in ("2100-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"):
        refused = await request(too_late)
        assert [error["field"] for error in refused["errors"]] == ["run_at"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"priority": 11}, "priority"),
        ({"priority": "urgent"}, "priority"),
        ({"ttl_hours": 0}, "ttl_hours"),
        ({"run_at": "2026-01-01T10:00:00"}, "run_at"),
        ({"project_id": "mine"}, "project_id"),
        ({"project_id": nest(150)}, "project_id"),
        ({"params": []}, "params"),
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


async def test_not_every_wrong_field_is_named(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    request = {"job_type": job_type, **dict.fromkeys(map(str, range(1000)), 0)}
    refused = await client.post("/v1/jobs", json=request, headers=person.headers)
    assert refused.status_code == 422
    assert len(refused.json()["errors"]) == 20


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_an_impossible_key_is_refused(
    client: httpx.AsyncClient, person: Person, job_type: str, key: str
) -> None:
    headers = {**person.headers, "Idempotency-Key": key}
    refused = await client.post("/v1/jobs", json={"job_type": job_type}, headers=headers)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["header.idempotency-key"]


async def test_an_unknown_job_type_is_answered_with_the_known_ones(
    api: httpx.AsyncClient, person: Person
) -> None:
    refused = await api.post("/v1/jobs", json={"job_type": "nope"}, headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_job_type")
    assert "training_plan" in refused.json()["hint"]


@pytest.mark.parametrize("kind", ["object", "array"])
async def test_params_have_at_most_32_levels(
    client: httpx.AsyncClient, person: Person, job_type: str, kind: str
) -> None:
    async def request(levels: int) -> httpx.Response:
        params: dict[str, Any] = {"a": nest(levels - 1, kind), "b": [[], {}, 1]}
        body = {"job_type": job_type, "params": params}
        return await client.post("/v1/jobs", json=body, headers=person.headers)

    assert (await request(32)).status_code == 201
    refused = await request(33)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert refused.json()["errors"] == [{"field": "params", "message": "More than 32 levels"}]


async def test_params_have_a_largest_size(stack: StackInfo, person: Person, job_type: str) -> None:
    settings = make_settings(stack, api_runs_jobs=False, max_params_bytes=100)
    app = create_app(settings, {job_type: JobType(job_type, Anything, succeed)})
    fits = {"text": "é" * 44 + "."}
    assert len(json.dumps(fits, ensure_ascii=False, separators=(",", ":")).encode()) == 100
    async with serve(app) as client:
        for params, status in [(fits, 201), ({"text": fits["text"] + "."}, 422)]:
            body = {"job_type": job_type, "params": params}
            answer = await client.post("/v1/jobs", json=body, headers=person.headers)
            assert answer.status_code == status
    [error] = answer.json()["errors"]
    assert error["field"] == "params"
    assert "100" in error["message"]


@pytest.mark.parametrize(
    "value",
    [
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-1e999",
        "9" * 400,
        "-" + "9" * 400,
        "9" * 5000,
        "1e" + "9" * 5000,
        r'"\u0000"',
        r'"\ud800"',
        r'"\udc00\ud800"',
        r'{"\ud800": 1}',
        r'{"\u0000": 1}',
        "01",
        "'text'",
        "undefined",
    ],
    ids=lambda value: value[:12],
)
async def test_values_that_cannot_be_kept_are_refused(
    client: httpx.AsyncClient, person: Person, sql: Sql, job_type: str, value: str
) -> None:
    for body in (
        f'{{"job_type": "{job_type}", "params": {{"value": [{value}]}}}}',
        f'{{"job_type": "{job_type}", "params": {{}}, "surprise": {value}}}',
        f'{{"job_type": "{job_type}", "params": {{}}, "priority": {value}}}',
    ):
        refused = await client.post(
            "/v1/jobs",
            content=body,
            headers={**person.headers, "Content-Type": "application/json"},
        )
        assert refused.status_code == 422, body[:200]
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.json()["code"] == "invalid_request"
    assert not sql.execute(
        "select from plan_generation_jobs where user_id = %s", [person.id]
    ).fetchall()


async def test_numbers_at_the_edge_are_kept(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    numbers = [1.7976931348623157e308, -5e-324, 0.1, 2**53]
    request = {"job_type": job_type, "params": {"numbers": numbers}}
    created = await client.post("/v1/jobs", json=request, headers=person.headers)
    assert [float(each) for each in created.json()["params"]["numbers"]] == numbers


async def test_the_last_of_equal_keys_counts(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    created = await client.post(
        "/v1/jobs",
        content=f'{{"job_type": "x", "params": {{"a": 1, "a": 2}}, "job_type": "{job_type}"}}',
        headers={**person.headers, "Content-Type": "application/json"},
    )
    assert (created.status_code, created.json()["params"]) == (201, {"a": 2})


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"text"', b"1", b"{} {}", b"\xff\xfe", b'"\xed\xa0\x80"']
)
async def test_a_body_that_is_no_json_object_is_refused(
    api: httpx.AsyncClient, person: Person, body: bytes
) -> None:
    for url in ("/v1/jobs", "/v1/plan/generate"):
        refused = await api.post(
            url, content=body, headers={**person.headers, "Content-Type": "application/json"}
        )
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def succeed(job: RunningJob, params: Anything) -> Completed:
    return Completed(result="done")


async def refuse(job: RunningJob, params: Anything) -> Completed:
    raise PermanentError("no")


@pytest.mark.parametrize(("handle", "status"), [(succeed, "completed"), (refuse, "failed")])
async def test_who_prefers_to_wait_gets_the_end(
    stack: StackInfo, person: Person, job_type: str, handle: Any, status: str
) -> None:
    app = create_app(make_settings(stack), {job_type: JobType(job_type, Anything, handle)})
    headers = {**person.headers, "Idempotency-Key": "one", "Prefer": "respond-async, wait=60"}
    async with serve(app) as client:
        created = await client.post("/v1/jobs", json={"job_type": job_type}, headers=headers)
        again = await client.post("/v1/jobs", json={"job_type": job_type}, headers=headers)
    assert (created.status_code, again.status_code) == (201, 200)
    for answer in (created, again):
        assert answer.json()["status"] == status
        assert answer.headers["Preference-Applied"] == "wait=60"
        assert answer.headers["Location"] == f"/v1/jobs/{answer.json()['id']}"


async def test_an_end_by_another_process_is_waited_for(
    client: httpx.AsyncClient, person: Person, job_type: str, worker: Worker, sql: Sql
) -> None:
    headers = {**person.headers, "Prefer": "wait=60"}
    waiting = asyncio.create_task(
        client.post("/v1/jobs", json={"job_type": job_type}, headers=headers)
    )
    query = "select from plan_generation_jobs where user_id = %s"
    await eventually(lambda: sql.execute(query, [person.id]).fetchall())
    job = await worker.claim()
    await worker.complete(job, "done")
    created = await waiting
    assert (created.status_code, created.json()["result"]) == (201, "done")


async def test_what_takes_longer_than_preferred_is_accepted(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    headers = {**person.headers, "Idempotency-Key": "one", "Prefer": "wait=1"}
    for _ in range(2):  # created, then existing
        accepted = await client.post("/v1/jobs", json={"job_type": job_type}, headers=headers)
        assert (accepted.status_code, accepted.json()["status"]) == (202, "pending")
        assert accepted.headers["Preference-Applied"] == "wait=1"
        assert accepted.headers["Location"] == f"/v1/jobs/{accepted.json()['id']}"
