"""Requests that nearly fit are told what to do; jobs that were there, why they are the answer."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from tests.parts import Person

PROFILE = {"athlete_profile": {"ftp": 250, "weight_kg": 65, "age": 41}}
REQUEST = {"job_type": "training_plan", "params": PROFILE}


async def refuse(api: httpx.AsyncClient, person: Person, **request: Any) -> dict[str, str]:
    """The fields that are refused, with their messages."""
    headers = {**person.headers, **request.pop("headers", {})}
    refused = await api.post("/v1/jobs", headers=headers, **request)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    return {error["field"]: error["message"] for error in refused.json()["errors"]}


@pytest.mark.parametrize("sent", ["text/plain", "application/x-www-form-urlencoded", None])
async def test_a_body_without_its_content_type_is_told_the_header(
    api: httpx.AsyncClient, person: Person, sent: str | None
) -> None:
    headers = {"Content-Type": sent} if sent else {}
    told = await refuse(api, person, content=json.dumps(REQUEST), headers=headers)
    assert told == {
        "": f"Send it with the header Content-Type: application/json; yours is {sent or 'none'}"
    }


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"job_type": training_plan}', "line 1 column 16"),
        (b'{"job_type": "x",\n "params": {"a": 1,}}', "line 2 column 20"),
        (b'{"job_type": "x"', "line 1 column 16"),
    ],
)
async def test_broken_json_is_told_where(
    api: httpx.AsyncClient, person: Person, body: bytes, place: str
) -> None:
    told = await refuse(api, person, content=body, headers={"Content-Type": "application/json"})
    assert told[""].startswith("Not JSON: ")
    assert told[""].endswith(place)


@pytest.mark.parametrize("priority", ["urgent", "8", "", 11, -1, 7.0, True, None])
async def test_a_word_that_is_no_priority_is_told_the_words(
    api: httpx.AsyncClient, person: Person, priority: object
) -> None:
    told = await refuse(api, person, json={**REQUEST, "priority": priority})
    assert told == {"priority": "One of low, normal, high, or a whole number from 0 to 10"}


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("sb_publishable_abc", "a publishable key"),
        ("sb_secret_abc", "a secret key"),
        (jwt.encode({"iss": "supabase", "role": "anon"}, "x" * 32), "a publishable key"),
        (jwt.encode({"iss": "supabase", "role": "service_role"}, "x" * 32), "a secret key"),
    ],
)
async def test_an_api_key_in_the_place_of_a_token_is_called_one(
    api: httpx.AsyncClient, key: str, kind: str
) -> None:
    refused = await api.get("/v1/jobs", headers={"Authorization": f"Bearer {key}"})
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
    assert refused.json()["detail"] == f"That is an API key, {kind}, and not the token of a user."
    assert "access_token" in refused.json()["hint"]
    assert key not in refused.text


async def test_jobs_are_asked_for_in_the_words_of_other_clients(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    request = {"tool": job_type, "parameters": {"a": 1}}
    created = await client.post("/v1/jobs", json=request, headers=person.headers)
    assert created.status_code == 201
    assert (created.json()["job_type"], created.json()["params"]) == (job_type, {"a": 1})


@pytest.mark.parametrize(("other", "name"), [("tool", "job_type"), ("parameters", "params")])
async def test_two_words_for_the_same_are_refused_together(
    api: httpx.AsyncClient, person: Person, other: str, name: str
) -> None:
    told = await refuse(api, person, json={**REQUEST, other: REQUEST[name]})
    assert told == {"": f"Send {name} or {other}, which are the same, and not both"}


async def test_a_job_has_its_id_under_both_names_wherever_it_is_told(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    created = await client.post("/v1/jobs", json={"job_type": job_type}, headers=person.headers)
    job_id = created.json()["id"]
    got = await client.get(f"/v1/jobs/{job_id}", headers=person.headers)
    listed = await client.get("/v1/jobs", headers=person.headers)
    active = await client.get(f"/v1/jobs/active?job_type={job_type}", headers=person.headers)
    call = await client.post(f"/v1/tools/{job_type}", json={}, headers=person.headers)
    deleted = await client.delete(f"/v1/jobs/{job_id}", headers=person.headers)
    retried = await client.post(f"/v1/jobs/{job_id}/retry", headers=person.headers)
    asked = await client.post("/v1/plan/generate", json=PROFILE, headers=person.headers)
    plan = await client.get(asked.headers["Location"], headers=person.headers)
    jobs = [created.json(), got.json(), *listed.json()["jobs"], active.json()["job"]]
    jobs += [call.json()["job"], deleted.json(), retried.json(), asked.json(), plan.json()]
    assert all(job["id"] == job["job_id"] for job in jobs)
    assert [job["id"] for job in jobs].count(job_id) == 6


async def test_the_active_job_in_the_place_of_a_new_one_says_so_and_what_differs(
    api: httpx.AsyncClient, person: Person
) -> None:
    async def ask(**change: Any) -> tuple[int, bool, str | None, list[str]]:
        answer = await api.post("/v1/jobs", json={**REQUEST, **change}, headers=person.headers)
        job = answer.json()
        return answer.status_code, job["existing"], job["why"], job["differs"]

    other = {"athlete_profile": {**PROFILE["athlete_profile"], "ftp": 300}}
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    at = {"run_at": tomorrow.isoformat()}
    assert await ask(**at) == (201, False, None, [])
    assert await ask(**at) == (200, True, "active_job", [])
    assert await ask() == (200, True, "active_job", ["run_at"])
    assert await ask(params=other) == (200, True, "active_job", ["params", "run_at"])
    assert await ask(params=other, **at) == (200, True, "active_job", ["params"])

    plan = await api.post("/v1/plan/generate", json=other, headers=person.headers)
    assert plan.status_code == 200
    told = {name: plan.json()[name] for name in ("existing", "why", "differs")}
    assert told == {"existing": True, "why": "active_job", "differs": ["params", "run_at"]}


async def test_a_repeated_key_says_so_and_when_the_job_is_to_run_at_another_time(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    headers = {**person.headers, "Idempotency-Key": "one"}
    at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    created = await client.post("/v1/jobs", json={"job_type": job_type}, headers=headers)
    again = await client.post(
        "/v1/jobs", json={"job_type": job_type, "run_at": at}, headers=headers
    )
    assert (created.json()["existing"], again.json()["existing"]) == (False, True)
    assert (again.json()["why"], again.json()["differs"]) == ("idempotency_key", ["run_at"])


async def test_a_queued_tool_says_whether_its_job_was_there(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    headers = {**person.headers, "Idempotency-Key": "one"}
    answers = [await client.post(f"/v1/tools/{job_type}", json={}, headers=headers) for _ in "12"]
    assert [answer.json()["job"]["existing"] for answer in answers] == [False, True]


async def test_a_key_that_found_the_active_job_is_the_reason_after_its_end(
    client: httpx.AsyncClient, person: Person
) -> None:
    first = await client.post("/v1/jobs", json=REQUEST, headers=person.headers)
    headers = {**person.headers, "Idempotency-Key": "one"}
    meanwhile = await client.post("/v1/jobs", json=REQUEST, headers=headers)
    await client.delete(f"/v1/jobs/{first.json()['id']}", headers=person.headers)
    after = await client.post("/v1/jobs", json=REQUEST, headers=headers)
    assert {first.json()["id"], meanwhile.json()["id"]} == {after.json()["id"]}
    assert [each.json()["why"] for each in (first, meanwhile, after)] == [
        None,
        "active_job",
        "idempotency_key",
    ]
