from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.parts import TLS, Person
from tests.programs import running

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
    assert told["result"]["chapters"][1] == "Chapter 2, in which Fox falls asleep."
    assert len(bytes.fromhex(sealed["result"])) == 64


async def test_what_the_table_says_a_handler_is_given_is_there(load: Callable[[str], Any]) -> None:
    from supajobs import RunningJob, SyncRunningJob  # noqa: PLC0415 - as `load` has it

    for kind in (RunningJob, SyncRunningJob):
        for name in ("id", "user_id", "attempt", "deadline", "cancelled", "log"):
            assert hasattr(kind, name)
