"""Requests of which the newest wins."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.api.conftest import never
from tests.api.worker import Anything, Worker
from tests.parts import Person, make_settings

from supajobs.app import create_app
from supajobs.handlers.families import create_job_types
from supajobs.job_types import JobType
from supajobs.local.stack import StackInfo

IN_AN_HOUR = (datetime.now(UTC) + timedelta(hours=1)).isoformat()


@pytest.fixture
def job_type(make_job_type: Callable[..., str]) -> str:
    return make_job_type(dedupe_by="user")


@pytest.fixture
def any_type(make_job_type: Callable[..., str]) -> str:
    """A user may have any number of these."""
    return make_job_type()


@pytest.fixture
def app(stack: StackInfo, job_type: str, any_type: str) -> FastAPI:
    settings = make_settings(stack, api_runs_jobs=False)
    own = {name: JobType(name, Anything, never) for name in (job_type, any_type)}
    return create_app(settings, {**create_job_types(settings), **own})


async def ask(
    client: httpx.AsyncClient, person: Person, key: str | None = None, **request: Any
) -> tuple[int, dict[str, Any]]:
    headers = {**person.headers, **({} if key is None else {"Idempotency-Key": key})}
    answer = await client.post("/v1/jobs", json=request, headers=headers)
    return answer.status_code, answer.json()


def read_delay(job: dict[str, Any]) -> timedelta:
    return datetime.fromisoformat(job["run_at"]) - datetime.fromisoformat(job["created_at"])


async def test_a_job_that_waits_takes_the_newest_request(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> None:
    request: dict[str, Any] = {"job_type": job_type, "debounce_seconds": 60}
    status, first = await ask(client, person, "one", **request, params={"n": 1})
    assert (status, first["existing"], first["why"]) == (201, False, None)
    assert timedelta(seconds=60) <= read_delay(first) < timedelta(seconds=61)
    again = await ask(client, person, "one", **request, params={"n": 1})
    assert again == (200, {**first, "existing": True, "why": "idempotency_key"})

    change = {"params": {"n": 2}, "priority": "high", "debounce_max_seconds": 60.5}
    status, second = await ask(client, person, "two", **request, **change)
    assert (status, second["id"]) == (200, first["id"])
    assert (second["existing"], second["why"], second["differs"]) == (True, "replaced", [])
    assert (second["params"], second["priority"]) == ({"n": 2}, 8)
    assert second["trace_id"] != first["trace_id"]
    assert read_delay(second) <= timedelta(seconds=60.5)

    status, again = await ask(client, person, "one", **request, params={"n": 1})
    assert (status, again["id"], again["differs"]) == (200, first["id"], ["params"])
    status, conflict = await ask(client, person, "one", **request, params={"n": 3})
    assert (status, conflict["code"]) == (409, "idempotency_conflict")


async def test_after_the_job_that_runs_one_more_does(
    client: httpx.AsyncClient, worker: Worker, person: Person, job_type: str
) -> None:
    request: dict[str, Any] = {"job_type": job_type, "debounce_seconds": 0}
    _, first = await ask(client, person, **request, params={"n": 1})
    claimed = await worker.claim()
    status, following = await ask(client, person, **request, params={"n": 2})
    assert (status, following["existing"], following["is_held"]) == (201, False, True)
    status, newest = await ask(client, person, **request, params={"n": 3})
    assert (status, newest["id"], newest["why"]) == (200, following["id"], "replaced")
    status, plain = await ask(client, person, job_type=job_type, params={"n": 4})
    assert (status, plain["id"], plain["why"]) == (200, following["id"], "active_job")

    assert (str(claimed.id), claimed.params) == (first["id"], {"n": 1})
    await worker.complete(claimed)
    claimed = await worker.claim()
    assert (str(claimed.id), claimed.params) == (following["id"], {"n": 3})


async def test_entries_of_a_batch_replace_each_other(
    client: httpx.AsyncClient, person: Person, job_type: str, any_type: str
) -> None:
    entry: dict[str, Any] = {"job_type": job_type, "debounce_seconds": 60}
    jobs = [
        {**entry, "params": {"n": 1}, "idempotency_key": "one"},
        {**entry, "params": {"n": 2}},
        {**entry, "params": {"n": 1}, "idempotency_key": "one"},
        {**entry, "job_type": any_type},
    ]
    answer = await client.post("/v1/jobs/batch", json={"jobs": jobs}, headers=person.headers)
    told = answer.json()["jobs"]
    assert [each["why"] for each in told] == [None, "replaced", "active_job", None]
    assert [each["existing"] for each in told] == [False, True, True, False]
    assert [each["job"]["params"] for each in told[:3]] == [{"n": 1}, {"n": 2}, {"n": 2}]
    assert told[3]["error"]["code"] == "debounce_without_dedupe"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"debounce_seconds": -1}, "greater than or equal to 0"),
        ({"debounce_seconds": 604801}, "less than or equal to 604800"),
        ({"debounce_seconds": "60"}, "valid number"),
        ({"debounce_max_seconds": 60}, "Send debounce_seconds with"),
        ({"debounce_seconds": 60, "debounce_max_seconds": 59}, "no less than debounce_seconds"),
        ({"debounce_seconds": 60, "run_at": IN_AN_HOUR}, "the requests for it decide"),
        ({"debounce_seconds": 60, "after": []}, "the requests for it decide"),
    ],
)
async def test_what_cannot_be_debounced_is_said(
    client: httpx.AsyncClient, person: Person, job_type: str, change: dict[str, Any], said: str
) -> None:
    status, refused = await ask(client, person, job_type=job_type, **change)
    assert (status, refused["code"]) == (422, "invalid_request")
    assert said in refused["errors"][0]["message"]


async def test_a_type_without_a_dedupe_key_says_what_it_lacks(
    client: httpx.AsyncClient, person: Person, any_type: str
) -> None:
    status, refused = await ask(client, person, job_type=any_type, debounce_seconds=1)
    assert (status, refused["code"]) == (422, "debounce_without_dedupe")
    assert any_type in refused["detail"]
