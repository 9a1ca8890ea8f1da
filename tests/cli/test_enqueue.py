"""Jobs that operators ask for, at the command line."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.cli.conftest import Invoke
from tests.parts import Person

ReadJob = Callable[[UUID], Mapping[str, Any]]

STORIES = """
from pydantic import BaseModel
from supajobs import Completed, RunningJob, job_type

class StoryRequest(BaseModel):
    hero: str
    chapters: int = 3

@job_type(name="{name}")
async def story(job: RunningJob, request: StoryRequest) -> Completed:
    return Completed(result={{}})
"""


async def test_a_job_is_asked_for_in_the_name_of_a_user(
    person: Person, make_job_type: Callable[..., str], invoke: Invoke, read_job: ReadJob
) -> None:
    job_type = make_job_type()
    given = ("--user", person.id, "--params", '{"hero": "Fox"}', "--priority", "high")
    ran = await invoke("jobs", "enqueue", job_type, *given)
    assert (ran.code, ran.err) == (0, "")
    job = read_job(UUID(ran.out.split()[0]))
    assert (job["user_id"], job["job_type"], job["priority"]) == (person.id, job_type, 8)
    assert job["params"] == {"hero": "Fox"}


async def test_a_priority_that_is_none_is_told_the_words(
    make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    job_type = make_job_type()
    ran = await invoke("jobs", "enqueue", job_type, "--priority", 10)
    assert ran.code == 0
    for odd in ("urgent", "11", "-1"):
        ran = await invoke("jobs", "enqueue", job_type, "--priority", odd)
        assert ran.code == 2
        told = " ".join(ran.err.replace("│", "").split())
        assert "One of low, normal, high, or a whole number from 0 to 10" in told


async def test_without_a_user_it_is_one_of_the_system(
    make_job_type: Callable[..., str], invoke: Invoke, read_job: ReadJob
) -> None:
    ran = await invoke("jobs", "enqueue", make_job_type(), "--run-at", "2h", "--json")
    assert ran.document["outcome"] == "created"
    job = read_job(UUID(ran.document["job"]["id"]))
    assert (job["user_id"], job["params"]) == (None, {})
    assert job["run_at"] > datetime.now(UTC) + timedelta(hours=1)


async def test_one_that_is_on_its_way_already_is_told(
    person: Person, make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    asking = ("jobs", "enqueue", make_job_type(dedupe_by="user"), "--user", person.id)
    first, second = await invoke(*asking), await invoke(*asking)
    assert second.code == 0
    assert first.out.split()[0] == second.out.split()[0]
    assert "not requested" in second.out


async def test_the_newest_of_debounced_requests_is_told_to_have_won(
    person: Person, make_job_type: Callable[..., str], invoke: Invoke, read_job: ReadJob
) -> None:
    asking = ("jobs", "enqueue", make_job_type(dedupe_by="user"), "--user", person.id)
    first = await invoke(*asking, "--params", '{"n": 1}', "--debounce", "5m")
    longest = ("--debounce", "5m", "--debounce-max", "10m")
    second = await invoke(*asking, "--params", '{"n": 2}', *longest)
    assert (first.code, second.code) == (0, 0)
    assert first.out.split()[0] == second.out.split()[0]
    assert "takes this request" in second.out
    assert read_job(UUID(first.out.split()[0]))["params"] == {"n": 2}
    third = await invoke(*asking, *longest, "--json")
    assert (third.document["outcome"], third.document["replaced"]) == ("existing", True)
    refused = await invoke("jobs", "enqueue", make_job_type(), "--debounce", "5m")
    assert (refused.code, refused.out) == (1, "")
    assert "dedupe_by" in refused.err


async def test_params_are_checked_by_the_module_that_the_settings_name(
    environment: dict[str, str],
    make_job_type: Callable[..., str],
    invoke: Invoke,
    read_job: ReadJob,
    tmp_path: Path,
) -> None:
    name = make_job_type()
    (tmp_path / f"{name}s.py").write_text(STORIES.format(name=name))
    environment["JOB_MODULES"] = f"{name}s"
    ran = await invoke("jobs", "enqueue", name, "--params", '{"hero": "Fox"}')
    assert read_job(UUID(ran.out.split()[0]))["params"] == {"hero": "Fox", "chapters": 3}
    refused = await invoke("jobs", "enqueue", name, "--params", '{"chapters": 2}')
    assert (refused.code, refused.out, refused.err) == (
        1,
        "",
        "invalid_request: params.hero: Field required\n",
    )


async def test_a_module_without_job_types_is_said(
    environment: dict[str, str], invoke: Invoke
) -> None:
    environment["JOB_MODULES"] = "no_such_module"
    ran = await invoke("jobs", "enqueue", "story")
    assert (ran.code, ran.out) == (2, "")
    assert "no_such_module does not import" in ran.err


@pytest.mark.parametrize(
    ("params", "reason"),
    [('{"hero": ', "is not JSON"), ('["Fox"]', "is no JSON object")],
)
async def test_params_are_a_json_object(invoke: Invoke, params: str, reason: str) -> None:
    ran = await invoke("jobs", "enqueue", "story", "--params", params)
    assert (ran.code, ran.out) == (2, "")
    assert reason in ran.err


async def test_what_does_not_exist_is_said_in_two_lines(
    make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    unknown = await invoke("jobs", "enqueue", "no_such_type")
    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.err.startswith("unknown_job_type: There is no such job type.")
    assert "plan_job_types" in unknown.err
    gone = await invoke("jobs", "enqueue", make_job_type(), "--user", uuid4())
    assert (gone.code, gone.out) == (1, "")
    assert "no such user" in gone.err
