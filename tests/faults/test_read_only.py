"""A database that takes no changes, as Supabase has it when the disk is full."""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Generator

import pytest
from psycopg.rows import dict_row
from tests.faults.scene import add_user
from tests.parts import CRON_SECRET, NoParams, Sql, make_processor, make_settings
from tests.serving import eventually, serve

from supajobs.app import create_app
from supajobs.doctor.examination import examine, open_project
from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import Stack, StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.settings import Settings

SECRET = {"Authorization": f"Bearer {CRON_SECRET}"}
CUT_OFF = (
    "select pg_terminate_backend(pid) from pg_stat_activity "
    "where datname = current_database() and pid <> pg_backend_pid()"
)


@contextlib.contextmanager
def read_only(info: StackInfo) -> Generator[None]:
    """New sessions read alone, and there are none but new ones."""
    with Sql.connect(info.superuser_db_url, autocommit=True, row_factory=dict_row) as sql:
        sql.execute("alter database postgres set default_transaction_read_only = on")
        sql.execute(CUT_OFF)
        try:
            yield
        finally:
            sql.execute("set default_transaction_read_only = off")
            sql.execute("alter database postgres reset default_transaction_read_only")
            sql.execute(CUT_OFF)


async def test_everybody_is_told_and_what_ran_is_settled_afterwards(
    doomed: Stack, faults: Counter[str], capsys: pytest.CaptureFixture[str]
) -> None:
    info = doomed.up()
    settings = make_settings(info)
    with Sql.connect(info.db_url, autocommit=True, row_factory=dict_row) as sql:
        user_id = add_user(sql)
        sql.execute("insert into plan_job_types (job_type) values ('read_only')")
    goes_on = asyncio.Event()

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        await goes_on.wait()
        return Completed(result="paid for")

    database = Database(settings, patience=5)
    queue = JobQueue(database)
    job = (await queue.enqueue(user_id=user_id, job_type="read_only", params={})).job
    processor = make_processor(queue, JobType("read_only", NoParams, handle))
    working = asyncio.create_task(processor.work(poll_seconds=0.5))

    async def is_(status: str) -> bool:
        found = await queue.get(job.id, user_id)
        return found.job is not None and found.job.status == status

    await eventually(lambda: is_("processing"))
    async with serve(create_app(settings)) as client:
        with read_only(info):
            faults["read-only database"] += 1
            goes_on.set()
            ready = await client.get("/health/ready")
            assert (ready.status_code, ready.json()["code"]) == (503, "supabase_unavailable")
            assert ready.headers["Retry-After"]
            health = (await client.get("/health/jobs", headers=SECRET)).json()
            assert [each["code"] for each in health["reasons"]] == ["database_read_only"]
            assert await find_in_doctor(settings, "read-only")
            await eventually(lambda: re.search("settle_failed.*25006", capsys.readouterr().out))
            await eventually(lambda: re.search("claim_failed.*25006", capsys.readouterr().out))
    await eventually(lambda: is_("completed"), within=30)
    processor.stop()
    await working
    await database.close()


async def find_in_doctor(settings: Settings, words: str) -> bool:
    async with open_project(settings) as project:
        findings = [finding async for finding in examine(project)]
    return any(words in finding.message for finding in findings if finding.check == "queue")
