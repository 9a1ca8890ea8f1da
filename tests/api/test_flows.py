"""Jobs that wait for others, and many in one request."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
from tests.api.worker import Worker
from tests.parts import Person, Sql

SignUp = Callable[[], Awaitable[Person]]


async def create(
    client: httpx.AsyncClient, person: Person, job_type: str, **fields: Any
) -> dict[str, Any]:
    body = {"job_type": job_type, **fields}
    created = await client.post("/v1/jobs", json=body, headers=person.headers)
    assert created.status_code == 201, created.text
    return created.json()


async def test_a_job_is_held_until_those_before_it_have_completed(
    client: httpx.AsyncClient, worker: Worker, person: Person, job_type: str
) -> None:
    parent = await create(client, person, job_type)
    child = await create(client, person, job_type, after={"before": parent["id"]})
    assert child["is_held"]
    claimed = await worker.claim()
    assert str(claimed.id) == parent["id"]
    await worker.complete(claimed)
    assert str((await worker.claim()).id) == child["id"]


async def test_the_end_of_a_parent_is_the_end_of_its_children(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    parent = await create(client, person, job_type)
    child = await create(client, person, job_type, after=[parent["id"]])
    await client.delete(f"/v1/jobs/{parent['id']}", headers=person.headers)
    got = (await client.get(f"/v1/jobs/{child['id']}", headers=person.headers)).json()
    assert (got["status"], got["error"]["code"]) == ("cancelled", "parent_cancelled")
    assert got["error"]["detail"] == {"parent_id": parent["id"]}
    retried = await client.post(f"/v1/jobs/{parent['id']}/retry", headers=person.headers)
    assert retried.status_code == 200
    got = (await client.get(f"/v1/jobs/{child['id']}", headers=person.headers)).json()
    assert (got["status"], got["error"], got["is_held"]) == ("pending", None, True)


async def test_somebody_elses_job_is_nobodys_parent(
    client: httpx.AsyncClient, person: Person, sign_up: SignUp, job_type: str
) -> None:
    stranger = await sign_up()
    theirs = await create(client, stranger, job_type)
    for parent in (theirs["id"], str(uuid4())):
        body = {"job_type": job_type, "after": [parent]}
        refused = await client.post("/v1/jobs", json=body, headers=person.headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "parent_not_found")


async def test_a_flow_is_shown_to_its_owner(
    client: httpx.AsyncClient, person: Person, sign_up: SignUp, job_type: str
) -> None:
    stranger = await sign_up()
    parent = await create(client, person, job_type)
    child = await create(client, person, job_type, after={"text": parent["id"]})
    flow = await client.get(f"/v1/jobs/{child['id']}/flow", headers=person.headers)
    assert [job["id"] for job in flow.json()["jobs"]] == [child["id"], parent["id"]]
    assert flow.json()["edges"] == [
        {
            "job_id": child["id"],
            "parent_id": parent["id"],
            "ref": "text",
            "on_parent_failure": "cancel",
        }
    ]
    refused = await client.get(f"/v1/jobs/{child['id']}/flow", headers=stranger.headers)
    assert (refused.status_code, refused.json()["code"]) == (404, "job_not_found")


async def test_each_entry_of_a_batch_has_its_own_answer(
    client: httpx.AsyncClient, worker: Worker, person: Person, job_type: str
) -> None:
    jobs = [
        {"job_type": job_type, "ref": "text", "idempotency_key": "k1"},
        {"job_type": "unheard of", "ref": "none"},
        {"job_type": job_type, "after": ["text"]},
        {"job_type": job_type, "after": ["none"]},
        {"job_type": job_type, "idempotency_key": "k1"},
        {"job_type": job_type, "idempotency_key": "k1", "params": {"n": 2}},
        {"job_type": "training_plan", "params": {"weeks": "many"}},
    ]
    answer = await client.post("/v1/jobs/batch", json={"jobs": jobs}, headers=person.headers)
    assert answer.status_code == 200, answer.text
    told = answer.json()["jobs"]
    codes = [each["error"]["code"] if each.get("error") else None for each in told]
    assert codes == [
        None,
        "unknown_job_type",
        None,
        "parent_not_found",
        None,
        "idempotency_conflict",
        "invalid_request",
    ]
    text, child, again = told[0], told[2], told[4]
    assert (text["existing"], again["existing"]) == (False, True)
    assert text["job"]["id"] == again["job"]["id"]
    assert child["job"]["is_held"]
    assert str((await worker.claim()).id) == text["job"]["id"]


async def test_an_entry_that_is_limited_says_when_to_come_back(
    client: httpx.AsyncClient, person: Person, job_type: str, sql: Sql
) -> None:
    sql.execute(
        "update plan_job_types set max_enqueues = 1, enqueue_window_seconds = 60 "
        "where job_type = %s",
        [job_type],
    )
    jobs = [{"job_type": job_type}] * 2
    answer = await client.post("/v1/jobs/batch", json={"jobs": jobs}, headers=person.headers)
    error = answer.json()["jobs"][1]["error"]
    alone = await client.post("/v1/jobs", json=jobs[0], headers=person.headers)
    assert (error["code"], alone.json()["code"]) == ("rate_limited", "rate_limited")
    assert 0 < error["retry_after"] <= 60
    assert alone.json()["retry_after"] == int(alone.headers["Retry-After"])


async def test_a_job_never_waits_for_another_requests_job(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    before = {"job_type": job_type, "idempotency_key": "k1"}
    await client.post("/v1/jobs/batch", json={"jobs": [before]}, headers=person.headers)
    jobs = [
        {"job_type": job_type, "ref": "text", "idempotency_key": "k1", "params": {"n": 2}},
        {"job_type": job_type, "after": ["text"]},
    ]
    answer = await client.post("/v1/jobs/batch", json={"jobs": jobs}, headers=person.headers)
    codes = [each["error"]["code"] for each in answer.json()["jobs"]]
    assert codes == ["idempotency_conflict", "parent_not_found"]


async def test_a_batch_has_between_1_and_1000_entries(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    for jobs in ([], [{"job_type": job_type}] * 1001):
        refused = await client.post("/v1/jobs/batch", json={"jobs": jobs}, headers=person.headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def test_a_ref_names_one_entry(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    jobs = [{"job_type": job_type, "ref": "text"}] * 2
    refused = await client.post("/v1/jobs/batch", json={"jobs": jobs}, headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert "the same ref" in refused.text


async def test_names_can_be_stored(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    parent = await create(client, person, job_type)
    entry = {"job_type": job_type, "after": {"a\0b": parent["id"]}}
    odd_ref = {"job_type": job_type, "ref": "a\0b"}
    odd_key = {"job_type": job_type, "idempotency_key": "a\0b"}
    for url, body in [
        ("/v1/jobs", entry),
        *(("/v1/jobs/batch", {"jobs": [odd]}) for odd in (entry, odd_ref, odd_key)),
    ]:
        refused = await client.post(url, json=body, headers=person.headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request"), body
        assert "U+0000" in refused.text
