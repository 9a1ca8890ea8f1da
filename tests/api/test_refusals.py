"""What schemathesis once found, each in a line of its own."""

from typing import Any

import httpx
import pytest
from tests.parts import CRON_SECRET, Person

REQUEST = {
    "job_type": "training_plan",
    "params": {"athlete_profile": {"ftp": 250, "weight_kg": 65, "age": 41}},
}
TRIGGER = {"Authorization": f"Bearer {CRON_SECRET}"}


@pytest.mark.parametrize(
    ("address", "methods"),
    [
        ("/v1/jobs", "GET, HEAD, POST"),
        ("/api/v1/jobs", "GET, HEAD, POST"),
        ("/v1/jobs/7b0b2d0e-9d2c-4c37-8b39-0d8f4f0a6a10", "DELETE, GET, HEAD"),
        ("/v1/tools", "GET, HEAD"),
    ],
)
async def test_a_refused_method_is_told_all_that_the_address_has(
    api: httpx.AsyncClient, address: str, methods: str
) -> None:
    refused = await api.put(address)
    assert (refused.status_code, refused.headers["Allow"]) == (405, methods)


@pytest.mark.parametrize(
    "change",
    [
        {"priority": True},
        {"priority": "8"},
        {"ttl_hours": True},
        {"ttl_hours": "24"},
        {"run_at": 4102444800},
        {"run_at": "4102444800"},
        {"run_at": "2027-01-31"},
    ],
)
async def test_numbers_and_times_have_one_form(
    api: httpx.AsyncClient, person: Person, change: dict[str, Any]
) -> None:
    refused = await api.post("/v1/jobs", json={**REQUEST, **change}, headers=person.headers)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == list(change)


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("0.5", 422),
        ("1795000000", 422),
        ("2026-11-22T08:00:00Z", 200),
        ("2026-11-22T08:00:00-20:08", 200),  # more than Postgres takes
        ("0001-01-01T00:00:00+01:00", 422),
    ],
)
async def test_a_time_is_one_that_postgres_can_hold(
    api: httpx.AsyncClient, person: Person, since: str, status: int
) -> None:
    answer = await api.get("/v1/jobs", params={"since": since}, headers=person.headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "body", [b"\xff", b"{", b'{"time_budget_seconds": NaN}', b'{"time_budget_seconds": true}']
)
async def test_a_body_that_is_not_what_the_trigger_takes_is_refused(
    api: httpx.AsyncClient, body: bytes
) -> None:
    headers = {**TRIGGER, "Content-Type": "application/json"}
    refused = await api.post("/v1/queue/process", content=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
