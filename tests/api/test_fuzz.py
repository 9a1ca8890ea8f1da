"""The API against its own description: many requests, valid and not, from schemathesis.

FUZZ_SECONDS=600 .venv/bin/pytest -s tests/api/test_fuzz.py fuzzes for that long.
"""

import asyncio
import os
import sys
from pathlib import Path

import pytest
import structlog
from cryptography.fernet import Fernet
from pydantic import BaseModel, ConfigDict
from tests.parts import CRON_SECRET, Person, Sql, make_settings
from tests.serving import serve

from supajobs.app import create_app
from supajobs.handlers.families import create_job_types, create_tools
from supajobs.handlers.tools import Tool
from supajobs.job_types import JobType, JobTypes, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed, PermanentError
from supajobs.shipped_sql import FAMILIES

SECONDS = int(os.environ.get("FUZZ_SECONDS", "0"))
CONFIG = Path(__file__).parent / "fuzz" / "schemathesis.toml"


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")


async def echo(job: RunningJob, params: Anything) -> Completed:
    return Completed(result=params.model_dump(mode="json"))


async def linger(job: RunningJob, params: Anything) -> Completed:
    await asyncio.sleep(0.5)
    return Completed()


async def refuse(job: RunningJob, params: Anything) -> Completed:
    raise PermanentError("no")


async def answer(params: Anything) -> Anything:
    return params


def add_job_types(sql: Sql) -> JobTypes:
    """Types that take all params and end in all ways."""
    sql.execute(
        "insert into plan_job_types "
        "(job_type, dedupe_by, max_enqueues, enqueue_window_seconds, allows_provider_key) "
        "values ('echo', null, null, null, true), ('linger', 'user', null, null, false), "
        "('refuse', 'project', null, null, true), ('rare', null, 3, 3600, false)"
    )
    handlers = {"echo": echo, "linger": linger, "refuse": refuse, "rare": echo}
    return {name: JobType(name, Anything, handle) for name, handle in handlers.items()}


@pytest.mark.timeout(900 + 2 * SECONDS)
async def test_the_api_is_as_its_description_says(
    stack: StackInfo, person: Person, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is said while Supabase does not answer in time has tests of its own.
    monkeypatch.setattr("supajobs.wiring.API_PATIENCE", 60.0)
    settings = make_settings(
        stack,
        job_families=tuple(FAMILIES),
        provider_key_secret=Fernet.generate_key().decode(),
        expo_push=True,
        expo_base_url="http://127.0.0.1:9",  # where nobody is
    )
    app = create_app(
        settings,
        {**create_job_types(settings), **add_job_types(sql)},
        {**create_tools(settings), "answer": Tool("answer", "", Anything, answer)},
    )
    budget = ["--max-time", str(SECONDS)] if SECONDS else ["--max-examples", "20", "--seed", "1"]
    with structlog.testing.capture_logs():  # a line for each request tells nobody anything
        async with serve(app) as client:
            fuzzing = await asyncio.create_subprocess_exec(
                *(Path(sys.executable).with_name("st"), "--config-file", CONFIG),
                *("run", f"{client.base_url}/openapi.json", "--no-color", *budget),
                env={
                    **os.environ,
                    "USER_TOKEN": person.access_token,
                    "OPERATOR_TOKEN": stack.secret_key,
                    "CRON_SECRET": CRON_SECRET,
                },
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            try:
                report, _ = await fuzzing.communicate()
            finally:
                if fuzzing.returncode is None:
                    fuzzing.kill()
                    await fuzzing.wait()
    print(report.decode())  # noqa: T201 - pytest shows it after a failure, or with -s
    assert fuzzing.returncode == 0, "see the report above"
