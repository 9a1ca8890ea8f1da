from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.parts import Person, Sql

from supajobs.queue.job_queue import JobQueue
from supajobs.queue.schedule_book import NewSchedule

WEEKLY = {
    "name": "weekly",
    "cron": "0 6 * * MON",
    "time_zone": "Europe/Madrid",
    "params": {"text": "hello"},
}
SignUp = Callable[[], Awaitable[Person]]


def read(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    return answer.json()


def code_of(answer: httpx.Response, status: int) -> str:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return read(answer, status)["code"]


@pytest.fixture
def schedule(
    client: httpx.AsyncClient, person: Person, job_type: str
) -> Callable[..., Awaitable[httpx.Response]]:
    async def schedule(**fields: Any) -> httpx.Response:
        body = {**WEEKLY, "job_type": job_type, **fields}
        body = {name: value for name, value in body.items() if value is not ...}
        return await client.post("/v1/schedules", json=body, headers=person.headers)

    return schedule


Schedule = Callable[..., Awaitable[httpx.Response]]


async def test_a_schedule_is_made_and_read(
    client: httpx.AsyncClient, person: Person, job_type: str, schedule: Schedule
) -> None:
    answer = await schedule()
    made = read(answer, 201)
    assert answer.headers["Location"] == f"/v1/schedules/{made['id']}"
    expected = {**WEEKLY, "job_type": job_type, "priority": 5, "overlap": "skip", "catch_up": "one"}
    assert expected.items() <= made.items()
    assert made["last_outcome"] is None
    times = [datetime.fromisoformat(time) for time in made["next_times"]]
    assert len(times) == 5
    assert times[0] == datetime.fromisoformat(made["next_run_at"])
    a_week = timedelta(days=7, hours=1)  # where the clocks are put back within it
    assert datetime.now(UTC) < times[0] <= datetime.now(UTC) + a_week
    assert all(time.minute == 0 and time.hour in {4, 5} for time in times)  # UTC
    got = await client.get(answer.headers["Location"], headers=person.headers)
    assert read(got) == made
    assert got.headers["Cache-Control"] == "private, no-cache"


async def test_a_repeated_request_is_answered_with_the_first_schedule(schedule: Schedule) -> None:
    first, again = await schedule(), await schedule()
    assert read(again, 200) == read(first, 201)
    assert again.headers["Location"] == first.headers["Location"]
    assert code_of(await schedule(cron="0 7 * * MON"), 409) == "schedule_name_taken"
    read(await schedule(name="another", interval_seconds=900, cron=..., time_zone=...), 201)
    same = await schedule(name="another", interval_seconds=900, cron=..., time_zone=...)
    assert same.status_code == 200


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"cron": "0 0 30 2 *"}, "cron"),
        ({"cron": "often"}, "cron"),
        ({"time_zone": "Europe"}, "time_zone"),
        ({"time_zone": None}, "time_zone"),
        ({"cron": None, "time_zone": None}, "cron"),
        ({"interval_seconds": 900}, "cron"),
        ({"cron": None, "time_zone": None, "interval_seconds": 30}, "interval_seconds"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"starts_at": "2999-01-01T00:00:00Z"}, "starts_at"),
        ({"starts_at": 7}, "starts_at"),
        ({"name": ""}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"params": {"text": "a\x00b"}}, "params.text"),
        ({"priority": 11}, "priority"),
        ({"overlap": "perhaps"}, "overlap"),
        ({"catch_up": "some"}, "catch_up"),
        ({"catch_up": "all"}, "overlap"),
        ({"is_paused": True}, "is_paused"),
    ],
)
async def test_what_is_wrong_is_named(
    schedule: Schedule, fields: dict[str, Any], where: str
) -> None:
    answer = await schedule(**fields)
    assert code_of(answer, 422) == "invalid_request"
    assert [error["field"] for error in answer.json()["errors"]] == [where]


async def test_params_are_checked_when_it_is_made(
    client: httpx.AsyncClient, person: Person, schedule: Schedule
) -> None:
    assert code_of(await schedule(job_type="unheard_of"), 422) == "unknown_job_type"
    answer = await schedule(job_type="training_plan", params={"weeks": 3})
    assert code_of(answer, 422) == "invalid_request"
    assert answer.json()["errors"][0]["field"].startswith("params")
    made = read(await schedule(), 201)
    plan = read(
        await schedule(
            name="plan", job_type="training_plan", params={"profile_snapshot": {"goal": "STRENGTH"}}
        ),
        201,
    )
    url = f"/v1/schedules/{plan['id']}"
    changed = await client.patch(url, json={"params": {"weeks": 3}}, headers=person.headers)
    assert code_of(changed, 422) == "invalid_request"
    url = f"/v1/schedules/{made['id']}"
    changed = await client.patch(url, json={"params": {"text": "other"}}, headers=person.headers)
    assert read(changed)["params"] == {"text": "other"}


