"""Each method of the client, with the real API."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from tests.clients.scripts import run
from tests.parts import CRON_SECRET, NoParams, Person, Sql, make_settings
from tests.serving import serve

from supajobs import Completed, RunningJob, Supajobs, job_type
from supajobs.handlers.families import create_job_types
from supajobs.local.stack import StackInfo

Ask = Callable[[str], Awaitable[Any]]


class StoryRequest(BaseModel):
    hero: str


@job_type
async def story(_job: RunningJob, request: StoryRequest) -> Completed:
    """A bedtime story."""
    return Completed(result=f"{request.hero} falls asleep.")


@job_type
async def question(job: RunningJob, _params: NoParams) -> Completed:
    """Waits for its answer."""
    return Completed(result=await job.wait_for("the answer", timeout=timedelta(days=2)))


@pytest.fixture
def rows(sql: Sql) -> None:
    """Their limits, as an app's migration sets them."""
    sql.execute(
        "insert into plan_job_types (job_type) values ('story'), ('question') "
        "on conflict do nothing"
    )


@pytest.fixture
async def ask(stack: StackInfo, rows: None, built: Path, person: Person) -> AsyncGenerator[Ask]:
    """Runs a script with the client, and reads the JSON that it prints."""
    settings = make_settings(stack, expo_push=True)
    built_in = create_job_types(settings).values()
    ours = Supajobs(settings, job_types=[*built_in, story, question])
    async with serve(ours.app) as api:

        async def ask(script: str) -> Any:
            return await run(
                script,
                built,
                stack,
                API=str(api.base_url),
                TOKEN=person.access_token,
                CRON_SECRET=CRON_SECRET,
            )

        yield ask


async def test_all_that_a_user_may_ask_for(ask: Ask) -> None:
    missing = [{"field": "params.hero", "message": "Field required"}]
    assert await ask("asking.mjs") == {
        "story": ["completed", "Fox falls asleep.", False, True, True],
        "status": "completed",
        "batch": [["Owl falls asleep.", "Cat falls asleep."], None, "invalid_request"],
        "flow": 1,
        "pages": [2, 1],
        "active": True,
        "answer": [False, {"is": 42}],
        "noneActive": None,
        "cancelled": "cancelled",
        "retried": "now",
        "schedule": [5, True, 1, "Bee falls asleep."],
        "deleted": ["NotFoundError", "schedule_not_found", 404, []],
        "tools": ["question", "story", "training_plan"],
        "tool": "story",
        "available": True,
        "plan": [True, "object"],
        "device": ["expo", None],
        "failures": [
            ["NotFoundError", "job_not_found", 404, []],
            ["NotFoundError", "job_not_found", 404, []],
            ["InvalidRequestError", "invalid_request", 422, missing],
            ["ConflictError", "job_finished", 409, []],
            ["NotAuthenticatedError", "not_authenticated", 401, []],
            ["NotAuthenticatedError", "wrong_secret", 401, []],
        ],
    }


async def test_the_rows_tell_what_the_api_tells(ask: Ask) -> None:
    seen = await ask("reading.mjs")
    assert seen.pop("row") == seen.pop("job")
    assert seen == {
        "updates": "completed",
        "status": "completed",
        "active": True,
        "pages": [2, 1],
        "refusal": ["NotFoundError", "job_not_found"],
    }
