import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, tzinfo
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.parts import CRON_SECRET, Person, Sql, make_settings
from tests.serving import eventually, serve

from supajobs.app import create_app
from supajobs.local.stack import StackInfo

CYCLIST: dict[str, Any] = {"athlete_profile": {"ftp": 265, "weight_kg": 70, "age": 35}, "weeks": 12}
LIFTER: dict[str, Any] = {
    "profile_snapshot": {
        "goal": "MUSCLE_GAIN",
        "training_days": 4,
        "equipment": ["Dumbbells", "Gym"],
    }
}
TRIGGER = {"Authorization": f"Bearer {CRON_SECRET}"}


@pytest.mark.parametrize("body", [CYCLIST, LIFTER], ids=["cycling", "strength"])
async def test_a_plan_from_request_to_rows(
    api: httpx.AsyncClient, person: Person, sql: Sql, body: dict[str, Any]
) -> None:
    accepted = await api.post("/v1/plan/generate", json=body, headers=person.headers)
    assert accepted.status_code == 202
    assert accepted.json()["status"] == "pending"
    status_url = accepted.headers["Location"]
    assert status_url == f"/v1/plan/status/{accepted.json()['job_id']}"

    triggered = await api.post("/v1/queue/process", headers=TRIGGER)
    assert triggered.status_code == 202

    async def completed() -> dict[str, Any] | None:
        status = (await api.get(status_url, headers=person.headers)).json()
        return status if status["status"] == "completed" else None

    status = await eventually(completed)
    stored = await api.get(f"/v1/plans/{status['plan_id']}", headers=person.headers)
    assert stored.status_code == 200
    assert stored.json()["job_id"] == status["job_id"]
    assert stored.json()["plan"]["weeks"]
    row = sql.execute(
        # now() is when the transaction began; that the two are in one, tests/faults shows.
        "select plan, plan.created_at between job.started_at and job.completed_at as at_its_end "
        "from weekly_base_plans as plan "
        "join plan_generation_jobs as job on job.id = plan.job_id where plan.id = %s",
        [status["plan_id"]],
    ).fetchone()
    assert row == {"plan": stored.json()["plan"], "at_its_end": True}


async def test_progress_is_reported_week_by_week(
    api: httpx.AsyncClient, person: Person, sql: Sql
) -> None:
    accepted = await api.post("/v1/plan/generate", json=CYCLIST, headers=person.headers)
    sql.execute(
        "update plan_generation_jobs set status = 'processing', claim_id = gen_random_uuid(), "
        "worker_id = 'w', started_at = now(), lease_expires_at = now() + interval '1 min', "
        """progress = '{"phase": "build", "percentage": 46, "message": "Week 6 of 12"}' """
        "where id = %s",
        [accepted.json()["job_id"]],
    )
    status = (await api.get(accepted.headers["Location"], headers=person.headers)).json()
    assert status["status"] == "processing"
    assert status["progress"] == {
        "phase": "build",
        "percentage": 46,
        "message": "Week 6 of 12",
    }


async def test_camel_case_is_understood(api: httpx.AsyncClient, person: Person) -> None:
    body = {"profileSnapshot": {"goal": "STRENGTH", "trainingDays": 3, "equipment": ["Barbell"]}}
    accepted = await api.post("/v1/plan/generate", json=body, headers=person.headers)
    assert accepted.status_code == 202


async def test_one_plan_per_user_is_on_its_way(
    api: httpx.AsyncClient, person: Person, sign_up: Callable[[], Awaitable[Person]]
) -> None:
    first = await api.post("/v1/plan/generate", json=CYCLIST, headers=person.headers)
    second = await api.post("/v1/plan/generate", json=LIFTER, headers=person.headers)
    assert second.status_code == 200
    assert second.json()["job_id"] == first.json()["job_id"]
    somebody = await sign_up()
    third = await api.post("/v1/plan/generate", json=CYCLIST, headers=somebody.headers)
    assert third.json()["job_id"] != first.json()["job_id"]


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "", "exactly one"),
        ({**CYCLIST, **LIFTER}, "", "exactly one"),
        ({**CYCLIST, "weeks": 30}, "weeks", "24"),
        ({"athlete_profile": {**CYCLIST["athlete_profile"], "ftp": 0}}, "ftp", "0"),
        ({"athlete_profile": {"fpt": 265, "weight_kg": 70, "age": 35}}, "", "fpt"),
        (
            {"profile_snapshot": {**LIFTER["profile_snapshot"], "training_days": 0}},
            "training_days",
            "0",
        ),
        (
            {
                "athlete_profile": {
                    "ftp": 265,
                    "weight_kg": 70,
                    "age": 35,
                    "event_date": "2020-01-01",
                }
            },
            "event_date",
            "past",
        ),
    ],
)
async def test_impossible_requests_say_why(
    api: httpx.AsyncClient,
    person: Person,
    sql: Sql,
    body: dict[str, Any],
    field: str,
    words: str,
) -> None:
    refused = await api.post("/v1/plan/generate", json=body, headers=person.headers)
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    problem = refused.json()
    assert problem["code"] == "invalid_request"
    assert any(
        error["field"].endswith(field) and words in error["message"] for error in problem["errors"]
    ), problem["errors"]
    [row] = sql.execute(
        "select count(*) as jobs from plan_generation_jobs where user_id = %s", [person.id]
    ).fetchall()
    assert row["jobs"] == 0


