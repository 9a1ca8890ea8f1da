import asyncio
import json
import os
import re
import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.parts import TLS, Person
from tests.programs import running
from tests.shown import GUIDE, find_shown

from supajobs import RunningJob, SyncRunningJob
from supajobs.local.stack import StackInfo

pytestmark = pytest.mark.usefixtures("rows")


async def test_handlers_run_where_the_page_starts_them(
    stack: StackInfo, person: Person, handbook: Path
) -> None:
    async def ask(job_type: str, **params: Any) -> Any:
        body = {"job_type": job_type, "params": params}
        answer = await client.post("/v1/jobs", json=body, headers={"Prefer": "wait=60"})
        assert answer.status_code == 201, answer.text
        return answer.json()

    async with (
        running("api", stack, handbook, JOB_MODULES="stories") as address,
        httpx.AsyncClient(
            base_url=address, headers=person.headers, timeout=90, verify=TLS
        ) as client,
    ):
        told = await ask("story", hero="Fox")
        sealed = await ask("story.seal", text="Once upon a time")
        if shutil.which("curl"):
            asked = await ask_as_the_handbook_says(address, person)
            assert (asked["job_type"], asked["priority"]) == ("story", 8)
    assert told["result"]["chapters"][1] == "Chapter 2, in which Fox falls asleep."
    assert len(bytes.fromhex(sealed["result"])) == 64


async def ask_as_the_handbook_says(address: str, person: Person) -> Any:
    """The answer to its block for other servers."""
    shown = find_shown(GUIDE / "enqueue.md", "sh")
    [script] = [text for text in shown if text.startswith("curl ")]
    process = await asyncio.create_subprocess_exec(
        *("sh", "-euc", script),
        env={**os.environ, "API": address, "ORDER": "1", "ACCESS_TOKEN": person.access_token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # curl draws its progress
    )
    output, _ = await process.communicate()
    return json.loads(output)


@pytest.mark.parametrize("kind", [RunningJob, SyncRunningJob])
def test_a_handler_is_given_what_the_table_says(kind: type) -> None:
    table = re.findall(r"^\| (`.*?) \|", (GUIDE / "handlers.md").read_text(), re.MULTILINE)
    told = {name for cell in table for name in re.findall(r"job\.(\w+)", cell)}
    given = {name for name in dir(kind) if not name.startswith("_")} | set(kind.__annotations__)
    given |= {field.name for field in fields(kind)}
    assert told == given - {"claimed", "is_stopped"}
