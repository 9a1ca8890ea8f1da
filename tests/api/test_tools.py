import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import structlog
from pydantic import BaseModel
from tests.parts import NoParams, Person, make_settings
from tests.serving import serve

from supajobs.api import tools
from supajobs.app import create_app
from supajobs.handlers.job_modules import JobModuleError
from supajobs.handlers.tools import Tool
from supajobs.job_types import JobType, RunningJob
from supajobs.jobs import Job
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed

PROFILE = {"athlete_profile": {"ftp": 250, "weight_kg": 65, "age": 41}}


class Answer(BaseModel):
    text: str


async def crash(params: NoParams) -> Answer:
    raise RuntimeError("the password is swordfish")


async def hang(params: NoParams) -> Answer:
    await asyncio.sleep(60)
    return Answer(text="late")


async def succeed(job: RunningJob, params: NoParams) -> Completed:
    return Completed(result={"text": "done"})


def tool(run: Callable[..., Any]) -> dict[str, Tool[Any]]:
    return {"my_tool": Tool("my_tool", "Does it.", NoParams, run)}


async def test_an_immediate_tool_answers_with_its_result(
    api: httpx.AsyncClient, person: Person
) -> None:
    answer = await api.post(
        "/v1/tools/training_zones", json={"params": {"ftp": 200}}, headers=person.headers
    )
    assert (answer.status_code, answer.json()["job"]) == (200, None)
    zones = answer.json()["result"]["zones"]
    assert [zone["watts_high"] for zone in zones] == [110, 150, 180, 210, 240, 300, None]


async def test_a_job_type_is_queued(
    api: httpx.AsyncClient, person: Person, read_job: Callable[[UUID], Mapping[str, Any]]
) -> None:
    project_id = uuid4()
    body = {"params": PROFILE, "priority": "high", "project_id": str(project_id)}
    headers = {**person.headers, "Idempotency-Key": "one"}
    queued = await api.post("/v1/tools/training_plan", json=body, headers=headers)
    assert (queued.status_code, queued.json()["result"]) == (202, None)
    job = Job.model_validate(queued.json()["job"])
    assert queued.headers["Location"] == f"/v1/jobs/{job.id}"
    assert (job.priority, job.project_id) == (8, project_id)
    assert read_job(job.id)["idempotency_key"] == "one"

    again = await api.post("/v1/tools/training_plan", json=body, headers=headers)
    assert (again.status_code, again.json()["job"]["id"]) == (202, str(job.id))
    other = await api.post("/v1/tools/training_plan", json={"params": PROFILE}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


async def test_a_queued_tool_that_ends_while_the_caller_waits_answers_with_its_result(
    stack: StackInfo, person: Person, make_job_type: Callable[..., str]
) -> None:
    name = make_job_type()
    app = create_app(make_settings(stack), {name: JobType(name, NoParams, succeed)})
    async with serve(app) as client:
        answer = await client.post(
            f"/v1/tools/{name}", json={}, headers={**person.headers, "Prefer": "wait=30"}
        )
    assert (answer.status_code, answer.json()["result"]) == (200, {"text": "done"})
    assert answer.json()["job"]["status"] == "completed"
    assert answer.headers["Preference-Applied"] == "wait=30"


async def test_the_server_decides_which_tool_is_queued(
    api: httpx.AsyncClient, person: Person
) -> None:
    refused = await api.post(
        "/v1/tools/training_plan",
        json={"params": PROFILE, "mode": "immediate"},
        headers=person.headers,
    )
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["mode"]


@pytest.mark.parametrize(
    ("name", "params", "field"),
    [
        ("training_zones", {"ftp": 20}, "params.ftp"),
        ("training_zones", {}, "params.ftp"),
        ("training_zones", {"ftp": 200, "fpt": 1}, "params.fpt"),
        ("training_plan", {"athlete_profile": {"ftp": 250}}, "params.athlete_profile.weight_kg"),
    ],
)
async def test_invalid_params_are_named(
    api: httpx.AsyncClient, person: Person, name: str, params: dict[str, Any], field: str
) -> None:
    refused = await api.post(f"/v1/tools/{name}", json={"params": params}, headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert field in [error["field"] for error in refused.json()["errors"]]


async def test_an_unknown_tool_is_answered_with_the_known_ones(
    api: httpx.AsyncClient, person: Person
) -> None:
    refused = await api.post("/v1/tools/other", json={}, headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (404, "tool_not_found")
    assert refused.json()["hint"] == "Known tools: training_plan, training_zones."


async def test_tools_are_for_users(api: httpx.AsyncClient) -> None:
    for refused in (
        await api.get("/v1/tools"),
        await api.post("/v1/tools/training_zones", json={"params": {"ftp": 200}}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")


async def test_the_list_says_how_each_tool_answers_and_what_it_takes(
    api: httpx.AsyncClient, person: Person
) -> None:
    listed = (await api.get("/v1/tools", headers=person.headers)).json()["tools"]
    assert [(each["name"], each["mode"]) for each in listed] == [
        ("training_plan", "queued"),
        ("training_zones", "immediate"),
    ]
    assert all(each["description"] for each in listed)
    assert listed[1]["params"]["properties"]["ftp"]["maximum"] == 600


async def test_a_tool_that_is_too_slow_is_given_up(
    stack: StackInfo, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tools.TOOL_SECONDS == 5
    monkeypatch.setattr(tools, "TOOL_SECONDS", 0.05)
    async with serve(create_app(make_settings(stack), tools=tool(hang))) as client:
        answer = await client.post("/v1/tools/my_tool", json={}, headers=person.headers)
    assert (answer.status_code, answer.json()["code"]) == (504, "tool_too_slow")


async def test_a_crash_is_told_to_the_log_alone(stack: StackInfo, person: Person) -> None:
    with structlog.testing.capture_logs([structlog.processors.format_exc_info]) as log:
        async with serve(create_app(make_settings(stack), tools=tool(crash))) as client:
            answer = await client.post("/v1/tools/my_tool", json={}, headers=person.headers)
            assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
            assert "swordfish" not in answer.text
            assert "RuntimeError" not in answer.text
            healthy = await client.get("/v1/health")
            assert healthy.status_code == 200
    [traceback] = [each["exception"] for each in log if each["event"] == "request_crashed"]
    assert "RuntimeError: the password is swordfish" in traceback


def test_a_tool_and_a_job_type_of_one_name_are_refused_at_the_start(stack: StackInfo) -> None:
    job_types = {"my_tool": JobType("my_tool", NoParams, succeed)}
    with pytest.raises(JobModuleError, match="my_tool"):
        create_app(make_settings(stack), job_types, tool(hang))