async def test_what_is_given_changes_and_nothing_else(
    client: httpx.AsyncClient, person: Person, schedule: Schedule
) -> None:
    made = read(await schedule(ttl_hours=5), 201)
    url = f"/v1/schedules/{made['id']}"

    async def change(**fields: Any) -> dict[str, Any]:
        return read(await client.patch(url, json=fields, headers=person.headers))

    changed = await change(priority="high", ttl_hours=None, overlap="queue")
    assert changed["updated_at"] > made["updated_at"]
    as_it_was = {**changed, "updated_at": made["updated_at"]}
    assert as_it_was == {**made, "priority": 8, "ttl_hours": None, "overlap": "queue"}
    assert (await change(priority=None))["priority"] == 8

    changed = await change(cron="0 7 * * MON")
    assert changed["next_run_at"] != made["next_run_at"]
    assert changed["next_times"][0] == changed["next_run_at"]
    changed = await change(interval_seconds=3600)
    assert (changed["cron"], changed["time_zone"]) == (None, None)
    changed = await change(cron="0 6 * * *", time_zone="America/New_York")
    assert changed["interval_seconds"] is None

    read(await schedule(name="other"), 201)
    taken = await client.patch(url, json={"name": "other"}, headers=person.headers)
    assert code_of(taken, 409) == "schedule_name_taken"
    broken = await client.patch(url, json={"cron": "often"}, headers=person.headers)
    assert code_of(broken, 422) == "invalid_request"


async def test_a_pause_begins_and_ends(
    client: httpx.AsyncClient, person: Person, schedule: Schedule, sql: Sql
) -> None:
    made = read(await schedule(), 201)
    url = f"/v1/schedules/{made['id']}"
    paused = read(await client.patch(url, json={"is_paused": True}, headers=person.headers))
    assert paused["paused_at"]
    assert paused["next_times"] == []
    # Meanwhile it would have been due.
    sql.execute(
        "update plan_job_schedules set next_run_at = now() - interval '8 days' where id = %s",
        [made["id"]],
    )
    resumed = read(await client.patch(url, json={"is_paused": False}, headers=person.headers))
    assert resumed["paused_at"] is None
    assert resumed["next_times"] == made["next_times"]


async def test_others_have_no_such_schedule(
    client: httpx.AsyncClient, schedule: Schedule, sign_up: SignUp
) -> None:
    made = read(await schedule(), 201)
    stranger = (await sign_up()).headers
    for url in (f"/v1/schedules/{made['id']}", f"/v1/schedules/{uuid4()}"):
        for answer in (
            await client.get(url, headers=stranger),
            await client.patch(url, json={"priority": 1}, headers=stranger),
            await client.delete(url, headers=stranger),
            await client.post(f"{url}/run", headers=stranger),
        ):
            assert code_of(answer, 404) == "schedule_not_found"
    assert read(await client.get("/v1/schedules", headers=stranger)) == {"schedules": []}
    assert (await client.get("/v1/schedules")).status_code == 401


async def test_pages_lead_through_all_of_them(
    client: httpx.AsyncClient, person: Person, schedule: Schedule
) -> None:
    made = [read(await schedule(name=str(number)), 201)["id"] for number in range(5)]
    url, seen = "/v1/schedules?limit=2", list[str]()
    while url:
        answer = await client.get(url, headers=person.headers)
        seen += [each["id"] for each in read(answer)["schedules"]]
        url = str(answer.links.get("next", {}).get("url", ""))
    assert seen == made[::-1]


async def test_a_schedule_is_deleted(
    client: httpx.AsyncClient, person: Person, schedule: Schedule
) -> None:
    url = f"/v1/schedules/{read(await schedule(), 201)['id']}"
    assert (await client.delete(url, headers=person.headers)).status_code == 204
    assert code_of(await client.delete(url, headers=person.headers), 404) == "schedule_not_found"
    assert code_of(await client.get(url, headers=person.headers), 404) == "schedule_not_found"


async def test_a_user_has_a_hundred(
    client: httpx.AsyncClient, person: Person, schedule: Schedule, sql: Sql, job_type: str
) -> None:
    sql.execute(
        "insert into plan_job_schedules"
        " (user_id, name, job_type, interval_seconds, next_run_at, period_seconds)"
        " select %s, number::text, %s, 900, '2100-01-01Z', 900"
        " from generate_series(1, 99) as number",
        [person.id, job_type],
    )
    read(await schedule(), 201)
    assert code_of(await schedule(name="one more"), 409) == "too_many_schedules"
    assert (await schedule()).status_code == 200  # which is there


async def test_a_job_is_run_now_besides_the_plan(
    client: httpx.AsyncClient,
    person: Person,
    schedule: Schedule,
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    made = read(await schedule(params={"text": "a", "time_zone": None}, priority=7), 201)
    url = f"/v1/schedules/{made['id']}"
    headers = {**person.headers, "Idempotency-Key": "now"}
    answer = await client.post(f"{url}/run", headers=headers)
    job = read(answer, 201)
    assert answer.headers["Location"] == f"/v1/jobs/{job['id']}"
    row = read_job(UUID(job["id"]))
    assert row["params"] == {"text": "a", "time_zone": "Europe/Madrid"}
    assert (row["user_id"], row["priority"], row["status"]) == (person.id, 7, "pending")
    again = await client.post(f"{url}/run", headers=headers)
    assert read(again, 200)["id"] == job["id"]
    assert read(await client.get(url, headers=person.headers)) == made


async def test_a_schedule_of_the_system_is_seen_by_no_user(
    client: httpx.AsyncClient, person: Person, queue: JobQueue, job_type: str
) -> None:
    new = NewSchedule.of(name="nightly", job_type=job_type, interval_seconds=900)
    made, _ = await queue.schedules.create(None, new)
    answer = await client.get(f"/v1/schedules/{made.id}", headers=person.headers)
    assert code_of(answer, 404) == "schedule_not_found"
