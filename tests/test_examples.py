"""The examples, run as their README says."""

import ast
import asyncio
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from psycopg.rows import dict_row
from tests.parts import PROJECT, Person, Sql
from tests.programs import running
from tests.serving import eventually
from tests.shown import find_shown

from supajobs.local.processes import free_port
from supajobs.local.stack import StackInfo

CUSTOM_JOB_TYPE = PROJECT / "examples" / "custom_job_type"
IN_YOUR_APP = PROJECT / "examples" / "in_your_app"


@pytest.fixture(scope="module")
def story_row(stack: StackInfo) -> Generator[None]:
    """The example's migration, as somebody runs it in the SQL editor."""
    [migration] = (CUSTOM_JOB_TYPE / "supabase" / "migrations").iterdir()
    with Sql.connect(stack.db_url, autocommit=True, row_factory=dict_row) as sql:
        sql.execute(migration.read_bytes())
        yield
        sql.execute("delete from plan_generation_jobs where job_type = 'story'")
        sql.execute("delete from plan_job_types where job_type = 'story'")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with the example as a package, built and unpacked as pip would do it."""
    source, packages = tmp_path / "source", tmp_path / "packages"
    shutil.copytree(CUSTOM_JOB_TYPE, source)
    subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=source,
        check=True,
        capture_output=True,
    )
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(packages)
    return packages


async def ask_for_the_story(address: str, person: Person) -> Any:
    """What the README asks for, and how it ended."""
    [body] = re.findall(r"-d '(.*)'", (CUSTOM_JOB_TYPE / "README.md").read_text())
    async with httpx.AsyncClient(base_url=address, headers=person.headers, timeout=30) as client:
        answer = await client.post("/v1/jobs", json=json.loads(body), headers={"Prefer": "wait=20"})
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.mark.usefixtures("story_row")
async def test_a_job_type_of_a_module_runs_where_the_setting_names_it(
    stack: StackInfo, person: Person
) -> None:
    async with running("api", stack, CUSTOM_JOB_TYPE, JOB_MODULES="stories") as address:
        job = await ask_for_the_story(address, person)
    assert job["status"] == "completed"
    assert job["result"]["chapters"] == [
        "Chapter 1, in which Fox falls asleep.",
        "Chapter 2, in which Fox falls asleep.",
    ]


@pytest.mark.usefixtures("story_row")
async def test_a_job_type_of_an_installed_package_runs_in_the_api_and_in_workers(
    stack: StackInfo, person: Person, installed: Path, tmp_path: Path
) -> None:
    path = str(installed)
    async with (
        running("api", stack, tmp_path, PYTHONPATH=path, API_RUNS_JOBS="false") as address,
        running("work", stack, tmp_path, PYTHONPATH=path),
    ):
        job = await ask_for_the_story(address, person)
    assert job["status"] == "completed"
    assert len(job["result"]["chapters"]) == 2


@contextlib.asynccontextmanager
async def serving_books(stack: StackInfo) -> AsyncGenerator[httpx.AsyncClient]:
    """The app of the example under the server that its README names."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", "books:app", "--port", str(port)),
        env={**os.environ, **stack.environment},
        cwd=IN_YOUR_APP,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:

            async def answers() -> bool:
                assert process.returncode is None, "uvicorn has ended"
                with contextlib.suppress(httpx.TransportError):
                    return (await client.get("/background/health")).is_success
                return False

            await eventually(answers)
            yield client
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.usefixtures("story_row")
async def test_an_app_of_ones_own_has_its_jobs_done(stack: StackInfo, person: Person) -> None:
    async with serving_books(stack) as client:
        refused = await client.post("/books")
        assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
        client.headers.update(person.headers)
        job_id = (await client.post("/books")).json()

        async def read_end() -> Any:
            job = (await client.get(f"/background/v1/jobs/{job_id}?wait=10")).json()
            return job if job["completed_at"] else None

        job = await eventually(read_end)
    assert (job["status"], job["result"]) == ("completed", "Fox falls asleep.")


def test_the_readme_shows_this_app() -> None:
    assert find_shown(PROJECT / "README.md", "python") == [(IN_YOUR_APP / "books.py").read_text()]


def test_an_app_of_ones_own_is_short_and_pleases_a_strict_type_checker() -> None:
    program = IN_YOUR_APP / "books.py"
    tree = ast.parse(program.read_text())
    imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert sorted(filter(None, imported)) == ["fastapi", "pydantic", "supajobs", "uuid"]
    lines = [line for line in ast.unparse(tree).splitlines() if line and '"""' not in line]
    assert len(lines) == 15
    checked = subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, "-m", "basedpyright", program],
        cwd=PROJECT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.stdout.startswith("0 errors, 0 warnings"), checked.stdout