async def test_the_same_key_returns_the_same_job_and_refuses_another_request(
    api: httpx.AsyncClient, person: Person
) -> None:
    headers = {**person.headers, "Idempotency-Key": "one"}
    first = await api.post("/v1/plan/generate", json=CYCLIST, headers=headers)
    again = await api.post("/v1/plan/generate", json=CYCLIST, headers=headers)
    other = await api.post("/v1/plan/generate", json=LIFTER, headers=headers)
    assert (first.status_code, again.status_code, other.status_code) == (202, 200, 409)
    assert again.json()["job_id"] == first.json()["job_id"]
    assert other.json()["code"] == "idempotency_conflict"


async def test_too_many_requests_are_told_when_to_come_back(
    api: httpx.AsyncClient, person: Person, sql: Sql
) -> None:
    limit = "update plan_job_types set max_enqueues = %s, enqueue_window_seconds = %s"
    sql.execute(limit + " where job_type = 'training_plan'", [1, 60])
    try:
        first = await api.post("/v1/plan/generate", json=CYCLIST, headers=person.headers)
        await api.delete(f"/v1/jobs/{first.json()['job_id']}", headers=person.headers)
        second = await api.post("/v1/plan/generate", json=CYCLIST, headers=person.headers)
    finally:
        sql.execute(limit + " where job_type = 'training_plan'", [None, None])
    assert (second.status_code, second.json()["code"]) == (429, "rate_limited")
    assert 50 <= int(second.headers["Retry-After"]) <= 60


async def test_who_prefers_to_wait_gets_the_finished_plan(stack: StackInfo, person: Person) -> None:
    headers = {**person.headers, "Idempotency-Key": "one", "Prefer": "wait=60"}
    async with serve(create_app(make_settings(stack))) as client:
        new = await client.post("/v1/plan/generate", json=CYCLIST, headers=headers)
        existing = await client.post("/v1/plan/generate", json=CYCLIST, headers=headers)
        for answer in (new, existing):
            assert (answer.status_code, answer.json()["status"]) == (200, "completed")
            assert answer.headers["Preference-Applied"] == "wait=60"
        plan = await client.get(f"/v1/plans/{new.json()['plan_id']}", headers=person.headers)
        assert plan.json()["job_id"] == new.json()["job_id"] == existing.json()["job_id"]


async def test_a_plan_that_takes_longer_than_preferred_is_accepted(
    api: httpx.AsyncClient, person: Person
) -> None:
    headers = {**person.headers, "Prefer": "wait=1"}
    for _ in range(2):  # new, then existing
        answer = await api.post("/v1/plan/generate", json=CYCLIST, headers=headers)
        assert (answer.status_code, answer.json()["status"]) == (202, "pending")
        assert answer.headers["Preference-Applied"] == "wait=1"
        assert answer.headers["Location"] == f"/v1/plan/status/{answer.json()['job_id']}"


async def test_only_the_user_may_keep_an_answer(api: httpx.AsyncClient, person: Person) -> None:
    accepted = await api.post("/v1/plan/generate", json=CYCLIST, headers=person.headers)
    await api.post("/v1/queue/process", json={"time_budget_seconds": 20}, headers=TRIGGER)
    status = await api.get(accepted.headers["Location"], headers=person.headers)
    plan = await api.get(f"/v1/plans/{status.json()['plan_id']}", headers=person.headers)
    for answer in (status, plan):
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "Authorization" in answer.headers["Vary"]


@pytest.mark.parametrize("body", ['{"weeks": 1e999}', '{"weeks": NaN}', "[" * 100_000])
async def test_values_that_cannot_be_kept_are_refused(
    api: httpx.AsyncClient, person: Person, body: str
) -> None:
    headers = {**person.headers, "Content-Type": "application/json"}
    refused = await api.post("/v1/plan/generate", content=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def test_everything_is_also_under_api_v1(api: httpx.AsyncClient, person: Person) -> None:
    accepted = await api.post("/api/v1/plan/generate", json=CYCLIST, headers=person.headers)
    assert accepted.status_code == 202
    status = await api.get(
        f"/api/v1/plan/status/{accepted.json()['job_id']}", headers=person.headers
    )
    assert status.status_code == 200


async def test_twenty_requests_at_once_make_one_job(api: httpx.AsyncClient, person: Person) -> None:
    answers = await asyncio.gather(
        *(api.post("/v1/plan/generate", json=CYCLIST, headers=person.headers) for _ in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [202]
    assert len({UUID(answer.json()["job_id"]) for answer in answers}) == 1


class SundayEvening(datetime):
    """The clock where it is still Sunday, 2026-11-29 in New York."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime(2026, 11, 30, 1, 30, tzinfo=UTC).astimezone(tz)


async def test_a_new_yorker_may_start_today(
    api: httpx.AsyncClient, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supajobs.client.datetime", SundayEvening)
    today = {**CYCLIST, "starts_on": "2026-11-29"}
    refused = await api.post(
        "/v1/plan/generate", json={**today, "time_zone": "Europe/Berlin"}, headers=person.headers
    )
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["starts_on"]
    for params in (today, {**today, "time_zone": "America/New_York"}):
        accepted = await api.post("/v1/plan/generate", json=params, headers=person.headers)
        assert accepted.status_code in {200, 202}
