"""Job types that only their rows tell of: another worker runs them."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.faults.proxy import lossy_proxy
from tests.parts import Person, Sql, enqueue, make_settings
from tests.serving import eventually, serve

from supajobs.api import offered_types
from supajobs.app import create_app
from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue

Types = Callable[..., str]
WEEKLY = {"name": "weekly", "cron": "0 6 * * MON", "time_zone": "Europe/Madrid"}


def code_of(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    return answer.json()["code"]


def read(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_users_ask_for_a_type_that_is_open_to_them(
    make_job_type: Types, api: httpx.AsyncClient, person: Person
) -> None:
    name = make_job_type(open_to_users=True)
    params = {"hero": "Fox", "parts": [1, {"two": None}]}
    asked: dict[str, Any] = {"job_type": name, "params": params}
    job = read(await api.post("/v1/jobs", json=asked, headers=person.headers), 201)
    assert (job["job_type"], job["params"], job["status"]) == (name, params, "pending")
    batch = read(await api.post("/v1/jobs/batch", json={"jobs": [asked]}, headers=person.headers))
    assert batch["jobs"][0]["job"]["params"] == params
    made = await api.post("/v1/schedules", json={**WEEKLY, **asked}, headers=person.headers)
    url = f"/v1/schedules/{read(made, 201)['id']}"
    changed = await api.patch(url, json={"params": {"hero": "Owl"}}, headers=person.headers)
    assert read(changed)["params"] == {"hero": "Owl"}
    ran = read(await api.post(f"{url}/run", headers=person.headers), 201)
    assert ran["params"] == {"hero": "Owl"}
    active = await api.get(f"/v1/jobs/active?job_type={name}", headers=person.headers)
    assert read(active)["job"]["id"] == ran["id"]
    listed = read(await api.get(f"/v1/jobs?job_type={name}", headers=person.headers))
    assert len(listed["jobs"]) == 3


async def test_no_type_is_open_by_itself(
    make_job_type: Types, api: httpx.AsyncClient, queue: JobQueue, person: Person, sql: Sql
) -> None:
    closed, another = make_job_type(), make_job_type(open_to_users=True)
    asked: dict[str, Any] = {"job_type": closed, "params": {}}
    refused = await api.post("/v1/jobs", json=asked, headers=person.headers)
    assert code_of(refused, 422) == "unknown_job_type"
    assert another in refused.json()["hint"]
    assert "training_plan" in refused.json()["hint"]
    assert closed not in refused.json()["hint"]
    made = await api.post("/v1/schedules", json={**WEEKLY, **asked}, headers=person.headers)
    assert code_of(made, 422) == "unknown_job_type"
    batch = read(await api.post("/v1/jobs/batch", json={"jobs": [asked]}, headers=person.headers))
    assert batch["jobs"][0]["error"]["code"] == "unknown_job_type"
    called = await api.post(f"/v1/tools/{closed}", json={}, headers=person.headers)
    assert code_of(called, 404) == "tool_not_found"
    count = "select from plan_generation_jobs where job_type = %s"
    assert sql.execute(count, [closed]).fetchall() == []
    # What a server has asked for, they find.
    job_id = await enqueue(queue, person, closed)
    active = await api.get(f"/v1/jobs/active?job_type={closed}", headers=person.headers)
    assert read(active)["job"]["id"] == str(job_id)
    listed = await api.get(f"/v1/jobs?job_type={closed}", headers=person.headers)
    assert [job["id"] for job in read(listed)["jobs"]] == [str(job_id)]


async def test_its_params_are_an_object_and_not_too_large(
    make_job_type: Types, stack: StackInfo, person: Person
) -> None:
    name = make_job_type(open_to_users=True)
    wrong: list[Any] = [[], "text", None, {"text": "x" * 100}, {"text": "\x00"}]
    app = create_app(make_settings(stack, api_runs_jobs=False, max_params_bytes=100))
    async with serve(app) as api:
        for params in wrong:
            asked: dict[str, Any] = {"job_type": name, "params": params}
            refused = await api.post("/v1/jobs", json=asked, headers=person.headers)
            assert code_of(refused, 422) == "invalid_request", params
            assert refused.json()["errors"][0]["field"].startswith("params")


async def test_the_rows_are_read_now_and_then_and_only_for_names_not_known(
    stack: StackInfo, person: Person, make_job_type: Types, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = make_job_type(open_to_users=True)
    monkeypatch.setattr(offered_types, "MAX_AGE", 3600.0)
    async with lossy_proxy(stack.api_url, Counter()) as proxy:
        settings = make_settings(
            stack,
            supabase_url=proxy.url,
            supabase_jwt_issuer=f"{stack.api_url}/auth/v1",
            api_runs_jobs=False,
        )
        async with serve(create_app(settings)) as api:

            async def ask(job_type: str) -> int:
                asked: dict[str, Any] = {"job_type": job_type, "params": {}}
                return (await api.post("/v1/jobs", json=asked, headers=person.headers)).status_code

            url = "/v1/jobs/active?job_type=training_plan"
            read(await api.get(url, headers=person.headers))
            assert await ask("training_plan") == 422  # for its params
            assert proxy.calls["plan_job_types"] == 0
            names = [*(f"made up {number}" for number in range(20)), name]
            statuses = Counter(await asyncio.gather(*map(ask, names)))
            assert statuses == {422: 20, 201: 1}
            assert proxy.calls["plan_job_types"] == 1


async def test_a_change_of_the_row_is_heard_of(
    make_job_type: Types,
    api: httpx.AsyncClient,
    person: Person,
    sql: Sql,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(offered_types, "MAX_AGE", 0.2)
    name = make_job_type()

    async def is_offered() -> bool:
        asked: dict[str, Any] = {"job_type": name, "params": {}}
        answer = await api.post("/v1/jobs", json=asked, headers=person.headers)
        return answer.status_code == 201

    assert not await is_offered()
    change = "update plan_job_types set open_to_users = %s where job_type = %s"
    sql.execute(change, [True, name])
    await eventually(is_offered)
    sql.execute(change, [False, name])

    async def is_closed() -> bool:
        return not await is_offered()

    await eventually(is_closed)
