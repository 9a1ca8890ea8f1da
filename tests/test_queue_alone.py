"""The queue without any family, in a project that has a table of a family's name already."""

import asyncio
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from tests.parts import NoParams, Person, enqueue, make_settings
from tests.serving import serve
from typer.testing import CliRunner

from supajobs.app import create_app
from supajobs.errors import SupabaseRefusedError
from supajobs.job_types import JobType, RunningJob
from supajobs.local.cli import app
from supajobs.local.errors import LocalStackError
from supajobs.local.migrating import apply_migrations
from supajobs.local.stack import Stack, StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.answers import Settled
from supajobs.queue.job_queue import JobQueue
from supajobs.shipped_sql import find_migrations
from supajobs.worker.settler import Settler

OWN = """
insert into public.plan_job_types (job_type, description) values ('menu', 'What there is to eat');
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody's project, with a migration of its own."""
    folder = tmp_path_factory.mktemp("project")
    migrations = folder / "supabase" / "migrations"
    migrations.mkdir(parents=True)
    (migrations / "20990101000000_add_menus.sql").write_text(OWN)
    return folder


@pytest.fixture(scope="module")
def stack(folder: Path) -> Generator[StackInfo]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("JOB_FAMILIES", "none")
        ran = CliRunner().invoke(app, ["up"], catch_exceptions=False)
    stack = Stack(folder / ".supajobs")
    try:
        assert ran.exit_code == 0, ran.stderr
        info = stack.status()
        assert info
        yield info
    finally:
        stack.down(purge=True)


async def cook(_job: RunningJob, _params: NoParams) -> Completed:
    return Completed(result={"dish": "soup"})


async def plan(_job: RunningJob, _params: NoParams) -> Completed:
    return Completed(result={"dish": "soup"}, plan={"weeks": []})


async def ask(stack: StackInfo, person: Person, handler: Callable[..., Any]) -> dict[str, Any]:
    """The end of a job of this type, asked for at the API and run by its processor."""
    menu = JobType("menu", NoParams, handler)
    settings = make_settings(stack, job_families="none")
    async with serve(create_app(settings, {menu.name: menu})) as client:
        answer = await client.post(
            "/v1/jobs",
            json={"job_type": "menu", "params": {}},
            headers={**person.headers, "Prefer": "wait=20"},
        )
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return answer.json()


def list_migrations(stack: StackInfo) -> list[str]:
    with psycopg.connect(stack.db_url) as database:
        rows = database.execute("select name from supabase_migrations.schema_migrations order by 1")
        return [name for (name,) in rows]


async def test_a_job_of_ones_own_runs_to_its_end(stack: StackInfo, person: Person) -> None:
    assert list_migrations(stack) == ["add_menus", "create_plan_queue"]
    job = await ask(stack, person, cook)
    assert (job["status"], job["result"]) == ("completed", {"dish": "soup"})


async def test_a_plan_that_cannot_be_kept_fails_its_job(stack: StackInfo, person: Person) -> None:
    job = await ask(stack, person, plan)
    assert (job["status"], job["error"]["code"]) == ("failed", "outcome_refused")


async def test_a_plan_that_cannot_be_kept_holds_up_no_other_job(
    queue: JobQueue, person: Person
) -> None:
    for _ in range(2):
        await enqueue(queue, person, "menu")
    first, second = await queue.claim(
        claim_id=uuid4(), worker_id="w", max_jobs=2, job_types=["menu"]
    )
    settler = Settler(queue)
    settled, refused = await asyncio.gather(  # in one call
        settler.settle(first, Completed(result="soup")),
        settler.settle(second, Completed(plan={"weeks": []})),
        return_exceptions=True,
    )
    assert isinstance(settled, Settled)
    assert settled.outcome == "completed"
    assert isinstance(refused, SupabaseRefusedError)
    assert refused.sqlstate == "PT422"


def test_a_family_does_not_touch_somebody_elses_table(stack: StackInfo, folder: Path) -> None:
    with psycopg.connect(stack.db_url, autocommit=True) as database:
        database.execute("create table weekly_base_plans (menu text)")
    with pytest.raises(LocalStackError, match="Nothing was changed: there is a table"):
        apply_migrations(folder, stack.db_url, shipped=find_migrations(["training_plan"]))
    with psycopg.connect(stack.db_url) as database:
        found = database.execute("select job_type from plan_job_types order by 1").fetchall()
    assert found == [("canary",), ("menu",)]
    assert list_migrations(stack) == ["add_menus", "create_plan_queue"]
